package incident_test

import (
	"context"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// steps counts the steps of a page until nothing more happens to it, at most for a time.
func (s *stage) steps(id string, long time.Duration) int {
	s.Helper()
	end := s.clock.Now().Add(long)
	for n := 1; ; n++ {
		next, err := s.StepPage(context.Background(), id)
		if err != nil {
			s.Fatal(err)
		}
		if next.IsZero() || next.After(end) {
			return n
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
}

// A page that PagerDuty accepted and that cannot be looked for is given up like one that is not there, whether PagerDuty fails or
// refuses. Somebody may have been called.
func TestAnAcceptedPageThatCannotBeLookedFor(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*stage){
		"failing": func(s *stage) {
			s.pager.Fault(pagerdutytest.Fault{Match: "listIncidents", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
		},
		"refused": func(s *stage) { s.connect("wrong") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			p := s.until(s.pages().ID, incident.Accepted)
			fail(s)
			n := s.steps(p.ID, 5*24*time.Hour)
			p = s.page(p.ID)
			if p.State != incident.NotSent || !p.Unclear || p.Why == "" || n > 60 {
				t.Errorf("%s after %d steps, unclear %t, %q", p.State, n, p.Unclear, p.Why)
			}
			if age := p.Ended.Sub(p.Taken); age != incident.GiveUpAfter {
				t.Errorf("given up after %s", age)
			}
		})
	}
}

// A page that is not there though PagerDuty accepted it is not known to be sent.
func TestAnAcceptedPageThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *pagerdutytest.Options) { o.EventDelay = time.Hour })
	p := s.until(s.pages().ID, incident.NotSent)
	if !p.Unclear {
		t.Errorf("it is called not sent: %q", p.Why)
	}
}

// A page that cannot be read any more is left when one that can be is, and is looked at ever less until then.
func TestAPageThatCannotBeReadIsLeft(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*stage){
		"failing": func(s *stage) {
			s.pager.Fault(pagerdutytest.Fault{Match: "getIncident", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
		},
		"refused": func(s *stage) { s.connect("wrong") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			p := s.until(s.pages().ID, incident.Triggered)
			fail(s)
			n := s.steps(p.ID, 5*24*time.Hour)
			p = s.page(p.ID)
			if age := p.Ended.Sub(p.Created); p.State != incident.Unfollowed || age > incident.FollowFor+6*time.Minute || n > 1500 {
				t.Errorf("%s after %s and %d steps", p.State, age, n)
			}
		})
	}
}
