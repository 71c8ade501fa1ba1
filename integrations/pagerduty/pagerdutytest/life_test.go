package pagerdutytest_test

import (
	"fmt"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// told are the notifications as "minute name kind".
func (s *stage) told() []string {
	var out []string
	for _, n := range s.Notifications() {
		out = append(out, fmt.Sprintf("%02.0f %s %s", n.At.Sub(start).Minutes(), n.Name, n.Kind))
	}
	return out
}

// Nobody acknowledges: everybody is told in turn, once more for the loop, and then it rests with the last.
func TestEscalationByTime(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.open("key")
	s.clock.Advance(2 * time.Hour)
	same(t, "notifications", s.told(), "00 Ana Souza push", "00 Ana Souza email", "01 Ana Souza sms", "03 Ana Souza phone", "10 Cho Lee email",
		"25 Ana Souza push", "25 Ana Souza email", "26 Ana Souza sms", "28 Ana Souza phone", "35 Cho Lee email")
	i := s.only()
	var kinds []string
	for _, l := range i.Log {
		if l.Kind != "notify" {
			kinds = append(kinds, l.Kind)
		}
	}
	same(t, "log", kinds, "trigger", "assign", "escalate", "repeat_escalation_path", "assign", "escalate", "exhaust_escalation_path")
	if i.Status != "triggered" || i.Level != 2 || !i.Escalates.IsZero() || len(i.Assigned) != 1 || i.Assigned[0] != s.cho {
		t.Errorf("in the end: %+v", i)
	}
}

func TestAcknowledgingEndsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("key")
	s.clock.Advance(90 * time.Second)
	s.Ack(id, s.ana)
	s.clock.Advance(time.Hour)
	same(t, "notifications", s.told(), "00 Ana Souza push", "00 Ana Souza email", "01 Ana Souza sms")
	if i := s.only(); i.Status != "acknowledged" || len(i.Acknowledged) != 1 || i.Acknowledged[0] != s.ana {
		t.Errorf("acknowledged: %+v", i)
	}
	s.Escalate(id, s.ana)
	if i := s.only(); i.Status != "triggered" || i.Level != 2 || len(i.Acknowledged) != 0 || i.Assigned[0] != s.cho {
		t.Errorf("escalated by hand: %+v", i)
	}
	s.Resolve(id, s.cho)
	s.clock.Advance(time.Hour)
	if i := s.only(); i.Status != "resolved" || len(i.Assigned) != 0 || i.Resolved.IsZero() {
		t.Errorf("resolved: %+v", i)
	}
	if got := len(s.told()); got != 4 { // cho's e-mail went out before she resolved it
		t.Errorf("%d notifications: %q", got, s.told())
	}
}

func TestAcknowledgementTimesOut(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	slow := s.AddService(pagerdutytest.Service{Name: "Slow", Policy: s.policy, AckTimeout: 30 * time.Minute})
	id := s.Trigger(slow, "k", "It is down")
	s.Ack(id, s.ana)
	s.clock.Advance(31 * time.Minute)
	if i := s.only(); i.Status != "triggered" || i.Assigned[0] != s.ana {
		t.Errorf("after the time-out: %+v", i)
	}
	s.clock.Advance(10 * time.Minute)
	if i := s.only(); i.Assigned[0] != s.cho {
		t.Errorf("then it escalates: %+v", i)
	}
}

// One open incident per service and key, whoever opens it; a new one after that.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{EventDelay: 5 * time.Second})
	s.event(202, "resolve", "k") // nothing there, and nobody says so
	s.event(202, "trigger", "k")
	if list := s.Incidents(); len(list) != 0 {
		t.Fatalf("processed before its time: %+v", list)
	}
	s.clock.Advance(5 * time.Second)
	s.event(202, "trigger", "k")
	s.clock.Advance(5 * time.Second)
	first := s.only()
	if first.Event == nil || first.Event.Links[0].Text != "Board" || first.Event.Details["rate"] != "12%" || !first.ByEvent {
		t.Errorf("the event is %+v", first.Event)
	}
	s.refused(400, 2001, "POST", "/incidents", `{"incident":{"type":"incident","title":"Again","service":{"id":"PSVC1","type":"service_reference"},"incident_key":"k"}}`)
	a := s.wants(200, "GET", "/incidents?incident_key=k", "").json(t)
	if list := a["incidents"].([]any); len(list) != 1 || in(list[0], "incident_key") != nil || in(list[0], "id") != first.ID {
		t.Errorf("by its alert's key: %v", list)
	}
	s.event(202, "resolve", "k")
	s.clock.Advance(5 * time.Second)
	s.event(202, "trigger", "k")
	s.clock.Advance(5 * time.Second)
	if list := s.Incidents(); len(list) != 2 || list[0].Status != "resolved" || list[1].Status != "triggered" {
		t.Errorf("after resolving: %+v", list)
	}
}

func TestAssignedToWhoOpens(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.wants(201, "POST", "/incidents", `{"incident":{"type":"incident","title":"Mine","service":{"id":"PSVC1","type":"service_reference"},"assignments":[{"assignee":{"id":"`+s.ana+`","type":"user_reference"}}]}}`)
	s.clock.Advance(time.Hour)
	if i := s.only(); i.Status != "acknowledged" || len(s.Notifications()) != 0 {
		t.Errorf("%+v, notified %q", i, s.told())
	}
}

func TestLowUrgencyDoesNotEscalate(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.wants(201, "POST", "/incidents", `{"incident":{"type":"incident","title":"Some day","urgency":"low","service":{"id":"PSVC1","type":"service_reference"}}}`)
	s.clock.Advance(time.Hour)
	same(t, "notifications", s.told(), "00 Ana Souza email")
}

func TestNobodyOnCall(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	empty := s.AddSchedule(pagerdutytest.Schedule{Name: "Later", Layers: []pagerdutytest.Layer{{Users: []string{s.ana}, Start: start.AddDate(1, 0, 0), Turn: time.Hour}}})
	p := s.AddPolicy(pagerdutytest.Policy{Name: "Nobody", Levels: []pagerdutytest.Level{{After: time.Minute, Schedules: []string{empty}}}})
	s.AddService(pagerdutytest.Service{ID: "PEMPTY", Name: "Empty", Policy: p})
	s.refused(400, 1015, "POST", "/incidents", `{"incident":{"type":"incident","title":"Hello","service":{"id":"PEMPTY","type":"service_reference"}}}`)
	if id := s.Trigger("PEMPTY", "k", "Hello"); id != "" {
		t.Errorf("an incident nobody is on call for: %s", id)
	}
}

// Who watches hears of what comes with time, too.
func TestChanges(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{EventDelay: time.Minute})
	changes := s.Changes(t.Context())
	s.event(202, "trigger", "k")
	<-changes
	if err := s.clock.AwaitTimer(t.Context(), start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	<-changes
	s.only()
}
