// Package adr is about architecture decision records: files with a number each in a repository, proposed as pull requests and decided
// by thumbs.
//
// As everywhere a command writes what is wanted, in one transaction, and steps make it so. A proposal stands in the store before GitHub is
// asked; its ID stands in its commit and its pull request, and is how they are found again.
//
// Promised: no two proposals get the same number, whatever crashes meanwhile; the numbers that Shipmate gives to proposals whose pull
// request is opened follow each other without a gap, but for one that cannot be opened until somebody does something; what is merged is
// the record that people said yes to last, and nothing else. Not promised: that somebody who numbers a record by hand does not take the
// same number at the same moment, which is told on the pull request; and that a no on GitHub is seen that comes while it is merged.
package adr

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// Config is what a Service stands on. All fields are required.
type Config struct {
	DB     store.DB
	GitHub *github.Client
	Clock  clock.Clock
	People People
	// Tell tells a person something about a proposal, Say a channel, each written in the transaction and said once by its ID.
	Tell    func(tx store.Tx, n Note) error
	Say     func(tx store.Tx, channel, id string, n Note) error
	Current func() *config.Config // the configuration in force
}

// People is what is asked about people.
type People struct {
	// Name is how the person, a Slack ID, wants to be called, for those who read it outside Slack; "" when Slack knows nobody by that ID.
	Name func(ctx context.Context, person string) (string, error)
	// Zone is the time zone the person lives in.
	Zone func(ctx context.Context, person string) (*time.Location, error)
	// GitHub is the person's login there, as somebody else confirmed it; "" without one. OnGitHub is who has that login.
	GitHub   func(g store.Getter, person string) (login string, err error)
	OnGitHub func(g store.Getter, login string) (person string, err error)
	// May tells whether the person is one of the principals.
	May func(ctx context.Context, person string, of []config.Principal) (bool, error)
}

// Service keeps proposals and knows the records. It is safe for concurrent use, also by several processes on one store.
type Service struct {
	db      store.DB
	github  *github.Client
	clock   clock.Clock
	people  People
	tell    func(tx store.Tx, n Note) error
	say     func(tx store.Tx, channel, id string, n Note) error
	current func() *config.Config

	books  sync.Map           // *Book by its shelf: what is known of the records of a log
	reads  singleflight.Group // of books, by their shelves
	judged sync.Map           // how pull requests were last judged (watched), by the log's scope and their number
	looked sync.Map           // when GitHub was last asked about something, by its name: after a start everything is asked about
}

// New makes a service. It starts nothing: the runner calls its steps.
func New(cfg Config) (*Service, error) {
	if cfg.DB == nil || cfg.GitHub == nil || cfg.Clock == nil || cfg.Current == nil || cfg.People.Name == nil || cfg.People.Zone == nil || cfg.People.GitHub == nil || cfg.People.OnGitHub == nil ||
		cfg.People.May == nil || cfg.Tell == nil || cfg.Say == nil {
		return nil, errors.New("adr: DB, GitHub, Clock, People, Tell, Say and Current are required")
	}
	return &Service{db: cfg.DB, github: cfg.GitHub, clock: cfg.Clock, people: cfg.People, tell: cfg.Tell, say: cfg.Say, current: cfg.Current}, nil
}

// The names of this package's domains for the runner, which are the first words of their keys.
const (
	Proposals = "adr"
	Logs      = "decisionlog"
)

// stepTimeout lets every call of a step run into its own time-out first.
const stepTimeout = 2 * time.Minute

// Domains are what the runner needs to take all records of this package forward.
func (s *Service) Domains() []work.Domain {
	return []work.Domain{
		{Name: Proposals, Step: s.StepProposal, Workers: 4, Timeout: stepTimeout},
		{Name: Logs, Step: s.StepLog, Workers: 2, Timeout: stepTimeout},
	}
}

// Begin wakes what runs by itself. It is called at every start, and when the configuration has changed.
func (s *Service) Begin(ctx context.Context) error {
	return work.Update(ctx, s.db, func(tx store.Tx) error {
		for _, log := range s.current().DecisionLogs() {
			if err := work.Wake(tx, Logs, log.Name, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// ErrNotFound says that there is no such record.
var ErrNotFound = errors.New("no such record")
