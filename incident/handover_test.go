package incident_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// takes has ben stand in for cy.
func (s *stage) takes() *incident.Handover {
	s.Helper()
	return s.handsOver(incident.HandoverWant{By: benSlack, Subject: storefront})
}

// handsOver makes a hand-over for two hours.
func (s *stage) handsOver(w incident.HandoverWant) *incident.Handover {
	s.Helper()
	w.Request, w.At, w.Channel, w.For = "h"+s.clock.Now().String(), s.clock.Now(), "C0PAY", 2*time.Hour
	h, err := s.Handover(context.Background(), w)
	if err != nil {
		s.Fatal(err)
	}
	return h
}

// says has somebody answer a hand-over.
func (s *stage) says(h *incident.Handover, by string, reply incident.Reply) (*incident.Handover, error) {
	s.clock.Advance(time.Millisecond) // another request
	return s.AnswerHandover(context.Background(), incident.HandoverAnswer{Request: by + s.clock.Now().String(), Handover: h.ID, By: by,
		At: s.clock.Now(), Reply: reply})
}

// takesBack has somebody take a hand-over back.
func (s *stage) takesBack(h *incident.Handover, by string) {
	s.Helper()
	if _, err := s.says(h, by, incident.Undo); err != nil {
		s.Fatal(err)
	}
}

// stepsHandover does the steps of a hand-over that are due within a time.
func (s *stage) stepsHandover(id string, long time.Duration) *incident.Handover {
	s.Helper()
	for end := s.clock.Now().Add(long); ; {
		next, err := s.StepHandover(context.Background(), id)
		if err != nil {
			s.Fatal(err)
		}
		if next.IsZero() || next.After(end) {
			break
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	h, err := s.HandoverRecord(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	return h
}

// standsIn tells whether an override of storefront is in force.
func (s *stage) standsIn() bool {
	for _, o := range s.pager.Overrides("PSCHEDWEB") {
		if o.End.After(s.clock.Now()) {
			return true
		}
	}
	return false
}

// An override whose answer was lost is found and removed, whatever PagerDuty cut off its times.
func TestTakingBackWhatEndedUnclear(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.clock.Advance(500 * time.Millisecond)
	h := s.takes()
	s.pager.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpCreateOverride, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Reset})
	if _, err := s.StepHandover(context.Background(), h.ID); err != nil {
		t.Fatal(err)
	}
	if !s.standsIn() {
		t.Fatal("the override was not made")
	}
	s.clock.Advance(10 * time.Second)
	s.takesBack(h, benSlack)
	if h = s.stepsHandover(h.ID, time.Minute); h.State != incident.Undone || s.standsIn() {
		t.Errorf("%s, and PagerDuty has %+v", h.State, s.pager.Overrides("PSCHEDWEB"))
	}
}

// What PagerDuty refuses to remove stands, is said to stand, and is removed when it is asked for again, whoever does.
func TestTakingBackThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.stepsHandover(s.takes().ID, time.Minute)
	s.clock.Advance(time.Minute)
	s.connect("wrong")
	s.takesBack(h, benSlack)
	if h = s.stepsHandover(h.ID, time.Minute); h.State != incident.TakingBack || h.State.Ended() || h.Why == "" || !s.standsIn() {
		t.Fatalf("%s, why %q", h.State, h.Why)
	}
	if told := s.told(benSlack); !slices.Contains(told, h.ID+"-not-undone-"+benSlack) {
		t.Errorf("ben was told %v", told)
	}
	s.connect(pagerdutytest.DefaultToken)
	s.takesBack(h, cySlack)
	if h = s.stepsHandover(h.ID, time.Minute); h.State != incident.Undone || h.Why != "" || h.UndoneBy != benSlack || s.standsIn() {
		t.Errorf("%s, why %q, by %s", h.State, h.Why, h.UndoneBy)
	}
	_, err := s.says(h, cySlack, incident.Undo)
	s.refuses(incident.OfferGone, err)
}

// An override that nobody could remove has ended by itself.
func TestTakingBackThatIsRefusedToTheEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.stepsHandover(s.takes().ID, time.Minute)
	s.clock.Advance(time.Minute)
	s.connect("wrong")
	s.takesBack(h, benSlack)
	if h = s.stepsHandover(h.ID, 3*time.Hour); h.State != incident.Over || !h.Ended.Equal(h.End) || h.Why == "" {
		t.Errorf("%s, ended %s, why %q", h.State, h.Ended, h.Why)
	}
}

// Nothing is on PagerDuty of an offer, so that nothing is to be removed.
func TestTakingBackAnOffer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.handsOver(incident.HandoverWant{By: cySlack, To: benSlack})
	s.takesBack(h, cySlack)
	if h = s.stepsHandover(h.ID, time.Minute); h.State != incident.Undone || len(s.pager.Overrides("PSCHEDWEB")) != 0 {
		t.Errorf("%s", h.State)
	}
}

// Whoever is on call again is told once it is so, and who stood in if it was not they who took it back.
func TestWhoIsOnCallAgainIsTold(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]map[string]bool{benSlack: {cySlack: true}, cySlack: {cySlack: true, benSlack: true}} {
		s := newStage(t)
		h := s.stepsHandover(s.takes().ID, time.Minute)
		s.takesBack(h, by)
		again := func(p string) bool { return slices.Contains(s.told(p), h.ID+"-undone-"+p) }
		if again(cySlack) {
			t.Errorf("taken back by %s, cy is told before it is so", by)
		}
		s.stepsHandover(h.ID, time.Minute)
		for _, p := range []string{benSlack, cySlack} {
			if again(p) != want[p] {
				t.Errorf("taken back by %s, %s is told %v", by, p, s.told(p))
			}
		}
	}
}

// An offer that nobody answered is told to who made it, and one that PagerDuty did not take to both.
func TestAHandoverThatLapsesIsTold(t *testing.T) {
	t.Parallel()
	for _, agreed := range []bool{false, true} {
		s := newStage(t)
		h := s.handsOver(incident.HandoverWant{By: cySlack, To: benSlack})
		if agreed {
			s.pager.Down(true)
			if _, err := s.says(h, benSlack, incident.Accept); err != nil {
				t.Fatal(err)
			}
		}
		if h = s.stepsHandover(h.ID, 5*time.Hour); h.State != incident.Lapsed {
			t.Fatalf("%s", h.State)
		}
		for p, want := range map[string]bool{cySlack: true, benSlack: agreed} {
			if told := s.told(p); slices.Contains(told, h.ID+"-lapsed-"+p) != want {
				t.Errorf("agreed %t: %s is told %v", agreed, p, told)
			}
		}
	}
}

// A shift that was handed over is over at its end: nothing more can be done about it, also before its step has come.
func TestAHandoverThatIsOver(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	h := s.stepsHandover(s.takes().ID, time.Hour)
	if h.State != incident.Made || h.State.Ended() {
		t.Fatalf("in its time it is %s", h.State)
	}
	s.clock.Set(h.End)
	for range 2 {
		_, err := s.says(h, benSlack, incident.Undo)
		if r := s.refuses(incident.OfferGone, err); r.Handover.State != incident.Over {
			t.Errorf("it is said to be %s", r.Handover.State)
		}
		h = s.stepsHandover(h.ID, time.Minute)
	}
	if h.State != incident.Over || !h.Ended.Equal(h.End) || len(s.pager.Overrides("PSCHEDWEB")) != 1 {
		t.Errorf("%s, ended %s", h.State, h.Ended)
	}
	if told := s.told(benSlack); len(told) != 0 {
		t.Errorf("ben was told %v", told)
	}
	s.sweeps(h.End.Add(time.Second))
	if _, err := s.HandoverRecord(context.Background(), h.ID); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("it was not swept: %v", err)
	}
}

// Whoever is on call for all of the time has nothing to take; who is for a part of it only takes the rest.
func TestTakingWhatOneHas(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	want := incident.HandoverWant{Request: "mine", At: s.clock.Now(), By: cySlack, Subject: storefront, For: 2 * time.Hour}
	_, err := s.Handover(bg, want)
	if r := s.refuses(incident.OnCallAlready, err); !r.Until.After(s.clock.Now().Add(2 * time.Hour)) {
		t.Errorf("on call until %s", r.Until)
	}
	h := s.stepsHandover(s.takes().ID, time.Minute) // ben, for two hours
	want.Request, want.At = "his", s.clock.Now()
	if _, err := s.PlanHandover(bg, want); err != nil {
		t.Errorf("while ben stands in: %v", err)
	}
	s.clock.Set(h.Start.Add(time.Hour))
	want.By, want.At = benSlack, s.clock.Now()
	if _, err := s.PlanHandover(bg, want); err != nil {
		t.Errorf("for longer than it is his: %v", err)
	}
	want.For = 30 * time.Minute
	_, err = s.PlanHandover(bg, want)
	if r := s.refuses(incident.OnCallAlready, err); !r.Until.Equal(h.End) {
		t.Errorf("on call until %s, and it ends %s", r.Until, h.End)
	}
}

// What PagerDuty said before a shift changed hands is not gone by any more, however new it is.
func TestWhoIsOnCallOnceAShiftHasChangedHands(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	onCall := func(want string) {
		t.Helper()
		s.clock.Advance(time.Second)
		a, err := s.OnCallLately(context.Background(), storefront, time.Hour)
		if err != nil || a.OnCall()[0].Who.Slack != want {
			t.Fatalf("%+v, %v, want %s", a, err, want)
		}
	}
	onCall(cySlack)
	h := s.stepsHandover(s.takes().ID, time.Minute)
	onCall(benSlack)
	asked := len(s.pager.Calls())
	onCall(benSlack)
	if n := len(s.pager.Calls()); n != asked {
		t.Errorf("PagerDuty was asked %d times for what is known", n-asked)
	}
	s.takesBack(h, benSlack)
	s.stepsHandover(h.ID, time.Minute)
	onCall(cySlack)
}
