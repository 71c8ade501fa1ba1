package pagerdutytest

import "time"

// What people do on PagerDuty's own side: in its app, by answering a notification. A mistake panics, as there is nobody to
// tell it.

// Ack has a user acknowledge an incident.
func (s *Server) Ack(incident, user string) {
	s.act(incident, user, func(w *world, i *incidentNow) {
		if !i.acknowledgedBy(user) && i.Status != resolved {
			w.acknowledge(i.incident, user, "mobile", i.now)
		}
	})
}

// Resolve has a user resolve an incident.
func (s *Server) Resolve(incident, user string) {
	s.act(incident, user, func(w *world, i *incidentNow) {
		if i.Status != resolved {
			w.resolve(i.incident, byUser(user), "mobile", i.now)
		}
	})
}

// Escalate has a user hand an incident to the next level of its policy that reaches somebody.
func (s *Server) Escalate(incident, user string) {
	s.act(incident, user, func(w *world, i *incidentNow) {
		n, users := w.levelFrom(w.policy(i.Policy), i.Level+1, i.now)
		must(i.Status != resolved && users != nil, "incident %s cannot be escalated", incident)
		i.Level, i.Direct = n, false
		w.assign(i.incident, users, "escalate", byUser(user), "web", i.now)
	})
}

// Reassign has a user hand an incident to others.
func (s *Server) Reassign(incident, user string, to ...string) {
	s.act(incident, user, func(w *world, i *incidentNow) {
		must(i.Status != resolved && len(to) > 0, "incident %s cannot be reassigned", incident)
		i.Direct = true
		w.assign(i.incident, to, "assign", byUser(user), "web", i.now)
	})
}

// Note has a user write a note.
func (s *Server) Note(incident, user, text string) {
	s.act(incident, user, func(w *world, i *incidentNow) {
		w.addNote(i.incident, user, text, "web", i.now)
	})
}

// Trigger is a monitoring tool's opening an incident with a dedup key, at once; it returns the incident's ID, "" when
// nobody is on call for it.
func (s *Server) Trigger(service, key, summary string) (id string) {
	s.with(func(w *world, now time.Time) {
		sv := w.service(service)
		must(sv != nil && sv.Integration != "", "no service %s that takes events", service)
		e := Event{Action: "trigger", DedupKey: key, Summary: summary, Source: "monitoring", Severity: "critical", Client: "Monitoring"}
		w.process(&queued{Event: e, Service: service}, now)
		if i := w.openByKey(service, key); i != nil {
			id = i.ID
		}
	})
	return id
}

// incidentNow is an incident and the moment somebody acts on it.
type incidentNow struct {
	*incident
	now time.Time
}

func (s *Server) act(incident, user string, f func(*world, *incidentNow)) {
	s.with(func(w *world, now time.Time) {
		i := w.incident(incident)
		must(i != nil && w.user(user) != nil, "no incident %s or no user %s", incident, user)
		f(w, &incidentNow{i, now})
	})
}

func (w *world) addNote(i *incident, user, text, channel string, at time.Time) *note {
	n := &note{w.id("PN"), user, text, at}
	i.Notes = append(i.Notes, n)
	w.note(i, entry{Kind: "annotate", At: at, By: byUser(user), Channel: channel, Note: text})
	return n
}
