package pagerdutytest

import (
	"slices"
	"strings"
	"time"
)

// The statuses of an incident.
const (
	triggered    = "triggered"
	acknowledged = "acknowledged"
	resolved     = "resolved"
)

// settle lets everything happen that the clock has passed, in its order; called with the lock held.
func (s *Server) settle() {
	for now := s.now(); ; {
		at, ok := s.w.nextMoment()
		if !ok || at.After(now) {
			return
		}
		s.w.happen(at)
		s.touch()
	}
}

// nextMoment is when something happens by itself next.
func (w *world) nextMoment() (time.Time, bool) {
	var at time.Time
	for _, q := range w.Queue {
		at = sooner(at, q.Due)
	}
	for _, i := range w.Incidents {
		at = sooner(sooner(at, i.Escalates), i.Wakes)
		for _, n := range i.Pending {
			at = sooner(at, n.At)
		}
	}
	return at, !at.IsZero()
}

// sooner is the earlier of two moments of which either may be none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// happen does everything that is due at a moment: events, then notifications, then what ends, then escalations.
func (w *world) happen(at time.Time) {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(at) }
	for len(w.Queue) > 0 && due(w.Queue[0].Due) {
		q := w.Queue[0]
		w.Queue = w.Queue[1:]
		w.process(q, at)
	}
	for _, i := range w.Incidents {
		for len(i.Pending) > 0 && due(i.Pending[0].At) {
			n := i.Pending[0]
			i.Pending = i.Pending[1:]
			w.Sent = append(w.Sent, n)
			w.note(i, entry{Kind: "notify", At: n.At, By: byService(w.service(i.Service)), Users: []string{n.User}, Channel: "notification", Way: n.Kind, Address: n.Address})
		}
		if due(i.Wakes) {
			w.wake(i, at)
		}
		if due(i.Escalates) {
			w.escalateByTime(i, at)
		}
	}
}

// note adds a line to an incident's log.
func (w *world) note(i *incident, e entry) {
	e.ID = w.id("R0LOG")
	i.Updated = e.At
	i.Log = append(i.Log, &e)
}

// open makes an incident and assigns it; nil when nobody is on call on any level, as PagerDuty then opens none.
func (w *world) open(i *incident, by agent, channel string, at time.Time) *incident {
	p := w.policy(i.Policy)
	var users []string
	if !i.Direct {
		if i.Level, users = w.levelFrom(p, 1, at); users == nil {
			return nil
		}
	}
	i.Number = len(w.Incidents) + 1
	i.ID = w.id("Q0INCIDENT")
	i.Created, i.Updated = at, at
	w.Incidents = append(w.Incidents, i)
	i.status(triggered, by, at)
	w.note(i, entry{Kind: "trigger", At: at, By: by, Channel: channel})
	if !i.Direct {
		w.assign(i, users, "assign", byService(w.service(i.Service)), "auto", at)
	}
	return i
}

// levelFrom is the first level from n on, where 1 is the first, that reaches somebody.
func (w *world) levelFrom(p *policy, n int, at time.Time) (int, []string) {
	for ; n <= len(p.Levels); n++ {
		if users := w.onCall(p.Levels[n-1], at); len(users) > 0 {
			return n, users
		}
	}
	return 0, nil
}

func (i *incident) status(status string, by agent, at time.Time) {
	i.Status, i.Changed, i.ChangedBy, i.Updated = status, at, by, at
}

// assign gives a triggered incident to users and has them notified.
func (w *world) assign(i *incident, users []string, kind string, by agent, channel string, at time.Time) {
	if i.Status != triggered {
		i.status(triggered, by, at)
	}
	i.quiet()
	i.Assigned, i.Acks = nil, nil
	for _, id := range users {
		i.Assigned = append(i.Assigned, held{id, at})
	}
	w.note(i, entry{Kind: kind, At: at, By: by, Users: users, Channel: channel})
	w.notify(i, at)
	if !i.Direct && i.Urgency == "high" { // low urgency does not escalate
		i.Escalates = at.Add(w.policy(i.Policy).Levels[i.Level-1].After)
	}
}

// notify plans how whoever has the incident is told: by every way at its time, of low urgency by e-mail only.
func (w *world) notify(i *incident, at time.Time) {
	for _, h := range i.Assigned {
		for _, c := range w.user(h.User).Ways {
			if i.Urgency == "low" && c.Kind != "email" {
				continue
			}
			i.Pending = append(i.Pending, Notification{Incident: i.ID, Title: i.Title, User: h.User, Name: w.user(h.User).Name, Kind: c.Kind, Address: c.Address, At: at.Add(c.After)})
		}
	}
	slices.SortStableFunc(i.Pending, func(a, b Notification) int { return a.At.Compare(b.At) })
}

// escalateByTime is nobody's having acknowledged in time.
func (w *world) escalateByTime(i *incident, at time.Time) {
	by, p := byService(w.service(i.Service)), w.policy(i.Policy)
	i.Escalates = time.Time{}
	kind := "escalate"
	n, users := w.levelFrom(p, i.Level+1, at)
	if users == nil {
		if i.Loop >= p.Loops {
			w.note(i, entry{Kind: "exhaust_escalation_path", At: at, By: by, Channel: "timeout"})
			return
		}
		i.Loop++
		w.note(i, entry{Kind: "repeat_escalation_path", At: at, By: by, Channel: "timeout"})
		kind = "assign"
		if n, users = w.levelFrom(p, 1, at); users == nil {
			return
		}
	}
	i.Level = n
	w.assign(i, users, kind, by, "timeout", at)
}

// wake ends an acknowledgement that timed out, or a snooze: who has the incident is told again.
func (w *world) wake(i *incident, at time.Time) {
	i.Wakes = time.Time{}
	by := byService(w.service(i.Service))
	i.status(triggered, by, at)
	i.Acks = nil
	w.note(i, entry{Kind: "unacknowledge", At: at, By: by, Channel: "timeout"})
	w.notify(i, at)
	if !i.Direct && i.Urgency == "high" {
		i.Escalates = at.Add(w.policy(i.Policy).Levels[i.Level-1].After)
	}
}

// acknowledge is a user's taking the incident: they have it from now on, and nobody else is told.
func (w *world) acknowledge(i *incident, user, channel string, at time.Time) {
	if i.Status == resolved { // it is opened again ("PagerDuty: Update an incident")
		i.Resolved = time.Time{}
		i.Level = max(i.Level, 1)
	}
	if i.Status != acknowledged {
		i.status(acknowledged, byUser(user), at)
		i.Acks, i.Assigned = nil, nil
	}
	i.Acks = append(i.Acks, held{user, at})
	i.Assigned = append(i.Assigned, held{user, at})
	i.quiet()
	if d := w.service(i.Service).AckTimeout; d > 0 {
		i.Wakes = at.Add(d)
	}
	w.note(i, entry{Kind: "acknowledge", At: at, By: byUser(user), Channel: channel})
}

// quiet ends what goes by the clock, but for asking responders, who may still join.
func (i *incident) quiet() {
	i.Pending = slices.DeleteFunc(i.Pending, func(n Notification) bool { return !n.Join })
	i.Escalates, i.Wakes = time.Time{}, time.Time{}
}

func (i *incident) acknowledgedBy(user string) bool {
	return i.Status == acknowledged && slices.ContainsFunc(i.Acks, func(h held) bool { return h.User == user })
}

func (w *world) resolve(i *incident, by agent, channel string, at time.Time) {
	i.status(resolved, by, at)
	i.Resolved = at
	i.quiet()
	i.Assigned, i.Acks, i.Pending = nil, nil, nil
	w.note(i, entry{Kind: "resolve", At: at, By: by, Channel: channel})
}

// snooze puts an incident aside; whoever does has acknowledged it.
func (w *world) snooze(i *incident, user string, d time.Duration, at time.Time) {
	if i.Status != acknowledged {
		i.status(acknowledged, byUser(user), at)
		i.Acks = []held{{user, at}}
	}
	i.quiet()
	i.Wakes = at.Add(d)
	w.note(i, entry{Kind: "snooze", At: at, By: byUser(user), Channel: "snooze", Seconds: int(d / time.Second)})
}

// process does what an event says ("PagerDuty: Events API v2 overview"): the same key while open is the same incident, a
// resolve of what is not open does nothing.
func (w *world) process(q *queued, at time.Time) {
	sv := w.service(q.Service)
	there := w.openByKey(sv.ID, q.DedupKey)
	switch {
	case q.Action == "resolve" && there != nil:
		w.resolve(there, byIntegration(sv), "api", at)
	case q.Action == "acknowledge" && there != nil && there.Status == triggered:
		there.status(acknowledged, byIntegration(sv), at)
		there.quiet()
		w.note(there, entry{Kind: "acknowledge", At: at, By: byIntegration(sv), Channel: "api"})
	case q.Action == "trigger" && there != nil:
		there.Updated = at
	case q.Action == "trigger" && sv.Status != "disabled" && sv.Status != "maintenance":
		i := &incident{Title: q.Summary, Details: strings.Join(q.details(), "\n"), Key: q.DedupKey, Alert: true, Service: sv.ID, Policy: sv.Policy, Urgency: "high", Event: &q.Event}
		w.open(i, byIntegration(sv), "api", at)
	}
}

// serviceStatus is what a service's incidents make of it.
func (w *world) serviceStatus(sv *service) string {
	if sv.Status != "" {
		return sv.Status
	}
	rank := map[string]int{acknowledged: 1, triggered: 2}
	worst := 0
	for _, i := range w.Incidents {
		if i.Service == sv.ID {
			worst = max(worst, rank[i.Status])
		}
	}
	return []string{"active", "warning", "critical"}[worst]
}
