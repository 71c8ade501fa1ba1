package store

import (
	"context"
	"fmt"
)

// sweepLook is how many keys one snapshot of Sweep looks at, so that no snapshot is held long.
const sweepLook = 1000

// SweepOptions bound the steps of Sweep.
type SweepOptions struct {
	// Step is the most keys removed in one transaction; MaxOps/2 when zero and at most that, since each is read again and
	// removed.
	Step int
}

// Sweep removes the records under prefix for which del says so, and returns how many it removed, also when it ends with an
// error. It goes in steps: a snapshot finds the keys, a small transaction removes them. The transaction asks del again with
// the value it finds, so a record that was written in between is removed only if del still says so; one that was added
// behind the point where Sweep looks is left for the next time. Everyone who waits to write gets in between two steps. It
// holds at most Step keys and one value in memory.
//
// Del must depend on nothing but its arguments and what does not change meanwhile, since it is asked more than once.
func Sweep(ctx context.Context, db DB, prefix string, del func(key string, value []byte) bool, o SweepOptions) (int, error) {
	if o.Step <= 0 || o.Step > MaxOps/2 {
		o.Step = MaxOps / 2
	}
	removed := 0
	for from, more := "", true; more; {
		keys, next, err := sweepFind(ctx, db, prefix, from, del, o.Step)
		if err != nil {
			return removed, fmt.Errorf("sweeping %q: %w", prefix, err)
		}
		n, err := sweepRemove(ctx, db, keys, del)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweeping %q: %w", prefix, err)
		}
		from, more = next, next != ""
	}
	return removed, nil
}

// sweepFind returns the next keys to remove and the key to go on from, "" when it saw the last one.
func sweepFind(ctx context.Context, db DB, prefix, from string, del func(string, []byte) bool, step int) (keys []string,
	next string, err error) {
	err = db.View(ctx, func(s Snapshot) error {
		keys, next = keys[:0], ""
		looked := 0
		for key, value := range s.Scan(prefix, from) {
			if looked == sweepLook || len(keys) == step {
				next = key
				break
			}
			looked++
			if del(key, value) {
				keys = append(keys, key)
			}
		}
		return nil
	})
	return keys, next, err
}

// sweepRemove removes those of keys that are still to be removed.
func sweepRemove(ctx context.Context, db DB, keys []string, del func(string, []byte) bool) (removed int, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	err = db.Update(ctx, func(tx Tx) error {
		removed = 0
		for _, key := range keys {
			value, err := tx.Get(key)
			if err != nil {
				return err
			}
			if value == nil || !del(key, value) {
				continue
			}
			if err := tx.Delete(key); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return removed, nil
}
