package schedule

import (
	"context"
	"errors"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// ChangeWant is that somebody wants a schedule changed.
type ChangeWant struct {
	Request string
	At      time.Time
	By      string // Slack ID
	ID      string
}

// Asked returns the schedule that a request changed, or ErrNotFound.
func (s *Service) Asked(ctx context.Context, request string) (one *Schedule, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		id, found, err := store.Load[string](snap, askedKey(request))
		if err == nil && !found {
			err = ErrNotFound
		}
		if err == nil {
			one, err = load(snap, id)
		}
		return err
	})
	return one, err
}

// asked changes a schedule for a request, once. ask, where there is one, is asked before, since it takes its time.
func (s *Service) asked(ctx context.Context, w ChangeWant, ask func(context.Context, *Schedule) error, fn func(store.Tx, *Schedule) error) (*Schedule, error) {
	if one, err := s.Asked(ctx, w.Request); !errors.Is(err, ErrNotFound) {
		return one, err
	}
	if one, err := s.Schedule(ctx, w.ID); err == nil && ask != nil {
		if err := ask(ctx, one); err != nil {
			return nil, err
		}
	}
	one, err := s.change(ctx, w.ID, func(tx store.Tx, one *Schedule) error {
		created, err := store.Create(tx, askedKey(w.Request), w.ID)
		switch {
		case err != nil || !created:
			return err
		case one.State == Removed:
			return &Refused{Code: WasRemoved, Schedule: one}
		}
		return fn(tx, one)
	})
	if errors.Is(err, ErrNotFound) {
		return nil, &Refused{Code: NoSchedule, Word: w.ID}
	}
	return one, err
}

// Pause keeps a schedule from running until it is resumed, or until a time where one is given. Its times are written down as left out then.
func (s *Service) Pause(ctx context.Context, w ChangeWant, until time.Time) (*Schedule, error) {
	return s.asked(ctx, w, nil, func(tx store.Tx, one *Schedule) error {
		if one.State == Paused {
			return &Refused{Code: AlreadySo, Schedule: one}
		}
		one.State, one.Hold, one.Now = Paused, &Hold{By: w.By, At: w.At.UTC(), Until: until}, nil
		return s.tellOwner(tx, NotePaused, w, one)
	})
}

// tellOwner tells the owner of a schedule what somebody else did to it.
func (s *Service) tellOwner(tx store.Tx, kind NoteKind, w ChangeWant, one *Schedule) error {
	if one.Owner == "" || one.Owner == w.By {
		return nil
	}
	return s.tell(tx, Note{Kind: kind, ID: one.ID + "-" + w.Request, At: w.At, Person: one.Owner, By: w.By, Schedule: one})
}

// Resume has a schedule run again. What its owner may not run is not resumed.
func (s *Service) Resume(ctx context.Context, w ChangeWant) (*Schedule, error) {
	now := s.clock.Now()
	return s.asked(ctx, w, s.ownerMay, func(tx store.Tx, one *Schedule) error {
		if one.State == Active {
			return &Refused{Code: AlreadySo, Schedule: one}
		}
		return one.resume(tx, now)
	})
}

// resume has a schedule run again from now on. The times that have come meanwhile are left out.
func (s *Schedule) resume(tx store.Tx, now time.Time) error {
	times, err := s.Times()
	if err != nil {
		return err
	}
	why := WasPaused
	if s.State == Stopped {
		why = WasStopped
	}
	var h *Happening
	if h, s.Next = leftOut(s, times, now, why); h != nil {
		h.By = s.Hold.By
		if err := keep(tx, h); err != nil {
			return err
		}
	}
	s.State, s.Hold, s.Skip, s.SkipBy = Active, nil, time.Time{}, ""
	return nil
}

// ownerMay refuses what the owner of a schedule may not run.
func (s *Service) ownerMay(ctx context.Context, one *Schedule) error {
	if one.Kind != Lines || one.State == Removed {
		return nil
	}
	if err := s.try(ctx, one.Owner, one.Line); err != nil {
		return &Refused{Code: NotYours, Word: one.Owner, Schedule: one, Why: err}
	}
	return nil
}

// maxCounted is how many times that were left out are counted at most.
const maxCounted = 100_000

// leftOut is what stands for all times that have come, and the first that has not.
func leftOut(one *Schedule, times clock.Cron, now time.Time, why Reason) (h *Happening, next time.Time) {
	if one.Next.After(now) {
		return nil, one.Next
	}
	h = &Happening{Schedule: one.ID, ID: stampOf(one.Next), At: one.Next, Fate: LeftOut, Why: why, Ended: now}
	at, n := one.Next, 0
	for ; !at.After(now) && n < maxCounted; at = times.Next(at) {
		h.Until = at
		n++
	}
	if h.N = n; n == 1 {
		h.Until = time.Time{}
	}
	return h, times.Next(now)
}

// SkipNext leaves the next time of a schedule out.
func (s *Service) SkipNext(ctx context.Context, w ChangeWant) (*Schedule, error) {
	return s.asked(ctx, w, nil, func(_ store.Tx, one *Schedule) error {
		if one.State != Active {
			return &Refused{Code: NotRunning, Schedule: one}
		}
		next := s.Upcoming(one, 1)
		if !one.Skip.IsZero() {
			return &Refused{Code: AlreadySo, Schedule: one}
		}
		if len(next) == 0 {
			return &Refused{Code: NotRunning, Schedule: one}
		}
		one.Skip, one.SkipBy = next[0], w.By
		return nil
	})
}

// RunNow has a schedule run at once, beside its times. Who wants that must be allowed to run its line, which runs with the rights of its
// owner all the same.
func (s *Service) RunNow(ctx context.Context, w ChangeWant) (*Schedule, error) {
	both := func(ctx context.Context, one *Schedule) error {
		if err := s.ownerMay(ctx, one); err != nil || one.Kind != Lines {
			return err
		}
		if err := s.try(ctx, w.By, one.Line); err != nil {
			return &Refused{Code: NotYours, Word: w.By, Schedule: one, Why: err}
		}
		return nil
	}
	return s.asked(ctx, w, both, func(_ store.Tx, one *Schedule) error {
		if one.Now != nil || one.Running != nil {
			return &Refused{Code: IsRunning, Schedule: one}
		}
		one.Now = &Ask{Request: w.Request, By: w.By, At: w.At.UTC()}
		return nil
	})
}

// Remove ends a schedule for good. What the configuration names would come back, so it is not removed.
func (s *Service) Remove(ctx context.Context, w ChangeWant) (*Schedule, error) {
	return s.asked(ctx, w, nil, func(tx store.Tx, one *Schedule) error {
		if one.Kind != Lines {
			return &Refused{Code: Configured, Schedule: one}
		}
		one.State, one.Hold, one.Now = Removed, &Hold{By: w.By, At: w.At.UTC()}, nil
		return s.tellOwner(tx, NoteRemoved, w, one)
	})
}
