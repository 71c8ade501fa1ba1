package slacktest

import (
	"container/heap"
	"sync"
	"time"

	"shipmate/clock"
)

// schedule calls functions when their time has come on a clock, one after the other, each with the time it was due:
// after a jump of the clock what follows from a missed deadline is still counted from that deadline.
type schedule struct {
	clock clock.Clock
	wake  chan struct{}
	quit  chan struct{}

	mu    sync.Mutex
	items dueHeap
}

type dueItem struct {
	at time.Time
	f  func(due time.Time)
}

func newSchedule(c clock.Clock) *schedule {
	return &schedule{clock: c, wake: make(chan struct{}, 1), quit: make(chan struct{})}
}

func (q *schedule) at(t time.Time, f func(due time.Time)) {
	q.mu.Lock()
	heap.Push(&q.items, dueItem{t, f})
	first := q.items[0].at.Equal(t)
	q.mu.Unlock()
	if first {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

func (q *schedule) stop() { close(q.quit) }

func (q *schedule) run() {
	for {
		next, ok := q.runDue()
		if !ok {
			select {
			case <-q.wake:
				continue
			case <-q.quit:
				return
			}
		}
		if !q.sleepUntil(next) {
			return
		}
	}
}

// runDue calls what is due and returns when the next thing is.
func (q *schedule) runDue() (time.Time, bool) {
	for {
		q.mu.Lock()
		if len(q.items) == 0 {
			q.mu.Unlock()
			return time.Time{}, false
		}
		if first := q.items[0].at; first.After(q.clock.Now()) {
			q.mu.Unlock()
			return first, true
		}
		item := heap.Pop(&q.items).(dueItem)
		q.mu.Unlock()
		item.f(item.at)
	}
}

// sleepUntil waits for t or a wake-up; false means stop.
func (q *schedule) sleepUntil(t time.Time) bool {
	timer := clock.TimerAt(q.clock, t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.wake:
	case <-q.quit:
		return false
	}
	return true
}

type dueHeap []dueItem

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(dueItem)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
