package main

import (
	"context"
	godebug "runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// garbage is how much the heap may grow between collections at most, in percent. A bot's live heap is a few megabytes, so Go's 100
	// would collect many times a second under load; at 500 it stays far below its memory limit (docs/performance.md).
	garbage = 500
	// leastGarbage is how much it may always grow: half of what Go does by itself.
	leastGarbage = 50
	// heapGoal is what the heap is to stay below while its live part allows that, in bytes.
	heapGoal = 64 << 20
	// weighEvery is how often the live heap is looked at, on the machine's clock.
	weighEvery = time.Second
)

// keepSmall sets how much garbage there may be by how much is alive, until ctx ends: much of little, so that it is seldom collected, and less
// of more, such as while many digests are written at once.
func keepSmall(ctx context.Context) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	ticker := time.NewTicker(weighEvery)
	defer ticker.Stop()
	set := garbage
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		metrics.Read(live)
		if want := garbageFor(live[0].Value.Uint64()); want != set {
			godebug.SetGCPercent(want)
			set = want
		}
	}
}

// garbageFor is how much the heap may grow between collections when so many bytes are alive, in percent.
func garbageFor(live uint64) int {
	if live == 0 {
		return garbage
	}
	percent := (heapGoal/float64(live) - 1) * 100
	return int(min(max(percent, leastGarbage), garbage)) / 50 * 50 // in steps, so that it is not set again every second
}
