package delivery

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/store"
)

// outcome is what statistics need to know of a deployment that has ended. It stands under the time of the end, so that ninety days
// of a service are one scan of short values, however large the records are.
type outcome struct {
	State State `json:"state"`
	// Back is set when it goes back itself, Undone when it ran and was rolled back.
	Back   bool `json:"back,omitempty"`
	Undone bool `json:"undone,omitempty"`
	// Glass is set when gates were skipped in an emergency.
	Glass bool `json:"glass,omitempty"`
	// Lead is from when its commit was committed to its end, in seconds; 0 when that is not known, or it brought nothing new.
	Lead int64 `json:"lead,omitempty"`
	// Spent are the seconds from asking to the end, in the order of Where. Asking begins with the first time it was refused by what
	// goes away, if it was asked for again soon.
	Spent [wheres]int64 `json:"spent"`

	ended time.Time // from the key
}

// Where is what time goes by with, between the wish for a deployment and its end.
type Where int

// The places where time goes. Stored outcomes count them by these numbers, so new ones are added at the end.
const (
	OnChecks Where = iota
	OnApprovals
	OnStart // the word of who asked that it starts
	OnLock
	OnFreeze
	OnSlot
	OnQueue // from when nothing was in its way any more until a runner took it
	OnRun
	OnIncident
	wheres
)

// whereOf is what the wait for a gate counts as.
var whereOf = map[string]Where{"checks": OnChecks, "approvals": OnApprovals, "start": OnStart, "lock": OnLock, "freeze": OnFreeze,
	"incident": OnIncident, "slot": OnSlot}

// noteOutcome writes the outcome of a deployment that has ended, also when something is added to its record later.
func noteOutcome(tx store.Tx, d *Deployment) error {
	data, err := json.Marshal(outcomeOf(d))
	if err != nil {
		return err
	}
	return tx.Put(endedKey(d), data)
}

func outcomeOf(d *Deployment) outcome {
	o := outcome{State: d.State, Back: d.Rollback != nil, Glass: d.Glass != nil, Spent: spent(d)}
	ran := d.State == Succeeded || !d.Started.IsZero()
	o.Undone = ran && (d.RolledBack != nil || d.Health.failed())
	if d.bringsNews() && d.Commit.At.Before(d.Ended) {
		o.Lead = seconds(d.Ended.Sub(d.Commit.At))
	}
	return o
}

// bringsNews tells whether a commit came to the place by this deployment that was not there, and whose time is known.
func (d *Deployment) bringsNews() bool {
	return d.State == Succeeded && d.Rollback == nil && !d.Commit.At.IsZero() && d.Commit.SHA != d.Before.SHA &&
		(d.Changes == nil || d.Changes.Status != "behind")
}

// spent divides the time from asking to the end. Of several gates that were waited for at once the one that opened last gets the
// time, since the others would have cost nothing.
func spent(d *Deployment) (out [wheres]int64) {
	waits := slices.Clone(d.Waits)
	for i := range waits {
		if waits[i].Until.IsZero() || waits[i].Until.After(d.Ended) {
			waits[i].Until = d.Ended
		}
	}
	slices.SortStableFunc(waits, func(a, b Wait) int { return b.Until.Compare(a.Until) })
	upTo := d.Ended
	for _, w := range waits {
		where, known := whereOf[w.Gate]
		if until := earlierOf(w.Until, upTo); known && until.After(w.Since) {
			out[where] += seconds(until.Sub(w.Since))
		}
		upTo = earlierOf(upTo, w.Since)
	}
	if started := d.Started; !started.IsZero() {
		out[OnQueue] = seconds(started.Sub(d.begun()))
		out[OnRun] = seconds(d.Ended.Sub(started))
	}
	return out
}

func seconds(d time.Duration) int64 { return int64(max(0, d).Round(time.Second) / time.Second) }

// readOutcome reads what stands under a key of endedKey.
func readOutcome(key string, value []byte) (outcome, error) {
	var o outcome
	at, ok := timeIn(key)
	if !ok {
		return o, fmt.Errorf("the key %q has no time", key)
	}
	if err := json.Unmarshal(value, &o); err != nil {
		return o, fmt.Errorf("reading %q: %w", key, err)
	}
	o.ended = at
	return o, nil
}

// timeIn is the time in a key that ends in <-time>/<id>.
func timeIn(key string) (time.Time, bool) {
	rest := key[:max(0, strings.LastIndexByte(key, '/'))]
	n, err := strconv.ParseInt(rest[strings.LastIndexByte(rest, '/')+1:], 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(0, math.MaxInt64-n).UTC(), true
}
