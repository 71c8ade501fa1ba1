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
	"shipmate/store"
)

// declares has dee declare that checkout is broken.
func (s *stage) declares(fns ...func(*incident.DeclareWant)) *incident.Incident {
	s.Helper()
	w := incident.DeclareWant{Request: "d" + s.clock.Now().String(), At: s.clock.Now(), By: dee, Channel: "C0PAY", Title: "Payments fail",
		Severity: "sev2", Services: []string{"checkout"}, Shown: true}
	for _, fn := range fns {
		fn(&w)
	}
	i, err := s.Declare(context.Background(), w)
	if err != nil {
		s.Fatal(err)
	}
	return i
}

func severe(name string) func(*incident.DeclareWant) {
	return func(w *incident.DeclareWant) { w.Severity, w.Page = name, true }
}

// change is somebody's next change of an incident.
func (s *stage) change(i *incident.Incident, by string) incident.ChangeWant {
	s.clock.Advance(time.Second)
	return incident.ChangeWant{Request: "c" + s.clock.Now().String(), At: s.clock.Now(), By: by, Incident: i.ID}
}

// seeTo steps an incident and its pages for a time, as the runner would.
func (s *stage) seeTo(id string, long time.Duration) *incident.Incident {
	s.Helper()
	end := s.clock.Now().Add(long)
	for range 2000 {
		next, err := s.StepIncident(context.Background(), id)
		if err != nil {
			s.Fatal(err)
		}
		i := s.incident(id)
		for _, p := range i.Paged {
			if p.Page == "" {
				continue
			}
			soon, err := s.StepPage(context.Background(), p.Page)
			if err != nil {
				s.Fatal(err)
			}
			if !soon.IsZero() && (next.IsZero() || soon.Before(next)) {
				next = soon
			}
		}
		if next.IsZero() || next.After(end) {
			return s.incident(id)
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	s.Fatal("it never rests")
	return nil
}

func (s *stage) incident(id string) *incident.Incident {
	s.Helper()
	i, err := s.Record(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	return i
}

// timeline is what happened, a word for each line.
func (s *stage) timeline(id string) []string {
	s.Helper()
	lines, err := s.Timeline(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, string(l.Kind))
	}
	return out
}

func TestAnIncidentIsDeclared(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.declares()
	again, err := s.Declare(context.Background(), incident.DeclareWant{Request: i.Request, Title: "other", Severity: "sev1"})
	if err != nil || again.ID != i.ID || again.Title != i.Title || again.Number != 1 {
		t.Fatalf("declared twice: %+v, %v", again, err)
	}
	second := s.declares(func(w *incident.DeclareWant) { w.Request = "other" })
	if second.Number != 2 {
		t.Errorf("the second has number %d", second.Number)
	}
	i = s.seeTo(i.ID, 10*time.Second)
	if i.Room.ID == "" || i.Where() != i.Room.ID {
		t.Fatalf("it runs in %q", i.Where())
	}
	for name, c := range i.Chores {
		if c.State != incident.Done {
			t.Errorf("%s is %s: %s", name, c.State, c.Why)
		}
	}
	r := &s.rooms
	if r.names[0] != "inc-1-Payments fail" || !slices.Contains(r.invited, dee) || !slices.Contains(r.invited, anaSlack) || // who is on call for it
		!slices.Contains(r.topics, "sev2 · investigating · Payments fail") ||
		!slices.Contains(r.links, "checkout runbook") || !slices.Equal(r.pins, []string{"1.0"}) {
		t.Errorf("%+v", r)
	}
	for _, look := range []func() (*incident.Incident, error){
		func() (*incident.Incident, error) { return s.InChannel(context.Background(), i.Room.ID) },
		func() (*incident.Incident, error) { return s.Numbered(context.Background(), 1) },
	} {
		if found, err := look(); err != nil || found.ID != i.ID {
			t.Errorf("found %+v, %v", found, err)
		}
	}
	if !s.RunsIn(i.Room.ID) || s.RunsIn("C0PAY") {
		t.Error("it is not known where it runs")
	}
	if _, err := s.Numbered(context.Background(), 9); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("number 9: %v", err)
	}
	recent, err := s.Recent(context.Background(), time.Hour)
	if err != nil || len(recent) != 2 {
		t.Errorf("%d are recent, %v", len(recent), err)
	}
	if got := s.timeline(i.ID); !slices.Equal(got, []string{"declared"}) {
		t.Errorf("timeline %v", got)
	}
}

func TestDeclaringIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for want, w := range map[incident.Code]incident.DeclareWant{
		incident.NoTitle:    {Request: "a", Title: " ", Severity: "sev1"},
		incident.NoSeverity: {Request: "b", Title: "x", Severity: "sev9"},
		incident.NoSubject:  {Request: "c", Title: "x", Severity: "sev1", Services: []string{"none"}},
	} {
		_, err := s.Declare(context.Background(), w)
		s.refuses(want, err)
	}
}

// Slack may refuse anything beside it: the incident is there, and says what is missing.
func TestSideStepsHoldNothingUp(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"room", "invite", "topic", "bookmark", "pin"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.rooms.refused[what] = forGood("Slack refused: restricted_action.")
			i := s.seeTo(s.declares().ID, time.Minute)
			for name, c := range i.Chores {
				if want := map[bool]incident.ActState{true: incident.Failed, false: incident.Done}[name == what]; c.State != want && !(what == "room" && c.State == incident.Done) {
					t.Errorf("%s is %s: %q", name, c.State, c.Why)
				}
			}
			if what == "room" && i.Where() != "C0PAY" {
				t.Errorf("it runs in %q", i.Where())
			}
			if i.Chores[what].Why != "Slack refused: restricted_action." {
				t.Errorf("nobody is told why: %+v", i.Chores[what])
			}
		})
		t.Run(what+", for a while", func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.rooms.refused[what] = errors.New("Slack did not answer.")
			i := s.seeTo(s.declares().ID, 30*time.Second)
			if c := i.Chores[what]; c.State != incident.Wanted || c.Tries < 2 {
				t.Fatalf("%+v", c)
			}
			delete(s.rooms.refused, what)
			i = s.seeTo(i.ID, 2*time.Minute)
			for name, c := range i.Chores {
				if c.State != incident.Done || c.Why != "" {
					t.Errorf("%s is %s: %q", name, c.State, c.Why)
				}
			}
		})
	}
}

// Whom a severity names is paged once when it is reached, up, down and up again.
func TestRaisingPagesOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares(func(w *incident.DeclareWant) { w.Page = true }).ID, 30*time.Second)
	if len(i.Paged) != 0 {
		t.Fatalf("sev2 pages nobody, and paged %+v", i.Paged)
	}
	for _, name := range []string{"sev1", "sev3", "sev1"} {
		if _, err := s.SetSeverity(context.Background(), s.change(i, benSlack), name, true); err != nil {
			t.Fatal(err)
		}
		i = s.seeTo(i.ID, 10*time.Second)
	}
	if where := s.rooms.pages[i.Paged[0].Page]; where != i.Room.ID {
		t.Errorf("the page's card stands in %q", where)
	}
	if len(i.Paged) != 1 || i.Paged[0].Subject != checkout || i.Paged[0].Page == "" || len(s.pager.Incidents()) != 1 {
		t.Fatalf("paged %+v, on PagerDuty %d", i.Paged, len(s.pager.Incidents()))
	}
	if on := s.one(i.Paged[0].Page); on.Title != "INC-1 sev1: Payments fail (dee)" {
		t.Errorf("whoever is woken reads %q", on.Title)
	}
	if got := i.Paged[0].State; got != incident.Triggered {
		t.Errorf("its page is %s", got)
	}
	s.pager.Ack(s.page(i.Paged[0].Page).Alarm.ID, anaID)
	i = s.seeTo(i.ID, time.Minute)
	if i.Acked.IsZero() || !slices.Contains(s.rooms.invited, anaSlack) {
		t.Errorf("acknowledged %v, invited %v", i.Acked, s.rooms.invited)
	}
	want := []string{"declared", "severity", "paged", "severity", "severity", "acknowledged"}
	if got := s.timeline(i.ID); !slices.Equal(got, want) {
		t.Errorf("timeline %v, want %v", got, want)
	}
	_, err := s.SetSeverity(context.Background(), s.change(i, benSlack), "sev1", true)
	s.refuses(incident.AlreadySo, err)
}

// A page that cannot be made is told; the incident goes on.
func TestAPageOfAnIncidentThatIsNotSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares(severe("sev1"), func(w *incident.DeclareWant) { w.Services = []string{"plain"} }).ID, 10*time.Second)
	if len(i.Paged) != 1 || i.Paged[0].Why == "" {
		t.Fatalf("%+v", i.Paged)
	}
	if got := s.timeline(i.ID); !slices.Contains(got, "not_paged") {
		t.Errorf("timeline %v", got)
	}
}

func TestAnIncidentsLife(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	i := s.seeTo(s.declares(severe("sev1")).ID, 30*time.Second)
	if _, err := s.SetRole(bg, s.change(i, benSlack), incident.Commander, benSlack, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetRole(bg, s.change(i, benSlack), incident.Comms, cySlack, false); err != nil {
		t.Fatal(err)
	}
	_, err := s.SetRole(bg, s.change(i, anaSlack), incident.Commander, anaSlack, true) // by a button that says that nobody has it
	if r := s.refuses(incident.RoleTaken, err); r.Person != benSlack {
		t.Errorf("taken by %s", r.Person)
	}
	stage := s.incident(i.ID).Stage
	s.seeTo(i.ID, time.Second)
	if got := s.incident(i.ID).Stage; got != stage {
		t.Errorf("the stage went from %d to %d though no button means anything else", stage, got)
	}
	if topics := s.rooms.topics; topics[len(topics)-1] != "sev1 · investigating · Payments fail · commander @ben" {
		t.Errorf("the topic is %q", topics[len(topics)-1])
	}
	if told := s.told(cySlack); len(told) != 1 || len(s.told(benSlack)) != 0 {
		t.Errorf("who is given a role is told %v; who takes one %v", told, s.told(benSlack))
	}
	w := s.change(i, benSlack)
	for range 2 { // twice is once
		if _, err := s.SetStatus(bg, w, incident.Identified); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.SetImpact(bg, s.change(i, benSlack), "Nobody can pay"); err != nil {
		t.Fatal(err)
	}
	edit := incident.Edit{Title: "Cards fail", Severity: "sev2", Impact: "Nobody can pay by card"}
	if i, err := s.Edit(bg, s.change(i, benSlack), edit); err != nil || i.Title != edit.Title || i.Severity != "sev2" || i.Impact != edit.Impact {
		t.Fatalf("%+v, %v", i, err)
	}
	if got := s.timeline(i.ID); !slices.Equal(got[len(got)-3:], []string{"title", "impact", "severity"}) {
		t.Errorf("timeline %v", got)
	}
	_, err = s.Edit(bg, s.change(i, benSlack), edit)
	s.refuses(incident.AlreadySo, err)
	_, err = s.Edit(bg, s.change(i, benSlack), incident.Edit{Severity: "sev9"})
	s.refuses(incident.NoSeverity, err)
	_, err = s.SetService(bg, s.change(i, benSlack), "catalog", false)
	if r := s.refuses(incident.AlreadySo, err); r.Subject.Name != "catalog" {
		t.Errorf("it is about %+v", r.Subject)
	}
	if _, err := s.SetService(bg, s.change(i, benSlack), "catalog", true); err != nil {
		t.Fatal(err)
	}
	held := func(service string) int {
		var all []incident.Holding
		if err := s.db.View(bg, func(snap store.Snapshot) (err error) {
			all, err = incident.Holds(snap, service)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if held("checkout") != 1 || held("catalog") != 1 || held("plain") != 0 {
		t.Error("what it freezes is not frozen")
	}
	if _, err := s.SetService(bg, s.change(i, benSlack), "catalog", false); err != nil || held("catalog") != 0 {
		t.Errorf("%d, %v", held("catalog"), err)
	}
	if _, err := s.SetStatus(bg, s.change(i, benSlack), incident.Mitigated); err != nil || held("checkout") != 0 {
		t.Errorf("%d, %v", held("checkout"), err)
	}
	if _, err := s.SetStatus(bg, s.change(i, benSlack), incident.Investigating); err != nil || held("checkout") != 1 {
		t.Errorf("it is back, and %d freeze: %v", held("checkout"), err)
	}
	page := i.Paged[0].Page
	if _, err := s.SetStatus(bg, s.change(i, benSlack), incident.IsResolved); err != nil || held("checkout") != 0 {
		t.Errorf("%d, %v", held("checkout"), err)
	}
	i = s.seeTo(i.ID, time.Minute)
	if p := s.page(page); p.State != incident.Resolved || p.Acts[0].By != benSlack {
		t.Errorf("its page is %s: %+v", p.State, p.Acts)
	}
	if i.Resolved.IsZero() || i.Mitigated.IsZero() || i.Open() || i.Chores[incident.ChoreSettle].State != incident.Done {
		t.Errorf("%+v", i)
	}
	_, err = s.SetSeverity(bg, s.change(i, benSlack), "sev3", true)
	s.refuses(incident.IsOver, err)
	_, err = s.Reopen(bg, s.change(i, benSlack), " ")
	s.refuses(incident.NoReason, err)
	if i, err = s.Reopen(bg, s.change(i, benSlack), "it is back"); err != nil || !i.Open() || held("checkout") != 1 || i.Reopened != 1 {
		t.Errorf("%+v, %v", i, err)
	}
	open, over, err := s.List(bg, 10)
	if err != nil || len(open) != 1 || len(over) != 0 {
		t.Errorf("%d open, %d over, %v", len(open), len(over), err)
	}
	if said := s.rooms.said; !slices.ContainsFunc(said, func(l string) bool { return strings.HasPrefix(l, "#status declared") }) ||
		!slices.ContainsFunc(said, func(l string) bool { return strings.HasPrefix(l, "#status resolved") }) ||
		!slices.ContainsFunc(said, func(l string) bool { return strings.HasPrefix(l, "#status reopened") }) {
		t.Errorf("stakeholders heard %v", said)
	}
}

// Whoever resolves an incident need not be on PagerDuty for its pages to be resolved there.
func TestResolvingWithoutAnAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.seeTo(s.declares(severe("sev1")).ID, 30*time.Second)
	if _, err := s.SetStatus(context.Background(), s.change(i, dee), incident.IsResolved); err != nil {
		t.Fatal(err)
	}
	s.seeTo(i.ID, time.Minute)
	if p := s.page(i.Paged[0].Page); p.State != incident.Resolved || p.Acts[0].From != "bot@acme.example" {
		t.Errorf("%s, %+v", p.State, p.Acts)
	}
}

// Updates come in the rhythm of the severity; a reminder comes once for each that is due, can be put off, and ends with the incident.
func TestUpdates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	i := s.declares(severe("sev1"))
	if _, err := s.SetRole(bg, s.change(i, benSlack), incident.Comms, cySlack, false); err != nil {
		t.Fatal(err)
	}
	due := func() int {
		n := 0
		for _, id := range s.told(cySlack) {
			if strings.Contains(id, "-due-") {
				n++
			}
		}
		return n
	}
	s.seeTo(i.ID, 29*time.Minute)
	if due() != 0 {
		t.Error("reminded too early")
	}
	s.seeTo(i.ID, 20*time.Minute)
	if due() != 1 {
		t.Errorf("reminded %d times", due())
	}
	if _, err := s.Snooze(bg, s.change(i, cySlack), 15*time.Minute); err != nil {
		t.Fatal(err)
	}
	s.seeTo(i.ID, 20*time.Minute)
	if due() != 2 {
		t.Errorf("reminded %d times after it was put off", due())
	}
	ahead := incident.UpdateWant{ChangeWant: s.change(i, cySlack), Know: "nothing yet", In: 20 * time.Minute}
	if _, err := s.PostUpdate(bg, ahead); err != nil {
		t.Fatal(err)
	}
	promised := ahead.At.Add(20 * time.Minute)
	for _, name := range []string{"sev3", "sev2", "sev1"} { // each of which asks for one later than that, or for none
		if i, err := s.SetSeverity(bg, s.change(i, cySlack), name, false); err != nil || !i.Due.Equal(promised) {
			t.Errorf("as %s the next is due %s, not %s as people were told, %v", name, i.Due, promised, err)
		}
	}
	if i, err := s.Snooze(bg, s.change(i, cySlack), 5*time.Minute); err != nil || !i.Due.Equal(promised.Add(5*time.Minute)) {
		t.Errorf("put off by 5 minutes it is due %s, %v", i.Due, err)
	}
	u := incident.UpdateWant{ChangeWant: s.change(i, cySlack), Know: "a bad deploy", Do: "rolling back", In: time.Hour}
	for range 2 {
		if _, err := s.PostUpdate(bg, u); err != nil {
			t.Fatal(err)
		}
	}
	i = s.incident(i.ID)
	if i.Updates != 2 || !i.Due.Equal(u.At.Add(time.Hour)) || i.Update.Know != "a bad deploy" {
		t.Errorf("%+v", i.Update)
	}
	s.seeTo(i.ID, 50*time.Minute)
	if due() != 2 {
		t.Errorf("reminded %d times before it is due", due())
	}
	if _, err := s.SetStatus(bg, s.change(i, cySlack), incident.IsResolved); err != nil {
		t.Fatal(err)
	}
	s.seeTo(i.ID, 5*time.Hour)
	if due() != 2 {
		t.Errorf("reminded %d times though it is over", due())
	}
	heard := 0
	for _, l := range s.rooms.said {
		if strings.HasPrefix(l, "#status update") {
			heard++
		}
	}
	if heard != 2 {
		t.Errorf("stakeholders heard %d updates: %v", heard, s.rooms.said)
	}
}

func TestLongHoursAreNoticed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.declares()
	if _, err := s.SetRole(context.Background(), s.change(i, benSlack), incident.Commander, benSlack, false); err != nil {
		t.Fatal(err)
	}
	s.seeTo(i.ID, 13*time.Hour)
	n := 0
	for _, id := range s.told(benSlack) {
		if strings.Contains(id, "-tired-") {
			n++
		}
	}
	if n != 2 { // after six hours, and after six more
		t.Errorf("reminded %d times: %v", n, s.told(benSlack))
	}
}

func (s *stage) deployed(service string, ago time.Duration, fns ...func(*incident.Deploy)) {
	d := incident.Deploy{ID: fmt.Sprintf("d-%d", len(s.deploys)), Service: service, Environment: "staging", SHA: "abc1234def", By: anaSlack,
		Began: s.clock.Now().Add(-ago), State: "succeeded", Back: true}
	for _, fn := range fns {
		fn(&d)
	}
	s.deploys = append(s.deploys, d)
}

// Suspected is what was deployed around it: its own before what it needs, the latest first, and what came after it last.
func TestSuspects(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.deployed("checkout", 7*time.Hour)                                                 // too long ago
	s.deployed("checkout", 3*time.Hour)                                                 // 1
	s.deployed("catalog", 5*time.Minute)                                                // 2: needed
	s.deployed("checkout", 20*time.Minute)                                              // 3
	s.deployed("checkout", time.Minute, func(d *incident.Deploy) { d.Rollback = true }) // no suspect
	s.deployed("plain", time.Minute)                                                    // of something else
	s.deployed("checkout", -time.Minute)                                                // 6: after it
	i := s.seeTo(s.declares().ID, 2*time.Minute)
	var got []string
	for _, d := range i.Suspect {
		got = append(got, d.ID)
	}
	if want := []string{"d-3", "d-1", "d-2", "d-6"}; !slices.Equal(got, want) {
		t.Errorf("suspected %v, want %v", got, want)
	}
	for n, why := range map[int]string{0: "20 min before", 2: "5 min before, needed by it", 3: "1 min after"} {
		if got := i.Suspect[n].Why(i.Created); got != why {
			t.Errorf("%d: %q, want %q", n, got, why)
		}
	}
}

// Messages that people mark are in the timeline as they are now.
func TestMarkedMessages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	i := s.seeTo(s.declares().ID, 10*time.Second)
	m := incident.Said{Channel: i.Room.ID, TS: "5.1", At: s.clock.Now().Add(-time.Minute), By: benSlack, Text: "it began at nine", Link: "https://acme.slack.com/x"}
	for range 2 {
		if _, err := s.Mark(bg, s.change(i, anaSlack), m); err != nil {
			t.Fatal(err)
		}
	}
	line := func() incident.Line {
		t.Helper()
		lines, err := s.Timeline(bg, i.ID)
		if err != nil {
			t.Fatal(err)
		}
		var found []incident.Line
		for _, l := range lines {
			if l.Kind == incident.LineMessage {
				found = append(found, l)
			}
		}
		if len(found) != 1 {
			t.Fatalf("%d lines of it", len(found))
		}
		return found[0]
	}
	if l := line(); l.By != benSlack || l.Marked != anaSlack || l.Text != m.Text || !l.At.Equal(m.At) {
		t.Errorf("%+v", l)
	}
	if err := s.Edited(bg, m.Channel, m.TS, "it began at ten", s.clock.Now()); err != nil || line().Text != "it began at ten" || line().Edited.IsZero() {
		t.Errorf("%+v, %v", line(), err)
	}
	if err := s.Edited(bg, m.Channel, "9.9", "of no line", s.clock.Now()); err != nil {
		t.Error(err)
	}
	if err := s.Removed(bg, m.Channel, m.TS, s.clock.Now()); err != nil || line().Text != "" || !line().Deleted {
		t.Errorf("%+v, %v", line(), err)
	}
	if err := s.Unmark(bg, s.change(i, benSlack), m.Channel, m.TS); err != nil || line().Kind != incident.LineMessage {
		t.Errorf("somebody else's mark was taken away: %v", err)
	}
	if err := s.Unmark(bg, s.change(i, anaSlack), m.Channel, m.TS); err != nil || slices.Contains(s.timeline(i.ID), "message") {
		t.Errorf("%v, %v", s.timeline(i.ID), err)
	}
}

// Of a private incident nothing is said anywhere, and nobody is brought in who was not named.
func TestPrivateIncidents(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(shipmateYAML, `incidents: {updates: ["#status"]}`, `incidents: {channel: "#incidents", updates: ["#status"]}`, 1))
	bg := context.Background()
	i := s.declares(severe("sev1"), func(w *incident.DeclareWant) { w.Private, w.Shown = true, false })
	if _, err := s.PostUpdate(bg, incident.UpdateWant{ChangeWant: s.change(i, dee), Know: "secret"}); err != nil {
		t.Fatal(err)
	}
	i = s.seeTo(i.ID, time.Minute)
	if _, err := s.SetStatus(bg, s.change(i, dee), incident.IsResolved); err != nil {
		t.Fatal(err)
	}
	s.seeTo(i.ID, time.Minute)
	r := &s.rooms
	if len(r.said) != 0 || len(r.shown) != 0 || !slices.Equal(r.private, []string{"inc-1-restricted"}) || slices.Contains(r.invited, anaSlack) {
		t.Errorf("said %v, shown %v, rooms %v, invited %v", r.said, r.shown, r.private, r.invited)
	}
	for _, on := range s.pager.Incidents() {
		if on.Title != "INC-1: restricted incident (Shipmate)" || strings.Contains(fmt.Sprint(on.Event.Details), dee) || len(on.Event.Links) != 0 {
			t.Errorf("PagerDuty reads %q, %q, %v", on.Title, on.Event.Details, on.Event.Links)
		}
	}
	if got, err := s.Stats(bg, incident.StatsWant{Service: "", Days: 90}); err != nil || got.Incidents != 1 || len(got.Services) != 0 {
		t.Errorf("figures tell of %+v, %v", got, err)
	}
	if got, err := s.Stats(bg, incident.StatsWant{Service: "checkout", Days: 90}); err != nil || got.Incidents != 0 {
		t.Errorf("figures of checkout tell of %+v, %v", got, err)
	}
	s.clock.Advance(time.Second)
	open := s.seeTo(s.declares(severe("sev1"), func(w *incident.DeclareWant) { w.Private, w.Shown = true, false }).ID, 10*time.Second)
	if open.Paged[0].State != incident.Triggered {
		t.Fatalf("paged %+v", open.Paged)
	}
	if p, err := s.Preview(bg, incident.PageWant{By: dee, Subject: checkout, Message: "it"}); err != nil || len(p.Open) != 0 {
		t.Errorf("who pages is told of %+v, %v", p.Open, err)
	}
	s.clock.Advance(time.Second)
	public := s.declares()
	if got := s.rooms.shown; !slices.Equal(got, []string{"#incidents"}) || !slices.Equal(public.Shown, []string{"C0PAY", "#incidents"}) {
		t.Errorf("shown in %v, %v", got, public.Shown)
	}
}

// PagerDuty down for an hour while an incident is declared: it is there, and tells that nobody was called.
func TestAnIncidentWhilePagerDutyIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.oncall(checkout)
	s.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
	i := s.seeTo(s.declares(severe("sev1")).ID, 16*time.Minute)
	if p := s.page(i.Paged[0].Page); p.State != incident.NotSent {
		t.Fatalf("the page is %s", p.State)
	}
	if got := s.timeline(i.ID); !slices.Equal(got, []string{"declared", "paged", "not_paged"}) || s.incident(i.ID).Paged[0].State != incident.NotSent {
		t.Errorf("timeline %v, %+v", got, s.incident(i.ID).Paged)
	}
}
