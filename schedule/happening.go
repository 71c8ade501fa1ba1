package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/store"
)

// Fate is what became of a time.
type Fate string

// The fates.
const (
	Done     Fate = "done"
	Asked    Fate = "asked"    // it was run, and asked something before it does anything
	Declined Fate = "declined" // it was run, and answered with a no
	Failed   Fate = "failed"   // it was run, and something broke
	LeftOut  Fate = "left out"
)

// Reason is why a time was left out.
type Reason string

// The reasons.
const (
	WasDown    Reason = "down"    // Shipmate did not run then
	WasAsked   Reason = "asked"   // somebody wanted it left out
	WasPaused  Reason = "paused"  // the schedule was paused
	WasStopped Reason = "stopped" // the schedule was stopped
	DayOff     Reason = "day off" // the team does not work on that day
	WasChanged Reason = "changed" // the configuration names other times since
)

// Happening is what became of one time of a schedule, or of several in a row that were left out alike.
type Happening struct {
	Schedule string    `json:"schedule"`
	ID       string    `json:"id"` // that of the occasion; of what was left out its first time
	At       time.Time `json:"at"` // as planned; of several the first
	Until    time.Time `json:"until,omitzero"`
	N        int       `json:"n,omitempty"` // how many, when they are several
	Fate     Fate      `json:"fate"`
	Why      Reason    `json:"why,omitempty"`
	By       string    `json:"by,omitempty"` // who wanted it left out, or at once; a Slack ID
	Began    time.Time `json:"began,omitzero"`
	Ended    time.Time `json:"ended"`
	Said     string    `json:"said,omitempty"` // the first words of the answer, as Slack shows them
}

// Count is how many times it stands for.
func (h *Happening) Count() int { return max(h.N, 1) }

// LateBy is how long after its time it was begun, when that was missed; nothing else.
func (h *Happening) LateBy() time.Duration {
	if late := h.Began.Sub(h.At); h.Fate != LeftOut && late > Grace {
		return late
	}
	return 0
}

// MaxHappenings is the most that Happened returns.
const MaxHappenings = 50

// Happened returns what became of the last n times of a schedule, newest first. It reads as many keys as it returns records.
func (s *Service) Happened(ctx context.Context, id string, n int) (out []*Happening, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, value := range snap.Scan(happenedOf(id), "") {
			if len(out) >= min(n, MaxHappenings) {
				break
			}
			var h Happening
			if err := json.Unmarshal(value, &h); err != nil {
				return err
			}
			out = append(out, &h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what became of a schedule: %w", err)
	}
	return out, nil
}

// maxSaid is how much is kept of an answer, in bytes.
const maxSaid = 300

// cut shortens what Slack shows, not within a link or a mention.
func cut(s string) string {
	if len(s) <= maxSaid {
		return s
	}
	s = strings.ToValidUTF8(s[:maxSaid], "")
	if open := strings.LastIndexByte(s, '<'); open > strings.LastIndexByte(s, '>') {
		s = s[:open]
	}
	return s + "…"
}

func sortByNext(all []*Schedule) {
	slices.SortStableFunc(all, func(a, b *Schedule) int {
		if (a.State == Active) != (b.State == Active) {
			if a.State == Active {
				return -1
			}
			return 1
		}
		if c := a.Next.Compare(b.Next); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// keep writes what became of a time. Each time's key is its own, so that nothing is written of it twice.
func keep(tx store.Tx, h *Happening) error {
	h.Said = cut(h.Said)
	return store.Save(tx, happenedKey(h), h)
}
