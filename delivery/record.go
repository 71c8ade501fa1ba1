package delivery

import (
	"context"
	"errors"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// RecordDomain is the runner's name for writing on GitHub how deployments go, beside their runs. A deployment is there under
// its own ID whenever its state has changed.
const RecordDomain = "record"

// recordWorkers is how many records are written at once. They wait while people's own calls go first.
const recordWorkers = 2

// recordFor is how long after a deployment has ended GitHub may be away before its record is given up: nobody waits for it.
const recordFor = time.Hour

// Record is the deployment on GitHub that is kept beside a workflow's run.
type Record struct {
	ID        int64     `json:"id,omitempty"` // GitHub's; 0 before it is known
	Attempted time.Time `json:"attempted,omitzero"`
	Resent    time.Time `json:"resent,omitzero"`
	State     string    `json:"state,omitempty"` // what was said of it last, in GitHub's word
	// Why it could not be written, a sentence; nothing more is tried then.
	Why string `json:"why,omitempty"`
}

// recordState is what is to be said of the deployment now; empty when nothing is.
func (d *Deployment) recordState() string {
	return map[State]string{Queued: "queued", Running: "in_progress", Succeeded: "success", Failed: "failure", Cancelled: "error", Abandoned: "error"}[d.State]
}

// recorded tells whether GitHub has all there is to say of the deployment, or will not have it.
func (d *Deployment) recorded() bool {
	if !d.Decided.Record || d.Run == nil {
		return true
	}
	r := d.Record
	return r != nil && (r.Why != "" || r.ID != 0 && (d.recordState() == "" || d.recordState() == r.State))
}

// StepRecord writes on GitHub how a deployment stands and says when to try again; the zero time means that it is written. The
// deployment itself does not wait for it.
func (s *Service) StepRecord(ctx context.Context, id string) (time.Time, error) {
	d, err := s.Deployment(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case d.recorded():
		return time.Time{}, nil
	case d.Record == nil || d.Record.ID == 0:
		return s.createRecord(ctx, d)
	}
	state := d.recordState()
	report := github.Report{State: state, LogURL: d.Run.URL, SiteURL: d.Decided.Site, Description: d.ID}
	err = s.github.EnsureStatus(ctx, d.Repo, d.Record.ID, report)
	return s.wrote(ctx, d, err, false, func(r *Record) { r.State = state })
}

// createRecord makes the deployment on GitHub, or finds it: as with a run, the attempt is written down before anything is sent.
func (s *Service) createRecord(ctx context.Context, d *Deployment) (time.Time, error) {
	sending := d.Record == nil
	attempt := github.Attempt{Search: d.Decided.Search.Duration, Resend: func(ctx context.Context, at time.Time) error {
		sending = true
		return s.noteRecord(ctx, d.ID, func(r *Record) { r.Resent = at })
	}}
	if sending {
		now := s.clock.Now()
		if err := s.noteRecord(ctx, d.ID, func(r *Record) { r.Attempted = now }); err != nil {
			return time.Time{}, err
		}
	} else {
		attempt.Attempted, attempt.Resent = d.Record.Attempted, d.Record.Resent
	}
	id, err := s.github.EnsureDeployment(ctx, d.order(d.ID, attempt))
	return s.wrote(ctx, d, err, sending, func(r *Record) { r.ID = id })
}

// wrote writes down how a call about the record went; sending says that it was the one that creates it.
func (s *Service) wrote(ctx context.Context, d *Deployment, err error, sending bool, fn func(*Record)) (time.Time, error) {
	now := s.clock.Now()
	var refused *github.Error
	switch {
	case err == nil:
		return now, s.noteRecord(ctx, d.ID, fn) // look again at once: there may be more to say
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case errors.Is(err, github.ErrNotYet):
		return now.Add(maxTrouble), nil
	case errors.Is(err, github.ErrLost):
		return time.Time{}, s.noteRecord(ctx, d.ID, func(r *Record) { r.Why = "GitHub did not answer clearly when it was created." })
	case !errors.As(err, &refused):
		return time.Time{}, err
	case !github.IsUnclear(err) && !passing(refused), !d.Ended.IsZero() && now.Sub(d.Ended) >= recordFor:
		why, _ := explain(err)
		return time.Time{}, s.noteRecord(ctx, d.ID, func(r *Record) { r.Why = why })
	case sending && !github.IsUnclear(err):
		err = s.unsentRecord(ctx, d.ID)
	default:
		err = nil
	}
	_, wait := explain(refused)
	return now.Add(backOff(2, wait)), err
}

// unsentRecord takes an attempt back that GitHub definitely did not take: it is made again without looking first.
func (s *Service) unsentRecord(ctx context.Context, id string) error {
	_, err := s.change(ctx, id, func(_ store.Tx, d *Deployment) error {
		if d.Record != nil && !d.Record.Resent.IsZero() {
			d.Record.Resent = time.Time{}
			return nil
		}
		d.Record = nil
		return nil
	})
	return err
}

func (s *Service) noteRecord(ctx context.Context, id string, fn func(*Record)) error {
	_, err := s.change(ctx, id, func(_ store.Tx, d *Deployment) error {
		if d.Record == nil {
			d.Record = &Record{}
		}
		fn(d.Record)
		return nil
	})
	return err
}
