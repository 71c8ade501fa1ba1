package bot

import (
	"testing"
	"time"

	"shipmate/clock"
)

func TestBudgetLeavesRoomForWhatIsMoreUrgent(t *testing.T) {
	t.Parallel()
	b := newBudget(clock.NewManual(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)))
	count := func(p priority) (n int) {
		for b.take("chat.update", "C1", p) == 0 {
			n++
		}
		return n
	}
	if n := count(progress); n != 12 {
		t.Errorf("progress took %d of 20", n)
	}
	if n := count(ending); n != 5 {
		t.Errorf("endings took %d more", n)
	}
	if n := count(answers); n != 3 {
		t.Errorf("answers took %d more", n)
	}
}

func TestOneSlowChannelHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC))
	b := newBudget(c)
	b.block("chat.postMessage", "C1", 30*time.Second)
	if d := b.take("chat.postMessage", "C1", answers); d != 30*time.Second {
		t.Errorf("blocked channel: wait %v", d)
	}
	if d := b.take("chat.postMessage", "C2", answers); d != 0 {
		t.Errorf("other channel: wait %v", d)
	}
	for range 4 {
		b.take("chat.postMessage", "C3", answers)
	}
	d := b.take("chat.postMessage", "C3", answers)
	if d <= 0 || d > 2*time.Second {
		t.Errorf("a channel's burst is over: wait %v", d)
	}
	c.Advance(d)
	if again := b.take("chat.postMessage", "C3", answers); again != 0 {
		t.Errorf("after the wait it said: wait %v", again)
	}
	c.Advance(time.Minute)
	if d := b.take("chat.postMessage", "C1", answers); d != 0 {
		t.Errorf("after Retry-After: wait %v", d)
	}
}
