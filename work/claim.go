package work

import (
	"context"
	"fmt"
	"sync/atomic"

	"shipmate/store"
)

// held is the claim a step runs under.
type held struct {
	key    string // "" on a store that is this process's alone
	holder string
	ended  atomic.Bool
}

// heldKey is the key of a step's claim in its context. It is there, and no parameter, because it belongs to the one step as
// its deadline does, and must reach every write of it.
type heldKey struct{}

// Update is the DB.Update of a Step: it fails with ErrLostClaim, and writes nothing, when the record that ctx's step takes
// further is no longer this step's. On a shared store it adds one operation to fn's. Outside of a step it is plain Update.
func Update(ctx context.Context, db store.DB, fn func(store.Tx) error) error {
	h, inStep := ctx.Value(heldKey{}).(*held)
	if !inStep {
		return db.Update(ctx, fn)
	}
	return db.Update(ctx, func(tx store.Tx) error {
		if err := h.check(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// check fails with ErrLostClaim when the step has ended or its claim is another's.
func (h *held) check(g store.Getter) error {
	if h.ended.Load() {
		return fmt.Errorf("the step has ended: %w", ErrLostClaim)
	}
	if h.key == "" {
		return nil
	}
	holder, _, err := store.Load[string](g, h.key)
	if err != nil {
		return err
	}
	if holder != h.holder {
		return fmt.Errorf("it is held by %q: %w", holder, ErrLostClaim)
	}
	return nil
}

// hold returns a claim for a record, not yet written, or false when this replica may not claim anything now.
func (c *Claims) hold(r record) (*held, bool) {
	h := &held{holder: c.Holder()}
	if c.cfg.Shared {
		h.key = r.claimKey()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return h, !c.lapsed
}

// begin returns the context of a step under h, which ends with ErrLostClaim before anybody else may take h over. The step
// is over when end is called.
func (c *Claims) begin(ctx context.Context, h *held) (stepping context.Context, end func()) {
	stepping, cancel := context.WithCancelCause(context.WithValue(ctx, heldKey{}, h))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lapsed {
		cancel(ErrLostClaim)
	}
	c.steps[h] = cancel
	return stepping, func() {
		h.ended.Store(true)
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.steps, h)
		cancel(nil)
	}
}
