package delivery

import (
	"context"
	"fmt"
	"time"

	"shipmate/store"
)

// Stop is the wish to cancel a deployment.
type Stop struct {
	// Request is the ID of the request; asking again with the same gives the same answer.
	Request string
	By      string // Slack ID
	// ID names the deployment; without it, it is the one under way for Service in Environment.
	ID          string
	Service     string
	Environment string
	// Stage, unless zero, is the stage of the deployment that the asker saw. In another one cancelling may mean something
	// else, so it is refused.
	Stage int
}

// answered is what a request was answered with, so that it is answered the same when it comes again.
type answered struct {
	Deployment string    `json:"deployment"`
	At         time.Time `json:"at"`
}

// Cancel writes down that a deployment is to be stopped; steps make it so. One that was not sent yet is cancelled at once,
// a lost one is abandoned at once, which frees its slot; one that others carry out only when it is named by its ID, since whoever
// names its place may not know that it was cancelled and still runs. One that others carry out cannot be stopped from here: it needs a person. It returns the deployment as it stands then, or a *Refused.
func (s *Service) Cancel(ctx context.Context, w Stop) (*Deployment, error) {
	now := s.clock.Now()
	return s.touch(ctx, w.Request, func(tx store.Tx) (string, error) { return s.target(tx, w) },
		func(tx store.Tx, d *Deployment) error { return d.stop(tx, w, now) })
}

// Touched returns the deployment that the request has stopped, approved, rejected or started, as it stands now, or
// ErrNotFound.
func (s *Service) Touched(ctx context.Context, request string) (d *Deployment, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		before, found, err := store.Load[answered](snap, requestKey(request))
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		d, err = load(snap, before.Deployment)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what request %s changed: %w", request, err)
	}
	return d, nil
}

// named makes names of aliases. Rules of the environment do not keep anybody from cancelling.
func (s *Service) named(w Stop) Stop {
	cfg := s.current()
	if service, ok := cfg.Service(w.Service); ok {
		w.Service = service.Name
	}
	if environment, ok := cfg.Environment(w.Environment); ok {
		w.Environment = environment.Name
	}
	return w
}

// target is the deployment that is meant: the one that is named, else the one that holds the slot, else the newest that waits.
func (s *Service) target(g store.Getter, w Stop) (string, error) {
	if w.ID != "" {
		return w.ID, nil
	}
	w = s.named(w)
	if w.Service == "" || w.Environment == "" {
		return "", &Refused{Code: NoDeployment}
	}
	id, err := g.Get(slotKey(w.Service, w.Environment))
	if err != nil {
		return "", err
	}
	if id != nil {
		return string(id), nil
	}
	waiting, err := waitingIDs(g, w.Service, w.Environment)
	if err != nil {
		return "", err
	}
	if len(waiting) == 0 {
		return "", &Refused{Code: NothingRunning, Service: w.Service, Environment: w.Environment}
	}
	return waiting[len(waiting)-1], nil
}

// stop takes the wish over, or refuses it.
func (d *Deployment) stop(tx store.Tx, w Stop, now time.Time) error {
	refused := &Refused{Service: d.Service, Environment: d.Environment, Deployment: d, Since: d.Ended}
	switch {
	case d.State.Ended():
		refused.Code = AlreadyEnded
		return refused
	case d.Cancel != nil && (d.State != Lost || d.Lost == Unstoppable && w.ID == ""):
		refused.Code, refused.By, refused.Since = AlreadyCancelled, d.Cancel.By, d.Cancel.At
		return refused
	case w.Stage != 0 && w.Stage != d.Stage:
		refused.Code = MovedOn
		return refused
	}
	d.Cancel = &Cancel{By: w.By, At: now, Request: w.Request}
	switch d.State {
	case Waiting:
		d.State, d.Ended, d.Open = Cancelled, now, nil
		d.note(nil, now)
		return leave(tx, d)
	case Wanted:
		d.State, d.Ended = Cancelled, now
	case Lost:
		d.State, d.Ended = Abandoned, now
	case Queued, Running:
		if d.Decided.Deployment {
			d.State, d.Lost = Lost, Unstoppable
		}
	}
	return nil
}
