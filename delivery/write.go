package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// card is the runner's domain of the live messages, and cardOf the ID of a deployment's there: waking it makes people see
// the record as it stands.
const card = "card"

func cardOf(id string) string { return "deployment/" + id }

// load reads a record; ErrNotFound when there is none.
func load(g store.Getter, id string) (*Deployment, error) {
	d, found, err := store.Load[Deployment](g, deploymentKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &d, nil
}

// create writes a new deployment with everything that makes it exist: its slot, unless it waits, its place in the history,
// the appointment that takes it on and the one that shows it.
func (s *Service) create(tx store.Tx, d *Deployment) error {
	d.Version, d.Stage = 1, 1
	if err := store.Save(tx, deploymentKey(d.ID), d); err != nil {
		return err
	}
	if d.State == Wanted {
		if err := takeSlot(tx, d); err != nil {
			return err
		}
	}
	if err := tx.Put(newestKey(d.Service, d.Environment), []byte(d.ID)); err != nil {
		return err
	}
	for _, key := range historyKeys(d) {
		if err := tx.Put(key, []byte(d.ID)); err != nil {
			return err
		}
	}
	if err := work.Wake(tx, Domain, d.ID, time.Time{}); err != nil {
		return err
	}
	return s.wakeCards(tx, d)
}

// change writes one change of a deployment: it is the only way a record is written once it exists. fn sees the record as
// it stands and changes it; change sees to it that the change is allowed, counts version and stage, frees the slot and
// closes the accounts at the end, says so to whoever has to know, has what succeeded watched, and has the card redrawn. A change that changes nothing writes nothing.
func (s *Service) change(ctx context.Context, id string, fn func(store.Tx, *Deployment) error) (*Deployment, error) {
	var d *Deployment
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		d, err = s.changeIn(tx, id, fn)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("writing deployment %s: %w", id, err)
	}
	return d, nil
}

func (s *Service) changeIn(tx store.Tx, id string, fn func(store.Tx, *Deployment) error) (*Deployment, error) {
	d, err := load(tx, id)
	if err != nil {
		return nil, err
	}
	state, offer := d.State, d.Offer()
	before, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	if err := fn(tx, d); err != nil {
		return nil, err
	}
	after, err := json.Marshal(d)
	if err != nil || bytes.Equal(before, after) {
		return d, err
	}
	if !state.may(d.State) {
		return nil, fmt.Errorf("a %s deployment cannot become %s", state, d.State)
	}
	if d.State == Succeeded && state != Succeeded {
		d.watchHealth()
	}
	d.Version++
	if d.Offer() != offer {
		d.Stage++
	}
	if err := store.Save(tx, deploymentKey(id), d); err != nil {
		return nil, err
	}
	if d.State.Ended() {
		if err := noteOutcome(tx, d); err != nil {
			return nil, err
		}
	}
	if d.State.Ended() && !state.Ended() {
		if err := finish(tx, d); err != nil {
			return nil, err
		}
		if d.Rollback != nil {
			if err := wakeAfter(tx, afterUndid, d.ID); err != nil {
				return nil, err
			}
		}
		if d.wasSent(state) {
			if err := s.ended(tx, d); err != nil {
				return nil, fmt.Errorf("telling that it has ended: %w", err)
			}
		}
	}
	if d.State != state && !d.recorded() {
		if err := work.Wake(tx, RecordDomain, id, time.Time{}); err != nil {
			return nil, err
		}
	}
	return d, s.wakeCards(tx, d)
}

// finish frees what an ended deployment held and notes in the ledger how it ended.
func finish(tx store.Tx, d *Deployment) error {
	key := slotKey(d.Service, d.Environment)
	holder, err := tx.Get(key)
	if err != nil {
		return err
	}
	if string(holder) == d.ID {
		if err := tx.Delete(key); err != nil {
			return err
		}
		if err := wakeLine(tx, d.Service, d.Environment); err != nil {
			return err
		}
	}
	if err := account(tx, d); err != nil {
		return err
	}
	if d.Health != nil {
		if err := work.Wake(tx, HealthDomain, d.ID, time.Time{}); err != nil {
			return err
		}
	}
	return wakeWaiting(tx, d.Service, d.Environment)
}
