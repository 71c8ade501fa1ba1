package work

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/store"
)

func TestDueRecordsAreTakenInOrderOfTimeAndNotBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wake("d", "late", t0.Add(time.Hour))
	r.wake("d", "b", t0.Add(2*time.Minute))
	r.wake("d", "z", t0.Add(time.Minute))
	r.wake("d", "now", time.Time{})
	r.wake("d", "a", t0.Add(3*time.Minute))
	r.clock.Advance(3 * time.Minute)
	d, ids := stepped("d")
	r.run(r.config(), d)
	for _, want := range []string{"now", "z", "b", "a"} {
		if got := take(r, want, ids); got != want {
			t.Errorf("stepped %q, want %q", got, want)
		}
	}
	r.wake("d", "before", t0.Add(time.Hour-1))
	r.clock.Set(t0.Add(time.Hour - 1))
	if got := take(r, "before", ids); got != "before" {
		t.Errorf("stepped %q before its time", got)
	}
	r.clock.Advance(1)
	if got := take(r, "late", ids); got != "late" {
		t.Errorf("stepped %q, want late", got)
	}
	r.until("nothing to be left", r.gone("d"))
}

// Ids are whatever the domain calls its records.
func TestAnyIDs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	want := []string{"deployment/D1", "deployment", "a b", "100%", "%2F", "/", "//", "due/x", "ü\x00\xff", "2026-03-02T09:00:00.000000000Z"}
	d, ids := stepped("d")
	other, otherIDs := stepped("d2")
	r.run(r.config(), d, other)
	for _, id := range want {
		r.wake("d", id, t0)
	}
	r.wake("d2", "mine", t0)
	var got []string
	for range want {
		got = append(got, take(r, "a step", ids))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("stepped %q, want %q", got, want)
	}
	if id := take(r, "the other domain", otherIDs); id != "mine" {
		t.Errorf("the other domain stepped %q", id)
	}
	r.until("nothing to be left", func() bool { return r.gone("d")() && r.gone("d2")() })
}

func TestNextIsWhenItIsSteppedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := make(chan time.Time, 10)
	r.run(r.config(), Domain{Name: "d", Step: func(context.Context, string) (time.Time, error) {
		now := r.clock.Now()
		at <- now
		if now.Equal(t0.Add(3 * time.Hour)) {
			return time.Time{}, nil
		}
		return now.Add(time.Hour), nil
	}})
	r.wake("d", "x", t0)
	for i := range 4 {
		if got, want := take(r, "a step", at), t0.Add(time.Duration(i)*time.Hour); !got.Equal(want) {
			t.Fatalf("step %d at %v, want %v", i, got, want)
		}
		if i < 3 {
			r.until("the next appointment", func() bool { return r.dueAt("d", "x").Equal(t0.Add(time.Duration(i+1) * time.Hour)) })
			r.clock.Advance(time.Hour)
		}
	}
	r.until("nothing to be left", r.gone("d"))
}

func TestAtMostWorkersAtOnceAndNeverTwoOfOneRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const workers, records = 3, 12
	var running, most atomic.Int32
	var mu sync.Mutex
	times, busy := map[string]int{}, map[string]bool{}
	full, goOn := make(chan struct{}), make(chan struct{})
	r.run(r.config(), Domain{Name: "d", Workers: workers, Step: func(ctx context.Context, id string) (time.Time, error) {
		n := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		mu.Lock()
		if busy[id] {
			t.Errorf("two steps of %s at once", id)
		}
		busy[id] = true
		times[id]++
		again := times[id] < 3
		mu.Unlock()
		if n == workers {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		<-goOn
		r.wake("d", id, t0) // while it runs
		mu.Lock()
		defer mu.Unlock()
		busy[id] = false
		if again {
			return time.Time{}, nil
		}
		return time.Time{}, r.db.Update(ctx, func(tx store.Tx) error { return Cancel(tx, "d", id) })
	}})
	for i := range records {
		r.wake("d", fmt.Sprint("r", i), t0)
	}
	take(r, "all workers to be busy", full)
	close(goOn)
	r.until("nothing to be left", r.gone("d"))
	if most.Load() != workers {
		t.Errorf("%d at once, want %d", most.Load(), workers)
	}
	for id, n := range times {
		if n != 3 {
			t.Errorf("%s was stepped %d times, want 3", id, n)
		}
	}
}

// watchless is a store whose hints never come.
type watchless struct{ store.DB }

func (watchless) Watch(context.Context, string) <-chan struct{} { return nil }

func TestMissedHintsCostHalfAMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d, ids := stepped("d")
	cfg := r.config()
	cfg.DB = watchless{r.db}
	r.run(cfg, d)
	r.awaitTimer(t0.Add(lookEvery)) // it has looked and waits
	r.wake("d", "first", t0)
	r.clock.Advance(lookEvery)
	take(r, "the next look", ids)
}

// flaky is a store whose Update fails while it is told to.
type flaky struct {
	store.DB
	failing atomic.Bool
}

func (f *flaky) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.failing.Load() {
		return errors.New("the disk is full")
	}
	return f.DB.Update(ctx, fn)
}

// A step whose outcome could not be written happens again, and not in a loop.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := r.config()
	db := &flaky{DB: r.db}
	cfg.DB = db
	steps := make(chan struct{}, 100)
	r.wake("d", "x", t0) // before there is anybody to get the hint, which would be a second look
	r.run(cfg, Domain{Name: "d", Step: func(context.Context, string) (time.Time, error) {
		db.failing.Store(len(steps) == 0)
		steps <- struct{}{}
		return time.Time{}, nil
	}})
	r.awaitTimer(t0.Add(lookSoon))
	if len(steps) != 1 {
		t.Errorf("stepped %d times before the clock moved", len(steps))
	}
	r.clock.Advance(lookSoon)
	r.until("the second step to be written", r.gone("d"))
	if len(steps) != 2 {
		t.Errorf("stepped %d times, want 2", len(steps))
	}
}

// counting is a store that counts what is read.
type counting struct {
	store.DB
	views, keys atomic.Int64
	viewed      chan struct{}
}

func (c *counting) View(ctx context.Context, fn func(store.Snapshot) error) error {
	c.views.Add(1)
	defer func() {
		select {
		case c.viewed <- struct{}{}:
		default:
		}
	}()
	return c.DB.View(ctx, func(s store.Snapshot) error { return fn(countingSnapshot{s, c}) })
}

type countingSnapshot struct {
	store.Snapshot
	c *counting
}

func (s countingSnapshot) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for key, value := range s.Snapshot.Scan(prefix, from) {
			s.c.keys.Add(1)
			if !yield(key, value) {
				return
			}
		}
	}
}

func TestIdleIsOneLookEveryHalfMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wake("d", "tomorrow", t0.Add(24*time.Hour))
	cfg := r.config()
	db := &counting{DB: r.db, viewed: make(chan struct{}, 1000)}
	cfg.DB = db
	d, _ := stepped("d")
	r.run(cfg, d)
	take(r, "the first look", db.viewed) // at what is due, and at what is parked
	take(r, "the first look", db.viewed)
	const looks = 50
	for range looks {
		r.awaitTimer(r.clock.Now().Add(lookEvery))
		r.clock.Advance(lookEvery)
		take(r, "a look", db.viewed)
	}
	if n := db.views.Load(); n != looks+2 {
		t.Errorf("%d reads in %d looks", n-2, looks)
	}
	if n := db.keys.Load(); n > looks+2 {
		t.Errorf("%d keys read in %d looks at one appointment", n, looks)
	}
}

// What a backlog costs grows with its length, not with the square of it.
func TestBacklogIsReadOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const n = 2000
	backlog(t, r.db, n)
	cfg := r.config()
	db := &counting{DB: r.db, viewed: make(chan struct{}, 1)}
	cfg.DB = db
	var left atomic.Int64
	left.Store(n)
	stop := r.run(cfg, Domain{Name: "d", Step: func(context.Context, string) (time.Time, error) {
		left.Add(-1)
		return time.Time{}, nil
	}})
	r.until("the backlog to be done", r.gone("d"))
	if err := stop(); err != nil || left.Load() != 0 {
		t.Errorf("%d left, %v", left.Load(), err)
	}
	// Each is read in its pass, and those in work at the end of each batch or at a hint once more.
	if keys := db.keys.Load(); keys > 3*n {
		t.Errorf("%d keys were read for %d records", keys, n)
	}
}

// backlog appoints n records of d for t0, 20 in a transaction.
func backlog(t testing.TB, db store.DB, n int) {
	t.Helper()
	for i := 0; i < n; i += 20 {
		err := db.Update(context.Background(), func(tx store.Tx) error {
			for j := i; j < min(i+20, n); j++ {
				if err := Wake(tx, "d", fmt.Sprintf("r%06d", j), t0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestRunRefusesDomainsThatCannotBe(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good, _ := stepped("d")
	for want, spoil := range map[string]func(d *Domain){
		"name of a domain": func(d *Domain) { d.Name = "a/b" },
		"no step":          func(d *Domain) { d.Step = nil },
		"two domains":      func(d *Domain) {},
		"below zero":       func(d *Domain) { d.Workers = -1 },
		"shorter":          func(d *Domain) { d.Retry = Backoff{First: time.Hour, Max: time.Minute} },
	} {
		bad := good
		spoil(&bad)
		if err := New(r.config(), good, bad).Run(r.ctx); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %q", err, want)
		}
	}
}
