package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Lock keeps everybody from deploying a service, or all of them, to an environment. It ends with its time, if it has one, or by
// a person.
type Lock struct {
	Service     string    `json:"service,omitempty"` // empty for all services
	Environment string    `json:"environment"`
	By          string    `json:"by"` // Slack ID
	At          time.Time `json:"at"`
	Until       time.Time `json:"until,omitzero"` // zero when only a person ends it
	Reason      string    `json:"reason"`
	Nudged      time.Time `json:"nudged,omitzero"` // when By was last asked whether it is still needed, or said that it is
	// Rollback is the deployment that locked it by going back; it and those that go back further are not kept out.
	Rollback string `json:"rollback,omitempty"`
}

// live tells whether the lock still locks.
func (l *Lock) live(now time.Time) bool { return l != nil && (l.Until.IsZero() || now.Before(l.Until)) }

// LockWant asks for a lock, or for the end of one.
type LockWant struct {
	// Request is the ID of the request; asking again with the same gives the same answer.
	Request string
	At      time.Time
	By      string // Slack ID
	// Service is a name or alias, empty for all services; Environment a name or alias.
	Service     string
	Environment string
	// For is how long it lasts; 0 until somebody ends it.
	For    time.Duration
	Reason string
	// Anyway ends also somebody else's lock.
	Anyway bool
}

// Lock locks. It returns the lock, or a *Refused when somebody else has locked it already; one's own is replaced. What is under
// way goes on.
func (s *Service) Lock(ctx context.Context, w LockWant) (*Lock, error) {
	return s.aboutLock(ctx, w, func(tx store.Tx, w LockWant, old *Lock) (*Lock, error) {
		if old.live(s.clock.Now()) && old.By != w.By {
			return nil, lockRefused(AlreadyLocked, old)
		}
		l := &Lock{Service: w.Service, Environment: w.Environment, By: w.By, At: w.At.UTC(), Reason: cleanReason(w.Reason)}
		if w.For > 0 {
			l.Until = l.At.Add(w.For)
		}
		return l, saveLock(tx, l)
	})
}

// Unlock ends a lock and returns it as it was, or a *Refused when there is none, or when it is somebody else's and Anyway is not
// set.
func (s *Service) Unlock(ctx context.Context, w LockWant) (*Lock, error) {
	return s.aboutLock(ctx, w, func(tx store.Tx, w LockWant, old *Lock) (*Lock, error) {
		switch {
		case !old.live(s.clock.Now()):
			return nil, &Refused{Code: NotLocked, Service: w.Service, Environment: w.Environment}
		case old.By != w.By && !w.Anyway:
			return nil, lockRefused(LockOfAnother, old)
		}
		if err := work.Cancel(tx, Locks, lockID(old.Service, old.Environment)); err != nil {
			return nil, err
		}
		if err := tx.Delete(lockKey(old.Service, old.Environment)); err != nil {
			return nil, err
		}
		return old, wakeLines(tx, old.Service, old.Environment)
	})
}

// saveLock writes a new lock, has its owner asked about it in time, and those who wait for its place looked at: it may end earlier
// than the one it replaces.
func saveLock(tx store.Tx, l *Lock) error {
	if err := store.Save(tx, lockKey(l.Service, l.Environment), l); err != nil {
		return err
	}
	if err := appointNudge(tx, l); err != nil {
		return err
	}
	return wakeLines(tx, l.Service, l.Environment)
}

func lockRefused(code Code, l *Lock) error {
	return &Refused{Code: code, Service: l.Service, Environment: l.Environment, By: l.By, Since: l.At, Lock: l}
}

// aboutLock answers a request about the lock of a place, once. fn is given the wish with names for aliases.
func (s *Service) aboutLock(ctx context.Context, w LockWant, fn func(store.Tx, LockWant, *Lock) (*Lock, error)) (*Lock, error) {
	if err := lockable(s.current(), &w); err != nil {
		return nil, err
	}
	return once(ctx, s, lockRequestKey(w.Request), "locking or unlocking", func(tx store.Tx) (*Lock, error) {
		old, err := readLock(tx, w.Service, w.Environment)
		if err != nil {
			return nil, err
		}
		return fn(tx, w, old)
	})
}

// Locked returns the lock that the request has made or ended, or ErrNotFound.
func (s *Service) Locked(ctx context.Context, request string) (*Lock, error) {
	return answeredBefore[Lock](ctx, s, lockRequestKey(request))
}

// Locks lists what is locked now.
func (s *Service) Locks(ctx context.Context) ([]Lock, error) {
	var out []Lock
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, data := range snap.Scan(lockPrefix, "") {
			var l Lock
			if err := json.Unmarshal(data, &l); err != nil {
				return err
			}
			if l.live(s.clock.Now()) {
				out = append(out, l)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading locks: %w", err)
	}
	return out, nil
}

// lockable makes names of aliases, and refuses what cannot be locked since it does not exist. Rules of the environment keep nobody
// from locking it.
func lockable(cfg *config.Config, w *LockWant) error {
	e, ok := cfg.Environment(w.Environment)
	if !ok {
		return &Refused{Code: NotDeployedThere, Service: w.Service, Environment: w.Environment}
	}
	w.Environment = e.Name
	if w.Service == "" || strings.EqualFold(w.Service, AllServices) {
		w.Service = ""
		return nil
	}
	service, ok := cfg.Service(w.Service)
	if !ok {
		return &Refused{Code: NoService, Service: w.Service, Environment: w.Environment}
	}
	if !service.DeploysTo(e.Name) {
		return &Refused{Code: NotDeployedThere, Service: service.Name, Environment: e.Name, Environments: service.Environments}
	}
	w.Service = service.Name
	return nil
}

// AllServices is the word for every service; no service can have it as its name (package config).
const AllServices = "all"

// readLock returns the lock of a service, or of all when it is empty; nil when there is none. It may have run out.
func readLock(g store.Getter, service, environment string) (*Lock, error) {
	l, found, err := store.Load[Lock](g, lockKey(service, environment))
	if err != nil || !found {
		return nil, err
	}
	return &l, nil
}

// readLocks are the locks that hold for a service: its own and that of all services. Each may be nil or have run out.
func readLocks(g store.Getter, service, environment string) ([]*Lock, error) {
	own, err := readLock(g, service, environment)
	if err != nil {
		return nil, err
	}
	all, err := readLock(g, "", environment)
	return []*Lock{own, all}, err
}

// lockGate keeps closed what somebody has locked. The service's own lock is told before one of all services.
func lockGate(f *Facts) *Gate {
	for _, l := range f.Locks {
		if l.live(f.Now) && (l.Rollback == "" || f.Rollback == nil) {
			return &Gate{Verdict: Closed, Code: Locked, Back: l.Rollback != "", By: l.By, Since: l.At, Until: l.Until, Why: l.Reason, All: l.Service == ""}
		}
	}
	return &Gate{Verdict: Passed}
}
