// Package incident is the night side: who is on call, pages and what became of them, incidents from their declaration to their
// end, and what is learnt from them.
//
// As everywhere a command writes what is wanted, in one transaction, and steps make it so. A page stands in the store before
// PagerDuty is asked, carries its own ID as PagerDuty's key, and is looked for by that key before it is sent again.
//
// Promised: a page makes one incident on PagerDuty, or is told as not sent; what its card says is what PagerDuty said last, with
// the time of that. Not promised: that PagerDuty reaches anybody. What it accepted is not called sent to a person before it says
// so itself.
package incident

import (
	"context"
	"errors"
	"sync"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/pagerduty"
	"shipmate/store"
	"shipmate/work"
)

// Config is what a Service stands on. All fields are required.
type Config struct {
	DB        store.DB
	PagerDuty *pagerduty.Client
	GitHub    *github.Client
	Clock     clock.Clock
	People    People
	Tell      Tell
	Rooms     Rooms
	Deploys   Deploys
	// Freed hears that an incident no longer keeps deployments of services out, in the transaction that writes so.
	Freed   func(tx store.Tx, services []string) error
	Current func() *config.Config // the configuration in force
}

// Service keeps pages and incidents. It is safe for concurrent use, also by several processes on one store.
type Service struct {
	db      store.DB
	pager   *pagerduty.Client
	github  *github.Client
	clock   clock.Clock
	people  People
	tell    Tell
	rooms   Rooms
	deploys Deploys
	freed   func(tx store.Tx, services []string) error
	current func() *config.Config

	channels sync.Map // the channels of incidents, for RunsIn
	looked   sync.Map // when GitHub was last asked about something, by its name: after a start everything is asked about
}

// New makes a service. It starts nothing: the runner calls its steps.
func New(cfg Config) (*Service, error) {
	p := cfg.People
	if cfg.DB == nil || cfg.PagerDuty == nil || cfg.GitHub == nil || cfg.Clock == nil || cfg.Current == nil || cfg.Tell == nil || cfg.Deploys == nil ||
		cfg.Freed == nil || cfg.Rooms.Ensure == nil || p.Account == nil || p.Person == nil || p.Email == nil || p.ByEmail == nil || p.Name == nil ||
		p.Zone == nil || p.GitHub == nil || p.OnGitHub == nil {
		return nil, errors.New("incident: DB, PagerDuty, GitHub, Clock, People, Tell, Rooms, Deploys, Freed and Current are required")
	}
	return &Service{db: cfg.DB, pager: cfg.PagerDuty, github: cfg.GitHub, clock: cfg.Clock, people: p, tell: cfg.Tell, rooms: cfg.Rooms, deploys: cfg.Deploys,
		freed: cfg.Freed, current: cfg.Current}, nil
}

// The names of this package's domains for the runner, which are the first words of its keys.
const (
	// Pages hands pages to PagerDuty and follows them.
	Pages = "page"
	// Incidents sees to incidents from their declaration to their end.
	Incidents = "incident"
	// Rotas keeps what is known of who is on call fresh, for when PagerDuty does not answer.
	Rotas = "rota"
)

const (
	// pageWorkers is how many pages are taken forward at once. A new one must not wait for those that are followed, which wait
	// for PagerDuty most of the time.
	pageWorkers = 12
	// stepTimeout lets every call of a step run into its own time-out first.
	stepTimeout = 2 * time.Minute
)

// Domains are what the runner needs to take all records of this package forward.
func (s *Service) Domains() []work.Domain {
	return []work.Domain{
		{Name: Pages, Step: s.StepPage, Workers: pageWorkers, Timeout: stepTimeout},
		{Name: Incidents, Step: s.StepIncident, Workers: 4, Timeout: stepTimeout},
		{Name: Handovers, Step: s.StepHandover, Workers: 2, Timeout: stepTimeout},
		{Name: Postmortems, Step: s.StepPostmortem, Workers: 2, Timeout: stepTimeout},
		{Name: Items, Step: s.StepItem, Workers: 2, Timeout: stepTimeout},
		{Name: Rotas, Step: s.StepRota, Workers: 1, Timeout: stepTimeout},
	}
}

// Begin wakes what runs by itself from the first start on, and remembers where incidents run. It may be called at every start.
func (s *Service) Begin(ctx context.Context) error {
	if err := s.db.View(ctx, func(snap store.Snapshot) error {
		for key := range snap.Scan(roomPrefix, "") {
			parts, err := store.Parts(key)
			if err != nil {
				return err
			}
			s.channels.Store(parts[len(parts)-1], true)
		}
		return nil
	}); err != nil {
		return err
	}
	return work.Update(ctx, s.db, func(tx store.Tx) error { return work.Wake(tx, Rotas, everyRota, time.Time{}) })
}

// RunsIn tells from memory whether an incident has, or had, this channel. It asks nobody, so that it can be asked of every event.
func (s *Service) RunsIn(channel string) bool {
	_, known := s.channels.Load(channel)
	return known
}

// ErrNotFound says that there is no record with that ID.
var ErrNotFound = errors.New("no such record")
