//go:build killwalk

package main

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The kill walk: each scenario is played once while every commit of the store, every call to Slack and GitHub and every
// acknowledgement is numbered, and then once for each of these points, where the program is killed with SIGKILL and
// started again. Whatever the point, in the end the same must hold.
//
// One point is walked again by naming it: go test -tags killwalk ./cmd/shipmate -run 'KillWalk/deploy/commit:after:7$'.

var (
	abreast = flag.Int("abreast", 3, "points of the kill walk that are walked at a time")
	every   = flag.Int("every", 1, "walk only every so many points, for a quick look")
	most    = flag.Int("most", 0, "walk at most so many points of a scenario, spread over all of it; 0 for all")
)

// plays is how often a scenario is played until a point of it is met: how often GitHub is asked varies with the machine's load.
const plays = 3

// enough failed points of a scenario end it: they mostly have one cause.
const enough = 5

func TestKillWalk(t *testing.T) {
	path := binary(t)
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { walkThrough(t, path, s) })
	}
}

// spread tells whether the i-th of all is one of the most that are spread over them.
func spread(i, all, most int) bool {
	return most <= 0 || all <= most || i == 0 || i*most/all != (i-1)*most/all
}

// walkThrough walks all points of a scenario.
func walkThrough(t *testing.T, path string, s scenario) {
	begun := time.Now()
	points := record(t, path, s)
	next := make(chan point)
	var walkers sync.WaitGroup
	var mu sync.Mutex
	var missed []string
	walked, failed := 0, atomic.Int64{}
	for range max(*abreast, 1) {
		walkers.Go(func() {
			for p := range next {
				met, fine := false, true
				for try := 0; try < plays && !met && fine; try++ {
					fine = t.Run(p.String(), func(t *testing.T) {
						w := newWalk(t, path, s, p)
						w.play()
						met = w.killed
					})
				}
				if !fine {
					failed.Add(1)
				}
				mu.Lock()
				walked++
				if !met {
					missed = append(missed, p.String())
				}
				mu.Unlock()
			}
		})
	}
	for i, p := range points {
		if i%max(*every, 1) == 0 && spread(i, len(points), *most) && failed.Load() < enough {
			next <- p
		}
	}
	close(next)
	walkers.Wait()
	t.Logf("%s: %d of %d points walked in %s, %d not met again: %s", s.name, walked, len(points), time.Since(begun).Round(time.Millisecond),
		len(missed), strings.Join(missed, ", "))
	if most := 3 + walked/10; len(missed) > most {
		t.Errorf("%d points were not met again, and only %d may be missed", len(missed), most)
	}
}

// record plays a scenario undisturbed and returns the points of it. What must hold is checked then, too.
func record(t *testing.T, path string, s scenario) []point {
	t.Helper()
	w := newWalk(t, path, s, point{})
	w.play()
	return w.points
}

// point is a moment in the life of the program: the nth time that something happens.
type point struct {
	what string // "commit:before", "slack:chat.update:applied", "github:actions/get-workflow-run:before", "ack"
	nth  int
}

// String names the point as a subtest can be named.
func (p point) String() string {
	return fmt.Sprintf("%s:%d", strings.ReplaceAll(p.what, "/", "."), p.nth)
}
