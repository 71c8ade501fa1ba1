package delivery_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
)

// lock is a new request of ana to lock checkout on staging, changed by fn.
func (s *stage) lock(fn ...func(*delivery.LockWant)) delivery.LockWant {
	s.asked++
	w := delivery.LockWant{Request: fmt.Sprintf("req-%d", s.asked), At: s.clock.Now(), By: "U0ANA", Service: "shop", Environment: "stg", Reason: "the database moves"}
	for _, f := range fn {
		f(&w)
	}
	return w
}

func by(user string) func(*delivery.LockWant) { return func(w *delivery.LockWant) { w.By = user } }

func TestLockKeepsEverybodyOutUntilItEnds(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	w := s.lock(func(w *delivery.LockWant) { w.For = 2 * time.Hour })
	l, err := s.Lock(bg, w)
	if err != nil || l.Service != "checkout" || l.Environment != "staging" || !l.Until.Equal(morning.Add(2*time.Hour)) {
		t.Fatalf("%+v, %v", l, err)
	}
	_, err = s.Deploy(bg, s.want()) // also for whoever locked
	g := s.refuses(delivery.Locked, err).Gates[0]
	if g.By != "U0ANA" || g.Why != "the database moves" || !g.Until.Equal(l.Until) || g.All {
		t.Errorf("told %+v", g)
	}
	if g := s.why("lock", to("gated")); g.Verdict != delivery.Passed {
		t.Errorf("another environment is locked too: %+v", g)
	}
	_, err = s.Lock(bg, s.lock(by("U0BEN")))
	s.refuses(delivery.AlreadyLocked, err)
	_, err = s.Unlock(bg, s.lock(by("U0BEN")))
	if r := s.refuses(delivery.LockOfAnother, err); r.By != "U0ANA" || r.Lock.Reason != "the database moves" {
		t.Errorf("told %+v", r)
	}
	s.clock.Set(l.Until)
	s.deploys()
	_, err = s.Unlock(bg, s.lock())
	s.refuses(delivery.NotLocked, err)
	if again, err := s.Lock(bg, w); err != nil || !again.Until.Equal(l.Until) {
		t.Errorf("the same request locked anew: %+v, %v", again, err)
	}
	if all, err := s.Locks(bg); err != nil || len(all) != 0 {
		t.Errorf("locks that ran out are listed: %+v, %v", all, err)
	}
}

func TestUnlockOnceAndOnlyThatLock(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	if _, err := s.Lock(bg, s.lock(func(w *delivery.LockWant) { w.Service = delivery.AllServices })); err != nil {
		t.Fatal(err)
	}
	_, err := s.Deploy(bg, s.want())
	if g := s.refuses(delivery.Locked, err).Gates[0]; !g.All {
		t.Errorf("told %+v", g)
	}
	_, err = s.Unlock(bg, s.lock()) // that of the service alone
	s.refuses(delivery.NotLocked, err)
	end := s.lock(by("U0BEN"), func(w *delivery.LockWant) { w.Service, w.Anyway = "", true })
	was, err := s.Unlock(bg, end)
	if err != nil || was.By != "U0ANA" {
		t.Fatalf("%+v, %v", was, err)
	}
	if _, err := s.Lock(bg, s.lock(func(w *delivery.LockWant) { w.Service = "" })); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Unlock(bg, end); err != nil || again.By != "U0ANA" { // after a crash
		t.Fatalf("%+v, %v", again, err)
	}
	if all, err := s.Locks(bg); err != nil || len(all) != 1 {
		t.Errorf("the same request ended a later lock: %+v, %v", all, err)
	}
	for _, w := range []delivery.LockWant{s.lock(func(w *delivery.LockWant) { w.Service = "chekout" }), s.lock(func(w *delivery.LockWant) { w.Environment = "moon" })} {
		if _, err := s.Lock(bg, w); err == nil {
			t.Errorf("locked what is not there: %+v", w)
		}
	}
}

func TestLockBetweenTheWishAndItsDispatch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	if _, err := s.Lock(context.Background(), s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	s.step(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.Locked || now.Denied[0].By != "U0BEN" {
		t.Fatalf("%+v", now)
	}
	s.runs(0)
	s.free("staging", true)
}

// Whoever locks while a deployment is being sent: either nothing was sent, or the lock came after.
func TestLockAndDispatchAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for range 20 {
		s := newStage(t)
		d := s.deploys()
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := s.Step(context.Background(), d.ID); err != nil {
				t.Error(err)
			}
		})
		w := s.lock(by("U0BEN"))
		both.Go(func() {
			if _, err := s.Lock(context.Background(), w); err != nil {
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

// What ran out is forgotten after the retention; what only a person ends stays, however old.
func TestSweepTakesLocksThatRanOut(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	for _, w := range []delivery.LockWant{
		s.lock(func(w *delivery.LockWant) { w.For = time.Hour }),
		s.lock(func(w *delivery.LockWant) { w.Environment = "production" }),
	} {
		if _, err := s.Lock(bg, w); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(bg, morning.Add(30*time.Minute)); err != nil || n != 2 { // what both requests were answered
		t.Fatalf("%d keys of locks that hold were removed: %v", n, err)
	}
	if n, err := s.Sweep(bg, morning.Add(2*time.Hour)); err != nil || n != 1 {
		t.Errorf("%d keys were removed, not the lock that ran out: %v", n, err)
	}
	if all, err := s.Locks(bg); err != nil || len(all) != 1 || all[0].Environment != "production" {
		t.Errorf("%+v, %v", all, err)
	}
}
