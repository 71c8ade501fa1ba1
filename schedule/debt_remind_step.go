package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// StepReminder reads what a team is reminded of, has it told and asked, completes it with what could not be read at first, and watches what
// becomes of what it asks about.
func (s *Service) StepReminder(ctx context.Context, id string) (time.Time, error) {
	r, err := s.Reminder(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil || r.State == Kept {
		return time.Time{}, err
	}
	now := s.clock.Now()
	wanted := r.wanted(now)
	if len(wanted) == 0 && r.State == Told {
		if look := r.look(); !look.IsZero() && !look.After(now) {
			return s.watch(ctx, r, now)
		}
		return r.wake(), nil
	}
	read, misses := s.gatherDebts(ctx, r, wanted, now)
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	ask := candidates(read)
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		if r, err = loadOne[Reminder](tx, reminderKey(id)); err != nil {
			return err
		}
		r.take(read, misses, now)
		if err := r.choose(tx, ask, now); err != nil {
			return err
		}
		if r.State == Gathering {
			if err := s.tellReminder(tx, r); err != nil {
				return err
			}
		}
		if print := r.print(); print != "" && r.By == "" {
			if err := store.Save(tx, printKey(r.Team), print); err != nil {
				return err
			}
		}
		return s.saveReminder(tx, r)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("writing the reminder %s: %w", id, err)
	}
	return r.wake(), nil
}

// KeptQuiet is what a schedule shows of a reminder that was not told.
const KeptQuiet = "Nothing to decide and nothing new, so nothing was said."

// tellReminder has a reminder posted, unless it would say what the last one said, and ask nothing.
func (s *Service) tellReminder(tx store.Tx, r *Reminder) error {
	last, _, err := store.Load[string](tx, printKey(r.Team))
	if err != nil {
		return err
	}
	if r.isQuiet(last) {
		r.State = Kept
		return keptQuiet(tx, r)
	}
	r.State = Told
	return s.place(tx, ReminderDomain, r.ID, r.Channel)
}

// isQuiet tells whether there is nothing to say that was not said.
func (r *Reminder) isQuiet(last string) bool {
	if r.By != "" || r.Question != nil || len(r.Missing) > 0 || r.Facts.Paid.Count() > 0 {
		return false
	}
	return r.Facts.Count == 0 || r.print() == last
}

// keptQuiet has the schedule show that nothing was said.
func keptQuiet(tx store.Tx, r *Reminder) error {
	key := happenedKey(&Happening{Schedule: RemindersOf(r.Team), ID: r.ID, At: r.Until})
	h, found, err := store.Load[Happening](tx, key)
	if err != nil || !found {
		return err
	}
	h.Said = KeptQuiet
	return store.Save(tx, key, &h)
}
