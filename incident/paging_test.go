package incident_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// What is wanted anew while it is being done is done once more, as it stands then.
func TestAChoreThatIsWantedAnewMeanwhile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares().ID, 30*time.Second)
	raise := func(name string) {
		if _, err := s.SetSeverity(context.Background(), s.change(i, benSlack), name, false); err != nil {
			t.Fatal(err)
		}
	}
	raise("sev1")
	s.rooms.during["topic"] = func() { raise("sev3") }
	s.seeTo(i.ID, 30*time.Second)
	if last := s.rooms.topics[len(s.rooms.topics)-1]; !strings.Contains(last, "sev3") {
		t.Errorf("the topic stays %q", last)
	}
}

// What stands on something that never comes is given up, and looked at ever less often until then.
func TestAChoreThatStandsOnNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.rooms.lost = true
	i := s.seeTo(s.declares().ID, time.Minute)
	if c := i.Chores[incident.ChorePin]; c.State != incident.Wanted {
		t.Fatalf("after a minute it is %+v", c)
	}
	next, err := s.StepIncident(context.Background(), i.ID)
	if wait := next.Sub(s.clock.Now()); err != nil || wait < 5*time.Second || wait > 30*time.Second {
		t.Errorf("it is looked at again in %s, %v", wait, err)
	}
	i = s.seeTo(i.ID, time.Hour)
	if c := i.Chores[incident.ChorePin]; c.State != incident.Failed || c.Why == "" {
		t.Errorf("after an hour it is %+v", c)
	}
}

// A chore that is wanted late is tried as long as one that is wanted at once.
func TestAChoreIsTriedAnHour(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares().ID, 3*time.Hour)
	s.rooms.refused["topic"] = errors.New("Slack did not answer.")
	if _, err := s.SetSeverity(context.Background(), s.change(i, benSlack), "sev3", false); err != nil {
		t.Fatal(err)
	}
	i = s.seeTo(i.ID, 50*time.Minute)
	if c := i.Chores[incident.ChoreTopic]; c.State != incident.Wanted || c.Tries < 10 {
		t.Errorf("after 50 minutes it is %+v", c)
	}
	i = s.seeTo(i.ID, 20*time.Minute)
	if c := i.Chores[incident.ChoreTopic]; c.State != incident.Failed {
		t.Errorf("after 70 minutes it is %+v", c)
	}
}

// A page of an incident that was not sent and is paged again stays one of the incident.
func TestAPageOfAnIncidentIsPagedAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.oncall(checkout)
	s.pager.Down(true)
	i := s.seeTo(s.declares(severe("sev1")).ID, 16*time.Minute)
	old := s.page(i.Paged[0].Page)
	s.pager.Down(false)
	p := s.pages(func(w *incident.PageWant) { w.Again, w.Incident, w.Message = old.ID, old.Incident, old.Message })
	i = s.seeTo(i.ID, 10*time.Second)
	if len(i.Paged) != 1 || i.Paged[0].Page != p.ID || i.Paged[0].State != incident.Triggered {
		t.Fatalf("paged %+v, want %s", i.Paged, p.ID)
	}
	if _, err := s.SetStatus(context.Background(), s.change(i, benSlack), incident.IsResolved); err != nil {
		t.Fatal(err)
	}
	s.seeTo(i.ID, time.Minute)
	if p := s.page(p.ID); p.State != incident.Resolved {
		t.Errorf("after the incident its page is %s", p.State)
	}
	if got := s.timeline(i.ID); !slices.Equal(got, []string{"declared", "paged", "not_paged", "paged", "status", "page_resolved"}) {
		t.Errorf("timeline %v", got)
	}
}

// Of an incident that is over before PagerDuty could be reached nobody is called.
func TestAPageThatComesTooLate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.oncall(checkout)
	resolved := func(i *incident.Incident) {
		if _, err := s.SetStatus(context.Background(), s.change(i, dee), incident.IsResolved); err != nil {
			t.Fatal(err)
		}
	}
	at := s.declares(severe("sev1"))
	resolved(at)
	if at = s.seeTo(at.ID, time.Minute); at.Paged[0].Why != string(incident.IsOver) || at.Paged[0].Page != "" {
		t.Errorf("over at once, and paged %+v", at.Paged)
	}
	s.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", When: pagerdutytest.Before, Kind: pagerdutytest.Status503, Times: 9})
	s.clock.Advance(time.Second)
	i := s.seeTo(s.declares(severe("sev1")).ID, 2*time.Second)
	resolved(i)
	i = s.seeTo(i.ID, 5*time.Minute)
	if i.Paged[0].State != incident.Withdrawn || s.page(i.Paged[0].Page).State != incident.Withdrawn || len(s.pager.Incidents()) != 0 {
		t.Errorf("paged %+v, on PagerDuty %d", i.Paged, len(s.pager.Incidents()))
	}
	if c := i.Chores[incident.ChoreSettle]; c.State != incident.Done {
		t.Errorf("its pages: %+v", c)
	}
}

// A page of which PagerDuty may know is found, and resolved, however late.
func TestResolvingWhileAPageIsOnItsWay(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.oncall(checkout)
	s.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", When: pagerdutytest.After, Kind: pagerdutytest.Reset, Times: 1})
	s.pager.Fault(pagerdutytest.Fault{Match: "listIncidents", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
	i := s.declares(severe("sev1"), func(w *incident.DeclareWant) { w.Services = []string{"checkout", "catalog"} })
	i = s.seeTo(i.ID, 2*time.Second)
	if s.page(i.Paged[0].Page).State != incident.Sending {
		t.Fatalf("the first is %s", s.page(i.Paged[0].Page).State)
	}
	if _, err := s.SetStatus(context.Background(), s.change(i, dee), incident.IsResolved); err != nil {
		t.Fatal(err)
	}
	i = s.seeTo(i.ID, 3*time.Minute)
	if i.Paged[0].State.Ended() || i.Chores[incident.ChoreSettle].State != incident.Wanted {
		t.Errorf("meanwhile the first is %s, resolving them %+v", i.Paged[0].State, i.Chores[incident.ChoreSettle])
	}
	s.pager.ClearFaults()
	i = s.seeTo(i.ID, 10*time.Minute)
	for _, p := range i.Paged {
		if p.State != incident.Resolved {
			t.Errorf("%s is %s", p.Subject.Name, p.State)
		}
	}
	if c := i.Chores[incident.ChoreSettle]; c.State != incident.Done {
		t.Errorf("its pages: %+v", c)
	}
}

const ledgerID = "PSVCLED"

// withLedger adds a service that the same people are called for as for checkout.
func (s *stage) withLedger() {
	s.Helper()
	s.pager.AddService(pagerdutytest.Service{ID: ledgerID, Name: "Ledger", Policy: "PPOLPAY"})
	s.configure(strings.Replace(shipmateYAML, "services:\n", "services:\n  ledger: {repo: acme/ledger, team: payments, pagerduty_service: "+ledgerID+", environments: [staging]}\n", 1))
}

func of(services ...string) func(*incident.DeclareWant) {
	return func(w *incident.DeclareWant) { w.Services = services }
}

// Nobody is called twice for one incident: subjects by one escalation policy make one page, to the first.
func TestAnIncidentCallsTheSamePeopleOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.withLedger()
	i := s.seeTo(s.declares(severe("sev1"), of("checkout", "ledger", "catalog")).ID, 10*time.Second)
	if len(i.Paged) != 3 || i.Paged[1].With != checkout || i.Paged[1].Page != "" || i.Paged[2].State != incident.Triggered || len(s.pager.Incidents()) != 2 {
		t.Fatalf("paged %+v, on PagerDuty %d", i.Paged, len(s.pager.Incidents()))
	}
	if got := s.timeline(i.ID); !slices.Equal(got, []string{"declared", "paged", "paged", "paged"}) {
		t.Errorf("timeline %v", got)
	}
	lines, err := s.Timeline(context.Background(), i.ID)
	if err != nil || lines[2].From != checkout.Key() || lines[2].Link != "" {
		t.Errorf("%+v, %v", lines, err)
	}
	// Nobody is called by a page that is over, so that another is made.
	i = s.seeTo(s.declares(severe("sev1")).ID, 10*time.Second)
	s.pager.Resolve(s.page(i.Paged[0].Page).Alarm.ID, anaID)
	s.seeTo(i.ID, time.Minute)
	if _, err := s.SetService(context.Background(), s.change(i, dee), "ledger", true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sev3", "sev1"} {
		if _, err := s.SetSeverity(context.Background(), s.change(i, dee), name, true); err != nil {
			t.Fatal(err)
		}
	}
	if i = s.seeTo(i.ID, 10*time.Second); len(i.Paged) != 2 || i.Paged[1].State != incident.Triggered {
		t.Errorf("after it: %+v", i.Paged)
	}
}

// When nobody can say by which policy a service calls, or it was paged before a crash, it is paged.
func TestAnIncidentRatherCallsTwiceThanNotAtAll(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.withLedger()
	s.pager.Fault(pagerdutytest.Fault{Match: "getService", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
	i := s.seeTo(s.declares(severe("sev1"), of("checkout", "ledger")).ID, time.Second)
	s.pager.ClearFaults()
	if i = s.seeTo(i.ID, 2*time.Minute); i.Paged[0].State != incident.Triggered || i.Paged[1].State != incident.Triggered {
		t.Errorf("paged %+v", i.Paged)
	}
	i = s.declares(severe("sev1"), of("ledger", "checkout"))
	before := s.pages(func(w *incident.PageWant) { w.Request, w.Incident = i.ID+"/0/sev1/service/checkout", i.ID })
	if i = s.seeTo(i.ID, 10*time.Second); i.Paged[1].Page != before.ID || i.Paged[1].State != incident.Triggered {
		t.Errorf("paged before the crash %s, and %+v", before.ID, i.Paged)
	}
}

// Whether anybody answered, and how far a page had to go, is learnt from as well.
func TestPostmortemTellsWhoAnswered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(postmortemYAML)
	i := s.seeTo(s.declares(severe("sev1"), of("checkout", "catalog")).ID, 10*time.Second)
	s.pager.Ack(s.page(i.Paged[1].Page).Alarm.ID, cyID)
	i = s.seeTo(i.ID, 6*time.Minute)
	if got := s.timeline(i.ID); !slices.Equal(got, []string{"declared", "paged", "paged", "acknowledged", "escalated"}) {
		t.Errorf("timeline %v", got)
	}
	if i.Paged[1].Acked.IsZero() || i.Paged[1].AckedBy.Slack != cySlack || !i.Paged[0].Acked.IsZero() {
		t.Errorf("%+v", i.Paged)
	}
	s.must(s.SetStatus(context.Background(), s.change(i, benSlack), incident.IsResolved))
	s.seeTo(i.ID, time.Minute)
	s.runs(i.ID, 5*time.Minute)
	_, text := s.document("acme/decisions")
	for _, want := range []string{"- checkout was paged, and nobody acknowledged it\n", "- catalog was paged, acknowledged by cy at 2026-03-09 02:00 UTC\n",
		"| page to checkout escalated to cy |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the document lacks %q:\n%s", want, text)
		}
	}
}

// What is answered and over before it was looked at was answered.
func TestAPageThatIsAnsweredAndOverAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares(severe("sev1")).ID, 10*time.Second)
	alarm := s.page(i.Paged[0].Page).Alarm.ID
	s.pager.Ack(alarm, anaID)
	s.pager.Resolve(alarm, anaID)
	i = s.seeTo(i.ID, time.Minute)
	if got := s.timeline(i.ID); !slices.Equal(got, []string{"declared", "paged", "acknowledged", "page_resolved"}) || i.Paged[0].Acked.IsZero() || i.Acked.IsZero() {
		t.Errorf("timeline %v, %+v", got, i.Paged)
	}
}

// Whom it paged is called again when it is opened again.
func TestAnIncidentThatIsOpenedAgainPages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares(severe("sev1")).ID, 10*time.Second)
	if _, err := s.SetStatus(context.Background(), s.change(i, dee), incident.IsResolved); err != nil {
		t.Fatal(err)
	}
	i = s.seeTo(i.ID, time.Minute)
	if _, err := s.Reopen(context.Background(), s.change(i, dee), "it is back"); err != nil {
		t.Fatal(err)
	}
	i = s.seeTo(i.ID, 10*time.Second)
	if len(i.Paged) != 2 || i.Paged[0].State != incident.Resolved || i.Paged[1].State != incident.Triggered || i.Paged[0].Page == i.Paged[1].Page {
		t.Errorf("paged %+v", i.Paged)
	}
}

func TestAnIncidentOfTooManyServices(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	yaml, names := shipmateYAML, []string{}
	for n := range incident.MaxServices + 1 {
		name := fmt.Sprintf("s%d", n)
		names = append(names, name)
		yaml = strings.Replace(yaml, "services:\n", "services:\n  "+name+": {repo: acme/plain, team: nowhere, environments: [staging]}\n", 1)
	}
	s.configure(yaml)
	_, err := s.Declare(context.Background(), incident.DeclareWant{Request: "many", At: s.clock.Now(), By: dee, Title: "it", Severity: "sev3", Services: names})
	s.refuses(incident.TooManyServices, err)
	i := s.declares(func(w *incident.DeclareWant) { w.Services = names[1:] })
	_, err = s.SetService(context.Background(), s.change(i, dee), names[0], true)
	s.refuses(incident.TooManyServices, err)
}
