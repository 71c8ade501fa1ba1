package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

const (
	// lostAfter is how long GitHub may be unreadable before a person is asked to look.
	lostAfter = 15 * time.Minute
	// lookSlowly is how often a lost deployment is looked for, once GitHub can be read.
	lookSlowly = 10 * time.Minute
	// minTrouble and maxTrouble bound the pause after GitHub could not be read: short, since people watch the message and
	// wait for it to be true again.
	minTrouble = 5 * time.Second
	maxTrouble = 15 * time.Second
	// maxWait bounds a pause that GitHub asked for, or that its budget asks for. A longer hold is kept by its client, which
	// then refuses without asking; we go on looking at the clock, since people have to be told things.
	maxWait = time.Minute
)

// Step takes an unfinished deployment one move further and says when to look again; the zero time means that it has
// ended. GitHub being away is no error: it is written down, shown and tried again.
func (s *Service) Step(ctx context.Context, id string) (next time.Time, err error) {
	d, err := s.Deployment(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case d.State.Ended():
		return time.Time{}, nil
	case d.State == Waiting:
		return s.wait(ctx, d)
	case d.Run == nil:
		return s.dispatch(ctx, d)
	case d.Decided.Deployment:
		return s.listen(ctx, d)
	}
	return s.follow(ctx, d)
}

// move writes what a step found out and says when to look again. A deployment that ended meanwhile is left alone.
func (s *Service) move(ctx context.Context, id string, pause time.Duration, fn func(*Deployment)) (time.Time, error) {
	now := s.clock.Now()
	d, err := s.change(ctx, id, func(_ store.Tx, d *Deployment) error {
		if d.State.Ended() {
			return nil
		}
		fn(d)
		if d.beginsLate(now) {
			d.Late = now
		}
		return nil
	})
	if err != nil || d.State.Ended() {
		return time.Time{}, err
	}
	if d.State == Lost && d.Lost != Unstoppable && d.Unread == nil {
		return now.Add(lookSlowly), nil
	}
	return now.Add(max(pause, min(s.github.Pace(), maxWait))), nil
}

// beginsLate tells whether people have to hear that the run does not start.
func (d *Deployment) beginsLate(now time.Time) bool {
	waiting := d.State == Wanted || d.State == Dispatching || d.State == Queued
	return waiting && d.Late.IsZero() && now.Sub(d.begun()) >= d.Decided.Start.Duration
}

// trouble notes that GitHub could not be asked. After lostAfter nobody knows what a run does, and a person has to look;
// what was never sent is only late.
func (s *Service) trouble(ctx context.Context, d *Deployment, cause error, fn func(*Deployment)) (time.Time, error) {
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err() // it is we who stop
	}
	now := s.clock.Now()
	why, wait := explain(cause)
	var people *peopleUnread
	ofPeople := errors.As(cause, &people)
	tries := 0
	if d.Unread != nil {
		tries = d.Unread.Tries
	}
	return s.move(ctx, d.ID, backOff(tries, wait), func(d *Deployment) {
		before := d.Unread
		if fn != nil {
			fn(d)
		}
		if d.Unread = before; d.Unread == nil { // whatever fn could read, this is trouble still
			d.Unread = &Trouble{Since: now}
		}
		d.Unread.Why, d.Unread.People = why, ofPeople
		d.Unread.Tries = min(d.Unread.Tries+1, 8)
		if now.Sub(d.Unread.Since) >= lostAfter && d.State != Wanted && d.State != Waiting && d.State != Lost {
			d.State, d.Lost = Lost, Unreadable
		}
	})
}

// backOff is the pause after so many tries in a row that failed, the last of which said how long to wait, or 0.
func backOff(tries int, wait time.Duration) time.Duration {
	return max(min(minTrouble<<min(tries, 8), maxTrouble), min(wait, maxWait))
}

// unchanged ends what GitHub's client says of a call that came to nothing. Whoever follows a run asked for no change, so
// there it is left out, with the advice to try again: trying again is what we do.
const unchanged = "; nothing was changed"

// explain is a failure of GitHub in words for people, and how long it asks to be left alone.
func explain(err error) (why string, wait time.Duration) {
	var e *github.Error
	if errors.As(err, &e) {
		said, _, cut := strings.Cut(e.UserMessage(), unchanged)
		if cut {
			said += "."
		}
		return said, e.RetryAfter
	}
	var people *peopleUnread
	if errors.As(err, &people) {
		return people.UserMessage(), 0
	}
	return "GitHub could not be asked.", 0
}

// read notes that GitHub answered. What was lost only because it did not is looked at again from where it stood.
func (d *Deployment) read() {
	d.Unread = nil
	if d.State != Lost || d.Lost != Unreadable {
		return
	}
	d.Lost = ""
	switch {
	case d.Run == nil:
		d.State = Dispatching
	case d.Started.IsZero():
		d.State = Queued
	default:
		d.State = Running
	}
}

// pause is how long to wait before looking again at a run that has been under way for some time: often at first, when
// people watch, and less and less.
func pause(age time.Duration) time.Duration {
	switch {
	case age < time.Minute:
		return 3 * time.Second
	case age < 5*time.Minute:
		return 5 * time.Second
	case age < 30*time.Minute:
		return 10 * time.Second
	}
	return 15 * time.Second
}
