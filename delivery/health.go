package delivery

import (
	"context"
	"errors"
	"time"

	"shipmate/config"
	"shipmate/integrations/probe"
	"shipmate/store"
)

// HealthDomain is the runner's name for watching whether what was deployed stays good. A deployment is there under its own
// ID, from the transaction that ends it until its health is decided.
const HealthDomain = "health"

const (
	// failsInARow is how many checks must fail one after the other until a deployment counts as unhealthy: one lost answer, or
	// an instance that restarts, is no reason to go back.
	failsInARow = 3
	// healthWorkers is how many addresses are asked at once.
	healthWorkers = 8
)

// Health is how a deployment that succeeded has done since.
type Health struct {
	Since  time.Time `json:"since"` // from when it is watched
	Until  time.Time `json:"until"` // for how long, its bake time
	Checks int       `json:"checks,omitempty"`
	Failed int       `json:"failed,omitempty"` // how many of them failed
	Row    int       `json:"row,omitempty"`    // how many of the last failed, one after the other
	Last   time.Time `json:"last,omitzero"`    // when it was last asked
	// Why says in a few words what was wrong with the last check that failed.
	Why   string      `json:"why,omitempty"`
	State HealthState `json:"state,omitempty"`
	// Decided is when it was decided; nothing of it changes after.
	Decided time.Time `json:"decided,omitzero"`
}

// HealthState is what is known of whether a deployment stayed good.
type HealthState string

// The states of health.
const (
	Watched   HealthState = ""          // it is not known yet
	Healthy   HealthState = "healthy"   // it stayed good for its bake time
	Unhealthy HealthState = "unhealthy" // it did not stay good: a failed change
	Replaced  HealthState = "replaced"  // another deployment came before that was known, or it was rolled back
)

// HealthCheck is what is asked of what was deployed: the configuration as it was when it was asked for.
type HealthCheck struct {
	URL     string          `json:"url"`
	Status  int             `json:"status"`
	Body    string          `json:"body,omitempty"`
	Latency config.Duration `json:"latency"`
	Every   config.Duration `json:"every"`
	Bake    config.Duration `json:"bake"`
}

// healthCheck is how the health of a service is looked at in an environment; nil when it is not.
func healthCheck(service *config.Service, e *config.Environment) *HealthCheck {
	h := service.Health
	if h == nil || e.Bake.Duration == 0 {
		return nil
	}
	return &HealthCheck{URL: h.Address(service.Name, e.Name), Status: h.Status, Body: h.Body, Latency: h.Latency, Every: h.Every, Bake: e.Bake}
}

// watchHealth begins to watch a deployment that has just succeeded.
func (d *Deployment) watchHealth() {
	if d.Decided.Health == nil {
		return
	}
	since := d.Ended
	if d.Noticed.After(since) {
		since = d.Noticed
	}
	d.Health = &Health{Since: since, Until: since.Add(d.Decided.Health.Bake.Duration)}
}

// StepHealth asks once how a deployment does and says when to ask again; the zero time means that it is decided, or nobody's
// to watch. After a time in which nobody asked it goes on with the next question. While another deployment changes what runs
// there nothing is asked, since a bad answer would be nobody's for certain.
func (s *Service) StepHealth(ctx context.Context, id string) (time.Time, error) {
	d, err := s.Deployment(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case d.Health == nil || d.Health.State != Watched:
		return time.Time{}, nil
	}
	check := d.Decided.Health
	busy, err := s.underWork(ctx, d)
	if err != nil {
		return time.Time{}, err
	}
	if busy {
		return s.clock.Now().Add(check.Every.Duration), nil
	}
	wrong, err := s.probe.Look(ctx, probe.Check{URL: check.URL, Status: check.Status, Body: check.Body, Latency: check.Latency.Duration})
	if err != nil {
		return time.Time{}, err
	}
	now := s.clock.Now()
	d, err = s.change(ctx, id, func(tx store.Tx, d *Deployment) error {
		replaced, busy, err := overtaken(tx, d)
		if err == nil && !busy && d.Health.State == Watched {
			d.Health.see(wrong, replaced, now)
		}
		return err
	})
	if err != nil || d.Health.State != Watched {
		return time.Time{}, err
	}
	return d.Health.next(check.Every.Duration, now), nil
}

// underWork tells whether it is too early to ask, since another deployment is changing what runs there.
func (s *Service) underWork(ctx context.Context, d *Deployment) (busy bool, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		_, busy, err = overtaken(snap, d)
		return err
	})
	return busy, err
}

// overtaken tells what has become of the place since the deployment succeeded there. It is replaced when another one has
// succeeded, or began and did not, so that part of it may run, and when it was rolled back; the place is busy while it is not
// and another one runs.
func overtaken(g store.Getter, d *Deployment) (replaced, busy bool, err error) {
	ledger, err := readLedger(g, d.Service, d.Environment)
	if err != nil {
		return false, false, err
	}
	if ledger.Deployment != d.ID || ledger.Doubt != "" || d.RolledBack != nil {
		return true, false, nil
	}
	other, err := holder(g, d.Service, d.Environment)
	return false, other != nil && !other.Started.IsZero(), err
}

// next is when it is asked again: every so often, and at the end of its time.
func (h *Health) next(every time.Duration, now time.Time) time.Time {
	next := now.Add(every)
	if now.Before(h.Until) && next.After(h.Until) {
		return h.Until
	}
	return next
}

// see takes over what a check said, and decides as soon as that can be. What answers once another deployment has come
// says nothing of this one.
func (h *Health) see(wrong string, replaced bool, now time.Time) {
	if replaced {
		h.State, h.Decided = Replaced, now
		return
	}
	h.Checks++
	h.Last = now
	if wrong == "" {
		h.Row = 0
	} else {
		h.Row++
		h.Failed++
		h.Why = wrong
	}
	switch {
	case h.Row >= failsInARow:
		h.State, h.Decided = Unhealthy, now
	case h.Row == 0 && !now.Before(h.Until):
		h.State, h.Decided = Healthy, now
	}
}

// failed tells whether the deployment did not stay good.
func (h *Health) failed() bool { return h != nil && h.State == Unhealthy }

// good tells whether the deployment stood its test, or had none. One whose test was cut short by the next stood it as far as
// anybody knows; whether it ran for long enough is asked elsewhere.
func (h *Health) good() bool { return h == nil || h.State == Healthy || h.State == Replaced }
