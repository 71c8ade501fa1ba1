package delivery

import (
	"cmp"
	"context"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// Locks is the runner's domain of locks that only a person ends, so that their owners are asked now and then whether they are
// still needed.
const Locks = "lock"

// nudgeEvery is how long a lock without an end stands before its owner is asked about it, and how long until they are asked again:
// a day, so that it is thought of at the hour at which it was made.
const nudgeEvery = 24 * time.Hour

// lockID names a lock for the runner.
func lockID(service, environment string) string { return cmp.Or(service, anyName) + "/" + environment }

// nudgeAt is when the owner is asked next.
func (l *Lock) nudgeAt() time.Time {
	if l.Nudged.After(l.At) {
		return l.Nudged.Add(nudgeEvery)
	}
	return l.At.Add(nudgeEvery)
}

// appointNudge has the owner of a lock asked about it in time; of one that ends by itself nobody is asked.
func appointNudge(tx store.Tx, l *Lock) error {
	if !l.Until.IsZero() {
		return work.Cancel(tx, Locks, lockID(l.Service, l.Environment))
	}
	return work.Appoint(tx, Locks, lockID(l.Service, l.Environment), l.nudgeAt())
}

// StepLock asks the owner of an old lock whether it is still needed, and says when to ask again.
func (s *Service) StepLock(ctx context.Context, id string) (next time.Time, err error) {
	service, environment, _ := strings.Cut(id, "/")
	if service == anyName {
		service = ""
	}
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		now := s.clock.Now()
		next = time.Time{}
		l, err := readLock(tx, service, environment)
		if err != nil || l == nil || !l.Until.IsZero() {
			return err
		}
		if next = l.nudgeAt(); now.Before(next) {
			return nil
		}
		if gone := lockable(s.current(), &LockWant{Service: service, Environment: environment}); gone != nil {
			next = now.Add(nudgeEvery) // it keeps nobody out of what is not there; it does if the place comes back
			return nil
		}
		l.Nudged = now
		next = l.nudgeAt()
		if err := store.Save(tx, lockKey(service, environment), l); err != nil {
			return err
		}
		return s.tell(tx, Note{Person: l.By, Topic: "lock", ID: id + " " + now.Format(time.RFC3339Nano), At: now, OldLock: l})
	})
	return next, err
}

// KeepLock is the owner's word that a lock is still needed: they are asked again after nudgeEvery. It returns the lock, or a
// *Refused when there is none or it is somebody else's.
func (s *Service) KeepLock(ctx context.Context, w LockWant) (*Lock, error) {
	return s.aboutLock(ctx, w, func(tx store.Tx, w LockWant, old *Lock) (*Lock, error) {
		switch {
		case !old.live(s.clock.Now()):
			return nil, &Refused{Code: NotLocked, Service: w.Service, Environment: w.Environment}
		case old.By != w.By:
			return nil, lockRefused(LockOfAnother, old)
		}
		old.Nudged = w.At.UTC()
		if err := appointNudge(tx, old); err != nil {
			return nil, err
		}
		return old, store.Save(tx, lockKey(old.Service, old.Environment), old)
	})
}

// NudgeAt is when the owner of a lock is asked next whether it is still needed; zero for one that ends by itself.
func (l *Lock) NudgeAt() time.Time {
	if !l.Until.IsZero() {
		return time.Time{}
	}
	return l.nudgeAt()
}
