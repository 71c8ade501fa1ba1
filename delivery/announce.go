package delivery

import (
	"slices"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Announce has a deployment shown in a channel, beside its card, in the transaction that brought about what is announced. The
// channel is as the configuration gives it.
type Announce func(tx store.Tx, deployment, channel string) error

// announcement is the runner's ID of a deployment's message in a channel, beside its card.
func announcement(id, channel string) string { return "announcement/" + id + "/" + channel }

// reached are the events that a deployment has come to, in the configuration's words.
func (d *Deployment) reached() []string {
	var out []string
	add := func(event string, is bool) {
		if is {
			out = append(out, event)
		}
	}
	add(config.OnWaiting, d.State == Waiting)
	add(config.OnStarted, d.Run != nil && !d.State.Ended())
	add(config.OnSucceeded, d.State == Succeeded)
	add(config.OnFailed, d.State == Failed || d.State == Lost)
	add(config.OnCancelled, d.State == Cancelled || d.State == Abandoned)
	add(config.OnUnhealthy, d.Health.failed())
	add(config.OnRolledBack, d.Undone())
	return out
}

// announceWhat shows the deployment in the channels that the configuration names for what it has come to. A channel gets one
// message, which is kept true from then on.
func (s *Service) announceWhat(tx store.Tx, d *Deployment) error {
	reached := d.reached()
	for _, a := range s.current().Announce {
		if slices.Contains(d.Announced, a.To) || !a.For(d.Service, d.Environment) ||
			!slices.ContainsFunc(reached, func(event string) bool { return slices.Contains(a.Events(), event) }) {
			continue
		}
		d.Announced = append(slices.Clone(d.Announced), a.To)
		if err := s.announce(tx, d.ID, a.To); err != nil {
			return err
		}
	}
	return nil
}

// wakeCards has people see the record as it stands, wherever it is shown.
func wakeCards(tx store.Tx, d *Deployment) error {
	if err := work.Wake(tx, card, cardOf(d.ID), time.Time{}); err != nil {
		return err
	}
	for _, channel := range d.Announced {
		if err := work.Wake(tx, card, announcement(d.ID, channel), time.Time{}); err != nil {
			return err
		}
	}
	return nil
}
