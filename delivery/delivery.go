// Package delivery knows what is deployed where, and takes deployments from a wish to their end.
//
// A command writes what is wanted (Deploy, Cancel, Retry), one transaction each: the decision is made there, from keys
// that are read there. Step makes it so, one move at a time: dispatch the workflow, find its run, follow it, note how it
// ended. Whoever shows a deployment reads the record. A crash between any two instructions leaves a record that the next
// Step carries on, and GitHub is asked by the deployment's ID before anything is sent again.
//
// Promised: a request makes at most one deployment and a deployment at most one run, given that GitHub lists a run within
// the configured window; a service has at most one unended deployment per environment; the commit that was shown is the
// one that is deployed; nothing waits for ever without people being told. Not promised: that nobody deploys beside
// Shipmate.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/probe"
	"shipmate/store"
	"shipmate/work"
)

// Config is what a Service stands on. All fields without a default are required.
type Config struct {
	DB     store.DB
	GitHub *github.Client
	Clock  clock.Clock
	People People
	Tell   Tell
	// Announce is used where the configuration names channels to announce in.
	Announce Announce
	// Incidents are asked before every deployment, and Ended hears of each that was sent.
	Incidents Incidents
	Ended     Ended
	Current   func() *config.Config // the configuration in force
	// UserAgent says who asks after the health of what was deployed; see package probe for its default.
	UserAgent string
}

// Service keeps deployments. It is safe for concurrent use, also by several processes on one store.
type Service struct {
	db        store.DB
	github    *github.Client
	clock     clock.Clock
	people    People
	tell      Tell
	announce  Announce
	incidents Incidents
	ended     Ended
	current   func() *config.Config
	probe     *probe.Client
}

// New makes a service. It starts nothing: the runner calls Step.
func New(cfg Config) (*Service, error) {
	if cfg.DB == nil || cfg.GitHub == nil || cfg.Clock == nil || cfg.Current == nil || cfg.People.May == nil ||
		cfg.People.Mention == nil || cfg.People.Login == nil || cfg.Tell == nil || cfg.Announce == nil ||
		cfg.Incidents == nil || cfg.Ended == nil {
		return nil, errors.New("delivery: DB, GitHub, Clock, People, Tell, Announce, Incidents, Ended and Current are required")
	}
	return &Service{db: cfg.DB, github: cfg.GitHub, clock: cfg.Clock, people: cfg.People, tell: cfg.Tell, announce: cfg.Announce,
		incidents: cfg.Incidents, ended: cfg.Ended, current: cfg.Current, probe: probe.New(probe.Config{UserAgent: cfg.UserAgent})}, nil
}

const (
	// stepWorkers is how many deployments are followed at once; each waits for GitHub most of the time, whose client has a
	// smaller cap of its own.
	stepWorkers = 16
	// stepTimeout lets every call of a step run into its own time-out first.
	stepTimeout = 2 * time.Minute
)

// Domain is what the runner needs to take deployments forward.
func (s *Service) Domain() work.Domain {
	return work.Domain{Name: Domain, Step: s.Step, Workers: stepWorkers, Timeout: stepTimeout}
}

// ErrNotFound says that there is no deployment with that ID.
var ErrNotFound = errors.New("no such deployment")

// Deployment returns the record with that ID, or ErrNotFound.
func (s *Service) Deployment(ctx context.Context, id string) (*Deployment, error) {
	var d *Deployment
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		d, err = load(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading deployment %s: %w", id, err)
	}
	return d, nil
}
