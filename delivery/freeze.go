package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// Freeze is a person's word that nothing is deployed to an environment, or to all of them. It ends with its time, if it has one,
// or by a person. Those of the configuration are windows; see Window.
type Freeze struct {
	Environment string    `json:"environment,omitempty"` // empty for all environments
	By          string    `json:"by"`                    // Slack ID
	At          time.Time `json:"at"`
	Until       time.Time `json:"until,omitzero"` // zero when only a person ends it
	Reason      string    `json:"reason"`
}

// live tells whether the freeze still holds.
func (f *Freeze) live(now time.Time) bool {
	return f != nil && (f.Until.IsZero() || now.Before(f.Until))
}

// The reasons to refuse that are about freezes people make.
const (
	AlreadyFrozen   Code = "already_frozen"    // somebody else has frozen it, so nobody can once more
	FreezeOfAnother Code = "freeze_of_another" // the freeze to be ended is somebody else's; FreezeWant.Anyway passes
	NotFrozen       Code = "not_frozen"        // there is no freeze of a person to end
	NoEnvironment   Code = "no_environment"    // the configuration knows no such environment
)

// FreezeWant asks for a freeze, or for the end of one.
type FreezeWant struct {
	// Request is the ID of the request; asking again with the same gives the same answer.
	Request string
	At      time.Time
	By      string // Slack ID
	// Environment is a name or alias, or AllEnvironments.
	Environment string
	// Until is when it ends; zero until somebody ends it.
	Until  time.Time
	Reason string
	// Anyway ends also somebody else's freeze.
	Anyway bool
}

// AllEnvironments is the word for every environment; none can have it as its name (package config).
const AllEnvironments = "all"

// Freeze freezes an environment. It returns the freeze, or a *Refused when somebody else has frozen it already; one's own is
// replaced. What was sent before goes on; what was not sent yet is not.
func (s *Service) Freeze(ctx context.Context, w FreezeWant) (*Freeze, error) {
	return s.aboutFreeze(ctx, w, func(tx store.Tx, w FreezeWant, old *Freeze) (*Freeze, error) {
		if old.live(s.clock.Now()) && old.By != w.By {
			return nil, freezeRefused(AlreadyFrozen, old)
		}
		f := &Freeze{Environment: w.Environment, By: w.By, At: w.At.UTC(), Until: w.Until.UTC(), Reason: cleanReason(w.Reason)}
		if err := store.Save(tx, freezeKey(f.Environment), f); err != nil {
			return nil, err
		}
		return f, wakeLines(tx, "", f.Environment)
	})
}

// Thaw ends a freeze and returns it as it was, or a *Refused when there is none, or when it is somebody else's and Anyway is not
// set. A window of the configuration is not ended by it.
func (s *Service) Thaw(ctx context.Context, w FreezeWant) (*Freeze, error) {
	return s.aboutFreeze(ctx, w, func(tx store.Tx, w FreezeWant, old *Freeze) (*Freeze, error) {
		switch {
		case !old.live(s.clock.Now()):
			return nil, &Refused{Code: NotFrozen, Environment: w.Environment}
		case old.By != w.By && !w.Anyway:
			return nil, freezeRefused(FreezeOfAnother, old)
		}
		if err := tx.Delete(freezeKey(old.Environment)); err != nil {
			return nil, err
		}
		return old, wakeLines(tx, "", old.Environment)
	})
}

func freezeRefused(code Code, f *Freeze) error {
	return &Refused{Code: code, Environment: f.Environment, By: f.By, Since: f.At, Freeze: f}
}

// aboutFreeze answers a request about the freeze of an environment, once. fn is given the wish with a name for an alias.
func (s *Service) aboutFreeze(ctx context.Context, w FreezeWant, fn func(store.Tx, FreezeWant, *Freeze) (*Freeze, error)) (*Freeze, error) {
	if err := freezable(s.current(), &w); err != nil {
		return nil, err
	}
	return once(ctx, s, freezeRequestKey(w.Request), "freezing or thawing", func(tx store.Tx) (*Freeze, error) {
		old, err := readFreeze(tx, w.Environment)
		if err != nil {
			return nil, err
		}
		return fn(tx, w, old)
	})
}

// freezable makes a name of an alias, and refuses what there is not.
func freezable(cfg *config.Config, w *FreezeWant) error {
	if w.Environment == "" || strings.EqualFold(w.Environment, AllEnvironments) {
		w.Environment = ""
		return nil
	}
	e, ok := cfg.Environment(w.Environment)
	if !ok {
		return &Refused{Code: NoEnvironment, Environment: w.Environment, Environments: cfg.EnvironmentNames()}
	}
	w.Environment = e.Name
	return nil
}

// Frozen returns the freeze that the request has made or ended, or ErrNotFound.
func (s *Service) Frozen(ctx context.Context, request string) (*Freeze, error) {
	return answeredBefore[Freeze](ctx, s, freezeRequestKey(request))
}

// Freezes lists the freezes people made that hold now, and the windows of the configuration that are open or come next.
func (s *Service) Freezes(ctx context.Context) (made []Freeze, windows []Window, err error) {
	now := s.clock.Now()
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		made = nil
		for _, data := range snap.Scan(freezePrefix, "") {
			var f Freeze
			if err := json.Unmarshal(data, &f); err != nil {
				return err
			}
			if f.live(now) {
				made = append(made, f)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading freezes: %w", err)
	}
	cfg := s.current()
	for _, name := range cfg.EnvironmentNames() {
		windows = append(windows, windowsOf(cfg, cfg.Environments[name], now)...)
	}
	return made, windows, nil
}

// readFreeze returns the freeze of an environment, or of all when it is empty; nil when there is none. It may have run out.
func readFreeze(g store.Getter, environment string) (*Freeze, error) {
	f, found, err := store.Load[Freeze](g, freezeKey(environment))
	if err != nil || !found {
		return nil, err
	}
	return &f, nil
}

// readFreezes are the freezes that hold for an environment: its own and that of all. Each may be nil or have run out.
func readFreezes(g store.Getter, environment string) ([]*Freeze, error) {
	own, err := readFreeze(g, environment)
	if err != nil {
		return nil, err
	}
	all, err := readFreeze(g, "")
	return []*Freeze{own, all}, err
}
