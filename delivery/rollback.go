package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Rollback says from what a deployment goes back.
type Rollback struct {
	// Of is the deployment that it undoes, and Bad its commit, which is not deployed there again.
	Of  string `json:"of"`
	Bad Commit `json:"bad"`
	// Cancels is set when that deployment was still under way, so that it is cancelled first.
	Cancels bool `json:"cancels,omitempty"`
}

// RolledBack says that somebody wants a deployment undone, and what came of it.
type RolledBack struct {
	ID string    `json:"id"` // of the deployment that is to undo it
	By string    `json:"by"` // Slack ID
	At time.Time `json:"at"`
	// Ended is how the undoing deployment ended; empty while it is under way. Only Succeeded has undone anything.
	Ended State `json:"ended,omitempty"`
}

// Undone tells whether the deployment does not run any more since it was rolled back.
func (d *Deployment) Undone() bool { return d.RolledBack != nil && d.RolledBack.Ended == Succeeded }

// BeingUndone tells whether it is being rolled back.
func (d *Deployment) BeingUndone() bool { return d.RolledBack != nil && d.RolledBack.Ended == "" }

// PreviewRollback returns the deployment that Rollback would make now, without making it, or the *Refused it would return.
func (s *Service) PreviewRollback(ctx context.Context, w Want) (*Deployment, error) {
	w, made, err := s.back(ctx, w)
	if made != nil || err != nil {
		return made, err
	}
	return s.Preview(ctx, w)
}

// Rollback deploys what stayed good before: w.Ref names it, by a deployment's ID or as any ref, and when it is empty it is the
// last deployment that succeeded, stood for the environment's bake time in good health and was not rolled back itself. w.From, unless empty,
// is the SHA of what it goes back from; when that is not what is to be undone any more it is refused. The workflow is given again
// what the asker of the earlier deployment gave it, else that of the one that is undone. What it goes back from is vetoed, the place
// is locked, and a deployment under way there is cancelled first, all in one transaction.
func (s *Service) Rollback(ctx context.Context, w Want) (*Deployment, error) {
	for range maxPlans {
		back, made, err := s.back(ctx, w)
		if made != nil || err != nil {
			return made, err
		}
		d, err := s.Deploy(ctx, back)
		if !errors.Is(err, errMoved) {
			return d, err
		}
	}
	return nil, fmt.Errorf("rolling back %s in %s: %w", w.Service, w.Environment, errMoved)
}

// back turns the wish to roll back into one for a commit; made is what the same request made before.
func (s *Service) back(ctx context.Context, w Want) (_ Want, made *Deployment, err error) {
	if made, err = s.made(ctx, w); made != nil || err != nil {
		return w, made, err
	}
	service, e, err := place(s.current(), w.Service, w.Environment)
	if err != nil {
		return w, nil, err
	}
	var bad *Deployment
	var target *Deployment
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		ledger, err := readLedger(snap, service.Name, e.Name)
		if err != nil {
			return err
		}
		if bad, err = undone(snap, service.Name, e.Name, ledger); err != nil {
			return err
		}
		target, err = goodBefore(snap, service.Name, e, bad, w.Ref, s.clock.Now())
		return err
	})
	switch {
	case err != nil:
		return w, nil, err
	case w.From != "" && w.From != bad.Commit.SHA:
		return w, nil, &Refused{Code: NotThereAnyMore, Service: service.Name, Environment: e.Name, Deployment: bad, Commit: Commit{SHA: w.From}}
	}
	w.Anyway = true
	w.back = &Rollback{Of: bad.ID, Bad: bad.Commit, Cancels: !bad.State.Ended()}
	with := bad // what is given again, unless the commit has a deployment of its own
	if target != nil {
		w.Asked = w.Ref
		if w.Asked == "" {
			w.Asked = target.Commit.Short()
		}
		w.Ref, with = target.Commit.SHA, target
	}
	if !w.Exactly {
		w.Inputs = inputsAgain(service, with, w.Inputs)
	}
	return w, nil, nil
}

// undone is the deployment that a rollback undoes: the one under way, else one that began and did not succeed, else the last
// that succeeded. While it is being undone already it is refused.
func undone(g store.Getter, service, environment string, l Ledger) (*Deployment, error) {
	bad, err := holder(g, service, environment)
	if bad == nil && err == nil {
		bad, err = lastThere(g, l)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, &Refused{Code: NothingToUndo, Service: service, Environment: environment}
	case err != nil:
		return nil, err
	case bad.Rollback != nil && !bad.State.Ended():
		return nil, bad.refuse(AlreadyGoingBack)
	case bad.RolledBack == nil:
		return bad, nil
	}
	undoing, err := load(g, bad.RolledBack.ID)
	if err == nil && !undoing.State.Ended() {
		return nil, undoing.refuse(AlreadyGoingBack)
	}
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return bad, err
}

// lastThere is the deployment that touched the place last; of a rollback that failed it is the one that it was to undo.
func lastThere(g store.Getter, l Ledger) (*Deployment, error) {
	if l.Doubt == "" {
		return load(g, l.Deployment)
	}
	d, err := load(g, l.Doubt)
	if err == nil && d.Rollback != nil {
		return load(g, d.Rollback.Of)
	}
	return d, err
}

// maxLookedBack is how many deployments are looked through for one that stayed good.
const maxLookedBack = 200

// inputsAgain are the inputs of an earlier deployment, as far as the configuration still lets them be given, with what is given
// now instead.
func inputsAgain(service *config.Service, before *Deployment, now map[string]string) map[string]string {
	all, _ := service.Deploy.Accept(before.Inputs)
	if all == nil {
		return now
	}
	right, _ := service.Deploy.Accept(now)
	for name := range right {
		delete(all, name) // however it is written in now
	}
	maps.Copy(all, now)
	return all
}

// goodBefore is the deployment to go back to. What people name as any other ref than a deployment of ours is looked up later, and
// it is nil.
func goodBefore(snap store.Snapshot, service string, e *config.Environment, bad *Deployment, ref string, now time.Time) (*Deployment, error) {
	refused := &Refused{Code: NothingGood, Service: service, Environment: e.Name, Deployment: bad}
	if IsID(ref) {
		d, err := load(snap, ref)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil, &Refused{Code: NoDeployment}
		case err != nil:
			return nil, err
		case d.Service != service || d.Environment != e.Name || d.State != Succeeded:
			refused.Code, refused.Deployment = NeverGood, d
			return nil, refused
		}
		return d, nil
	}
	if ref != "" {
		return nil, nil
	}
	until, looked := now, 0                                       // when what came after it began to run
	for key := range snap.Scan(endedUnder(service, e.Name), "") { // the last to end first: one that waited was asked for long before it ran
		if looked++; looked > maxLookedBack {
			break
		}
		d, err := load(snap, lastOf(key))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if d.State != Succeeded {
			continue
		}
		stood := until.Sub(d.Ended)
		until = d.Ended
		veto, err := vetoOf(snap, service, e.Name, d.Commit.SHA)
		if err != nil {
			return nil, err
		}
		if veto != nil || d.RolledBack != nil || d.Commit.SHA == bad.Commit.SHA || stood < e.Bake.Duration || !d.Health.good() {
			continue
		}
		return d, nil
	}
	return nil, refused
}

// goBack writes all that a rollback brings beside its deployment: what it undoes is vetoed, and cancelled when it is under way,
// and the place is locked.
func (s *Service) goBack(tx store.Tx, d *Deployment, now time.Time) error {
	back := d.Rollback
	ledger, err := readLedger(tx, d.Service, d.Environment)
	if err != nil {
		return err
	}
	bad, err := undone(tx, d.Service, d.Environment, ledger)
	if err != nil {
		return err
	}
	if bad.ID != back.Of || bad.State.Ended() == back.Cancels {
		return errMoved
	}
	_, err = s.changeIn(tx, bad.ID, func(tx store.Tx, bad *Deployment) error {
		bad.RolledBack = &RolledBack{ID: d.ID, By: d.By, At: now}
		switch {
		case !back.Cancels || bad.Cancel != nil:
			return nil
		case bad.State == Lost: // its run is stopped as soon as that can be; only a person's look gives the place free
			bad.Cancel = &Cancel{By: d.By, At: now, Request: d.Request}
			return nil
		}
		return bad.stop(tx, Stop{Request: d.Request, By: d.By}, now)
	})
	if err != nil {
		return err
	}
	if err := work.Wake(tx, Domain, bad.ID, time.Time{}); err != nil {
		return err
	}
	veto := Veto{Service: d.Service, Environment: d.Environment, Commit: back.Bad, By: d.By, At: now, Reason: d.Reason, Rollback: d.ID}
	if err := store.Save(tx, vetoKey(d.Service, d.Environment, back.Bad.SHA), veto); err != nil {
		return err
	}
	if err := wakeWaiting(tx, d.Service, d.Environment); err != nil { // with the same commit it waits in vain
		return err
	}
	lock := Lock{Service: d.Service, Environment: d.Environment, By: d.By, At: now, Reason: d.Reason, Rollback: d.ID}
	return saveLock(tx, &lock)
}
