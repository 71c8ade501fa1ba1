package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/store"
)

// freeze is a new request of ana to freeze staging, changed by fn.
func (s *stage) freeze(fn ...func(*delivery.FreezeWant)) delivery.FreezeWant {
	s.asked++
	w := delivery.FreezeWant{Request: fmt.Sprintf("req-%d", s.asked), At: s.clock.Now(), By: "U0ANA", Environment: "stg", Reason: "the sale begins"}
	for _, f := range fn {
		f(&w)
	}
	return w
}

func frozenBy(user string) func(*delivery.FreezeWant) {
	return func(w *delivery.FreezeWant) { w.By = user }
}

func frozenFor(d time.Duration) func(*delivery.FreezeWant) {
	return func(w *delivery.FreezeWant) { w.Until = w.At.Add(d) }
}

func TestFreezeClosesAnEnvironmentUntilItEnds(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	w := s.freeze(frozenFor(2 * time.Hour))
	f, err := s.Freeze(bg, w)
	if err != nil || f.Environment != "staging" || !f.Until.Equal(morning.Add(2*time.Hour)) {
		t.Fatalf("%+v, %v", f, err)
	}
	_, err = s.Deploy(bg, s.want()) // also for whoever froze it
	g := s.refuses(delivery.Frozen, err).Gates[0]
	if g.By != "U0ANA" || g.Why != "the sale begins" || !g.Until.Equal(f.Until) || g.All || g.At != "" {
		t.Errorf("told %+v", g)
	}
	if g := s.why("freeze", to("gated")); g.Verdict != delivery.Passed {
		t.Errorf("another environment is frozen too: %+v", g)
	}
	_, err = s.Freeze(bg, s.freeze(frozenBy("U0BEN")))
	s.refuses(delivery.AlreadyFrozen, err)
	_, err = s.Thaw(bg, s.freeze(frozenBy("U0BEN")))
	if r := s.refuses(delivery.FreezeOfAnother, err); r.By != "U0ANA" || r.Freeze.Reason != "the sale begins" {
		t.Errorf("told %+v", r)
	}
	s.clock.Set(f.Until)
	s.deploys()
	_, err = s.Thaw(bg, s.freeze())
	s.refuses(delivery.NotFrozen, err)
	if again, err := s.Freeze(bg, w); err != nil || !again.Until.Equal(f.Until) {
		t.Errorf("the same request froze anew: %+v, %v", again, err)
	}
	if made, _, err := s.Freezes(bg); err != nil || len(made) != 0 {
		t.Errorf("freezes that ran out are listed: %+v, %v", made, err)
	}
	_, err = s.Freeze(bg, s.freeze(func(w *delivery.FreezeWant) { w.Environment = "moon" }))
	s.refuses(delivery.NoEnvironment, err)
}

func TestThawOnceAndOnlyThatFreeze(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	all := func(w *delivery.FreezeWant) { w.Environment = delivery.AllEnvironments }
	if _, err := s.Freeze(bg, s.freeze(all)); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"staging", "production"} {
		_, err := s.Deploy(bg, s.want(to(place)))
		if g := s.refuses(delivery.Frozen, err).Gates[0]; !g.All {
			t.Errorf("told %+v", g)
		}
	}
	_, err := s.Thaw(bg, s.freeze()) // that of staging alone
	s.refuses(delivery.NotFrozen, err)
	end := s.freeze(all, frozenBy("U0BEN"), func(w *delivery.FreezeWant) { w.Anyway = true })
	if was, err := s.Thaw(bg, end); err != nil || was.By != "U0ANA" {
		t.Fatalf("%+v, %v", was, err)
	}
	if _, err := s.Freeze(bg, s.freeze(all)); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Thaw(bg, end); err != nil || again.By != "U0ANA" { // after a crash
		t.Fatalf("%+v, %v", again, err)
	}
	if made, _, err := s.Freezes(bg); err != nil || len(made) != 1 {
		t.Errorf("the same request ended a later freeze: %+v, %v", made, err)
	}
}

// Of freezes that overlap the one that ends last is told, and one without an end ends last.
func TestTheFreezeThatEndsLastIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.clock.Set(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)) // in the weekend's window, which ends on Monday at 7:00
	monday := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	frozen := func(w *delivery.FreezeWant) { w.Environment = "frozen" }
	for _, step := range []struct {
		until time.Time
		by    string
		want  time.Time
	}{
		{monday.Add(-time.Hour), "", monday},
		{monday, "", monday},
		{monday.Add(time.Hour), "U0ANA", monday.Add(time.Hour)},
		{time.Time{}, "U0ANA", time.Time{}},
	} {
		if _, err := s.Freeze(bg, s.freeze(frozen, func(w *delivery.FreezeWant) { w.Until = step.until })); err != nil {
			t.Fatal(err)
		}
		if g := s.why("freeze", to("frozen")); g.Verdict != delivery.Closed || g.By != step.by || !g.Until.Equal(step.want) {
			t.Errorf("until %s: told %+v", step.until, g)
		}
	}
	if _, err := s.Freeze(bg, s.freeze(frozenFor(200*time.Hour), func(w *delivery.FreezeWant) { w.Environment = "" })); err != nil {
		t.Fatal(err)
	}
	if g := s.why("freeze", to("frozen")); g.All || !g.Until.IsZero() {
		t.Errorf("one that ends is told before one that does not: %+v", g)
	}
}

func TestDatedWindowCloses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(shipmateYAML, "staging: {aliases: [stg]}",
		`staging: {aliases: [stg], freeze: [{from: "2026-12-24 12:00", until: "2027-01-02 08:00", timezone: Europe/Berlin, reason: holidays}]}`, 1))
	from, until := time.Date(2026, 12, 24, 11, 0, 0, 0, time.UTC), time.Date(2027, 1, 2, 7, 0, 0, 0, time.UTC)
	for at, shut := range map[time.Time]bool{from.Add(-time.Second): false, from: true, until.Add(-time.Second): true, until: false} {
		s.clock.Set(at)
		g := s.why("freeze")
		if (g.Verdict == delivery.Closed) != shut {
			t.Errorf("at %s: %+v", at, g)
		}
		if shut && (!g.Until.Equal(until) || !g.Since.Equal(from) || g.Why != "holidays" || g.By != "") {
			t.Errorf("told %+v", g)
		}
	}
}

func TestFreezeBetweenTheWishAndItsDispatch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	if _, err := s.Freeze(context.Background(), s.freeze(frozenBy("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	s.step(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.Frozen || now.Denied[0].By != "U0BEN" {
		t.Fatalf("%+v", now)
	}
	s.runs(0)
	s.free("staging", true)
}

// Whoever freezes while a deployment is being sent: either nothing was sent, or the freeze came after.
func TestFreezeAndDispatchAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for range 10 {
		s := newStage(t)
		d := s.deploys()
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := s.Step(context.Background(), d.ID); err != nil {
				t.Error(err)
			}
		})
		w := s.freeze(frozenBy("U0BEN"))
		both.Go(func() {
			if _, err := s.Freeze(context.Background(), w); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		now := s.now(d.ID)
		if sent := len(s.github.Runs("acme/checkout")); (now.State == delivery.Denied) != (sent == 0) {
			t.Fatalf("%s with %d runs", now.State, sent)
		}
	}
}

// A freeze that cannot be read keeps everybody out.
func TestUnreadableFreezeRefuses(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"delivery/freeze/staging", "delivery/freeze/*"} {
		s := newStage(t)
		d := s.deploys()
		if err := s.db.Update(context.Background(), func(tx store.Tx) error { return tx.Put(store.Key(strings.Split(key, "/")...), []byte("{")) }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Step(context.Background(), d.ID); err == nil {
			t.Errorf("%s: the last look did not fail", key)
		}
		s.runs(0)
		s.cancels(d.ID)
		if _, err := s.Deploy(context.Background(), s.want()); err == nil {
			t.Errorf("%s: deployed", key)
		}
		if _, _, err := s.Why(context.Background(), s.want()); err == nil {
			t.Errorf("%s: why knows it all", key)
		}
	}
}

func TestSweepTakesFreezesThatRanOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	for _, w := range []delivery.FreezeWant{
		s.freeze(frozenFor(time.Hour)),
		s.freeze(func(w *delivery.FreezeWant) { w.Environment = "production" }),
	} {
		if _, err := s.Freeze(bg, w); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(bg, morning.Add(30*time.Minute)); err != nil || n != 2 { // what both requests were answered
		t.Fatalf("%d keys of freezes that hold were removed: %v", n, err)
	}
	if n, err := s.Sweep(bg, morning.Add(2*time.Hour)); err != nil || n != 1 {
		t.Errorf("%d keys were removed, not the freeze that ran out: %v", n, err)
	}
	if made, _, err := s.Freezes(bg); err != nil || len(made) != 1 || made[0].Environment != "production" {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestWhatIsListedOfFreezes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(`
teams: {payments: {slack_group: payments-eng}}
services: {checkout: {repo: acme/checkout, team: payments, environments: [staging, frozen]}}
environments:
  staging: {aliases: [stg]}
  frozen: {freeze: [{cron: "0 16 * * 5", for: 64h, reason: weekend, timezone: Europe/Berlin}]}
`)
	bg := context.Background()
	if _, err := s.Freeze(bg, s.freeze()); err != nil {
		t.Fatal(err)
	}
	made, windows, err := s.Freezes(bg)
	if err != nil || len(made) != 1 || len(windows) != 1 {
		t.Fatalf("%+v, %+v, %v", made, windows, err)
	}
	if w := windows[0]; w.Open(morning) || w.Environment != "frozen" || !w.Since.Equal(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)) ||
		!w.Until.Equal(time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)) || w.At != "shipmate.yaml:6:21" {
		t.Errorf("%+v", w)
	}
	all, err := s.Status(bg, "checkout")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if (one.Freeze != nil) != (one.Environment == "staging") {
			t.Errorf("%s: %+v", one.Environment, one.Freeze)
		}
	}
}

func TestStatusKnowsWhatIsLocked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	for _, w := range []delivery.LockWant{s.lock(), s.lock(func(w *delivery.LockWant) { w.Service = "" }), s.lock(func(w *delivery.LockWant) { w.Environment, w.For = "production", time.Hour })} {
		if _, err := s.Lock(bg, w); err != nil {
			t.Fatal(err)
		}
	}
	s.clock.Advance(time.Hour)
	all, err := s.Status(bg, "checkout")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if want := map[string]int{"staging": 2}[one.Environment]; len(one.Locks) != want {
			t.Errorf("%s: %d locks, want %d", one.Environment, len(one.Locks), want)
		}
	}
}
