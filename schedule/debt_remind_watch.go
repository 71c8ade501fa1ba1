package schedule

import (
	"context"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

const (
	// watchEvery is how often the issue that a reminder asks about is looked at, one request each time, and watchFor is for how long: by then
	// the next reminder has come.
	watchEvery = 24 * time.Hour
	watchFor   = 15 * 24 * time.Hour
)

// Settled is that what a reminder asks about was settled on GitHub, where nobody needs its buttons.
type Settled struct {
	At         time.Time `json:"at"` // when that was seen
	NotPlanned bool      `json:"not_planned,omitempty"`
	Who        []string  `json:"who,omitempty"` // who has it now; nobody when it is closed
}

// look is when the issue that is asked about is looked at next; the zero time when it is not.
func (r *Reminder) look() time.Time {
	if r.State != Told || !r.Open() {
		return time.Time{}
	}
	last := r.Until
	if r.Looked.After(last) {
		last = r.Looked
	}
	if next := last.Add(watchEvery); !next.After(r.Until.Add(watchFor)) {
		return next
	}
	return time.Time{}
}

// Open tells whether it asks something that nobody has decided or settled.
func (r *Reminder) Open() bool {
	return r.Question != nil && r.Decision == "" && r.Question.Settled == nil
}

// watch looks at the issue that a reminder asks about, and has its message say what was settled elsewhere. What cannot be read is looked at
// the next time.
func (s *Service) watch(ctx context.Context, r *Reminder, now time.Time) (next time.Time, err error) {
	settled, err := s.settled(ctx, r.Question.Item, now)
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	if err != nil {
		s.log.Warn("the issue that a reminder asks about cannot be read", "team", r.Team, "repo", r.Question.Item.Repo, "err", err)
	}
	id := r.ID
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		if r, err = loadOne[Reminder](tx, reminderKey(id)); err != nil {
			return err
		}
		r.Looked = now
		if settled == nil || !r.Open() {
			return store.Save(tx, reminderKey(id), r)
		}
		r.Question.Settled = settled
		r.Stage++
		return s.saveReminder(tx, r)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("writing how the question of the reminder %s stands: %w", id, err)
	}
	return r.wake(), nil
}

// settled is how an issue was settled on GitHub; nil when it was not.
func (s *Service) settled(ctx context.Context, item DebtItem, now time.Time) (*Settled, error) {
	issue, err := s.github.Issue(ctx, item.Repo, item.Number)
	if err != nil {
		return nil, err
	}
	is := itemOf(item.Repo, issue)
	switch {
	case issue.State == "closed":
		return &Settled{At: now, NotPlanned: is.NotPlanned}, nil
	case len(is.Logins) == 0:
		return nil, nil
	}
	out := &Settled{At: now}
	for _, login := range is.Logins {
		out.Who = append(out.Who, s.sources.Login(ctx, login))
	}
	return out, nil
}

// wake is when there is something to do about it again; the zero time when there is not.
func (r *Reminder) wake() time.Time {
	next, look := r.next(), r.look()
	if next.IsZero() || !look.IsZero() && look.Before(next) {
		return look
	}
	return next
}
