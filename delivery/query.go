package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// MaxHistory is the most deployments History returns.
const MaxHistory = 100

// History returns up to n deployments, newest first; an empty service or environment means all. It reads as many keys as
// it returns records, however many there are.
func (s *Service) History(ctx context.Context, service, environment string, n int) ([]*Deployment, error) {
	var out []*Deployment
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, id := range snap.Scan(historyUnder(service, environment), "") {
			if len(out) >= min(n, MaxHistory) {
				break
			}
			d, err := load(snap, string(id))
			if errors.Is(err, ErrNotFound) {
				continue // swept between the two
			}
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	return out, nil
}

// Standing is what there is to say about a service in an environment.
type Standing struct {
	Service     string
	Environment string
	// Ledger is the last deployment that succeeded there; zero when there was none.
	Ledger Ledger
	// Outside is what GitHub says runs there, when the ledger knows nothing.
	Outside *Outside
	// Unasked is set when neither the ledger knows what runs there nor GitHub was asked, which it is for one service.
	Unasked bool
	// Unread is set when GitHub was asked and could not be read.
	Unread bool
	// Tried is set when there is or was a deployment of ours there, however it went.
	Tried bool
	// Under is the deployment under way, nil when there is none; Waiting are those that wait for checks or approvals, oldest
	// first.
	Under   *Deployment
	Waiting []*Deployment
	// Locks keep it as it is, its own and that of all services; Freeze is how a freeze closes the environment and Incident how
	// incidents keep the service as it is, each nil when none does.
	Locks    []*Lock
	Freeze   *Gate
	Incident *Gate
	// Doubt is a later deployment that began and did not succeed; nil when there is none.
	Doubt *Deployment
}

// Outside is what GitHub says was deployed by somebody else.
type Outside struct {
	Commit Commit
	By     string // login
	Since  time.Time
}

// Status says what runs where: of one service, or of all when service is empty. Only for one service is GitHub asked for
// what the ledger does not know.
func (s *Service) Status(ctx context.Context, service string) ([]Standing, error) {
	cfg := s.current()
	names := cfg.ServiceNames()
	if service != "" {
		one, ok := cfg.Service(service)
		if !ok {
			return nil, &Refused{Code: NoService, Service: service}
		}
		names = []string{one.Name}
	}
	out, err := s.Standings(ctx, names)
	if err != nil {
		return nil, err
	}
	if service != "" {
		s.askOutside(ctx, out)
		return out, nil
	}
	for i := range out {
		out[i].Unasked = outside(cfg, out[i])
	}
	return out, nil
}

// Standings says what runs where by the ledger, of services by their names; it asks nobody else. What the configuration does not know is
// left out.
func (s *Service) Standings(ctx context.Context, services []string) ([]Standing, error) {
	cfg := s.current()
	var out []Standing
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, name := range services {
			if cfg.Services[name] == nil {
				continue
			}
			for _, environment := range cfg.Services[name].Environments {
				one, err := standing(snap, name, environment)
				if err != nil {
					return err
				}
				if err := s.closed(snap, cfg, &one); err != nil {
					return err
				}
				out = append(out, one)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what runs where: %w", err)
	}
	return out, nil
}

func standing(g store.Getter, service, environment string) (Standing, error) {
	one := Standing{Service: service, Environment: environment}
	var err error
	if one.Ledger, err = readLedger(g, service, environment); err != nil {
		return one, err
	}
	if one.Under, err = holder(g, service, environment); err != nil {
		return one, err
	}
	ids, err := waitingIDs(g, service, environment)
	if err != nil {
		return one, err
	}
	for _, id := range ids {
		d, err := load(g, id)
		if err != nil {
			return one, err
		}
		one.Waiting = append(one.Waiting, d)
	}
	newest, err := g.Get(newestKey(service, environment))
	if err != nil {
		return one, err
	}
	one.Tried = newest != nil
	if one.Ledger.Doubt == "" {
		return one, nil
	}
	one.Doubt, err = load(g, one.Ledger.Doubt)
	if errors.Is(err, ErrNotFound) {
		return one, nil
	}
	return one, err
}

// closed fills in what keeps everybody from deploying there.
func (s *Service) closed(g store.Getter, cfg *config.Config, one *Standing) error {
	locks, err := readLocks(g, one.Service, one.Environment)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	for _, l := range locks {
		if l.live(now) {
			one.Locks = append(one.Locks, l)
		}
	}
	f := Facts{Now: now, Config: cfg}
	var ok bool
	if f.Environment, ok = cfg.Environment(one.Environment); !ok {
		return nil
	}
	if f.Freezes, err = readFreezes(g, one.Environment); err != nil {
		return err
	}
	if f.Holds, err = s.readHolds(g, one.Service); err != nil {
		return err
	}
	if g := freezeGate(&f); g.Verdict != Passed {
		one.Freeze = g
	}
	if g := incidentGate(&f); g.Verdict != Passed {
		one.Incident = g
	}
	return nil
}

// askOutside fills in what only GitHub knows. Without an answer it stays unknown.
func (s *Service) askOutside(ctx context.Context, all []Standing) {
	cfg := s.current()
	for i := range all {
		if !outside(cfg, all[i]) {
			continue
		}
		latest, found, err := s.github.LatestDeployment(ctx, string(cfg.Services[all[i].Service].Repo), all[i].Environment)
		all[i].Unread = err != nil
		if err != nil || !found {
			continue
		}
		all[i].Outside = &Outside{Commit: Commit{SHA: latest.SHA, URL: latest.URL}, By: latest.Creator, Since: latest.At}
	}
}

// outside tells whether only GitHub may know what runs there: the ledger does not, and GitHub's deployments of the
// repository are of this service.
func outside(cfg *config.Config, one Standing) bool {
	service, ok := cfg.Service(one.Service)
	return ok && one.Ledger.Deployment == "" && !shared(cfg, string(service.Repo))
}
