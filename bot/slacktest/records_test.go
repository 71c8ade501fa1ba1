package slacktest

import (
	"testing"
	"time"

	"shipmate/clock"
)

func TestRecordsAreBounded(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Clock: clock.NewManual(time.Unix(1772442000, 0)), App: App{Commands: []Command{{Name: "/deploy"}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.log.full = 10
	s.AddUser(User{ID: "U0ANA", Name: "ana"})
	s.AddChannel(Channel{ID: "C0PAY", Name: "payments", Members: []string{"U0ANA"}})
	last := ""
	for range 25 {
		if last, err = s.Slash("U0ANA", "payments", "/deploy x"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Deliveries()); n > 10 || n < 5 || len(s.lines.byID) != n || len(s.lines.family) != n {
		t.Errorf("%d envelopes, %d and %d ids are kept", n, len(s.lines.byID), len(s.lines.family))
	}
	if _, err := s.Redeliver(last, 1, true); err != nil {
		t.Errorf("the last one is gone: %v", err)
	}
	for range keepTokens + 10 {
		s.lines.triggers.put(s.newTriggerID(), &trigger{})
	}
	if n := len(s.lines.triggers.values); n != keepTokens {
		t.Errorf("%d triggers are kept", n)
	}
}
