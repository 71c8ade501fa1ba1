package pagerdutytest

import "slices"

// overview are the lines that is_overview leaves.
var overview = []string{"trigger", "acknowledge", "escalate", "assign", "resolve", "annotate", "snooze", "unacknowledge"}

// listLogEntries shows the newest first.
func listLogEntries(q *request) reply {
	i := q.w.incident(q.vars["id"])
	if i == nil {
		return q.notFound()
	}
	since, ok1 := q.moment("since", i.Created)
	until, ok2 := q.moment("until", q.now)
	if !ok1 || !ok2 {
		return q.invalid("since and until must be times")
	}
	var list []*entry
	for _, e := range slices.Backward(i.Log) {
		if !e.At.Before(since) && !e.At.After(until) && (q.query.Get("is_overview") != "true" || slices.Contains(overview, e.Kind)) {
			list = append(list, e)
		}
	}
	return paged(q, "log_entries", list, func(e *entry) obj { return q.logEntry(i, e, false) })
}

func (q *request) logEntry(i *incident, e *entry, reference bool) obj {
	kind := e.Kind + "_log_entry"
	if reference {
		kind += "_reference"
	}
	o := q.thing(kind, e.ID, e.Kind, "log_entries")
	o["html_url"] = q.s.opts.HTMLURL + "/incidents/" + i.ID + "/log_entries/" + e.ID
	if reference {
		return o
	}
	o["created_at"], o["agent"], o["channel"] = stamp(e.At), q.agentRef(e.By), q.channel(e)
	o["service"], o["incident"], o["teams"], o["contexts"] = q.serviceRef(i.Service), q.incidentRef(i), q.teamRefs(q.w.service(i.Service).Teams), []obj{}
	switch e.Kind {
	case "notify":
		o["user"] = q.userRef(e.Users[0])
	case "assign", "escalate":
		o["assignees"] = each(e.Users, q.userRef)
	case "annotate":
		o["note"] = e.Note
	case "trigger":
		o["event_details"] = obj{"description": i.Title}
	}
	return o
}

func (q *request) channel(e *entry) obj {
	switch e.Kind {
	case "notify":
		return obj{"type": "auto", "notification": obj{"type": e.Way + "_notification", "address": e.Address, "status": "success"}}
	case "annotate":
		return obj{"type": "note", "summary": e.Note}
	case "snooze":
		return obj{"type": "snooze", "duration": e.Seconds}
	}
	return obj{"type": e.Channel}
}

func (q *request) note(n *note) obj {
	return obj{"id": n.ID, "user": q.userRef(n.User), "content": n.Content, "created_at": stamp(n.At), "channel": obj{"summary": "website or API"}}
}

func listNotes(q *request) reply {
	i := q.w.incident(q.vars["id"])
	if i == nil {
		return q.notFound()
	}
	return ok(obj{"notes": each(i.Notes, q.note)})
}

// maxNotes is how many notes an incident takes ("PagerDuty: Create a note on an incident").
const maxNotes = 2000

func createNote(q *request) reply {
	var in struct {
		Note struct {
			Content string `json:"content"`
		} `json:"note"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.w.incident(q.vars["id"])
	switch {
	case i == nil:
		return q.notFound()
	case in.Note.Content == "":
		return q.invalid("Content cannot be empty")
	case len(i.Notes) >= maxNotes:
		return q.invalid("the incident has its 2000 notes")
	}
	return ok(obj{"note": q.note(q.w.addNote(i, q.who.ID, in.Note.Content, "web", q.now))})
}

// createResponders asks people to join. They are told by their high-urgency ways, as of an assignment.
func createResponders(q *request) reply {
	if q.s.opts.NoResponders {
		return q.fail(402, 2014, "The account lacks an ability", "coordinated_responding")
	}
	var in struct {
		Requester string `json:"requester_id"`
		Message   string `json:"message"`
		Targets   []struct {
			Target struct {
				ID   string `json:"id"`
				Type string `json:"type"`
			} `json:"responder_request_target"`
		} `json:"responder_request_targets"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.w.incident(q.vars["id"])
	switch {
	case i == nil:
		return q.notFound()
	case q.w.user(in.Requester) == nil || len(in.Targets) == 0:
		return q.invalid("Requester and targets are required")
	case i.Status == resolved:
		return q.fail(400, 1001, "Incident Already Resolved")
	}
	r := &responders{ID: q.w.id("PR"), Requester: in.Requester, Message: in.Message, At: q.now}
	for _, t := range in.Targets {
		asked := []string{t.Target.ID}
		switch {
		case q.w.user(t.Target.ID) != nil:
			r.Users = append(r.Users, t.Target.ID)
		case q.w.policy(t.Target.ID) != nil:
			r.Policies = append(r.Policies, t.Target.ID)
			_, asked = q.w.levelFrom(q.w.policy(t.Target.ID), 1, q.now)
		default:
			return q.invalid("Target must exist")
		}
		r.Asked = append(r.Asked, asked)
		q.tell(i, asked)
	}
	i.Requests = append(i.Requests, r)
	return ok(obj{"responder_request": q.responderRequest(i, r)})
}

// responderRequest is a request for responders, as it is answered and as it stands in its incident.
func (q *request) responderRequest(i *incident, r *responders) obj {
	targets := []obj{}
	for n, id := range append(slices.Clone(r.Users), r.Policies...) {
		kind := "user"
		if n >= len(r.Users) {
			kind = "escalation_policy"
		}
		targets = append(targets, obj{"responder_request_target": obj{"id": id, "type": kind, "incident_responders": each(r.asked(n), func(id string) obj {
			return obj{"state": "pending", "user": q.userRef(id), "incident": q.incidentRef(i), "updated_at": stamp(r.At), "message": r.Message,
				"requester": q.userRef(r.Requester), "requested_at": stamp(r.At)}
		})}})
	}
	return obj{"id": r.ID, "incident": q.incidentRef(i), "requester": q.userRef(r.Requester), "requested_at": stamp(r.At), "message": r.Message,
		"responder_request_targets": targets}
}

// tell plans how people who were asked to join are told.
func (q *request) tell(i *incident, users []string) {
	for _, id := range users {
		u := q.w.user(id)
		for _, c := range u.Ways {
			i.Pending = append(i.Pending, Notification{Incident: i.ID, Title: i.Title, User: id, Name: u.Name, Kind: c.Kind, Address: c.Address, At: q.now.Add(c.After), Join: true})
		}
	}
	slices.SortStableFunc(i.Pending, func(a, b Notification) int { return a.At.Compare(b.At) })
}
