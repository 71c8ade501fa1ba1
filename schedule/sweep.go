package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"shipmate/store"
)

// Sweep removes what became of times before a time, the digests of then, and the schedules that were removed before it, in small
// transactions. It returns how many keys it removed.
func (s *Service) Sweep(ctx context.Context, before time.Time) (int, error) {
	gone, err := s.removedBefore(ctx, before)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, one := range []struct {
		prefix string
		old    func(key string, value []byte) bool
	}{
		{happenedPrefix, func(_ string, value []byte) bool {
			var h Happening
			return json.Unmarshal(value, &h) == nil && h.Ended.Before(before)
		}},
		{digestPrefix, func(_ string, value []byte) bool {
			var d struct{ Until time.Time }
			return json.Unmarshal(value, &d) == nil && d.Until.Before(before)
		}},
		{askedPrefix, func(_ string, value []byte) bool {
			var id string
			return json.Unmarshal(value, &id) == nil && gone[id]
		}},
		{onePrefix, func(_ string, value []byte) bool { // last: it is what says that the others go
			var one Schedule
			return json.Unmarshal(value, &one) == nil && gone[one.ID]
		}},
	} {
		n, err := store.Sweep(ctx, s.db, one.prefix, one.old, store.SweepOptions{})
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweeping schedules: %w", err)
		}
	}
	return removed, nil
}

// removedBefore are the IDs of the schedules that were removed before a time. None of them comes back.
func (s *Service) removedBefore(ctx context.Context, before time.Time) (map[string]bool, error) {
	var out map[string]bool
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = map[string]bool{}
		for _, value := range snap.Scan(onePrefix, "") {
			var one Schedule
			if err := json.Unmarshal(value, &one); err != nil {
				return err
			}
			if one.State == Removed && one.Hold != nil && one.Hold.At.Before(before) {
				out[one.ID] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading schedules: %w", err)
	}
	return out, nil
}
