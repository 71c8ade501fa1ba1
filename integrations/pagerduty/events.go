package pagerduty

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	pd "github.com/PagerDuty/go-pagerduty"
)

// severities are those an event can have ("PagerDuty: Events API v2 overview").
var severities = []string{"info", "warning", "error", "critical"}

// Trigger sends an event that opens an incident, or joins the one that is open with the same key on the same service.
// It needs no person to act for and no token when the service's key is configured.
//
// A nil error says that PagerDuty has queued the event, no more: whether an incident came of it, and whether anybody was
// reached, only IncidentByKey and Log tell, some seconds later. While the incident is open, sending the same event twice
// does nothing new; after it was resolved it opens another one. So after an unclear failure the caller looks for the key
// with IncidentByKey before it calls again.
//
// PagerDuty takes about 120 events a minute per key ("PagerDuty: Events API v2 rate limits"); then the error IsRateLimited.
// A refusal (400) has PagerDuty's reasons in its Message and does not get better by repeating.
func (c *Client) Trigger(ctx context.Context, e Event) error {
	const op = "trigger an incident"
	on := about("service", e.Service)
	if e.Severity == "" {
		e.Severity = "critical"
	}
	if e.Source == "" {
		e.Source = defaultUserAgent
	}
	e.Summary = strings.Join(strings.Fields(e.Summary), " ")
	switch {
	case e.Service == "" || e.Summary == "":
		return refuse(op, on, "an event needs a service and a summary")
	case e.Key == "" || len(e.Key) > maxKey:
		return refuse(op, on, "an event needs a key of at most %d characters", maxKey)
	case !slices.Contains(severities, e.Severity):
		return refuse(op, on, "the severity is one of %s", strings.Join(severities, ", "))
	case !isAddress(e.Link) || !isAddress(e.ClientURL):
		return refuse(op, on, "a link must be an address that begins with https:// or http://")
	}
	key, err := c.RoutingKey(ctx, e.Service)
	if err != nil {
		return err
	}
	err = c.do(ctx, call{op: op, about: on, method: http.MethodPost, path: []string{"v2", "enqueue"}, body: e.wire(key), events: e.Service})
	var fail *Error
	if errors.As(err, &fail) && fail.Status == http.StatusBadRequest {
		c.keysFound.forget(e.Service) // the key may have been replaced
	}
	return err
}

// isAddress takes nothing, and addresses of web pages.
func isAddress(raw string) bool {
	if raw == "" {
		return true
	}
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func (e Event) wire(key string) pd.V2Event {
	out := pd.V2Event{RoutingKey: key, Action: "trigger", DedupKey: e.Key, Client: e.Client, ClientURL: e.ClientURL,
		Payload: &pd.V2Payload{Summary: cut(e.Summary, maxTitle), Source: e.Source, Severity: e.Severity}}
	if len(e.Details) > 0 {
		out.Payload.Details = e.Details
	}
	if e.Link != "" {
		link := map[string]string{"href": e.Link}
		if e.LinkText != "" {
			link["text"] = e.LinkText
		}
		out.Links = []any{link}
	}
	return out
}
