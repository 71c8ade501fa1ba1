//go:build killwalk

package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// walk is one playing of a scenario, with the program killed at one point of it.
type walk struct {
	*stage
	scenario scenario
	binary   string
	target   point // nowhere, when recording
	clocks   *clock.Server
	clockAt  string // where the clock is served
	commits  net.Listener

	mu       sync.Mutex
	child    *child
	children []*child
	counting bool
	counts   map[string]int
	points   []point
	killed   bool
	cards    map[string]int // how far each card was shown, by timestamp

	pace       time.Duration // of the clock, more and more while nothing happens
	seen       int64         // what had happened at the last move
	quietSince time.Time     // on the stage's clock
}

func newWalk(t *testing.T, binary string, s scenario, target point) *walk {
	t.Helper()
	w := &walk{stage: newStage(t), scenario: s, binary: binary, target: target, counts: map[string]int{}, cards: map[string]int{}}
	if !s.pager {
		w.pagerToken = "" // what nobody asks for would only be more points
	}
	if s.scene != nil {
		s.scene(w.stage)
	}
	w.clocks = clock.Serve(w.clock)
	served := httptest.NewServer(w.clocks)
	w.clockAt = served.URL
	var err error
	if w.commits, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var answering sync.WaitGroup
	answering.Go(func() { w.answerCommits(&answering) })
	onSlack, onGitHub, onPager := w.slackCalled, w.githubCalled, w.pagerCalled
	w.onSlack.Store(&onSlack)
	w.onGitHub.Store(&onGitHub)
	w.onPager.Store(&onPager)
	w.slack.OnAck(func(slacktest.Delivery) {
		w.happened.Add(1)
		w.passes("ack")
	})
	t.Cleanup(func() {
		w.tellStand()
		if w.child != nil {
			w.child.kill()
		}
		_ = w.commits.Close() // the program is gone
		answering.Wait()
		served.CloseClientConnections()
		served.Close()
		w.tellLogs()
	})
	return w
}

// tellStand says how things stand, when something was wrong: why nothing moves any more.
func (w *walk) tellStand() {
	if !w.Failed() {
		return
	}
	calls := w.github.Calls()
	w.Logf("it is %s, quiet since %s; %d things happened, %d follow the clock, %d sockets are open, something is not acknowledged: %v; the last calls to GitHub: %+v",
		w.clock.Now(), w.quietSince, w.happened.Load(), w.clocks.Followers(), w.slack.Connections().Open, w.unacked(), calls[max(0, len(calls)-5):])
}

// tellLogs shows what the processes logged, when something was wrong.
func (w *walk) tellLogs() {
	if !w.Failed() {
		return
	}
	for i, c := range w.children {
		w.Logf("process %d ended with %v and logged:\n%s", i+1, c.err, c.log.String())
	}
}

// passes counts that the program is at a point, and kills it there if that is the one. It tells whether it did.
func (w *walk) passes(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.counting || w.killed {
		return false
	}
	w.counts[what]++
	p := point{what, w.counts[what]}
	w.points = append(w.points, p)
	if p.String() != w.target.String() {
		return false
	}
	w.child.kill()
	w.killed = true
	return true
}

func (w *walk) slackCalled(c slacktest.Call) {
	if c.Phase == slacktest.After {
		w.cardMoved(c)
		w.passes("slack:" + c.Method + ":applied")
	} else if w.passes("slack:" + c.Method + ":before") {
		panic(http.ErrAbortHandler) // never applied: it died with the program
	}
}

func (w *walk) githubCalled(c githubtest.Call) {
	if c.Phase == githubtest.After {
		w.passes("github:" + c.Op + ":applied")
	} else if w.passes("github:" + c.Op + ":before") {
		panic(http.ErrAbortHandler)
	}
}

func (w *walk) pagerCalled(c pagerdutytest.Call) {
	if c.Phase == pagerdutytest.After {
		w.passes("pagerduty:" + c.Op + ":applied")
	} else if w.passes("pagerduty:" + c.Op + ":before") {
		panic(http.ErrAbortHandler)
	}
}

// play plays the scenario to its end and checks what must hold then.
func (w *walk) play() {
	w.Helper()
	w.spawn()
	for i, a := range w.scenario.play {
		if i == w.scenario.from {
			w.mu.Lock()
			w.counting = true
			w.mu.Unlock()
		}
		w.perform(a)
	}
	// Each time for less, as what is looked at again and again can come just as it has been quiet for that long, each time.
	for calm := 45 * time.Second; ; calm -= 5 * time.Second {
		w.until("all is done and quiet", func() bool { return w.scenario.done(w) && w.quiet(calm) })
		time.Sleep(30 * time.Millisecond) // what was due with the last move of the clock has begun by then
		w.still("the program has nothing to compute", w.child.idle)
		if w.quiet(0) {
			break
		}
	}
	w.mu.Lock()
	w.counting = false
	w.mu.Unlock()
	w.end()
	w.check()
}

// perform has a person do something, and again when Slack told them that it did not arrive and nothing came of it.
func (w *walk) perform(a act) {
	w.Helper()
	for range 4 {
		w.until("it can be done: "+a.what, func() bool { return a.can(w) || a.came(w) })
		if a.came(w) {
			return
		}
		w.wait("the bot listens", func() {}, w.living(func() bool { return w.slack.Connections().Open > 0 }))
		envelope, err := a.do(w)
		if err != nil {
			continue // what they act on has just changed
		}
		acked := w.heard(envelope)
		given := w.clock.Now().Add(40 * time.Second) // when a person gives up waiting for what Slack says has failed
		w.until("something comes of "+a.what, func() bool { return a.came(w) || !acked && w.clock.Now().After(given) })
		if a.came(w) {
			return
		}
	}
	w.Fatalf("nothing came of it: %s\n%s", a.what, w.everything())
}

// heard waits, time standing still, until an envelope is acked, or can be no more because its connection is gone.
func (w *walk) heard(envelope string) (acked bool) {
	w.Helper()
	w.wait("an ack", func() {}, w.living(func() bool {
		_, acked = w.slack.Ack(envelope)
		return acked || w.unheard(envelope)
	}))
	return acked
}

// unheard tells whether the connection that an envelope was sent on is gone.
func (w *walk) unheard(envelope string) bool {
	for _, d := range w.slack.Deliveries() {
		if d.EnvelopeID == envelope {
			return !slices.Contains(w.slack.Connections().IDs, d.Conn)
		}
	}
	return false
}

// living starts the program again whenever it was killed, while cond is asked.
func (w *walk) living(cond func() bool) func() bool {
	return func() bool {
		w.mu.Lock()
		c, killed := w.child, w.killed
		w.mu.Unlock()
		if c.dead() {
			if !killed || len(w.children) > 1 {
				w.Fatalf("the program ended by itself: %v", c.err)
			}
			w.drain()
			w.clock.Advance(w.scenario.away)
			w.spawn()
		}
		return cond()
	}
}

// drain waits until what the dead program sent Slack is served: it is said at the hour it was sent, not when the next one starts.
func (w *walk) drain() {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.slack.Drain(ctx); err != nil {
		w.Fatal(err)
	}
}

// until waits until cond holds while time goes on, ever faster while nothing happens, and the program lives.
func (w *walk) until(what string, cond func() bool) {
	w.Helper()
	w.wait(what, w.move, w.living(cond))
}

// move moves the clock, and waits until the program has moved its own. While the program starts, or has an envelope that it has not
// acknowledged, time stands still.
func (w *walk) move() {
	if w.clocks.Followers() == 0 || w.slack.Connections().Open == 0 || w.unacked() {
		return
	}
	if now := w.happened.Load(); now != w.seen {
		w.seen, w.pace, w.quietSince = now, shortStep, w.clock.Now()
	} else {
		w.pace = min(2*w.pace, 5*time.Second)
	}
	w.clock.Advance(w.pace)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.clocks.WaitFollowers(ctx); err != nil {
		w.Fatal(err)
	}
}

// unacked tells whether an envelope is on a living connection and not acknowledged.
func (w *walk) unacked() bool {
	living := w.slack.Connections().IDs
	return slices.ContainsFunc(w.slack.Deliveries(), func(d slacktest.Delivery) bool {
		return d.AckAt.IsZero() && d.Type != "hello" && d.Type != "disconnect" && slices.Contains(living, d.Conn)
	})
}

// quiet tells whether nothing has happened for so long on the stage's clock.
func (w *walk) quiet(d time.Duration) bool {
	return w.happened.Load() == w.seen && w.clock.Now().Sub(w.quietSince) >= d
}

// end asks the program to end, which it must do without an error.
func (w *walk) end() {
	w.Helper()
	if err := w.child.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.Fatal(err)
	}
	w.still("the program ends", w.child.dead)
	if w.child.err != nil {
		w.Errorf("the program ended with %v", w.child.err)
	}
}
