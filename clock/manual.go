package clock

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Manual is a clock that is moved by hand. It is either frozen (NewManual), and shows the same moment until it is moved, or
// running (NewRunning), and goes on by itself from wherever it was moved to.
//
// A move fires the timers it passes in the order of their moments (timers of the same moment in the order they were set);
// each receives its own moment. On a frozen clock Now is that moment while it fires, and a timer that another goroutine
// sets before the move has passed its moment fires in its turn. What is not guaranteed is that a goroutine woken by a timer
// gets to run before the move goes on: it may find Now at the end of the move, and a timer it then sets counts from there.
// A test for which that matters moves from one Next to the following one and waits in between for what it expects.
//
// All methods may be called from any goroutine; moves happen one after the other.
type Manual struct {
	moving sync.Mutex // held for a whole move

	mu      sync.Mutex
	running bool
	frozen  time.Time     // what a frozen clock shows
	offset  time.Duration // what a running clock adds to the machine's
	timers  timers
	set     uint64      // how many timers were ever set, for the order of equal moments
	alarm   *time.Timer // the machine's timer for the first of timers, on a running clock
	version uint64      // rises with every move
	moved   chan struct{}
	armed   chan struct{} // closed when a timer is set; nil while nobody waits for that
}

// NewManual returns a clock that shows t until it is moved.
func NewManual(t time.Time) *Manual {
	return &Manual{frozen: t.UTC(), version: 1, moved: make(chan struct{})}
}

// NewRunning returns a clock that shows base now, runs at the machine's pace and can be moved.
func NewRunning(base time.Time) *Manual {
	return &Manual{running: true, offset: time.Until(base), version: 1, moved: make(chan struct{})}
}

// Now returns the time in UTC.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now()
}

func (m *Manual) now() time.Time {
	if m.running {
		return time.Now().Add(m.offset).UTC()
	}
	return m.frozen
}

// NewTimer returns a timer that fires once d has passed on this clock, by itself or by a move.
func (m *Manual) NewTimer(d time.Duration) *Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.add(m.now().Add(d))
}

func (m *Manual) timerAt(at time.Time) *Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.add(at)
}

func (m *Manual) add(at time.Time) *Timer {
	m.set++
	p := &pending{at: at.UTC(), order: m.set, c: make(chan time.Time, 1)}
	heap.Push(&m.timers, p)
	if m.armed != nil {
		close(m.armed)
		m.armed = nil
	}
	m.fireDue()
	return &Timer{C: p.c, stop: func() { m.remove(p) }}
}

func (m *Manual) remove(p *pending) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.index >= 0 {
		heap.Remove(&m.timers, p.index)
	}
}

// Next returns the moment of the earliest timer that has not fired, and false when there is none.
func (m *Manual) Next() (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.timers) == 0 {
		return time.Time{}, false
	}
	return m.timers[0].at, true
}

// AwaitTimer returns once a timer waits for the moment at, which tells a test that whoever it is about to wake is waiting;
// or with ctx's error.
func (m *Manual) AwaitTimer(ctx context.Context, at time.Time) error {
	for {
		waits, armed := m.waitsFor(at)
		if waits {
			return nil
		}
		select {
		case <-armed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for a timer of %s: %w", at.Format(time.RFC3339Nano), ctx.Err())
		}
	}
}

func (m *Manual) waitsFor(at time.Time) (bool, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.armed == nil {
		m.armed = make(chan struct{})
	}
	return slices.ContainsFunc(m.timers, func(p *pending) bool { return p.at.Equal(at) }), m.armed
}

// Advance moves the clock by d, which may be negative: timers keep their moments.
func (m *Manual) Advance(d time.Duration) {
	m.moving.Lock()
	defer m.moving.Unlock()
	m.mu.Lock()
	to := state{Running: m.running, Offset: m.offset + d, Now: m.frozen.Add(d)}
	m.mu.Unlock()
	m.move(to)
}

// Set moves the clock to t, which may be in its past: timers keep their moments.
func (m *Manual) Set(t time.Time) {
	m.moving.Lock()
	defer m.moving.Unlock()
	m.mu.Lock()
	to := state{Running: m.running, Offset: time.Until(t), Now: t.UTC()}
	m.mu.Unlock()
	m.move(to)
}

// state is where a clock stands, in a form that holds for every process of this machine.
type state struct {
	Running bool          `json:"running"`
	Offset  time.Duration `json:"offset"` // of a running clock, to the machine's, in nanoseconds
	Now     time.Time     `json:"now"`    // of a frozen clock
}

// move brings the clock to s. The caller holds moving.
func (m *Manual) move(s state) {
	for !s.Running && m.fireOne(s.Now) {
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running, m.offset, m.frozen = s.Running, s.Offset, s.Now
	m.fireDue()
	m.version++
	close(m.moved)
	m.moved = make(chan struct{})
}

// fireOne moves a frozen clock to its next timer and fires it, if that is not after limit. It lets go of the clock
// afterwards, so that others can set timers that come before the next.
func (m *Manual) fireOne(limit time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running || len(m.timers) == 0 || m.timers[0].at.After(limit) {
		return false
	}
	m.frozen = m.timers[0].at
	m.fireFirst()
	return true
}

func (m *Manual) fireFirst() {
	p := heap.Pop(&m.timers).(*pending)
	p.c <- p.at
}

// fireDue fires what is due now and, on a running clock, sets the alarm for the next.
func (m *Manual) fireDue() {
	if m.alarm != nil {
		m.alarm.Stop()
		m.alarm = nil
	}
	now := m.now()
	for len(m.timers) > 0 && !m.timers[0].at.After(now) {
		m.fireFirst()
	}
	if m.running && len(m.timers) > 0 {
		m.alarm = time.AfterFunc(m.timers[0].at.Sub(now), func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.fireDue()
		})
	}
}

// position returns where the clock stands, the number of that position, and a channel that is closed when it is left.
func (m *Manual) position() (state, uint64, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return state{Running: m.running, Offset: m.offset, Now: m.frozen}, m.version, m.moved
}
