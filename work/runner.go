package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// DefaultGrace is how long Run lets the steps under way go on once it is told to stop, on the machine's clock.
const DefaultGrace = 10 * time.Second

// errStopping is why the context of a step ends when the process stops. Such a step has not failed.
var errStopping = errors.New("the runner is stopping")

// Config is what a Runner needs.
type Config struct {
	DB    store.DB
	Clock clock.Clock
	// Log takes what goes wrong with steps; nothing is logged when it is nil.
	Log *slog.Logger
	// Claims are this process's. Run renews them.
	Claims *Claims
	// Alert, when it is set, tells a person that a record was parked. It is called once each time a record is parked; when
	// the process dies before Alert has returned, once more by the next. A record that is woken before is not told again.
	Alert func(ctx context.Context, p Parked)
	// Grace replaces DefaultGrace.
	Grace time.Duration
}

// Runner steps the records of its domains.
type Runner struct {
	cfg   Config
	lanes []*lane
	err   error // what is wrong with the domains; Run says so
}

// New returns a runner of the given domains, which Run starts.
func New(cfg Config, domains ...Domain) *Runner {
	r := &Runner{cfg: cfg}
	r.cfg.Grace = orDefault(cfg.Grace, DefaultGrace)
	if cfg.Log == nil {
		r.cfg.Log = slog.New(slog.DiscardHandler)
	}
	names := map[string]bool{}
	for _, d := range domains {
		d, err := d.withDefaults()
		if err == nil && names[d.Name] {
			err = fmt.Errorf("there are two domains %q", d.Name)
		}
		names[d.Name] = true
		r.err = errors.Join(r.err, err)
		r.lanes = append(r.lanes, newLane(r, d))
	}
	return r
}

// Run steps what is due until ctx ends, then takes nothing more and waits for the steps under way: for Grace as they are,
// then as long with their contexts ended. It returns nil when all of them have ended. An error says what is wrong with a domain,
// that another process has this replica's name (ErrSuperseded), or how many steps did not end. Run is called once.
func (r *Runner) Run(ctx context.Context) error {
	if r.err != nil {
		return r.err
	}
	taking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	steps, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(errStopping)
	keeping, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()

	kept := make(chan error, 1)
	go func() {
		err := r.cfg.Claims.keep(keeping, r.cfg.Log)
		if err != nil {
			stop(err)
			end(ErrLostClaim)
		}
		kept <- err
	}()
	var lanes sync.WaitGroup
	for _, l := range r.lanes {
		lanes.Go(func() { l.run(taking, steps) })
	}
	<-taking.Done()
	left := r.wait(&lanes, end)
	release()
	return errors.Join(<-kept, left)
}

// wait waits for the steps under way, and ends their contexts when that takes too long.
func (r *Runner) wait(lanes *sync.WaitGroup, end context.CancelCauseFunc) error {
	done := make(chan struct{})
	go func() {
		lanes.Wait()
		close(done)
	}()
	for _, patience := range []time.Duration{r.cfg.Grace, r.cfg.Grace} {
		timer := time.NewTimer(patience)
		select {
		case <-done:
			timer.Stop()
			return nil
		case <-timer.C:
			end(errStopping)
		}
	}
	n := 0
	for _, l := range r.lanes {
		n += l.count()
	}
	return fmt.Errorf("stopping: %d steps have not ended", n)
}
