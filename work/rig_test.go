package work

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/store"
	"shipmate/store/storetest"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// rig is a store and a clock for one test.
type rig struct {
	*testing.T
	ctx   context.Context
	db    store.DB
	clock *clock.Manual
	log   buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return &rig{T: t, ctx: ctx, db: storetest.Rerunning(storetest.New(t)), clock: clock.NewManual(t0)}
}

// buffer takes the log of several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (r *rig) claims(replica string, shared bool) *Claims {
	r.Helper()
	c, err := OpenClaims(r.ctx, ClaimsConfig{DB: r.db, Clock: r.clock, Replica: replica, Shared: shared})
	if err != nil {
		r.Fatal(err)
	}
	return c
}

func (r *rig) config() Config {
	return Config{DB: r.db, Clock: r.clock, Log: slog.New(slog.NewTextHandler(&r.log, nil)), Claims: r.claims("one", false)}
}

// run runs a runner until the test ends or stop is called, which returns what Run did.
func (r *rig) run(cfg Config, domains ...Domain) (stop func() error) {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = New(cfg, domains...).Run(ctx)
	}()
	stop = func() error {
		cancel()
		<-done
		return err
	}
	r.Cleanup(func() { _ = stop() })
	return stop
}

func (r *rig) update(fn func(store.Tx) error) {
	r.Helper()
	if err := r.db.Update(r.ctx, fn); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) wake(domain, id string, at time.Time) {
	r.Helper()
	r.update(func(tx store.Tx) error { return Wake(tx, domain, id, at) })
}

// awaitTimer waits until somebody waits for the moment at.
func (r *rig) awaitTimer(at time.Time) {
	r.Helper()
	if err := r.clock.AwaitTimer(r.ctx, at); err != nil {
		r.Fatalf("%v\n%s", err, r.log.String())
	}
}

// keys returns the keys under prefix.
func (r *rig) keys(prefix string) (all []string) {
	r.Helper()
	err := r.db.View(r.ctx, func(s store.Snapshot) error {
		all = nil
		for key := range s.Scan(prefix, "") {
			all = append(all, key)
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

// dueAt returns when the record is due; the zero time when it has no appointment. It fails unless the keys agree.
func (r *rig) dueAt(domain, id string) time.Time {
	r.Helper()
	var rec record
	var want, have []string
	err := r.db.View(r.ctx, func(s store.Snapshot) (err error) {
		want, have = nil, nil
		if rec, err = load(s, domain, id); rec.At != "" {
			want = []string{rec.dueKey(rec.At)}
		}
		for key := range s.Scan(store.Key(domain, "due")+"/", "") {
			if parts, _ := store.Parts(key); parts[3] == id {
				have = append(have, key)
			}
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	if !slices.Equal(have, want) {
		r.Fatalf("the due keys of %q are %q, but its appointment says %q", id, have, want)
	}
	if rec.At == "" {
		return time.Time{}
	}
	at, err := store.ParseStamp(rec.At)
	if err != nil {
		r.Fatal(err)
	}
	return at
}

// until waits until cond holds, looking again whenever anything is written.
func (r *rig) until(what string, cond func() bool) {
	r.Helper()
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	written := r.db.Watch(ctx, "")
	for !cond() {
		select {
		case <-written:
		case <-ctx.Done():
			r.Fatalf("waited in vain for %s\n%s", what, r.log.String())
		}
	}
}

// gone reports whether nothing is left of a domain: no appointment, nothing parked, no claim.
func (r *rig) gone(domain string) func() bool {
	return func() bool { return len(r.keys(domain+"/")) == 0 }
}

// take receives from ch, or fails.
func take[T any](r *rig, what string, ch <-chan T) T {
	r.Helper()
	select {
	case v := <-ch:
		return v
	case <-r.ctx.Done():
		r.Fatalf("waited in vain for %s\n%s", what, r.log.String())
		panic("unreachable")
	}
}

// stepped is a domain whose steps say their id on a channel and are done.
func stepped(name string) (Domain, <-chan string) {
	ids := make(chan string, 100)
	return Domain{Name: name, Workers: 1, Step: func(_ context.Context, id string) (time.Time, error) {
		ids <- id
		return time.Time{}, nil
	}}, ids
}
