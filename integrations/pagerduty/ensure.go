package pagerduty

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	pd "github.com/PagerDuty/go-pagerduty"
)

const (
	// maxKey is the longest dedup key, and we hold incident keys to it ("PagerDuty: Events API v2 overview").
	maxKey = 255
	// maxTitle is the longest summary of an event, and we hold titles to it.
	maxTitle = 1024
)

// EnsureIncident opens an incident through the REST API, in a person's name, and returns it. PagerDuty means this for
// people and limits it tightly: what a machine finds goes through Trigger.
//
// After an unclear failure call again with Retry: then the key is looked for first, among all incidents of the service,
// and what is found is returned, resolved or not. Without Retry PagerDuty refuses the key of an open incident, and that
// incident is returned.
func (c *Client) EnsureIncident(ctx context.Context, n NewIncident) (Incident, error) {
	const op = "open an incident"
	n.Title = strings.Join(strings.Fields(n.Title), " ")
	on := about("service", n.Service)
	switch {
	case n.Service == "" || n.Title == "":
		return Incident{}, refuse(op, on, "an incident needs a service and a title")
	case n.Key == "" || len(n.Key) > maxKey:
		return Incident{}, refuse(op, on, "an incident needs a key of at most %d characters", maxKey)
	case n.User != "" && n.Policy != "":
		return Incident{}, refuse(op, on, "an incident is assigned to a user or to an escalation policy, not both")
	case n.Urgency != "" && n.Urgency != "high" && n.Urgency != "low":
		return Incident{}, refuse(op, on, "the urgency is high or low")
	}
	if n.Retry {
		there, found, err := c.byKey(ctx, n.Key, n.Service, allStatuses)
		if err != nil || found {
			return there, err
		}
	}
	var out oneIncident
	k := call{op: op, about: on, method: http.MethodPost, path: []string{"incidents"}, body: n.wire(), out: &out, limit: limitCreate}
	err := c.inName(ctx, n.From, k)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusBadRequest && !hasCode(err, codeNoRequester, codeBadFrom, codeNobodyOnCall) {
		// Is it for the key? PagerDuty has no number for that, and its words may change.
		if there, found, lookErr := c.byKey(ctx, n.Key, n.Service, openStatuses); lookErr == nil && found {
			return there, nil
		}
	}
	if err != nil {
		return Incident{}, err
	}
	if out.Incident == nil {
		return Incident{}, undocumented(k)
	}
	return out.Incident.incident(), nil
}

// wire is the request's body. The library's would send a priority of null.
func (n NewIncident) wire() any {
	type incident struct {
		Type        string         `json:"type"`
		Title       string         `json:"title"`
		Service     reference      `json:"service"`
		Key         string         `json:"incident_key"`
		Urgency     string         `json:"urgency,omitempty"`
		Body        *pd.APIDetails `json:"body,omitempty"`
		Assignments []assignment   `json:"assignments,omitempty"`
		Policy      *reference     `json:"escalation_policy,omitempty"`
	}
	i := incident{Type: "incident", Title: cut(n.Title, maxTitle), Service: reference{n.Service, "service_reference"}, Key: n.Key, Urgency: n.Urgency}
	if n.Body != "" {
		i.Body = &pd.APIDetails{Type: "incident_body", Details: n.Body}
	}
	if n.User != "" {
		i.Assignments = []assignment{{reference{n.User, "user_reference"}}}
	}
	if n.Policy != "" {
		i.Policy = &reference{n.Policy, "escalation_policy_reference"}
	}
	return struct {
		Incident incident `json:"incident"`
	}{i}
}

// EnsureNote writes a note on an incident: text, and mark at its end, by which it is known. When a note with the mark is
// there already nothing is written, so asking again makes no second one. PagerDuty takes 2000 notes per incident.
func (c *Client) EnsureNote(ctx context.Context, from, incident, text, mark string) error {
	const op = "write a note"
	on := about("incident", incident)
	if mark = strings.TrimSpace(mark); mark == "" || strings.TrimSpace(text) == "" {
		return refuse(op, on, "a note needs a text and a mark")
	}
	var there struct {
		Notes []struct {
			Content string `json:"content"`
		} `json:"notes"`
	}
	path := []string{"incidents", incident, "notes"}
	if err := c.do(ctx, get("list notes", on, path, url.Values{}, &there)); err != nil {
		return err
	}
	for _, n := range there.Notes {
		if strings.HasSuffix(strings.TrimSpace(n.Content), mark) {
			return nil
		}
	}
	type note struct {
		Content string `json:"content"`
	}
	body := struct {
		Note note `json:"note"`
	}{note{strings.TrimSpace(text) + "\n" + mark}}
	return c.inName(ctx, from, call{op: op, about: on, method: http.MethodPost, path: path, body: body})
}
