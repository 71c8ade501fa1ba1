package incident_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// whileRead has something happen once, when what became of a page has been read and is not written yet.
func whileRead(happens *func()) func(*pagerdutytest.Options) {
	return func(o *pagerdutytest.Options) {
		o.OnCall = func(c pagerdutytest.Call) {
			if fn := *happens; fn != nil && c.Op == "listIncidentLogEntries" && c.Phase == pagerdutytest.After {
				*happens = nil
				fn()
			}
		}
	}
}

// What was accepted while a page was read that turned out to be resolved is done where PagerDuty does it still, and told otherwise.
func TestActsAcceptedWhileAPageIsResolved(t *testing.T) {
	t.Parallel()
	var happens func()
	s := newStage(t, whileRead(&happens))
	p := s.until(s.pages().ID, incident.Triggered)
	s.pager.Resolve(p.Alarm.ID, anaID)
	happens = func() {
		for _, deed := range []incident.Deed{incident.WriteNote, incident.Escalate, incident.Resolve} {
			if _, err := s.acts(p.ID, benSlack, deed, func(w *incident.ActWant) { w.Text = "new certificate" }); err != nil {
				t.Error(err)
			}
		}
	}
	s.steps(p.ID, time.Hour)
	p = s.page(p.ID)
	if p.State != incident.Resolved || len(p.Acts) != 3 {
		t.Fatalf("%s, %+v", p.State, p.Acts)
	}
	for i, want := range []incident.ActState{incident.Done, incident.Failed, incident.Done} {
		if a := p.Acts[i]; a.State != want {
			t.Errorf("to %s is %s: %s", a.Deed, a.State, a.Why)
		}
	}
	if why := p.Acts[1].Why; why != "It was resolved before." {
		t.Errorf("not escalated because %q", why)
	}
	if told := s.told(benSlack); !slices.Equal(told, []string{p.ID + "-" + p.Acts[1].Request}) {
		t.Errorf("ben was told %v", told)
	}
	if notes := s.one(p.ID).Notes; len(notes) != 1 {
		t.Errorf("PagerDuty has the notes %v", notes)
	}
	if last := p.Moments[len(p.Moments)-1]; last.Kind != "annotate" || last.Note != "new certificate" || last.Who.Slack != benSlack {
		t.Errorf("the last is %+v", last)
	}
}

// What was accepted while a page is left for its age is told as not done, also a wish to resolve it.
func TestActsAcceptedWhileAPageIsLeft(t *testing.T) {
	t.Parallel()
	var happens func()
	s := newStage(t, whileRead(&happens))
	p := s.until(s.pages().ID, incident.Triggered)
	s.clock.Set(p.Created.Add(incident.FollowFor))
	happens = func() {
		if _, err := s.acts(p.ID, benSlack, incident.Resolve); err != nil {
			t.Error(err)
		}
	}
	s.steps(p.ID, time.Hour)
	p = s.page(p.ID)
	if p.State != incident.Unfollowed || len(p.Acts) != 1 || p.Acts[0].State != incident.Failed || p.Acts[0].Why == "" {
		t.Fatalf("%s, %+v", p.State, p.Acts)
	}
	if told := s.told(benSlack); !slices.Equal(told, []string{p.ID + "-" + p.Acts[0].Request}) {
		t.Errorf("ben was told %v", told)
	}
}

// However much is done with a page, what is not done yet is not forgotten: more is refused until something is.
func TestManyActs(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.until(s.pages().ID, incident.Triggered)
	note := func(n int) (*incident.Page, error) {
		return s.Act(context.Background(), incident.ActWant{Request: fmt.Sprintf("note %d", n), At: s.clock.Now(), By: benSlack, Page: p.ID,
			Deed: incident.WriteNote, Text: fmt.Sprintf("note %d", n)})
	}
	const kept = 100
	for n := range kept {
		if _, err := note(n); err != nil {
			t.Fatal(err)
		}
	}
	_, err := note(kept)
	s.refuses(incident.TooMuch, err)
	s.untilPage(p.ID, "the second is done", func(p *incident.Page) bool { return p.Acts[1].State == incident.Done })
	if p, err = note(kept); err != nil || len(p.Acts) != kept || p.Acts[0].Text != "note 1" || p.Acts[kept-1].Text != "note 100" {
		t.Fatalf("%v: %d acts", err, len(p.Acts))
	}
	if p.Acts[1].Text != "note 2" || p.Acts[1].State != incident.Wanted {
		t.Errorf("what was not done: %+v", p.Acts[1])
	}
}
