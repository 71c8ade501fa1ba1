package delivery

import (
	"context"
	"errors"
	"time"

	"shipmate/store"
)

// held is that somebody was refused by what goes away: from then on they waited, if they ask again soon.
type held struct {
	Gate  string    `json:"gate"`
	Since time.Time `json:"since"`
}

// heldFor is how long after a refusal asking again counts as having waited; later it is another wish.
const heldFor = 4 * time.Hour

// holds are the reasons to refuse that go away without the asker doing anything, and the gates they are of.
var holds = map[Code]string{SlotTaken: "slot", Locked: "lock", Frozen: "freeze", IncidentOpen: "incident"}

// hold keeps the first such refusal of a person in a place since they last deployed there: one short record, for the ledger to tell
// how long people were kept waiting. It returns err. That it could not be kept is nobody's trouble.
func (s *Service) hold(ctx context.Context, w Want, err error) error {
	var r *Refused
	if !errors.As(err, &r) || holds[r.Code] == "" || w.back != nil {
		return err
	}
	key := heldKey(r.Service, r.Environment, w.By)
	_ = s.db.Update(ctx, func(tx store.Tx) error {
		before, found, err := store.Load[held](tx, key)
		if err != nil || found && w.At.Sub(before.Since) < heldFor {
			return err
		}
		return store.Save(tx, key, held{Gate: holds[r.Code], Since: w.At.UTC()})
	})
	return err
}

// release adds to a new deployment that its asker was held up, if they were.
func release(tx store.Tx, d *Deployment) error {
	key := heldKey(d.Service, d.Environment, d.By)
	h, found, err := store.Load[held](tx, key)
	if err != nil || !found {
		return err
	}
	if d.Rollback == nil && d.Created.After(h.Since) && d.Created.Sub(h.Since) < heldFor {
		d.Waits = append([]Wait{{Gate: h.Gate, Since: h.Since, Until: d.Created}}, d.Waits...)
	}
	return tx.Delete(key)
}
