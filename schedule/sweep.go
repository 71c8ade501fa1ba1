package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"shipmate/store"
)

// Sweep removes what became of times before a time, the schedules that were removed before it, the digests and reminders for earlier
// times, and what was said about technical debt before it, in small transactions. It returns how many keys it removed. The last digest and
// reminder of a team stay, and so does what is still to be done.
func (s *Service) Sweep(ctx context.Context, before time.Time) (int, error) {
	gone, err := s.removedBefore(ctx, before)
	if err != nil {
		return 0, err
	}
	latest, err := s.latest(ctx)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, one := range []struct {
		prefix string
		old    func(key string, value []byte) bool
	}{
		{digestPrefix, func(_ string, value []byte) bool {
			var d Digest
			return json.Unmarshal(value, &d) == nil && d.State != Gathering && d.Until.Before(before) && !latest[d.ID]
		}},
		{reminderPrefix, func(_ string, value []byte) bool {
			var r Reminder
			return json.Unmarshal(value, &r) == nil && r.State != Gathering && r.Until.Before(before) && !latest[r.ID]
		}},
		{debtPrefix, func(_ string, value []byte) bool {
			var d NewDebt
			return json.Unmarshal(value, &d) == nil && d.State != DebtOpening && d.Ended.Before(before)
		}},
		{debtDecisionPrefix, func(_ string, value []byte) bool {
			var d DebtDecision
			return json.Unmarshal(value, &d) == nil && d.State != DecisionWanted && d.Ended.Before(before)
		}},
		{standingPrefix, func(_ string, value []byte) bool {
			var st Standing
			return json.Unmarshal(value, &st) == nil && st.At.Before(before) && st.Asked.Before(before) && st.Until.Before(before)
		}},
		{happenedPrefix, func(_ string, value []byte) bool {
			var h Happening
			return json.Unmarshal(value, &h) == nil && h.Ended.Before(before)
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

// latest are the IDs of the last digest and the last reminder of each team.
func (s *Service) latest(ctx context.Context) (map[string]bool, error) {
	var out map[string]bool
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = map[string]bool{}
		for _, prefix := range []string{lastPrefix, lastHandoverPrefix, lastReminderPrefix} {
			for _, value := range snap.Scan(prefix, "") {
				var last lastTold
				if err := json.Unmarshal(value, &last); err != nil {
					return err
				}
				out[last.ID] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading digests: %w", err)
	}
	return out, nil
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
