package incident_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// escalates has ben escalate a page, and waits until that is done.
func (s *stage) escalates(page string) {
	s.Helper()
	p, err := s.acts(page, benSlack, incident.Escalate)
	if err != nil {
		s.Fatal(err)
	}
	n := len(p.Acts) - 1
	p = s.untilPage(page, "escalated", func(p *incident.Page) bool { return p.Acts[n].State != incident.Wanted })
	if a := p.Acts[n]; a.State != incident.Done {
		s.Fatalf("%+v", a)
	}
	s.clock.Advance(2 * time.Second)
}

// levelsUnknown are two ways of not knowing from who is assigned at which level a page is: ana is on the first two, and nobody knew
// who was on call.
func levelsUnknown(t *testing.T, test func(t *testing.T, s *stage, p *incident.Page)) {
	for _, known := range []bool{true, false} {
		t.Run(map[bool]string{true: "the same person twice", false: "nobody known"}[known], func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.pager.AddPolicy(pagerdutytest.Policy{ID: "PPOLDBL", Name: "Double", Levels: []pagerdutytest.Level{{After: time.Hour, Users: []string{anaID}},
				{After: time.Hour, Users: []string{anaID}}, {After: time.Hour, Users: []string{cyID}}}})
			s.pager.AddService(pagerdutytest.Service{ID: "PSVCDBL", Name: "Double", Policy: "PPOLDBL"})
			s.configure(strings.Replace(shipmateYAML, "PSVCPAY", "PSVCDBL", 1))
			s.pager.Down(!known)
			p := s.pages()
			s.pager.Down(false)
			test(t, s, s.until(p.ID, incident.Triggered))
		})
	}
}

// Each escalation goes one level further, whether or not who is assigned tells the level.
func TestEscalatingPastALevelThatIsNotKnown(t *testing.T) {
	t.Parallel()
	levelsUnknown(t, func(t *testing.T, s *stage, p *incident.Page) {
		s.escalates(p.ID)
		s.escalates(p.ID)
		if on := s.one(p.ID); len(on.Assigned) != 1 || on.Assigned[0] != cyID {
			t.Errorf("PagerDuty calls %v", on.Assigned)
		}
	})
}

// An escalation that arrived though its answer was lost is not done again, whether or not who is assigned tells the level.
func TestAnEscalationThatArrivedAtALevelThatIsNotKnown(t *testing.T) {
	t.Parallel()
	levelsUnknown(t, func(t *testing.T, s *stage, p *incident.Page) {
		s.pager.Fault(pagerdutytest.Fault{Match: "updateIncident", Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Reset})
		s.escalates(p.ID)
		times := 0
		for _, c := range s.pager.Calls() {
			if c.Op == "updateIncident" && c.Applied {
				times++
			}
		}
		if times != 1 {
			t.Errorf("escalated %d times", times)
		}
	})
}

// When PagerDuty begins with the first level again, the second is the next one.
func TestEscalatingAfterPagerDutyBeganAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.until(s.pages().ID, incident.Triggered)
	s.escalates(p.ID)
	p = s.untilPage(p.ID, "at the first level again", func(p *incident.Page) bool {
		return slices.ContainsFunc(p.Moments, func(m incident.Moment) bool { return m.Kind == "repeat_escalation_path" })
	})
	s.clock.Advance(time.Second)
	s.escalates(p.ID)
	if on := s.one(p.ID); len(on.Assigned) != 1 || on.Assigned[0] != cyID {
		t.Errorf("PagerDuty calls %v", on.Assigned)
	}
}
