package pagerdutytest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (i *incident) summary() string { return fmt.Sprintf("[#%d] %s", i.Number, i.Title) }

func (q *request) incident(i *incident) obj {
	o := q.thing("incident", i.ID, i.summary(), "incidents")
	o["incident_number"], o["title"], o["status"], o["urgency"] = i.Number, i.Title, i.Status, i.Urgency
	o["created_at"], o["updated_at"], o["last_status_change_at"], o["resolved_at"] = stamp(i.Created), stamp(i.Updated), stamp(i.Changed), stampOrNil(i.Resolved)
	if !i.Alert { // an incident with alerts has no key of its own ("PagerDuty: List incidents", incident_key)
		o["incident_key"] = i.Key
	}
	o["service"], o["escalation_policy"], o["teams"] = q.serviceRef(i.Service), q.policyRef(i.Policy), q.teamRefs(q.w.service(i.Service).Teams)
	o["assignments"] = each(i.Assigned, func(h held) obj { return obj{"at": stamp(h.At), "assignee": q.userRef(h.User)} })
	o["acknowledgements"] = each(i.Acks, func(h held) obj { return obj{"at": stamp(h.At), "acknowledger": q.userRef(h.User)} })
	o["responder_requests"] = each(i.Requests, func(r *responders) obj { return q.responderRequest(i, r) })
	o["assigned_via"] = "escalation_policy"
	if i.Direct {
		o["assigned_via"] = "direct_assignment"
	}
	o["last_status_change_by"], o["first_trigger_log_entry"] = q.agentRef(i.ChangedBy), q.logEntry(i, i.Log[0], true)
	alerts := obj{"all": 0, "triggered": 0, "resolved": 0}
	if i.Alert {
		alerts = obj{"all": 1, "triggered": 1, "resolved": 0}
	}
	o["alert_counts"], o["is_mergeable"], o["pending_actions"] = alerts, i.Status != resolved, q.pending(i)
	return o
}

func (q *request) pending(i *incident) []obj {
	out := []obj{}
	if !i.Escalates.IsZero() {
		out = append(out, obj{"type": "escalate", "at": stamp(i.Escalates)})
	}
	if !i.Wakes.IsZero() {
		out = append(out, obj{"type": "unacknowledge", "at": stamp(i.Wakes)})
	}
	return out
}

// listIncidents looks at the last month unless it is told otherwise ("PagerDuty: List incidents").
func listIncidents(q *request) reply {
	since, ok1 := q.moment("since", q.now.AddDate(0, -1, 0))
	until, ok2 := q.moment("until", q.now)
	everything := q.query.Get("date_range") == "all"
	switch {
	case !ok1 || !ok2 || until.Before(since):
		return q.invalid("since and until must be times, the first before the second")
	case !everything && since.AddDate(0, 6, 0).Before(until):
		return q.invalid("the range is longer than six months")
	}
	var list []*incident
	for _, i := range q.w.Incidents {
		within := everything || !i.Created.Before(since) && !i.Created.After(until)
		if within && q.wants("statuses[]", i.Status) && q.wants("service_ids[]", i.Service) && q.wants("incident_key", i.Key) &&
			q.wants("urgencies[]", i.Urgency) && q.assignedToAny(i) {
			list = append(list, i)
		}
	}
	if refusal := q.sort(list); refusal != nil {
		return *refusal
	}
	return paged(q, "incidents", list, q.incident)
}

func (q *request) assignedToAny(i *incident) bool {
	asked := q.query["user_ids[]"]
	return len(asked) == 0 || slices.ContainsFunc(i.Assigned, func(h held) bool { return slices.Contains(asked, h.User) })
}

// sort orders by sort_by; the oldest first when nothing is said.
func (q *request) sort(list []*incident) *reply {
	by := map[string]func(a, b *incident) int{
		"incident_number": func(a, b *incident) int { return a.Number - b.Number },
		"created_at":      func(a, b *incident) int { return a.Created.Compare(b.Created) },
		"resolved_at":     func(a, b *incident) int { return a.Resolved.Compare(b.Resolved) },
		"urgency":         func(a, b *incident) int { return strings.Compare(a.Urgency, b.Urgency) },
	}
	fields := strings.Split(q.query.Get("sort_by"), ",")
	if fields[0] == "" {
		return nil
	}
	for _, field := range slices.Backward(fields) {
		name, direction, _ := strings.Cut(field, ":")
		compare := by[name]
		if compare == nil || len(fields) > 2 || direction != "" && direction != "asc" && direction != "desc" {
			r := q.invalid("sort_by is not understood")
			return &r
		}
		slices.SortStableFunc(list, func(a, b *incident) int {
			if direction == "desc" {
				return compare(b, a)
			}
			return compare(a, b)
		})
	}
	return nil
}

func getIncident(q *request) reply {
	i := q.w.incident(q.vars["id"])
	if i == nil {
		return q.notFound()
	}
	return ok(obj{"incident": q.incident(i)})
}

// ref is a reference in a request.
type ref struct {
	ID string `json:"id"`
}

type assignee struct {
	Assignee ref `json:"assignee"`
}

func createIncident(q *request) reply {
	var in struct {
		Incident struct {
			Type        string     `json:"type"`
			Title       string     `json:"title"`
			Service     ref        `json:"service"`
			Urgency     string     `json:"urgency"`
			Key         string     `json:"incident_key"`
			Assignments []assignee `json:"assignments"`
			Policy      *ref       `json:"escalation_policy"`
			Body        struct {
				Details string `json:"details"`
			} `json:"body"`
		} `json:"incident"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	want := in.Incident
	sv := q.w.service(want.Service.ID)
	switch {
	case want.Type != "incident" || strings.TrimSpace(want.Title) == "":
		return q.invalid("Title cannot be empty")
	case sv == nil:
		return q.invalid("Service cannot be empty")
	case want.Urgency != "" && want.Urgency != "high" && want.Urgency != "low":
		return q.invalid("Urgency must be high or low")
	case len(want.Assignments) > 0 && want.Policy != nil:
		return q.invalid("Assignments and escalation policy cannot both be given")
	case len(want.Assignments) > 1:
		return q.invalid("Only one assignee can be given")
	case want.Policy != nil && q.w.policy(want.Policy.ID) == nil:
		return q.invalid("Escalation policy must exist")
	case want.Key != "" && q.w.openByKey(sv.ID, want.Key) != nil:
		return q.invalid("an open incident of this service has this key already")
	}
	i := &incident{Title: want.Title, Details: want.Body.Details, Key: or(want.Key, fmt.Sprintf("key-%d", len(q.w.Incidents)+1)), Service: sv.ID, Policy: sv.Policy,
		Urgency: or(want.Urgency, "high"), Direct: len(want.Assignments) > 0}
	if want.Policy != nil {
		i.Policy = want.Policy.ID
	}
	if i.Direct && q.w.user(want.Assignments[0].Assignee.ID) == nil {
		return q.invalid("Assignee must exist")
	}
	if q.w.open(i, byUser(q.who.ID), "web_trigger", q.now) == nil {
		return q.fail(400, 1015, "Nobody is on call for the escalation policy")
	}
	if i.Direct {
		to := want.Assignments[0].Assignee.ID
		if to == q.who.ID { // who opens one for themselves has it, and is not told
			q.w.acknowledge(i, to, "web_trigger", q.now)
		} else {
			q.w.assign(i, []string{to}, "assign", byUser(q.who.ID), "web_trigger", q.now)
		}
	}
	return created(obj{"incident": q.incident(i)})
}

// change is what an update says of an incident.
type change struct {
	ID          string     `json:"id"`
	Type        string     `json:"type"`
	Status      string     `json:"status"`
	Title       string     `json:"title"`
	Level       int        `json:"escalation_level"`
	Assignments []assignee `json:"assignments"`
	Policy      *ref       `json:"escalation_policy"`
	Urgency     string     `json:"urgency"`
}

func updateIncident(q *request) reply {
	var in struct {
		Incident change `json:"incident"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.w.incident(q.vars["id"])
	if i == nil {
		return q.notFound()
	}
	if refusal := q.change(i, in.Incident); refusal != nil {
		return *refusal
	}
	return ok(obj{"incident": q.incident(i)})
}

// updateIncidents changes at most 250; none when one of them is not there.
func updateIncidents(q *request) reply {
	var in struct {
		Incidents []change `json:"incidents"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	if len(in.Incidents) > 250 {
		return q.fail(413, 2001, "Request Entity Too Large")
	}
	var list []*incident
	for _, c := range in.Incidents {
		i := q.w.incident(c.ID)
		if i == nil {
			return q.notFound()
		}
		list = append(list, i)
	}
	for n, c := range in.Incidents {
		if refusal := q.change(list[n], c); refusal != nil {
			return *refusal
		}
	}
	return paged(q, "incidents", list, q.incident)
}

func (q *request) change(i *incident, c change) *reply {
	refused := func(r reply) *reply { return &r }
	switch {
	case c.Type != "incident" && c.Type != "incident_reference":
		return refused(q.invalid("Type must be incident or incident_reference"))
	case c.Status == resolved && i.Status == resolved:
		return refused(q.fail(400, 1001, "Incident Already Resolved"))
	case c.Status == acknowledged && i.acknowledgedBy(q.who.ID):
		return refused(q.fail(400, 1002, "Incident Already Acknowledged"))
	case (c.Level != 0 || len(c.Assignments) > 0) && i.Status == resolved:
		return refused(q.fail(400, 1001, "Incident Already Resolved"))
	}
	if c.Title != "" {
		i.Title, i.Updated = c.Title, q.now
	}
	switch {
	case c.Level != 0:
		return q.escalate(i, c.Level)
	case len(c.Assignments) > 0:
		return q.reassign(i, c.Assignments)
	case c.Status == resolved:
		q.w.resolve(i, byUser(q.who.ID), "web", q.now)
	case c.Status == acknowledged:
		q.w.acknowledge(i, q.who.ID, "web", q.now)
	}
	return nil
}

func (q *request) escalate(i *incident, n int) *reply {
	p := q.w.policy(i.Policy)
	if n < 1 || n > len(p.Levels) {
		r := q.fail(400, 1006, "Incident Cannot Be Escalated")
		return &r
	}
	users := q.w.onCall(p.Levels[n-1], q.now)
	if len(users) == 0 {
		r := q.fail(400, 1006, "Incident Cannot Be Escalated")
		return &r
	}
	i.Level, i.Direct = n, false
	q.w.assign(i, users, "escalate", byUser(q.who.ID), "web", q.now)
	return nil
}

func (q *request) reassign(i *incident, to []assignee) *reply {
	var users []string
	for _, a := range to {
		if q.w.user(a.Assignee.ID) == nil {
			r := q.invalid("Assignee must exist")
			return &r
		}
		users = append(users, a.Assignee.ID)
	}
	i.Direct = true
	q.w.assign(i, users, "assign", byUser(q.who.ID), "web", q.now)
	return nil
}

func createSnooze(q *request) reply {
	var in struct {
		Duration int `json:"duration"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.w.incident(q.vars["id"])
	switch {
	case i == nil:
		return q.notFound()
	case in.Duration < 1 || in.Duration > 604800:
		return q.invalid("Duration must be between 1 and 604800")
	case i.Status == resolved:
		return q.fail(400, 1001, "Incident Already Resolved")
	}
	q.w.snooze(i, q.who.ID, time.Duration(in.Duration)*time.Second, q.now)
	return created(obj{"incident": q.incident(i)})
}
