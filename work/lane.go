package work

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

const (
	// lookEvery is how often a lane looks for what is due without having been told, in case it was told and missed it.
	lookEvery = 30 * time.Second
	// lookSoon is when it looks again for what is due and could not be taken: it is another replica's, or the store failed.
	lookSoon = 5 * time.Second
	// batch is how many due records are read at a time. A pass over any number of them reads each once.
	batch = 128
)

// lane is the runner of one domain.
type lane struct {
	Domain
	cfg   Config
	log   *slog.Logger
	slots chan struct{} // one for each worker
	kick  chan struct{} // look at once
	soon  atomic.Bool   // a look after lookSoon is under way
	work  sync.WaitGroup

	mu      sync.Mutex
	running map[string]bool // the records being stepped; true: came up meanwhile, so look again when it ends
}

func newLane(r *Runner, d Domain) *lane {
	return &lane{
		Domain: d, cfg: r.cfg, log: r.cfg.Log.With("domain", d.Name),
		slots: make(chan struct{}, max(d.Workers, 1)), kick: make(chan struct{}, 1), running: map[string]bool{},
	}
}

// run takes what is due until taking ends and returns when the steps under way have ended too.
func (l *lane) run(taking, steps context.Context) {
	defer l.work.Wait()
	l.work.Go(func() { l.tellForgotten(taking) })
	written := l.cfg.DB.Watch(taking, store.Key(l.Name, "due")+"/")
	for taking.Err() == nil {
		timer := clock.TimerAt(l.cfg.Clock, l.pass(taking, steps))
		select {
		case _, open := <-written:
			if !open {
				written = nil // the store is closed, or taking has ended
			}
		case <-l.kick:
		case <-timer.C:
		case <-taking.Done():
		}
		timer.Stop()
	}
}

// due is a due key.
type due struct{ key, stamp, id string }

// pass starts a step of everything that is due, in order of time, and returns when to look again.
func (l *lane) pass(taking, steps context.Context) time.Time {
	again := l.cfg.Clock.Now().Add(lookEvery)
	for from := ""; ; {
		found, next, err := l.read(taking, from)
		if err != nil {
			if taking.Err() == nil {
				l.log.Error("looking for due records", "err", err)
			}
			return l.cfg.Clock.Now().Add(lookSoon)
		}
		for _, d := range found {
			if !l.start(taking, steps, d) {
				return again
			}
			from = d.key + "\x00"
		}
		if len(found) < batch {
			if !next.IsZero() && next.Before(again) {
				return next
			}
			return again
		}
	}
}

// read returns up to batch records that are due, beginning with the key from, and when there are fewer, the time of the
// first that is not yet.
func (l *lane) read(ctx context.Context, from string) (found []due, next time.Time, err error) {
	prefix := store.Key(l.Name, "due") + "/"
	now := store.Stamp(l.cfg.Clock.Now())
	err = l.cfg.DB.View(ctx, func(s store.Snapshot) error {
		found, next = nil, time.Time{}
		for key := range s.Scan(prefix, from) {
			parts, err := store.Parts(key)
			if err != nil || len(parts) != 4 {
				l.log.Error("a due key that cannot be read is left alone", "key", key)
				continue
			}
			if parts[2] > now {
				next, err = store.ParseStamp(parts[2])
				return err
			}
			if found = append(found, due{key: key, stamp: parts[2], id: parts[3]}); len(found) == batch {
				return nil
			}
		}
		return nil
	})
	return found, next, err
}

// start steps d on a goroutine of its own, once a worker is free; false when taking has ended before.
func (l *lane) start(taking, steps context.Context, d due) bool {
	if l.busyWith(d.id) {
		return true
	}
	select {
	case l.slots <- struct{}{}:
	case <-taking.Done():
		return false
	}
	if taking.Err() != nil {
		<-l.slots
		return false
	}
	l.mu.Lock()
	l.running[d.id] = false
	l.mu.Unlock()
	l.work.Go(func() {
		if !l.step(steps, d) {
			l.lookSoon(taking)
		}
		l.ended(d.id)
		<-l.slots
	})
	return true
}

// busyWith reports whether the record is being stepped, and if so has the lane look again when that ends.
func (l *lane) busyWith(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, busy := l.running[id]
	if busy {
		l.running[id] = true
	}
	return busy
}

func (l *lane) ended(id string) {
	l.mu.Lock()
	again := l.running[id]
	delete(l.running, id)
	l.mu.Unlock()
	if again {
		l.look()
	}
}

func (l *lane) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.running)
}

func (l *lane) look() {
	select {
	case l.kick <- struct{}{}:
	default: // it is about to
	}
}

// lookSoon has the lane look again after lookSoon. Until then what could not be taken waits, so that a store that fails is
// not asked in a loop.
func (l *lane) lookSoon(taking context.Context) {
	if !l.soon.CompareAndSwap(false, true) {
		return
	}
	timer := l.cfg.Clock.NewTimer(lookSoon)
	l.work.Go(func() {
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-taking.Done():
		}
		l.soon.Store(false)
		l.look()
	})
}
