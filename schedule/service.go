// Package schedule is what happens at a time, without anybody asking then: lines that people put on a schedule, and what the
// configuration wants said at its hours.
//
// A schedule's next time stands in its record and is its appointment with the runner, so nothing keeps time but the store. When it
// comes, one transaction writes what becomes of every time up to now: it is claimed, to be run, or it is left out, with why. What is
// claimed is run by the same step, again after a crash, under one identity: the schedule and its time.
//
// Promised: each time that is planned is run once or stands as left out with a reason; none is run by two processes. Not promised: that
// what runs does so only once, which is the business of what runs, by that identity.
package schedule

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// Domain is this package's name for the runner, and the first word of its keys.
const Domain = "schedule"

// Config is what a Service stands on. All fields are required.
type Config struct {
	DB    store.DB
	Clock clock.Clock
	// Run runs a line with the rights of a person; see Line and Ran. An error says that it could not be run now and may be later.
	Run func(ctx context.Context, l Line) (Ran, error)
	// Try says what keeps a person from a line, without running it: an error in words for people, or nil.
	Try func(ctx context.Context, person, line string) error
	// Sources are where digests read what GitHub does not know, and GitHub is what does.
	Sources Sources
	GitHub  *github.Client
	Log     *slog.Logger
	// Place gives a record its live message in a channel, once; Changed has the message follow the record. Both are written in the
	// transaction.
	Place   func(tx store.Tx, kind, id, channel string) error
	Changed func(tx store.Tx, kind, id string) error
	// Tell tells a person about their schedule, Say a channel, each written in the transaction and said once by its ID.
	Tell    func(tx store.Tx, n Note) error
	Say     func(tx store.Tx, channel string, n Note) error
	Current func() *config.Config // the configuration in force
	People  People
}

// People is what is asked of people.
type People struct {
	// GitHub is the person's login there, as somebody else confirmed it; "" without one.
	GitHub func(g store.Getter, person string) (login string, err error)
	// Name is how the person, a Slack ID, wants to be called, for those who read it outside Slack; "" when nobody tells.
	Name func(ctx context.Context, person string) string
}

// Service keeps schedules. It is safe for concurrent use, also by several processes on one store.
type Service struct {
	db      store.DB
	clock   clock.Clock
	runLine func(ctx context.Context, l Line) (Ran, error)
	try     func(ctx context.Context, person, line string) error
	tell    func(tx store.Tx, n Note) error
	say     func(tx store.Tx, channel string, n Note) error
	current func() *config.Config
	sources Sources
	github  *github.Client
	repos   *repoBook
	people  People
	log     *slog.Logger
	place   func(tx store.Tx, kind, id, channel string) error
	changed func(tx store.Tx, kind, id string) error
}

// New makes a service. It starts nothing: the runner calls its steps.
func New(cfg Config) (*Service, error) {
	if cfg.DB == nil || cfg.Clock == nil || cfg.Run == nil || cfg.Try == nil || cfg.GitHub == nil || cfg.Log == nil || cfg.Place == nil || cfg.Changed == nil || cfg.Tell == nil ||
		cfg.Say == nil || cfg.Current == nil || cfg.People.GitHub == nil || cfg.People.Name == nil {
		return nil, errors.New("schedule: DB, Clock, Run, Try, GitHub, Log, Place, Changed, Tell, Say, Current and People are required")
	}
	return &Service{db: cfg.DB, clock: cfg.Clock, runLine: cfg.Run, try: cfg.Try, tell: cfg.Tell, say: cfg.Say, current: cfg.Current, sources: cfg.Sources,
		github: cfg.GitHub, repos: newRepoBook(cfg.GitHub, cfg.Clock.Now), log: cfg.Log, people: cfg.People, place: cfg.Place, changed: cfg.Changed}, nil
}

// stepTimeout lets a line run into its own time-out first.
const stepTimeout = 2 * time.Minute

// digestTimeout lets every section of a digest, and many repositories of a reminder, run into their own time-out first.
const digestTimeout = 5 * time.Minute

// Domains are what the runner needs to take all records of this package forward.
func (s *Service) Domains() []work.Domain {
	return []work.Domain{
		{Name: Domain, Step: s.StepSchedule, Workers: 16, Timeout: stepTimeout},
		{Name: DigestDomain, Step: s.StepDigest, Workers: 16, Timeout: digestTimeout},
		{Name: ReminderDomain, Step: s.StepReminder, Workers: 8, Timeout: digestTimeout},
		{Name: DebtDomain, Step: s.StepDebt, Workers: 4, Timeout: stepTimeout},
		{Name: DebtDecisionDomain, Step: s.StepDebtDecision, Workers: 4, Timeout: stepTimeout},
	}
}

// ErrNotFound says that there is no such record.
var ErrNotFound = errors.New("no such record")
