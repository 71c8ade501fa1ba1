package adr

import (
	"context"
	"errors"
	"time"

	"shipmate/store"
)

// The things that are done for a proposal, each by itself so that none holds up another.
const (
	deedOpen = "open" // give it a number and open its pull request
	deedLook = "look" // see how its pull request stands

	deedNumber = "number" // give it another number
	deedNudge  = "nudge"  // remind people of it
)

// deed is one thing that is done for a proposal. wanted says since when it could be; the zero time when nothing is to be done.
type deed struct {
	name   string
	wanted func(*Proposal, time.Time) time.Time
	do     func(context.Context, *Proposal, time.Time) error
}

// StepProposal does what is to be done for a proposal, and says when to look again.
func (s *Service) StepProposal(ctx context.Context, id string) (time.Time, error) {
	var next time.Time
	// It is looked at before people are reminded of it: nobody is to be reminded of what has ended.
	for _, d := range []deed{{deedOpen, wantsOpening, s.open}, {deedNumber, wantsRenumbering, s.renumber}, {deedLook, s.wantsLook, s.look}, {deedNudge, s.wantsNudge, s.nudge}} {
		p, err := s.Proposal(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		at, err := s.see(ctx, p, d)
		if err != nil {
			return time.Time{}, err
		}
		next = soonest(next, at)
	}
	p, err := s.Proposal(ctx, id)
	if err != nil || p.State.Ended() { // by the last of them, so that what was planned before is void
		return time.Time{}, err
	}
	return next, nil
}

// soonest is the earlier of two times; a zero one is none.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// see does one thing when its time has come, notes what is in its way, and says when to look again.
func (s *Service) see(ctx context.Context, p *Proposal, d deed) (time.Time, error) {
	now := s.clock.Now()
	at := d.wanted(p, now)
	if at.IsZero() {
		return time.Time{}, nil
	}
	if hitch := p.Hitches[d.name]; hitch.Next.After(at) {
		at = hitch.Next
	}
	if at.After(now) {
		return at, nil
	}
	err := d.do(ctx, p, now)
	var wait *notYet
	var inner *stored
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case errors.As(err, &inner):
		return time.Time{}, inner.error
	case errors.As(err, &wait):
		return now.Add(wait.after), nil
	}
	next := time.Time{}
	p, saveErr := s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error {
		next = p.Hitches.Note(d.name, err, now)
		return nil
	})
	if saveErr != nil || err != nil {
		return next, saveErr
	}
	return d.wanted(p, now), nil // what is done may be to be done again, later
}

// notYet says that something else comes first, and when to look again. It is no hitch.
type notYet struct{ after time.Duration }

func (*notYet) Error() string { return "something else comes first" }

// stored is a failure of the store within a thing that is done: it is the runner's, and no hitch.
type stored struct{ error }

func (e *stored) Unwrap() error { return e.error }

func inStore(err error) error {
	if err == nil {
		return nil
	}
	return &stored{err}
}
