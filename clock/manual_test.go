package clock

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fired returns what a timer sent, or false when it has not fired.
func fired(t *Timer) (time.Time, bool) {
	select {
	case at := <-t.C:
		return at, true
	default:
		return time.Time{}, false
	}
}

func TestFrozenClockStandsStill(t *testing.T) {
	t.Parallel()
	m := NewManual(start.In(time.FixedZone("x", 3600)))
	if got := m.Now(); !got.Equal(start) || got.Location() != time.UTC {
		t.Errorf("Now is %v, want %v in UTC", got, start)
	}
	m.Advance(90 * time.Second)
	if got, want := m.Now(), start.Add(90*time.Second); !got.Equal(want) {
		t.Errorf("after Advance Now is %v, want %v", got, want)
	}
	m.Set(start.Add(-time.Hour))
	if got, want := m.Now(), start.Add(-time.Hour); !got.Equal(want) {
		t.Errorf("after Set Now is %v, want %v", got, want)
	}
}

func TestTimersFireAtTheirMoment(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	late, early, stopped := m.NewTimer(2*time.Hour), m.NewTimer(time.Hour), m.NewTimer(time.Hour)
	stopped.Stop()
	stopped.Stop()
	if next, ok := m.Next(); !ok || !next.Equal(start.Add(time.Hour)) {
		t.Errorf("Next is %v, %v", next, ok)
	}
	m.Advance(time.Hour - 1)
	if _, ok := fired(early); ok {
		t.Error("a timer fired a nanosecond early")
	}
	m.Advance(1)
	if at, ok := fired(early); !ok || !at.Equal(start.Add(time.Hour)) {
		t.Errorf("the early timer sent %v, %v", at, ok)
	}
	if _, ok := fired(stopped); ok {
		t.Error("a stopped timer fired")
	}
	m.Advance(48 * time.Hour)
	if at, ok := fired(late); !ok || !at.Equal(start.Add(2*time.Hour)) {
		t.Errorf("the late timer sent %v, %v; want its own moment", at, ok)
	}
	if next, ok := m.Next(); ok {
		t.Errorf("Next is %v with no timer left", next)
	}
}

func TestTimerOfNoWaitFiresAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Clock{"frozen": NewManual(start), "running": NewRunning(start), "system": System()} {
		for _, d := range []time.Duration{0, -time.Hour} {
			<-c.NewTimer(d).C // the test hangs if it does not fire
			<-TimerAt(c, c.Now().Add(d)).C
		}
		if c.Now().Location() != time.UTC {
			t.Errorf("%s: Now is not in UTC", name)
		}
	}
}

func TestMovingBackKeepsTheMomentOfTimers(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	timer := m.NewTimer(time.Hour)
	m.Advance(-time.Hour)
	m.Advance(2*time.Hour - 1)
	if _, ok := fired(timer); ok {
		t.Error("the timer fired before its moment")
	}
	m.Advance(1)
	if _, ok := fired(timer); !ok {
		t.Error("the timer did not fire at its moment")
	}
}

func TestMoveFiresInOrderWithNowAtTheMoment(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	var want []time.Time
	for range 200 {
		d := time.Duration(rand.IntN(3600)) * time.Second
		want = append(want, start.Add(d))
		m.NewTimer(d)
	}
	slices.SortFunc(want, time.Time.Compare)
	last := start
	for m.fireOne(start.Add(time.Hour)) {
		if m.Now().Before(last) {
			t.Fatalf("Now went from %v to %v", last, m.Now())
		}
		last = m.Now()
	}
	if !last.Equal(want[len(want)-1]) {
		t.Errorf("the last timer fired at %v, want %v", last, want[len(want)-1])
	}
}

// A timer that is set while a move is under way, for a moment the move has yet to pass, fires in that move.
func TestTimerSetDuringAMoveFiresInIt(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	m.NewTimer(time.Minute)
	m.fireOne(start.Add(time.Hour)) // what Advance does first
	second := m.NewTimer(time.Minute)
	m.Advance(58 * time.Minute)
	if at, ok := fired(second); !ok || !at.Equal(start.Add(2*time.Minute)) {
		t.Errorf("the timer set at the first one's moment sent %v, %v", at, ok)
	}
}

func TestTimerAtIsNotShiftedByAMove(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	at := m.Now().Add(time.Hour)
	m.Advance(time.Hour) // between reading the clock and setting the timer
	if _, ok := fired(TimerAt(m, at)); !ok {
		t.Error("the moment has come and the timer waits")
	}
}

func TestRunningClockRunsAndJumps(t *testing.T) {
	t.Parallel()
	m := NewRunning(start)
	if d := m.Now().Sub(start); d < 0 || d > time.Minute {
		t.Fatalf("a new running clock is %v from its base", d)
	}
	a := m.Now()
	<-m.NewTimer(time.Millisecond).C // by itself
	if d := m.Now().Sub(a); d < time.Millisecond {
		t.Errorf("the timer fired after %v, want 1ms or more", d)
	}
	hour, day := m.NewTimer(time.Hour), m.NewTimer(24*time.Hour)
	m.Advance(2 * time.Hour)
	<-hour.C
	if _, ok := fired(day); ok {
		t.Error("a move of two hours fired the timer of a day")
	}
	m.Set(start.Add(25 * time.Hour))
	<-day.C
	if d := m.Now().Sub(start); d < 25*time.Hour || d > 26*time.Hour {
		t.Errorf("after Set the clock is %v from its base", d)
	}
	// The timer left is re-armed by the jump, so it comes by itself soon after.
	soon := TimerAt(m, m.Now().Add(time.Hour))
	m.Advance(time.Hour - 2*time.Millisecond)
	<-soon.C
}

func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	for _, m := range []*Manual{NewManual(start), NewRunning(start)} {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 100 {
					keep := m.NewTimer(time.Duration(i) * time.Second)
					m.NewTimer(time.Minute).Stop()
					m.Next()
					m.Advance(time.Duration(i) * time.Second)
					<-keep.C
				}
			})
		}
		wg.Wait()
		if next, ok := m.Next(); ok {
			t.Errorf("a timer for %v is left", next)
		}
	}
}

func TestAwaitTimer(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	waited := make(chan error)
	go func() { waited <- m.AwaitTimer(t.Context(), start.Add(time.Hour)) }()
	m.NewTimer(time.Minute)
	timer := m.NewTimer(time.Hour)
	if err := <-waited; err != nil {
		t.Error(err)
	}
	timer.Stop()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.AwaitTimer(ended, start.Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("with the timer stopped: %v, want the context's error", err)
	}
}
