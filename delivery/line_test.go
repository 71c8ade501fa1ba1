package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
)

// line is a new request of a person about the line for checkout on staging.
func (s *stage) line(person string, fn ...func(*delivery.LineWant)) delivery.LineWant {
	s.asked++
	w := delivery.LineWant{Request: fmt.Sprintf("req-%d", s.asked), At: s.clock.Now(), By: person, Service: "shop", Environment: "stg", Ref: "main"}
	for _, f := range fn {
		f(&w)
	}
	return w
}

// joins puts people into the line.
func (s *stage) joins(people ...string) {
	s.Helper()
	for _, person := range people {
		if _, err := s.Join(context.Background(), s.line(person)); err != nil {
			s.Fatal(err)
		}
	}
}

// moves steps the line.
func (s *stage) moves() time.Time {
	s.Helper()
	next, err := s.StepLine(context.Background(), "checkout/staging")
	if err != nil {
		s.Fatal(err)
	}
	return next
}

// turns are the people who were told that it is free, in order.
func (s *stage) turns() string {
	var out []string
	for _, n := range s.notes {
		if n.Turn != nil {
			out = append(out, n.Person)
		}
	}
	return strings.Join(out, " ")
}

func (s *stage) told(people string) {
	s.Helper()
	if got := s.turns(); got != people {
		s.Fatalf("told %q, want %q", got, people)
	}
}

func TestLineTellsOneAtATime(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	_, err := s.Join(bg, s.line("U0BEN"))
	s.refuses(delivery.NothingInTheWay, err)
	d := s.deploys()
	want := s.line("U0BEN")
	if p, err := s.Join(bg, want); err != nil || p.N != 1 || p.Service != "checkout" || p.Environment != "staging" {
		t.Fatalf("%+v, %v", p, err)
	}
	s.joins("U0CY", "U0EVE")
	if p, err := s.Join(bg, s.line("U0BEN", func(w *delivery.LineWant) { w.Ref = "v2" })); err != nil || p.N != 1 { // once more
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := s.Join(bg, want); err != nil || p.Ref != "main" { // the same request
		t.Errorf("%+v, %v", p, err)
	}
	if next := s.moves(); !next.IsZero() {
		t.Errorf("looks again at %s while it is taken", next)
	}
	s.told("")
	s.until(d.ID, delivery.Succeeded)
	begun := s.clock.Now()
	if next := s.moves(); !next.Equal(begun.Add(10 * time.Minute)) {
		t.Errorf("the turn ends at %s", next)
	}
	s.told("U0BEN")
	if n := s.notes[0]; n.Turn.Ref != "v2" || n.Turn.Service != "checkout" || !n.Turn.Until.Equal(begun.Add(10*time.Minute)) {
		t.Errorf("told %+v", n)
	}
	_, err = s.TurnOf(bg, "U0CY", "checkout", "staging")
	s.refuses(delivery.NotYourTurn, err)
	if turn, err := s.TurnOf(bg, "U0BEN", "shop", "stg"); err != nil || turn.Ref != "v2" {
		t.Errorf("%+v, %v", turn, err)
	}
	s.connect(time.Second) // after a restart nobody is told again
	s.clock.Advance(5 * time.Minute)
	s.moves()
	s.told("U0BEN")
	s.clock.Advance(5 * time.Minute)
	s.moves()
	s.told("U0BEN U0CY")
	_, err = s.TurnOf(bg, "U0BEN", "checkout", "staging")
	s.refuses(delivery.NotYourTurn, err)
	if _, err := s.Quit(bg, s.line("U0CY")); err != nil {
		t.Fatal(err)
	}
	s.moves()
	s.told("U0BEN U0CY U0EVE")
	s.clock.Advance(10 * time.Minute)
	if next := s.moves(); !next.IsZero() {
		t.Errorf("an empty line is looked at again at %s", next)
	}
	_, err = s.Quit(bg, s.line("U0EVE"))
	s.refuses(delivery.NotInLine, err)
}

// Whoever deploys meanwhile takes the place, and the line waits again in its order.
func TestLineWaitsAgainWhenSomebodyIsFaster(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	d := s.deploys()
	s.joins("U0BEN", "U0CY")
	s.until(d.ID, delivery.Succeeded)
	s.moves()
	s.told("U0BEN")
	d = s.deploys(again) // ana, who does not wait
	s.moves()
	_, err := s.TurnOf(bg, "U0BEN", "checkout", "staging")
	s.refuses(delivery.NotYourTurn, err)
	s.clock.Advance(11 * time.Minute)
	s.moves()
	s.told("U0BEN") // nobody's turn passes while it is taken
	s.until(d.ID, delivery.Succeeded)
	s.moves()
	s.told("U0BEN U0BEN")
	d = s.deploys(again, func(w *delivery.Want) { w.By = "U0BEN" }) // theirs: they wait no more
	s.moves()
	s.until(d.ID, delivery.Succeeded)
	s.moves()
	s.told("U0BEN U0BEN U0CY")
}

// Whoever waits and deploys out of turn has what they wanted.
func TestWhoDeploysOutOfTurnWaitsNoMore(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.joins("U0BEN", "U0CY")
	s.until(d.ID, delivery.Succeeded)
	s.moves()
	d = s.deploys(again, func(w *delivery.Want) { w.By = "U0CY" })
	s.until(d.ID, delivery.Succeeded)
	s.moves()
	s.told("U0BEN U0BEN")
	s.clock.Advance(10 * time.Minute)
	if next := s.moves(); !next.IsZero() {
		t.Errorf("somebody is left, until %s", next)
	}
}

func TestLineWaitsForLocksAndFreezes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	if _, err := s.Lock(bg, s.lock(func(w *delivery.LockWant) { w.Service, w.For = "all", time.Hour })); err != nil {
		t.Fatal(err)
	}
	s.joins("U0BEN")
	if next := s.moves(); !next.Equal(morning.Add(time.Hour)) {
		t.Errorf("looks again at %s, not when the lock ends", next)
	}
	if _, err := s.Freeze(bg, s.freeze()); err != nil {
		t.Fatal(err)
	}
	s.clock.Set(morning.Add(time.Hour))
	if next := s.moves(); !next.IsZero() {
		t.Errorf("looks again at %s at what only a person opens", next)
	}
	s.told("")
	if _, err := s.Thaw(bg, s.freeze()); err != nil {
		t.Fatal(err)
	}
	s.moves()
	s.told("U0BEN")
	if _, err := s.Lock(bg, s.lock(by("U0CY"))); err != nil { // in their turn
		t.Fatal(err)
	}
	s.moves()
	s.clock.Advance(time.Hour)
	s.moves()
	if _, err := s.Unlock(bg, s.lock(by("U0CY"))); err != nil {
		t.Fatal(err)
	}
	s.moves()
	s.told("U0BEN U0BEN")
}

// What opens wakes the lines of its place, also when it stands for many.
func TestLinesAreWoken(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*stage) error{
		"an unlock": func(s *stage) error { _, err := s.Unlock(context.Background(), s.lock()); return err },
		"an unlock of all": func(s *stage) error {
			_, err := s.Unlock(context.Background(), s.lock(func(w *delivery.LockWant) { w.Service = "" }))
			return err
		},
		"a thaw": func(s *stage) error { _, err := s.Thaw(context.Background(), s.freeze()); return err },
		"a thaw of all": func(s *stage) error {
			_, err := s.Thaw(context.Background(), s.freeze(func(w *delivery.FreezeWant) { w.Environment = "all" }))
			return err
		},
	} {
		s := newStage(t)
		bg := context.Background()
		for _, service := range []string{"checkout", ""} {
			if strings.HasPrefix(name, "an unlock") && (service == "") == (name == "an unlock of all") {
				if _, err := s.Lock(bg, s.lock(func(w *delivery.LockWant) { w.Service = service })); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, environment := range []string{"staging", "all"} {
			if strings.HasPrefix(name, "a thaw") && (environment == "all") == (name == "a thaw of all") {
				if _, err := s.Freeze(bg, s.freeze(func(w *delivery.FreezeWant) { w.Environment = environment })); err != nil {
					t.Fatal(err)
				}
			}
		}
		s.joins("U0BEN")
		s.works()
		s.told("")
		if err := open(s); err != nil {
			t.Fatal(err)
		}
		s.works()
		if got := s.turns(); got != "U0BEN" {
			t.Errorf("after %s told %q", name, got)
		}
	}
}

// A line for a place that the configuration does not know any more is forgotten.
func TestLineOfAPlaceThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.deploys()
	s.joins("U0BEN")
	s.configure(strings.ReplaceAll(shipmateYAML, "environments: [staging, production, guarded", "environments: [production, guarded"))
	if next := s.moves(); !next.IsZero() {
		t.Errorf("looks again at %s", next)
	}
	s.configure(shipmateYAML)
	_, err := s.Quit(context.Background(), s.line("U0BEN"))
	s.refuses(delivery.NotInLine, err)
}

func TestPeopleJoinAtTheSameInstant(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	var all sync.WaitGroup
	var mu sync.Mutex
	places := map[int]bool{}
	for i := range 8 {
		w := s.line(fmt.Sprintf("U0P%d", i))
		all.Go(func() {
			p, err := s.Join(context.Background(), w)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			places[p.N] = true
		})
	}
	all.Wait()
	if len(places) != 8 || !places[1] || !places[8] {
		t.Errorf("places %v", places)
	}
	s.until(d.ID, delivery.Succeeded)
	all.Go(func() { s.moves() })
	all.Go(func() { s.moves() })
	all.Wait()
	if got := len(strings.Fields(s.turns())); got != 1 {
		t.Errorf("%d are told at once", got)
	}
}

// Going back is not what anybody waits in line for.
func TestWhoGoesBackStaysInLine(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	s.ships("Second")
	s.opens(nothing, outage)
	s.joins("U0BEN", "U0ANA")
	back, err := s.backs(func(w *delivery.Want) { w.By = "U0BEN" })
	if err != nil {
		t.Fatal(err)
	}
	s.until(back.ID, delivery.Succeeded)
	if _, err := s.Unlock(context.Background(), s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	s.mitigated()
	s.works()
	s.told("U0BEN")
}
