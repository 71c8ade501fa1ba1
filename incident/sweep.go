package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"shipmate/store"
)

// Sweep removes what ended before a time, in small transactions, and returns how many keys it removed. What is under way stays; an
// incident stays as long as its post-mortem or one of its action items does.
func (s *Service) Sweep(ctx context.Context, before time.Time) (int, error) {
	unfinished, err := s.unfinished(ctx, before)
	if err != nil {
		return 0, fmt.Errorf("sweeping incidents: %w", err)
	}
	removed := 0
	for prefix, old := range map[string]func(key string, value []byte) bool{
		pagePrefix: func(_ string, value []byte) bool {
			var p Page
			return json.Unmarshal(value, &p) == nil && p.State.Ended() && p.Ended.Before(before)
		},
		actPrefix: func(_ string, value []byte) bool {
			var a acted
			return json.Unmarshal(value, &a) == nil && a.At.Before(before)
		},
		wishPrefix: func(_ string, value []byte) bool {
			var w Wish
			return json.Unmarshal(value, &w) == nil && w.Want.At.Before(before)
		},
		handoverPrefix: func(_ string, value []byte) bool {
			var h Handover
			return json.Unmarshal(value, &h) == nil && h.at(before).State.Ended() && h.Ended.Before(before)
		},
		postmortemPrefix: func(_ string, value []byte) bool {
			var p Postmortem
			return json.Unmarshal(value, &p) == nil && p.swept() && p.Ended.Before(before) && !unfinished[p.ID]
		},
		postmortemAskedPrefix: func(_ string, value []byte) bool {
			var a asked
			return json.Unmarshal(value, &a) == nil && a.At.Before(before)
		},
		itemPrefix: func(_ string, value []byte) bool {
			var it Item
			return json.Unmarshal(value, &it) == nil && it.swept(before)
		},
		askedPrefix: func(_ string, value []byte) bool {
			var a asked
			return json.Unmarshal(value, &a) == nil && a.At.Before(before)
		},
		policyPrefix: func(_ string, value []byte) bool {
			var a aged[string]
			return json.Unmarshal(value, &a) == nil && a.At.Before(before)
		},
		answerPrefix: func(_ string, value []byte) bool {
			var a answered
			return json.Unmarshal(value, &a) == nil && a.At.Before(before)
		},
		knownPrefix: func(_ string, value []byte) bool {
			var a Answer
			return json.Unmarshal(value, &a) == nil && a.AsOf.Before(before)
		},
	} {
		n, err := store.Sweep(ctx, s.db, prefix, old, store.SweepOptions{})
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweeping pages: %w", err)
		}
	}
	n, err := s.sweepIncidents(ctx, before, unfinished) // last, since what hangs on them is over by now
	if err != nil {
		err = fmt.Errorf("sweeping incidents: %w", err)
	}
	return removed + n, err
}
