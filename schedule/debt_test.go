package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
	"shipmate/store"
	"shipmate/store/storetest"
)

// debtStage is a stage with a register, of which payments is reminded on Mondays at ten.
type debtStage struct {
	*stage
	repo *githubtest.Repo
}

func newDebtStage(t *testing.T) *debtStage {
	t.Helper()
	s := &debtStage{stage: newStage(t)}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(stageYAML+"debt: {remind: \"0 10 * * 1\"}\n"), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	s.config = cfg
	s.logins = map[string]string{ana: "ana", ben: "ben"}
	s.github.AddUser(githubtest.User{Login: "ana"})
	s.github.AddUser(githubtest.User{Login: "ben"})
	s.repo = s.github.AddRepo("acme/checkout").Grant("ana", "push").Grant("ben", "push")
	s.repo.Commit("main", "ana", "Begin", githubtest.Files{"a.txt": "a"})
	if err := s.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// owes opens an issue of the register, with what it says of its cost.
func (s *debtStage) owes(title, cost string) int {
	return s.repo.OpenIssue("ana", title, "- Cost: "+cost, "tech-debt")
}

// drives steps something until nothing is left to do, as the runner does. What fails is tried again a moment later.
func (s *debtStage) drives(step func(context.Context, string) (time.Time, error), id string) {
	s.Helper()
	for range 1000 {
		next, err := step(s.Context(), id)
		switch {
		case err != nil:
			s.clock.Advance(time.Second)
		case next.IsZero():
			return
		case next.After(s.clock.Now()):
			s.clock.Set(next)
		}
	}
	s.Fatal("it never comes to an end")
}

// nextMonday lets the time pass until the next reminder is due, has it told, and returns it.
func (s *debtStage) nextMonday() *schedule.Reminder {
	s.Helper()
	one, err := s.Schedule(s.Context(), schedule.RemindersOf("payments"))
	if err != nil {
		s.Fatal(err)
	}
	s.clock.Set(one.Next)
	return s.reminded()
}

func (s *debtStage) reminded() *schedule.Reminder {
	s.Helper()
	id := schedule.RemindersOf("payments")
	if _, err := s.StepSchedule(s.Context(), id); err != nil {
		s.Fatal(err)
	}
	one, err := s.Schedule(s.Context(), id)
	if err != nil || one.Last == nil {
		s.Fatal(err)
	}
	s.drives(func(ctx context.Context, id string) (time.Time, error) { // until all is read, and not what becomes of it
		next, err := s.StepReminder(ctx, id)
		if next.Sub(s.clock.Now()) > 20*time.Hour {
			next = time.Time{}
		}
		return next, err
	}, one.Last.ID)
	r, err := s.Reminder(s.Context(), one.Last.ID)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func (s *debtStage) decides(by string, verb schedule.Verb, n int, fns ...func(*schedule.DecideWant)) (*schedule.DebtDecision, error) {
	w := schedule.DecideWant{Request: fmt.Sprintf("r%d", requests.Add(1)), At: s.clock.Now(), By: by, Verb: verb, Repo: "acme/checkout", Number: n, Zone: time.UTC, Why: "because"}
	for _, fn := range fns {
		fn(&w)
	}
	return s.DecideDebt(s.Context(), w)
}

func (s *debtStage) issue(n int) githubtest.Issue {
	s.Helper()
	all := s.github.Issues("acme/checkout")
	at := slices.IndexFunc(all, func(i githubtest.Issue) bool { return i.Number == n })
	if at < 0 {
		s.Fatalf("no issue %d", n)
	}
	return all[at]
}

// asks is what a reminder asks: "Two clocks: dearest".
func asks(r *schedule.Reminder) string {
	if r.Question == nil {
		return string(r.State) + ", nothing"
	}
	return fmt.Sprintf("%s: %s", r.Question.Item.Title, r.Question.Rule)
}

// Nobody is asked twice about what has not changed, and each question says by which rule it was chosen.
func TestWhatTeamsAreAskedAboutDebt(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	s.owes("Old importer", "nobody knows")
	s.clock.Advance(time.Hour)
	clocks := s.owes("Two clocks", "high")
	s.owes("Slow tests", "low")
	taken := s.owes("Dead code", "high")
	s.repo.Assign(taken, "ben")
	s.clock.Set(monday.Add(time.Minute))
	r := s.nextMonday()
	s.is("first", asks(r), "Two clocks: dearest")
	s.is("its facts", fmt.Sprint(r.Facts.Count, r.Facts.Costs, r.Facts.Taken, r.Facts.Snoozed, r.Facts.Asked), "4 map[:1 high:2 low:1] 1 0 0")
	s.is("the oldest", r.Facts.Oldest[0].Title, "Old importer")
	s.is("the dearest", r.Facts.Dearest[0].Title+" "+fmt.Sprint(r.Facts.Dearest[1].Who), "Two clocks [ben]")
	s.is("second", asks(s.nextMonday()), "Slow tests: dearest")
	s.is("third", asks(s.nextMonday()), "Old importer: oldest")
	r = s.nextMonday()
	s.is("then nothing", asks(r), "kept, nothing")
	h, err := s.Happened(t.Context(), schedule.RemindersOf("payments"), 1)
	if err != nil || h[0].Fate != schedule.Done || h[0].Said != schedule.KeptQuiet {
		t.Errorf("%+v, %v", h, err)
	}
	s.repo.Comment(clocks, "ben", "It bit us again")
	s.is("one has changed", asks(s.nextMonday()), "Two clocks: dearest")
	s.repo.CloseIssue(clocks, "completed")
	r = s.nextMonday()
	s.is("one was paid off", asks(r)+" "+r.Facts.Paid.All[0].Title, "told, nothing Two clocks")
	s.is("that is told once", asks(s.nextMonday()), "kept, nothing")
	for range 2 {
		s.is("not yet", asks(s.nextMonday()), "kept, nothing")
	}
	s.is("eight weeks after it was asked", asks(s.nextMonday()), "Slow tests: dearest")
}

// What was decided is done on GitHub; what was snoozed comes back when its day has come.
func TestWhatIsDecidedAboutDebt(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	take, snooze, drop := s.owes("Take me", "low"), s.owes("Snooze me", "high"), s.owes("Drop me", "medium")
	s.clock.Set(monday.Add(time.Minute))
	r := s.nextMonday()
	s.is("asked", asks(r), "Snooze me: dearest")
	until := s.clock.Now().AddDate(0, 0, 10).Truncate(24 * time.Hour)
	d, err := s.decides(ben, schedule.Snooze, snooze, func(w *schedule.DecideWant) { w.Until, w.Reminder, w.Why = until, r.ID, "After the move.\n@ana knows" })
	if err != nil {
		t.Fatal(err)
	}
	if r, err = s.Reminder(t.Context(), r.ID); err != nil || r.Decision != d.ID || r.Stage != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	_, err = s.decides(ana, schedule.Take, snooze, func(w *schedule.DecideWant) { w.Reminder = r.ID })
	s.refuses(schedule.DebtDecided, err)
	s.drives(s.StepDebtDecision, d.ID)
	if c := s.issue(snooze).Comments; len(c) != 1 || !strings.HasPrefix(c[0], "Snoozed until 2026-03-19 by ben:\n\n> After the move.\n> ana knows\n") {
		t.Errorf("%q", c)
	}
	_, err = s.decides(ben, schedule.Snooze, take, func(w *schedule.DecideWant) { w.Until = s.clock.Now() })
	s.refuses(schedule.BadSnooze, err)
	_, err = s.decides("U0CY", schedule.Take, take)
	s.refuses(schedule.NotLinked, err)
	_, err = s.decides(ana, schedule.Take, 99)
	s.refuses(schedule.NoDebt, err)
	for verb, n := range map[schedule.Verb]int{schedule.Take: take, schedule.Drop: drop} {
		d, err := s.decides(ana, verb, n)
		if err != nil {
			t.Fatal(err)
		}
		s.drives(s.StepDebtDecision, d.ID)
		_, err = s.decides(ana, verb, n)
		if err == nil {
			t.Errorf("%s twice", verb)
		}
	}
	if i := s.issue(take); !slices.Equal(i.Assignees, []string{"ana"}) || i.State != "open" {
		t.Errorf("%+v", i)
	}
	if i := s.issue(drop); i.State != "closed" || i.Reason != "not_planned" || len(i.Comments) != 1 || !strings.HasPrefix(i.Comments[0], "Not worth it, says ana:\n\n> because\n") {
		t.Errorf("%+v", i)
	}
	reg := s.Register(t.Context(), "checkout")
	if len(reg.Items) != 2 || reg.Items[0].Until.IsZero() || reg.Items[0].By != ben || !slices.Equal(reg.Items[1].Who, []string{"ana"}) {
		t.Errorf("%+v", reg)
	}
	r = s.nextMonday()
	s.is("a week later", asks(r)+fmt.Sprint(r.Facts.Snoozed, r.Facts.Taken, r.Facts.Paid.All[0].NotPlanned), "told, nothing1 1 true")
	s.is("its day has come", asks(s.nextMonday()), "Snooze me: overdue")
	r = s.nextMonday()
	s.is("asked once", asks(r), "kept, nothing")
}

// An issue that was closed meanwhile is left as it is, and one that GitHub does not take is given up after days.
func TestDecisionsThatComeToNothing(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	n := s.owes("Two clocks", "high")
	for verb, want := range map[schedule.Verb]schedule.DecisionState{schedule.Take: schedule.DecisionMoot, schedule.Drop: schedule.DecisionMoot, schedule.Snooze: schedule.DecisionMoot} {
		s.Register(t.Context(), "") // it is known as open
		d, err := s.decides(ana, verb, n, func(w *schedule.DecideWant) { w.Until = s.clock.Now().AddDate(0, 0, 3) })
		if err != nil {
			t.Fatal(err)
		}
		s.repo.CloseIssue(n, "completed")
		s.drives(s.StepDebtDecision, d.ID)
		if d, err = s.DebtDecision(t.Context(), d.ID); err != nil || d.State != want || len(s.issue(n).Comments) != 0 {
			t.Errorf("%s: %+v, %v", verb, d, err)
		}
		s.repo.Reopen(n)
		s.clock.Advance(time.Hour)
	}
	d, err := s.decides(ben, schedule.Drop, n)
	if err != nil {
		t.Fatal(err)
	}
	s.github.Fault(githubtest.Fault{Match: githubtest.OpUpdateIssue, Kind: githubtest.Status500})
	for range 2 {
		if _, err := s.StepDebtDecision(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(4 * 24 * time.Hour)
	}
	if d, err = s.DebtDecision(t.Context(), d.ID); err != nil || d.State != schedule.DecisionFailed || d.Hitch == nil || len(s.issue(n).Comments) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err = s.decides(ben, schedule.Drop, n); err != nil {
		t.Errorf("it cannot be decided again: %v", err)
	}
}

// What cannot be read is told, and added when it can be; a question comes then.
func TestAReminderIsCompleted(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	s.owes("Two clocks", "high")
	s.clock.Set(monday.Add(time.Minute))
	mend := s.github.Fault(githubtest.Fault{Match: githubtest.OpListIssues, Kind: githubtest.Status500})
	one, err := s.Schedule(t.Context(), schedule.RemindersOf("payments"))
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Set(one.Next)
	if _, err := s.StepSchedule(t.Context(), one.ID); err != nil {
		t.Fatal(err)
	}
	id := s.now(one).Last.ID
	next, err := s.StepReminder(t.Context(), id)
	r, _ := s.Reminder(t.Context(), id)
	if err != nil || next.IsZero() || r.State != schedule.Told || len(r.Missing) != 1 || r.Question != nil {
		t.Fatalf("%s, %+v, %v", next, r, err)
	}
	mend()
	s.clock.Set(next)
	s.drives(s.StepReminder, id)
	if r, err = s.Reminder(t.Context(), id); err != nil || len(r.Missing) != 0 || asks(r) != "Two clocks: dearest" || r.Ended.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
}

// What people do on GitHub with what a reminder asks about is seen within a day, and nobody looks for ever.
func TestAReminderSeesWhatIsSettledOnGitHub(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	clocks := s.owes("Two clocks", "high")
	tests := s.owes("Slow tests", "medium")
	importer := s.owes("Old importer", "low")
	s.owes("Dead code", "low")
	s.clock.Set(monday.Add(time.Minute))
	looked := func(r *schedule.Reminder) *schedule.Reminder {
		t.Helper()
		s.drives(s.StepReminder, r.ID)
		r, err := s.Reminder(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	settled := func(r *schedule.Reminder) string {
		t.Helper()
		if s.clock.Now().Sub(r.Until) > 25*time.Hour || r.Open() {
			t.Errorf("it is %s, and the reminder of %s asks: %v", s.clock.Now(), r.Until, r.Open())
		}
		return fmt.Sprint(r.Question.Item.Title, ": ", r.Question.Settled.NotPlanned, " ", r.Question.Settled.Who)
	}
	r := s.nextMonday()
	s.repo.CloseIssue(clocks, "completed")
	mend := s.github.Fault(githubtest.Fault{Match: "issues/get", Kind: githubtest.Status500})
	s.clock.Set(r.Until.Add(24 * time.Hour))
	if next, err := s.StepReminder(t.Context(), r.ID); err != nil || !next.Equal(r.Until.Add(48*time.Hour)) {
		t.Errorf("what could not be read is read at %s, %v", next, err)
	}
	mend()
	if r = looked(r); r.Open() || r.Question.Settled.NotPlanned || r.Stage != 2 {
		t.Errorf("%+v", r.Question)
	}
	r = s.nextMonday()
	s.repo.CloseIssue(tests, "not_planned")
	s.is("closed", settled(looked(r)), "Slow tests: true []")
	r = s.nextMonday()
	s.repo.Assign(importer, "ben")
	s.is("taken", settled(looked(r)), "Old importer: false [ben]")
	r = s.nextMonday()
	if r = looked(r); !r.Open() || r.Looked.Sub(r.Until) != 15*24*time.Hour {
		t.Errorf("looked at %s, open %v", r.Looked.Sub(r.Until), r.Open())
	}
}

// Processes die, answers are lost and the disk fails: never two issues, never two comments, and all is done in the end.
func TestDebtWhateverFails(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := newDebtStage(t)
			random := rand.New(rand.NewPCG(seed, 1))
			failing := storetest.Failing(s.db, func() storetest.Failure {
				if random.IntN(6) == 0 {
					return storetest.Failure(1 + random.IntN(2))
				}
				return storetest.None
			})
			ops := []string{githubtest.OpCreateIssue, githubtest.OpCreateComment, githubtest.OpUpdateIssue, githubtest.OpAddAssignees}
			for range 6 {
				s.github.Fault(githubtest.Fault{Match: ops[random.IntN(len(ops))], Times: 1, When: []githubtest.Phase{githubtest.Before, githubtest.After}[random.IntN(2)],
					Kind: []githubtest.Kind{githubtest.Reset, githubtest.Status500, githubtest.Truncate}[random.IntN(3)]})
			}
			s.debtLife(failing)
			all := s.github.Issues("acme/checkout")
			if len(all) != 1 || all[0].State != "closed" || all[0].Reason != "not_planned" || len(all[0].Comments) != 2 || !slices.Equal(all[0].Assignees, []string{"ana"}) ||
				!slices.Equal(all[0].Labels, []string{"tech-debt"}) {
				t.Errorf("%+v", all)
			}
		})
	}
}

// debtLife is all that can happen to technical debt, each step by another process.
func (s *debtStage) debtLife(db store.DB) {
	s.Helper()
	ctx, processes := s.Context(), [2]*schedule.Service{s.service(db), s.service(db)}
	n := 0
	other := func() *schedule.Service { n++; return processes[n%2] }
	insists := func(do func(*schedule.Service) error) {
		s.Helper()
		for range 50 {
			err := do(other())
			var refused *schedule.Refused
			if errors.As(err, &refused) {
				s.Fatal(err)
			}
			if err == nil {
				return
			}
		}
		s.Fatal("it cannot be written")
	}
	add := schedule.NewDebtWant{Request: "adds", At: s.clock.Now(), By: ana, Service: "checkout", Title: "Two clocks", Text: "We pay twice.", Cost: schedule.High, Size: "M"}
	insists(func(p *schedule.Service) error { _, err := p.AddDebt(ctx, add); return err })
	id := schedule.NewDebtID("adds")
	s.drives(func(ctx context.Context, id string) (time.Time, error) { return other().StepDebt(ctx, id) }, id)
	made, err := s.NewDebt(ctx, id)
	if err != nil || made.State != schedule.DebtOpen || made.Issue == 0 {
		s.Fatalf("%+v, %v", made, err)
	}
	for verb, request := range map[schedule.Verb]string{schedule.Take: "takes", schedule.Snooze: "snoozes"} {
		s.decidesAnd(insists, other, schedule.DecideWant{Request: request, At: s.clock.Now(), By: ana, Verb: verb, Repo: made.Repo, Number: made.Issue,
			Until: s.clock.Now().AddDate(0, 0, 9), Zone: time.UTC, Why: "later"})
	}
	s.decidesAnd(insists, other, schedule.DecideWant{Request: "drops", At: s.clock.Now(), By: ben, Verb: schedule.Drop, Repo: made.Repo, Number: made.Issue, Why: "never"})
}

func (s *debtStage) decidesAnd(insists func(func(*schedule.Service) error), other func() *schedule.Service, w schedule.DecideWant) {
	s.Helper()
	insists(func(p *schedule.Service) error { _, err := p.DecideDebt(s.Context(), w); return err })
	id := schedule.DebtDecisionID(w.Request)
	s.drives(func(ctx context.Context, id string) (time.Time, error) { return other().StepDebtDecision(ctx, id) }, id)
	if d, err := s.DebtDecision(s.Context(), id); err != nil || d.State != schedule.DecisionDone {
		s.Fatalf("%+v, %v", d, err)
	}
}

// What is over is swept; what is the last of its team, or still to be done, stays.
func TestDebtIsSwept(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	n := s.owes("Two clocks", "high")
	s.clock.Set(monday.Add(time.Minute))
	first := s.nextMonday()
	d, err := s.decides(ana, schedule.Take, n)
	if err != nil {
		t.Fatal(err)
	}
	s.drives(s.StepDebtDecision, d.ID)
	s.repo.CloseIssue(n, "completed")
	last := s.nextMonday()
	add, err := s.AddDebt(t.Context(), schedule.NewDebtWant{Request: "never done", At: s.clock.Now(), By: ana, Service: "checkout", Title: "Slow tests"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sweep(t.Context(), s.clock.Now().AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reminder(t.Context(), first.ID); !errors.Is(err, schedule.ErrNotFound) {
		t.Errorf("the first reminder: %v", err)
	}
	if _, err := s.Reminder(t.Context(), last.ID); err != nil {
		t.Errorf("the last reminder: %v", err)
	}
	if _, err := s.DebtDecision(t.Context(), d.ID); !errors.Is(err, schedule.ErrNotFound) {
		t.Errorf("the decision: %v", err)
	}
	if _, err := s.NewDebt(t.Context(), add.ID); err != nil {
		t.Errorf("what is to be written down: %v", err)
	}
}
