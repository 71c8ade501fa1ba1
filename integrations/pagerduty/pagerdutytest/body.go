package pagerdutytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// obj is a JSON object; keys come out sorted, so equal states have equal bytes.
type obj = map[string]any

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// thing is what everything of PagerDuty's begins with. Paths of the API and of the web pages are alike for most.
func (q *request) thing(kind, id, summary, path string) obj {
	return obj{"id": id, "type": kind, "summary": summary, "self": q.s.base + "/" + path + "/" + id, "html_url": q.s.opts.HTMLURL + "/" + path + "/" + id}
}

func (q *request) userRef(id string) obj {
	u := q.w.user(id)
	return q.thing("user_reference", id, u.Name, "users")
}

func (q *request) scheduleRef(id string) obj {
	return q.thing("schedule_reference", id, q.w.schedule(id).Name, "schedules")
}

func (q *request) policyRef(id string) obj {
	return q.thing("escalation_policy_reference", id, q.w.policy(id).Name, "escalation_policies")
}

func (q *request) serviceRef(id string) obj {
	return q.thing("service_reference", id, q.w.service(id).Name, "services")
}

func (q *request) teamRefs(ids []string) []obj {
	return each(ids, func(id string) obj {
		name := id
		if t := find(q.w.Teams, func(t *team) bool { return t.ID == id }); t != nil {
			name = t.Name
		}
		return q.thing("team_reference", id, name, "teams")
	})
}

func (q *request) incidentRef(i *incident) obj {
	return q.thing("incident_reference", i.ID, i.summary(), "incidents")
}

func (q *request) agentRef(a agent) obj {
	switch a.Kind {
	case "user":
		return q.userRef(a.ID)
	case "service":
		return q.serviceRef(a.ID)
	}
	sv := find(q.w.Services, func(s *service) bool { return s.Integration == a.ID })
	return q.integration(sv, "integration_reference")
}

// read decodes the body into v; what is no JSON or of the wrong shape is 400.
func (q *request) read(v any) *reply {
	if err := json.Unmarshal(q.body, v); err != nil {
		r := q.invalid("the body is not what the operation takes: " + err.Error())
		return &r
	}
	return nil
}

const (
	defaultPage = 25
	largestPage = 100
	lastItem    = 10_000
)

// paged cuts the asked page out of a list ("PagerDuty: Pagination"). It is 25 long and never longer than 100, and pages end
// at the ten thousandth item.
func paged[T any](q *request, name string, items []T, show func(T) obj) reply {
	limit, offset := q.number("limit", defaultPage), q.number("offset", 0)
	if limit < 1 || offset < 0 {
		return q.invalid("limit and offset must be numbers")
	}
	if offset+limit > lastItem {
		return q.fail(400, 2002, "Arguments Out Of Range", fmt.Sprintf("offset and limit reach beyond %d", lastItem))
	}
	limit = min(limit, largestPage)
	from := min(offset, len(items))
	to := min(from+limit, len(items))
	body := obj{name: each(items[from:to], show), "limit": limit, "offset": offset, "more": to < len(items), "total": nil}
	if q.query.Get("total") == "true" {
		body["total"] = len(items)
	}
	return ok(body)
}

// number reads a number from the query; -1 when it is none.
func (q *request) number(name string, otherwise int) int {
	v := q.query.Get(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return -1
	}
	return n
}

// moment reads a time from the query.
func (q *request) moment(name string, otherwise time.Time) (time.Time, bool) {
	v := q.query.Get(name)
	if v == "" {
		return otherwise, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// wants tells whether a list parameter is absent or names id.
func (q *request) wants(parameter, id string) bool {
	asked := q.query[parameter]
	return len(asked) == 0 || slices.Contains(asked, id)
}

func (q *request) includes(what string) bool { return slices.Contains(q.query["include[]"], what) }

// like tells whether a name holds what the query parameter looks for. PagerDuty's search is about names.
func (q *request) like(name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(q.query.Get("query")))
}

func each[T any](items []T, show func(T) obj) []obj {
	out := make([]obj, 0, len(items)) // [] and never null
	for _, item := range items {
		out = append(out, show(item))
	}
	return out
}
