package adr

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"shipmate/store"
)

// Sweep removes the proposals that ended before a time, with what is known by them, in small transactions, and returns how many keys it
// removed. What is not decided stays, and so does every number that was given: it is not given again.
func (s *Service) Sweep(ctx context.Context, before time.Time) (int, error) {
	gone, err := s.endedBefore(ctx, before)
	if err != nil {
		return 0, fmt.Errorf("sweeping decisions: %w", err)
	}
	removed := 0
	for _, one := range []struct {
		prefix string
		old    func(key string, value []byte) bool
	}{
		{askedPrefix, func(_ string, value []byte) bool {
			var id string
			return json.Unmarshal(value, &id) == nil && gone[id]
		}},
		{pullPrefix, func(_ string, value []byte) bool { return gone[string(value)] }},
		{endedPrefix, func(_ string, value []byte) bool { return gone[string(value)] }},
		{proposalPrefix, func(_ string, value []byte) bool { // last: it is what says that the others go
			var p Proposal
			return json.Unmarshal(value, &p) == nil && p.endedBefore(before)
		}},
	} {
		n, err := store.Sweep(ctx, s.db, one.prefix, one.old, store.SweepOptions{})
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweeping decisions: %w", err)
		}
	}
	return removed, nil
}

// endedBefore tells whether nothing has been done for it since a time, nor will be.
func (p *Proposal) endedBefore(before time.Time) bool {
	return p.State.Ended() && p.Ended.Before(before)
}

// endedBefore are the IDs of the proposals that ended before a time. None of them comes to be anything else.
func (s *Service) endedBefore(ctx context.Context, before time.Time) (map[string]bool, error) {
	var out map[string]bool
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = map[string]bool{}
		for _, value := range snap.Scan(proposalPrefix, "") {
			var p Proposal
			if err := json.Unmarshal(value, &p); err != nil {
				return err
			}
			if p.endedBefore(before) {
				out[p.ID] = true
			}
		}
		return nil
	})
	return out, err
}
