package delivery

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// After is the runner's domain of what follows from a change, each in a transaction of its own: one has at most store.MaxOps
// operations, and how many deployments wait in a place or how many channels one is announced in is nobody's to bound.
const After = "after"

// What follows, and of what:
//
//	waiting/<service>/<environment>  all that wait there are looked at again
//	undid/<id>                       what a rollback was to undo is told how that ended
//	announce/<id>                    a deployment is shown, and kept true, in the channels beside its card's
const (
	afterWaiting  = "waiting"
	afterUndid    = "undid"
	afterAnnounce = "announce"
)

func wakeAfter(tx store.Tx, what ...string) error {
	return work.Wake(tx, After, strings.Join(what, "/"), time.Time{})
}

// StepAfter does what follows from a change. It ends when there is nothing more.
func (s *Service) StepAfter(ctx context.Context, id string) (time.Time, error) {
	what, of, _ := strings.Cut(id, "/")
	switch what {
	case afterWaiting:
		service, environment, _ := strings.Cut(of, "/") // names of services and environments have no slash
		return time.Time{}, s.wakeEachWaiting(ctx, service, environment)
	case afterUndid:
		return time.Time{}, s.undid(ctx, of)
	case afterAnnounce:
		return time.Time{}, s.announceWhat(ctx, of)
	}
	return time.Time{}, nil
}

// wakeWaiting has all that wait in a place looked at again, since something there has changed.
func wakeWaiting(tx store.Tx, service, environment string) error {
	data, err := tx.Get(waitingKey(service, environment))
	if err != nil || data == nil {
		return err
	}
	return wakeAfter(tx, afterWaiting, service, environment)
}

func (s *Service) wakeEachWaiting(ctx context.Context, service, environment string) error {
	var ids []string
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		ids, err = waitingIDs(snap, service, environment)
		return err
	})
	for _, id := range ids {
		if err == nil {
			err = work.Update(ctx, s.db, func(tx store.Tx) error { return work.Wake(tx, Domain, id, time.Time{}) })
		}
	}
	return err
}

// undid notes on the deployment that was to be undone how that ended, unless another one does it by now.
func (s *Service) undid(ctx context.Context, id string) error {
	d, err := s.Deployment(ctx, id)
	if err == nil && d.Rollback != nil {
		_, err = s.change(ctx, d.Rollback.Of, func(_ store.Tx, bad *Deployment) error {
			if bad.RolledBack != nil && bad.RolledBack.ID == id {
				bad.RolledBack.Ended = d.State
			}
			return nil
		})
	}
	if errors.Is(err, ErrNotFound) {
		return nil // one of the two was forgotten
	}
	return err
}

// Announce has a deployment shown in a channel, beside its card, in the transaction that notes so. The channel is as the
// configuration gives it.
type Announce func(tx store.Tx, deployment, channel string) error

// announcement is the runner's ID of a deployment's message in a channel, beside its card.
func announcement(id, channel string) string { return "announcement/" + id + "/" + channel }

// reached are the events that a deployment has come to so far, in the configuration's words.
func (d *Deployment) reached() []string {
	var out []string
	for event, is := range map[string]bool{
		config.OnWaiting: slices.ContainsFunc(d.Waits, func(w Wait) bool { return !w.Since.Before(d.Created) }), // not only when refused
		config.OnStarted: d.Run != nil, config.OnSucceeded: d.State == Succeeded,
		config.OnFailed: d.State == Failed || d.State == Lost, config.OnCancelled: d.State == Cancelled || d.State == Abandoned,
		config.OnUnhealthy: d.Health.failed(), config.OnRolledBack: d.Undone(),
	} {
		if is {
			out = append(out, event)
		}
	}
	return out
}

// due are the channels in which the deployment is to be shown and is not yet, in the order of the configuration.
func (s *Service) due(d *Deployment) []string {
	reached := d.reached()
	var out []string
	for _, a := range s.current().Announce {
		if a.For(d.Service, d.Environment) && !slices.Contains(d.Announced, a.To) && !slices.Contains(out, a.To) &&
			slices.ContainsFunc(reached, func(event string) bool { return slices.Contains(a.Events(), event) }) {
			out = append(out, a.To)
		}
	}
	return out
}

// wakeCards has people see the record as it stands, wherever it is shown.
func (s *Service) wakeCards(tx store.Tx, d *Deployment) error {
	if err := work.Wake(tx, card, cardOf(d.ID), time.Time{}); err != nil {
		return err
	}
	if len(d.Announced) == 0 && len(s.due(d)) == 0 {
		return nil
	}
	return wakeAfter(tx, afterAnnounce, d.ID)
}

// announceWhat shows the deployment in the channels that the configuration names for what it has come to, one message in each,
// and has those that stand there kept true.
func (s *Service) announceWhat(ctx context.Context, id string) error {
	d, err := s.Deployment(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, channel := range s.due(d) {
		d, err = s.change(ctx, id, func(tx store.Tx, d *Deployment) error {
			if slices.Contains(d.Announced, channel) {
				return nil
			}
			d.Announced = append(d.Announced, channel)
			return s.announce(tx, id, channel)
		})
		if err != nil {
			return err
		}
	}
	for _, channel := range d.Announced {
		err := work.Update(ctx, s.db, func(tx store.Tx) error { return work.Wake(tx, card, announcement(id, channel), time.Time{}) })
		if err != nil {
			return err
		}
	}
	return nil
}
