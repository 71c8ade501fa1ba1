package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/clock"
	"shipmate/store"
	"shipmate/work"
)

const (
	// patience is how long something that cannot be run now is tried again, from when it was begun.
	patience = 30 * time.Minute
	// again is how long after it could not be run it is tried again.
	again = 30 * time.Second
	// maxTries is how often a time is begun whose running nobody saw the end of, as of a process that died with it.
	maxTries = 3
)

// StepSchedule does what is to be done for a schedule now, and says when to look again.
func (s *Service) StepSchedule(ctx context.Context, id string) (time.Time, error) {
	now := s.clock.Now()
	one, err := s.settle(ctx, id, now)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case one.Running == nil:
		return one.wake(now), nil
	}
	return s.begin(ctx, one)
}

// settle writes what becomes of every time that has come, and claims the one that is run: then one.Running is set.
func (s *Service) settle(ctx context.Context, id string, now time.Time) (*Schedule, error) {
	var one *Schedule
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		if one, err = load(tx, id); err != nil {
			return err
		}
		switch {
		case one.State == Removed:
			one.Running = nil // what was claimed is not begun any more
			return nil
		case one.Running != nil:
			one.Running.Tries++
		case one.Now != nil:
			one.Running = &Occasion{ID: one.ID + "." + one.Now.Request, At: one.Now.At, Begun: now, By: one.Now.By}
			one.Now = nil
		case one.State == Paused && !one.Hold.Until.IsZero() && !one.Hold.Until.After(now):
			if err := one.resume(tx, one.Hold.Until); err != nil {
				return err
			}
		case one.State != Active || one.Next.After(now):
			return nil
		default:
			if err := s.settleIn(tx, one, now); err != nil {
				return err
			}
		}
		return store.Save(tx, oneKey(id), one)
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("settling the schedule %s: %w", id, err)
	}
	return one, err
}

func (s *Service) settleIn(tx store.Tx, one *Schedule, now time.Time) error {
	times, err := one.Times()
	if err != nil {
		return err
	}
	was := one.sort(times, now, s.dayOff(one))
	for _, h := range was.left {
		if err := keep(tx, h); err != nil {
			return err
		}
	}
	one.Next = was.next
	if !one.Skip.IsZero() && one.Skip.Before(one.Next) {
		one.Skip, one.SkipBy = time.Time{}, ""
	}
	if !was.run.IsZero() {
		one.Running = &Occasion{ID: one.ID + "." + stampOf(was.run), At: was.run, Begun: now}
	}
	return nil
}

// later is a time that cannot be run now. It is no failure.
type later struct{ cause error }

func (e later) Error() string             { return e.cause.Error() }
func (e later) Unwrap() error             { return e.cause }
func (e later) RetryAfter() time.Duration { return again }

// begin runs what was claimed and writes how it ended.
func (s *Service) begin(ctx context.Context, one *Schedule) (time.Time, error) {
	o := one.Running
	var ran Ran
	var err error
	if o.Tries >= maxTries {
		ran = Ran{Outcome: Outcome{Fate: Failed, Said: fmt.Sprintf("Shipmate ended %d times while it ran.", o.Tries)}}
	} else if ran, err = s.do(ctx, one); err != nil {
		if ctx.Err() != nil || s.clock.Now().Sub(o.Begun) < patience {
			return time.Time{}, s.notNow(ctx, one.ID, o, err)
		}
		ran = Ran{Outcome: Outcome{Fate: Failed, Said: "It could not be run for " + clock.Format(patience) + ": see the log."}}
	}
	one, err = s.change(ctx, one.ID, func(tx store.Tx, one *Schedule) error {
		if one.Running == nil || one.Running.ID != o.ID {
			return nil
		}
		return s.endIn(tx, one, ran)
	})
	if err != nil {
		return time.Time{}, err
	}
	return one.wake(s.clock.Now()), nil
}

// wake is when it is to be stepped next, as the runner wants to hear it: the zero time for never.
func (s *Schedule) wake(now time.Time) time.Time {
	switch at, due := s.due(); {
	case !due:
		return time.Time{}
	case at.IsZero():
		return now
	default:
		return at
	}
}

// notNow takes back that this try counts: nothing was run, so nothing died of it. Those before it count still: what may have been run before
// a crash stays so, however often it cannot be run now.
func (s *Service) notNow(ctx context.Context, id string, o *Occasion, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := work.Update(ctx, s.db, func(tx store.Tx) error {
		one, err := load(tx, id)
		if err != nil || one.Running == nil || one.Running.ID != o.ID {
			return err
		}
		one.Running.Tries = o.Tries - 1 // so that the next one is this one
		return store.Save(tx, oneKey(id), one)
	})
	if err != nil {
		return err
	}
	return later{cause}
}
