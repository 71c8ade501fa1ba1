package delivery_test

import (
	"context"
	"testing"
	"time"

	"shipmate/delivery"
)

// nudges steps the lock of checkout on staging at a moment, and returns when it is to be stepped again.
func (s *stage) nudges(at time.Time) time.Time {
	s.Helper()
	s.clock.Set(at)
	next, err := s.StepLock(context.Background(), "checkout/staging")
	if err != nil {
		s.Fatal(err)
	}
	return next
}

func TestOwnerOfAnOldLockIsAskedEveryDay(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	if _, err := s.Lock(bg, s.lock()); err != nil {
		t.Fatal(err)
	}
	day := morning.Add(24 * time.Hour)
	if next := s.nudges(day.Add(-time.Minute)); !next.Equal(day) || len(s.notes) != 0 {
		t.Fatalf("again at %s, told %+v", next, s.notes)
	}
	if next := s.nudges(day); !next.Equal(day.Add(24*time.Hour)) || len(s.notes) != 1 {
		t.Fatalf("again at %s, told %+v", next, s.notes)
	}
	if n := s.notes[0]; n.Person != "U0ANA" || n.OldLock == nil || n.OldLock.Reason != "the database moves" || !n.At.Equal(day) {
		t.Errorf("told %+v", n)
	}
	s.connect(time.Second) // a restart tells nobody again
	s.nudges(day.Add(time.Hour))
	if len(s.notes) != 1 {
		t.Errorf("told %d times", len(s.notes))
	}
	s.clock.Set(day.Add(5 * time.Hour))
	_, err := s.KeepLock(bg, s.lock(by("U0BEN")))
	s.refuses(delivery.LockOfAnother, err)
	kept, err := s.KeepLock(bg, s.lock())
	if err != nil || !kept.NudgeAt().Equal(day.Add(29*time.Hour)) {
		t.Fatalf("%+v, %v", kept, err)
	}
	s.nudges(day.Add(24 * time.Hour))
	if len(s.notes) != 1 {
		t.Error("asked within a day of saying that it is needed")
	}
	s.nudges(day.Add(29 * time.Hour))
	if len(s.notes) != 2 {
		t.Errorf("told %d times", len(s.notes))
	}
	if _, err := s.Unlock(bg, s.lock()); err != nil {
		t.Fatal(err)
	}
	if next := s.nudges(day.Add(100 * time.Hour)); !next.IsZero() || len(s.notes) != 2 {
		t.Errorf("again at %s, told %d times", next, len(s.notes))
	}
	_, err = s.KeepLock(bg, s.lock())
	s.refuses(delivery.NotLocked, err)
}

func TestLockWithAnEndAsksNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	if _, err := s.Lock(bg, s.lock()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lock(bg, s.lock(func(w *delivery.LockWant) { w.For = 72 * time.Hour })); err != nil { // instead of it
		t.Fatal(err)
	}
	if next := s.nudges(morning.Add(30 * time.Hour)); !next.IsZero() || len(s.notes) != 0 {
		t.Errorf("again at %s, told %+v", next, s.notes)
	}
}

// Whoever rolled back is asked about the lock that came of it.
func TestLockOfARollbackIsAskedAbout(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	s.ships("Second")
	d, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Succeeded)
	s.joins("U0CY")
	s.works()
	s.told("") // it is locked
	s.nudges(d.Created.Add(25 * time.Hour))
	if len(s.notes) != 1 || s.notes[0].Person != "U0BEN" || s.notes[0].OldLock.Rollback != d.ID {
		t.Errorf("told %+v", s.notes)
	}
}
