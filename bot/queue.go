package bot

import (
	"sync"
	"sync/atomic"
	"time"
)

// queue runs entries: one person's in the order they arrived, different people's side by side up to a number of workers.
// It holds nothing that the journal does not hold too.
type queue struct {
	run     func(entry)
	slow    func(entry) // called once for an entry that waits for a worker for long
	workers int
	crew    crew

	waiting atomic.Int64 // admitted and not yet done

	mu     sync.Mutex
	lanes  map[string]*lane
	ready  []*place // whose turn it is, until a worker is free
	busy   int      // workers that run something
	closed bool
	wg     sync.WaitGroup
}

// lane is one person's requests in order; its first place may be running.
type lane struct {
	places  []*place
	running bool
}

// place is a request's turn, taken when its envelope was read and filled when it is journaled, since journal writes of
// one person may end in any order.
type place struct {
	user  string
	entry entry
	state placeState
	late  *time.Timer // says that it waits for a worker; nil when none was needed
}

type placeState int

const (
	reserved placeState = iota
	filled
	given // back: it led to nothing, or is done
)

func newQueue(workers int, run, slow func(entry)) *queue {
	return &queue{run: run, slow: slow, workers: workers, crew: newCrew(), lanes: map[string]*lane{}}
}

// reserve takes the next place in a person's lane, unless most are waiting already.
func (q *queue) reserve(user string, most int) (*place, bool) {
	if q.waiting.Add(1) > int64(most) {
		q.waiting.Add(-1)
		return nil, false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[user]
	if l == nil {
		l = &lane{}
		q.lanes[user] = l
	}
	p := &place{user: user}
	l.places = append(l.places, p)
	return p, true
}

// fill says what runs when the place's turn comes.
func (q *queue) fill(p *place, e entry) { q.set(p, e, filled) }

// giveBack frees a place that led to nothing.
func (q *queue) giveBack(p *place) { q.set(p, entry{}, given) }

func (q *queue) set(p *place, e entry, state placeState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.entry, p.state = e, state
	q.advance(p.user)
}

// advance drops the lane's places that are through and lets its first one run if it can. The caller holds the lock.
func (q *queue) advance(user string) {
	l := q.lanes[user]
	for len(l.places) > 0 && l.places[0].state == given {
		l.places = l.places[1:]
		q.waiting.Add(-1)
	}
	if len(l.places) == 0 && !l.running {
		delete(q.lanes, user)
		return
	}
	if l.running || q.closed || len(l.places) == 0 || l.places[0].state != filled {
		return
	}
	l.running = true
	p := l.places[0]
	if q.busy < q.workers {
		q.busy++
		q.wg.Add(1)
		q.crew.do(func() { q.work(p) })
		return
	}
	p.late = time.AfterFunc(slowAfter, func() { q.slow(p.entry) })
	q.ready = append(q.ready, p)
}

// work runs p and whoever is ready then.
func (q *queue) work(p *place) {
	defer q.wg.Done()
	for p != nil {
		q.run(p.entry)
		p = q.through(p)
	}
}

// through ends p's turn and returns whose it is next; nil when nobody waits for a worker.
func (q *queue) through(p *place) *place {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[p.user]
	l.running = false
	p.state = given
	q.busy--
	if q.closed || len(q.ready) == 0 {
		q.advance(p.user)
		return nil
	}
	next := q.ready[0]
	q.ready = q.ready[1:]
	q.busy++
	q.advance(p.user)
	next.late.Stop()
	return next
}

// ahead is how many wait in all, for those who ask why nothing happens.
func (q *queue) ahead() int { return int(q.waiting.Load()) }

// stop starts nothing more and waits for what runs; what had not begun stays in the journal for the next start.
func (q *queue) stop() {
	q.mu.Lock()
	q.closed = true
	for _, p := range q.ready {
		p.late.Stop()
	}
	q.mu.Unlock()
	q.wg.Wait()
}
