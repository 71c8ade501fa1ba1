package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// errCancelled keeps a second dispatch from leaving when somebody has cancelled meanwhile.
var errCancelled = errors.New("cancelled meanwhile")

// dispatch starts the run, or finds the one that was started. The attempt is written down before anything is sent, so
// that after a crash the run is looked for, and only in the step that wrote it down is it sent without looking.
func (s *Service) dispatch(ctx context.Context, d *Deployment) (time.Time, error) {
	sending := d.State == Wanted
	now := s.clock.Now()
	if sending && d.stale(now) {
		return s.move(ctx, d.ID, 0, func(d *Deployment) { d.tooLate(now) })
	}
	if sending {
		p, err := s.lastLook(ctx, d)
		if err != nil {
			return s.trouble(ctx, d, err, nil)
		}
		d, err = s.change(ctx, d.ID, func(tx store.Tx, d *Deployment) error { return p.send(tx, d, now) })
		if err != nil || d.State.Ended() {
			return time.Time{}, err
		}
	}
	attempt := github.Attempt{Attempted: d.Attempted, Resent: d.Resent, Search: d.Decided.Search.Duration}
	if sending {
		attempt.Attempted = time.Time{}
	}
	if d.Cancel == nil && d.State == Dispatching && !d.stale(s.clock.Now()) { // cancelled, or lost, nothing more is sent
		attempt.Resend = func(ctx context.Context, at time.Time) error {
			sending = true
			return s.resend(ctx, d.ID, at)
		}
	}
	run, err := s.ensure(ctx, d, attempt)
	return s.dispatched(ctx, d, run, err, sending)
}

// dispatchOf is the run that the deployment wants.
func (d *Deployment) dispatchOf(attempt github.Attempt) github.Dispatch {
	inputs := maps.Clone(d.Decided.Inputs)
	if inputs == nil {
		inputs = map[string]string{}
	}
	inputs[github.InputSHA] = d.Commit.SHA
	inputs[github.InputEnvironment] = d.Environment
	return github.Dispatch{Repo: d.Repo, Workflow: d.Decided.Workflow, Ref: d.Decided.Branch, Inputs: inputs, CorrelationID: d.ID, Attempt: attempt}
}

// resend writes down that the dispatch is about to be sent once more.
func (s *Service) resend(ctx context.Context, id string, at time.Time) error {
	_, err := s.change(ctx, id, func(_ store.Tx, d *Deployment) error {
		if d.Cancel != nil || d.State != Dispatching {
			return errCancelled
		}
		d.Resent = at
		return nil
	})
	return err
}

// dispatched writes down how looking for the run, or sending, went.
func (s *Service) dispatched(ctx context.Context, d *Deployment, run github.Run, err error, sending bool) (time.Time, error) {
	var refused *github.Error
	switch {
	case err == nil:
		return s.move(ctx, d.ID, time.Second, func(d *Deployment) { d.found(run, s.clock.Now()) })
	case errors.Is(err, github.ErrNotYet):
		return s.move(ctx, d.ID, pause(0), (*Deployment).read)
	case errors.Is(err, errCancelled):
		return s.clock.Now(), nil
	case errors.Is(err, github.ErrLost):
		return s.move(ctx, d.ID, pause(0), func(d *Deployment) { d.neverSeen(s.clock.Now()) })
	case github.IsUnclear(err):
		return s.move(ctx, d.ID, pause(0), func(*Deployment) {})
	case !errors.As(err, &refused):
		return time.Time{}, fmt.Errorf("dispatching %s: %w", d.ID, err)
	case !sending:
		return s.trouble(ctx, d, err, nil)
	case passing(refused):
		return s.trouble(ctx, d, err, func(d *Deployment) { d.unsent(s.clock.Now()) })
	}
	return s.move(ctx, d.ID, 0, func(d *Deployment) { d.notTaken(refused.UserMessage(), s.clock.Now()) })
}

// passing tells whether a definite refusal is of the kind that goes away: limits, no connection, GitHub's own trouble.
func passing(e *github.Error) bool {
	return github.IsRateLimited(e) || e.Status == 0 || e.Status >= 500
}

// staleAfter is the age beyond which a wish is not sent to GitHub any more: whoever had it has long gone on to something
// else, and a deployment that begins by itself when GitHub or Shipmate comes back helps nobody.
const staleAfter = 15 * time.Minute

func (d *Deployment) stale(now time.Time) bool { return now.Sub(d.begun()) >= staleAfter }

// tooLate ends a wish that could not be sent in time.
func (d *Deployment) tooLate(now time.Time) {
	if d.State != Wanted {
		return
	}
	why := "Shipmate was not running."
	if d.Unread != nil {
		why = d.Unread.Why
	}
	d.read()
	d.State, d.Ended = Failed, now
	d.Failure = &Failure{Why: "It could not be sent to GitHub within 15 min, so it was not sent at all. " + why}
}

// found takes over the run that does the work.
func (d *Deployment) found(run github.Run, now time.Time) {
	d.read()
	d.Lost = ""
	d.Run = &Run{ID: run.ID, URL: run.URL, Attempt: run.Attempt, Status: run.Status}
	d.State, d.Dispatched = Queued, now
}

// neverSeen ends the search: no run carries the ID, and nothing more is sent.
func (d *Deployment) neverSeen(now time.Time) {
	d.read()
	d.Lost = NeverSeen
	if d.Cancel != nil {
		d.State, d.Ended = Cancelled, now // what was wanted, as far as one can see
		return
	}
	d.State = Lost
}

// unsent takes an attempt back that GitHub definitely did not take: it is made again without looking first, or not at all
// when somebody has cancelled meanwhile.
func (d *Deployment) unsent(now time.Time) {
	switch {
	case !d.Resent.IsZero():
		d.Resent = time.Time{}
	case d.State != Dispatching:
	case d.Cancel != nil:
		d.State, d.Ended = Cancelled, now
	default:
		d.State, d.Attempted = Wanted, time.Time{}
	}
}

// notTaken notes that GitHub refuses the run for good. When an earlier attempt had no clear answer a person has to look.
func (d *Deployment) notTaken(why string, now time.Time) {
	d.read()
	d.Failure = &Failure{Why: why}
	if !d.Resent.IsZero() {
		d.State, d.Lost = Lost, NeverSeen
		return
	}
	d.State, d.Ended = Failed, now
}
