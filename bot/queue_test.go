package bot

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

func TestOnePersonsRequestsRunInTheOrderTheyArrived(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	ran := map[string][]string{}
	q := newQueue(4, func(e entry) {
		mu.Lock()
		defer mu.Unlock()
		ran[e.User] = append(ran[e.User], e.ID)
	}, func(entry) {})
	var journaling sync.WaitGroup
	want := map[string][]string{}
	for i := range 600 {
		e := entry{ID: fmt.Sprint(i), User: fmt.Sprint("U", i%5)}
		turn, ok := q.reserve(e.User, 10000)
		if !ok {
			t.Fatal("refused")
		}
		void := rand.IntN(4) == 0 // a duplicate, say
		if !void {
			want[e.User] = append(want[e.User], e.ID)
		}
		journaling.Go(func() { // writes end in any order
			if void {
				q.giveBack(turn)
				return
			}
			q.fill(turn, e)
		})
	}
	journaling.Wait()
	q.wg.Wait()
	for user := range want {
		if fmt.Sprint(ran[user]) != fmt.Sprint(want[user]) {
			t.Errorf("%s: ran %v, want %v", user, ran[user], want[user])
		}
	}
	if n := q.ahead(); n != 0 {
		t.Errorf("%d are still counted", n)
	}
	if len(q.lanes) != 0 {
		t.Errorf("%d lanes are left", len(q.lanes))
	}
}

func TestWhoWaitsForAWorkerDoesNotBeginAfterStop(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	started := make(chan string, 10)
	q := newQueue(1, func(e entry) { started <- e.ID; <-release }, func(entry) {})
	for _, user := range []string{"U1", "U2", "U3"} {
		turn, _ := q.reserve(user, 10)
		q.fill(turn, entry{ID: user, User: user})
	}
	<-started
	stopped := make(chan struct{})
	go func() { q.stop(); close(stopped) }()
	for !isClosed(q) {
		runtime.Gosched()
	}
	close(release)
	<-stopped
	if n := len(started); n != 0 {
		t.Fatalf("%d were begun after stop", n)
	}
}

func TestQueueRefusesBeyondItsLimitAndStops(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	started := make(chan string, 10)
	q := newQueue(1, func(e entry) { started <- e.ID; <-release }, func(entry) {})
	a, _ := q.reserve("U1", 2)
	b, ok := q.reserve("U1", 2)
	if !ok {
		t.Fatal("the second of two was refused")
	}
	if _, ok := q.reserve("U2", 2); ok {
		t.Fatal("a third of two was admitted")
	}
	q.fill(a, entry{ID: "a", User: "U1"})
	q.fill(b, entry{ID: "b", User: "U1"})
	<-started
	stopped := make(chan struct{})
	go func() { q.stop(); close(stopped) }()
	for !isClosed(q) {
		runtime.Gosched()
	}
	close(release)
	<-stopped
	if len(started) != 0 {
		t.Fatal("something was begun after stop")
	}
}

func isClosed(q *queue) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}
