package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"shipmate/store"
)

// Sweep removes deployments that ended before a time, with their places in the history, in small transactions, and
// returns how many keys it removed. Kept are those under way, those whose review nobody has signed, and the newest, the last good
// one of every service and environment and the one to go back to from that, however old. Vetoes stay until a person ends them.
func (s *Service) Sweep(ctx context.Context, before time.Time) (int, error) {
	keep, err := s.kept(ctx)
	if err != nil {
		return 0, fmt.Errorf("sweeping deployments: %w", err)
	}
	prefixes := map[string]func(key string, value []byte) bool{
		deploymentPrefix: func(_ string, value []byte) bool {
			var d Deployment
			return json.Unmarshal(value, &d) == nil && d.State.Ended() && d.Ended.Before(before) && !keep[d.ID]
		},
		historyPrefix: func(key string, value []byte) bool {
			return madeBefore(key, before) && !keep[string(value)]
		},
		heldPrefix: func(_ string, value []byte) bool {
			var h held
			return json.Unmarshal(value, &h) == nil && h.Since.Before(before)
		},
		endedPrefix: func(key string, _ []byte) bool { return madeBefore(key, before) && !keep[lastOf(key)] },
		lockPrefix: func(_ string, value []byte) bool {
			var l Lock
			return json.Unmarshal(value, &l) == nil && !l.Until.IsZero() && l.Until.Before(before)
		},
		vetoRequests: answeredLongAgo(before),
		lockRequests: answeredLongAgo(before),
		freezePrefix: func(_ string, value []byte) bool {
			var f Freeze
			return json.Unmarshal(value, &f) == nil && !f.Until.IsZero() && f.Until.Before(before)
		},
		freezeRequests: answeredLongAgo(before),
		lineRequests:   answeredLongAgo(before),
		succeededPrefix: func(_ string, value []byte) bool {
			var s Success
			return json.Unmarshal(value, &s) == nil && s.At.Before(before) && !keep[s.Deployment]
		},
		approvedPrefix: func(_ string, value []byte) bool {
			var g given
			return json.Unmarshal(value, &g) == nil && !slices.ContainsFunc(g.Votes, func(v Vote) bool { return !v.At.Before(before) })
		},
		requestPrefix: answeredLongAgo(before),
	}
	maps.Copy(prefixes, sweepable(before))
	removed := 0
	for prefix, old := range prefixes {
		n, err := store.Sweep(ctx, s.db, prefix, old, store.SweepOptions{})
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// kept are the IDs that stay whatever their age: what an environment's keys name.
func (s *Service) kept(ctx context.Context) (map[string]bool, error) {
	keep := map[string]bool{}
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		for _, prefix := range []string{newestPrefix, slotPrefix, reviewPrefix} {
			for _, id := range snap.Scan(prefix, "") {
				keep[string(id)] = true
			}
		}
		for _, value := range snap.Scan(waitingPrefix, "") {
			var ids []string
			if err := json.Unmarshal(value, &ids); err != nil {
				return err
			}
			for _, id := range ids {
				keep[id] = true
			}
		}
		for key, value := range snap.Scan(runningPrefix, "") {
			var l Ledger
			if err := json.Unmarshal(value, &l); err != nil {
				return err
			}
			back, err := goodUnder(snap, endedPrefix+strings.TrimPrefix(key, runningPrefix)+"/", l.Commit.SHA)
			if err != nil {
				return err
			}
			keep[l.Deployment], keep[l.Doubt], keep[back] = true, true, true
		}
		return nil
	})
	return keep, err
}

// goodUnder is the ID of the last one to succeed with another commit than the one that runs, and not rolled back: what a rollback
// looks for first. Empty when there is none.
func goodUnder(snap store.Snapshot, ended, runs string) (string, error) {
	looked := 0
	for key := range snap.Scan(ended, "") {
		if looked++; looked > maxLookedBack {
			break
		}
		d, err := load(snap, lastOf(key))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		if d.State == Succeeded && d.RolledBack == nil && d.Commit.SHA != runs && d.Health.good() {
			return d.ID, nil
		}
	}
	return "", nil
}

// madeBefore reads the time out of a key of the history or of an outcome.
func madeBefore(key string, before time.Time) bool {
	parts := strings.Split(key, "/")
	return len(parts) > 2 && parts[len(parts)-2] > backwards(before)
}
