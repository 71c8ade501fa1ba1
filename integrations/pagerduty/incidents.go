package pagerduty

import (
	"context"
	"net/url"
	"slices"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

type wireIncident struct {
	pd.APIObject
	Number   int          `json:"incident_number"`
	Title    string       `json:"title"`
	Key      string       `json:"incident_key"`
	Status   string       `json:"status"`
	Urgency  string       `json:"urgency"`
	Created  *time.Time   `json:"created_at"`
	Resolved *time.Time   `json:"resolved_at"`
	Service  pd.APIObject `json:"service"`
	Policy   pd.APIObject `json:"escalation_policy"`
	Assigned []struct {
		Assignee pd.APIObject `json:"assignee"`
	} `json:"assignments"`
	Acknowledged []struct {
		At   *time.Time   `json:"at"`
		User pd.APIObject `json:"acknowledger"`
	} `json:"acknowledgements"`
	Requests []struct {
		At        *time.Time   `json:"requested_at"`
		Requester pd.APIObject `json:"requester"`
		Message   string       `json:"message"`
		Targets   []struct {
			Target struct {
				Responders []struct {
					User pd.APIObject `json:"user"`
				} `json:"incident_responders"`
			} `json:"responder_request_target"`
		} `json:"responder_request_targets"`
	} `json:"responder_requests"`
}

func (i wireIncident) incident() Incident {
	out := Incident{ID: i.ID, Number: i.Number, Title: i.Title, Key: i.Key, Status: i.Status, Urgency: i.Urgency, URL: i.HTMLURL,
		Service: refOf(i.Service), Policy: refOf(i.Policy), Created: when(i.Created)}
	if i.Status == StatusResolved {
		out.Resolved = when(i.Resolved)
	}
	for _, a := range i.Assigned {
		out.Assigned = append(out.Assigned, refOf(a.Assignee))
	}
	for _, a := range i.Acknowledged {
		out.Acknowledged = append(out.Acknowledged, Acknowledgement{User: refOf(a.User), At: when(a.At)})
	}
	for _, r := range i.Requests {
		one := ResponderAsk{Requester: refOf(r.Requester), At: when(r.At), Message: r.Message}
		for _, t := range r.Targets {
			for _, u := range t.Target.Responders {
				one.Users = append(one.Users, refOf(u.User))
			}
		}
		out.Requests = append(out.Requests, one)
	}
	slices.SortStableFunc(out.Acknowledged, func(a, b Acknowledgement) int { return a.At.Compare(b.At) })
	return out
}

// oneIncident is an answer about one incident.
type oneIncident struct {
	Incident *wireIncident `json:"incident"`
}

// Incident returns the incident with an ID.
func (c *Client) Incident(ctx context.Context, id string) (Incident, error) {
	var out oneIncident
	k := get("read an incident", about("incident", id), []string{"incidents", id}, nil, &out)
	if err := c.do(ctx, k); err != nil {
		return Incident{}, err
	}
	if out.Incident == nil {
		return Incident{}, undocumented(k)
	}
	return out.Incident.incident(), nil
}

// IncidentByKey returns the newest incident with an incident key or a dedup key, open or resolved, however old; false when
// there is none. An event that was accepted a moment ago may not have become an incident yet.
func (c *Client) IncidentByKey(ctx context.Context, key string) (Incident, bool, error) {
	return c.byKey(ctx, key, "", allStatuses)
}

var (
	openStatuses = []string{StatusTriggered, StatusAcknowledged}
	allStatuses  = []string{StatusTriggered, StatusAcknowledged, StatusResolved}
)

// byKey looks for a key, on one service when it is given. Without date_range PagerDuty looks at the last month only
// ("PagerDuty: List incidents").
func (c *Client) byKey(ctx context.Context, key, service string, statuses []string) (Incident, bool, error) {
	const op = "find an incident by its key"
	if key == "" {
		return Incident{}, false, refuse(op, "", "no key given")
	}
	query := url.Values{"incident_key": {key}, "statuses[]": statuses, "date_range": {"all"}, "sort_by": {"created_at:desc"}}
	if service != "" {
		query.Set("service_ids[]", service)
	}
	list, err := all[wireIncident](ctx, c, get(op, about("key", key), []string{"incidents"}, query, nil), "incidents")
	if err != nil {
		return Incident{}, false, err
	}
	var newest Incident
	found := false
	for _, one := range list {
		i := one.incident()
		if i.Key == "" { // of an incident with alerts, which was found by an alert's key
			i.Key = key
		}
		if i.Key != key || service != "" && i.Service.ID != service {
			continue
		}
		if !found || i.Created.After(newest.Created) || i.Created.Equal(newest.Created) && i.Number > newest.Number {
			newest, found = i, true
		}
	}
	return newest, found, nil
}

// OpenIncidents returns the triggered and acknowledged incidents of services, however old, oldest first; of all services
// when none is given.
func (c *Client) OpenIncidents(ctx context.Context, services []string) ([]Incident, error) {
	groups := slices.Collect(slices.Chunk(services, 50)) // an address has an end
	if len(services) == 0 {
		groups = [][]string{nil}
	}
	var out []Incident
	for _, ids := range groups {
		query := url.Values{"statuses[]": openStatuses, "date_range": {"all"}, "sort_by": {"created_at:asc"}}
		if len(ids) > 0 {
			query["service_ids[]"] = ids
		}
		list, err := all[wireIncident](ctx, c, get("list open incidents", "", []string{"incidents"}, query, nil), "incidents")
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			if i := one.incident(); !slices.ContainsFunc(out, func(o Incident) bool { return o.ID == i.ID }) { // pages shift while they are read
				out = append(out, i)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return a.Created.Compare(b.Created) })
	return out, nil
}
