package work

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/store"
)

var errBroken = errors.New("broken")

// alerts returns a config whose alerts arrive on a channel.
func (r *rig) alerts() (Config, chan Parked) {
	told := make(chan Parked, 10)
	cfg := r.config()
	cfg.Alert = func(_ context.Context, p Parked) { told <- p }
	return cfg, told
}

func (r *rig) appointment(domain, id string) appointment {
	r.Helper()
	var rec record
	err := r.db.View(r.ctx, func(s store.Snapshot) (err error) {
		rec, err = load(s, domain, id)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return rec.appointment
}

// fail moves time through n failures of d/x, and checks the delay after each.
func (r *rig) fail(n int, retry Backoff) {
	r.Helper()
	for i := 1; i <= n; i++ {
		r.until(fmt.Sprint("failure ", i), func() bool { return r.appointment("d", "x").Tries == i })
		full := min(retry.First<<(i-1), retry.Max)
		wait := r.dueAt("d", "x").Sub(r.clock.Now())
		if wait < full/2 || wait > full {
			r.Errorf("failure %d is repeated after %v, want %v to %v", i, wait, full/2, full)
		}
		r.clock.Advance(wait)
	}
}

func TestFailuresBackOffAndPark(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg, told := r.alerts()
	var steps, mend atomic.Int32
	retry := Backoff{First: 10 * time.Second, Max: time.Minute, Tries: 6}
	r.run(cfg, Domain{Name: "d", Retry: retry, Step: func(context.Context, string) (time.Time, error) {
		if steps.Add(1); mend.Load() == 1 {
			return time.Time{}, nil
		}
		return time.Time{}, errBroken
	}})
	r.wake("d", "x", t0)
	for round := range 2 {
		r.fail(5, retry)
		p := take(r, "the alert", told)
		want := Parked{Domain: "d", ID: "x", Since: r.clock.Now(), Tries: 6, Error: "broken"}
		if p != want {
			t.Errorf("round %d: told %+v, want %+v", round, p, want)
		}
		list, err := ListParked(r.ctx, r.db, "d")
		if err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("round %d: parked is %+v, %v; want %+v", round, list, err, want)
		}
		if at := r.dueAt("d", "x"); !at.IsZero() {
			t.Errorf("parked and due at %v", at)
		}
		r.clock.Advance(24 * time.Hour)
		r.wake("d", "x", r.clock.Now())
	}
	r.until("the next failure", func() bool { return r.appointment("d", "x").Tries == 1 })
	mend.Store(1)
	r.wake("d", "x", t0)
	r.until("nothing to be left", r.gone("d"))
	if steps.Load() != 14 || len(told) != 0 {
		t.Errorf("%d steps and %d more alerts, want 14 and none", steps.Load(), len(told))
	}
}

func TestParkedRecordsCanBeAppointedAndCancelled(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(store.Tx) error{
		"appoint": func(tx store.Tx) error { return Appoint(tx, "d", "x", t0.Add(time.Hour)) },
		"cancel":  func(tx store.Tx) error { return Cancel(tx, "d", "x") },
	} {
		r := newRig(t)
		cfg, told := r.alerts()
		stop := r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(context.Context, string) (time.Time, error) {
			return time.Time{}, errBroken
		}})
		r.wake("d", "x", t0)
		take(r, "the alert", told)
		if err := stop(); err != nil {
			t.Error(err)
		}
		r.update(fn)
		list, err := ListParked(r.ctx, r.db, "d")
		if err != nil || len(list) != 0 {
			t.Errorf("%s: parked is %v, %v", name, list, err)
		}
		if at := r.dueAt("d", "x"); at.IsZero() != (name == "cancel") {
			t.Errorf("%s: due at %v", name, at)
		}
		if a := r.appointment("d", "x"); a.Tries != 0 || a.Parked {
			t.Errorf("%s: still %+v", name, a)
		}
	}
}

// A record that is woken while it fails for the last time is not given up.
func TestWokenDuringTheLastFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg, told := r.alerts()
	var steps atomic.Int32
	r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(context.Context, string) (time.Time, error) {
		if steps.Add(1) == 1 {
			r.wake("d", "x", t0)
		}
		return time.Time{}, errBroken
	}})
	r.wake("d", "x", t0)
	if p := take(r, "the alert", told); p.Tries != 2 || steps.Load() != 2 {
		t.Errorf("parked after %d failures in %d steps, want 2", p.Tries, steps.Load())
	}
}

// limited is an error of an integration that knows when to come back.
type limited struct{ after time.Duration }

func (e limited) Error() string             { return "too many requests" }
func (e limited) RetryAfter() time.Duration { return e.after }

func TestRetryAfterIsHonouredAndNotCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg, told := r.alerts()
	results := make(chan error, 10)
	r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 2}, Step: func(context.Context, string) (time.Time, error) {
		return time.Time{}, <-results
	}})
	r.wake("d", "x", t0)
	results <- errBroken
	r.until("the failure", func() bool { return r.appointment("d", "x").Tries == 1 })
	r.clock.Advance(time.Second)
	for range 5 {
		results <- fmt.Errorf("asking: %w", limited{17 * time.Minute})
		want := r.clock.Now().Add(17 * time.Minute)
		r.until("the appointment the error names", func() bool { return r.dueAt("d", "x").Equal(want) })
		if a := r.appointment("d", "x"); a.Tries != 1 || !strings.Contains(a.Error, "too many requests") {
			t.Errorf("after a limit: %+v", a)
		}
		r.clock.Advance(17 * time.Minute)
	}
	results <- limited{0} // says nothing, so it is a failure, the second in a row
	if p := take(r, "the alert", told); p.Tries != 2 {
		t.Errorf("parked after %d failures, want 2", p.Tries)
	}
}

func TestSuccessForgetsFailures(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	results := make(chan error, 10)
	r.run(r.config(), Domain{Name: "d", Retry: Backoff{Tries: 2}, Step: func(context.Context, string) (time.Time, error) {
		return r.clock.Now().Add(time.Hour), <-results
	}})
	r.wake("d", "x", t0)
	for range 3 {
		results <- errBroken
		r.until("the failure", func() bool { return r.appointment("d", "x").Tries == 1 })
		r.clock.Advance(time.Second)
		results <- nil
		r.until("the success", func() bool { return r.appointment("d", "x").Tries == 0 })
		if a := r.appointment("d", "x"); a.Error != "" {
			t.Errorf("after a success: %+v", a)
		}
		r.clock.Advance(time.Hour)
	}
}

func TestPanicIsAFailureWithItsStackInTheLog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := r.config()
	cfg.Alert = func(context.Context, Parked) { panic("no alert today") }
	r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(context.Context, string) (time.Time, error) {
		panic(strings.Repeat("aé", maxError))
	}})
	r.wake("d", "x", t0)
	r.until("the panic to be told", func() bool {
		list, err := parkings(r.ctx, r.db, "d", func(_ store.Getter, p parking) (bool, error) { return p.Told, nil })
		return err == nil && len(list) == 1
	})
	list, _ := ListParked(r.ctx, r.db, "d")
	if e := list[0].Error; !strings.HasPrefix(e, "the step panicked: aé") || len(e) > maxError || strings.Contains(e, "\ufffd") {
		t.Errorf("the error of a panic is %q", e)
	}
	for _, want := range []string{"failure_test.go", "no alert today"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

func TestTimeoutIsAFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg, told := r.alerts()
	r.run(cfg, Domain{Name: "d", Timeout: time.Millisecond, Retry: Backoff{Tries: 1}, Step: func(ctx context.Context, _ string) (time.Time, error) {
		<-ctx.Done()
		return time.Time{}, ctx.Err()
	}})
	r.wake("d", "x", t0)
	if p := take(r, "the alert", told); p.Error != context.DeadlineExceeded.Error() {
		t.Errorf("parked with %q", p.Error)
	}
}

// A process that dies between parking and telling leaves it to the next.
func TestAlertSurvivesACrash(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	step := func(context.Context, string) (time.Time, error) { return time.Time{}, errBroken }
	d := Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: step}
	dying, crash := make(chan Parked, 1), make(chan struct{})
	cfg := r.config()
	cfg.Alert = func(ctx context.Context, p Parked) {
		dying <- p
		<-crash // for as long as the test: this process gets no further
	}
	ctx, die := context.WithCancel(context.Background())
	died := make(chan struct{})
	go func() {
		defer close(died)
		_ = New(cfg, d).Run(ctx)
	}()
	r.Cleanup(func() { die(); close(crash); <-died })
	r.wake("d", "x", t0)
	first := take(r, "the alert that is cut short", dying)
	die() // it takes nothing more in hand

	cfg, told := r.alerts()
	cfg.Claims = r.claims("one", false)
	stop := r.run(cfg, d)
	if p := take(r, "the alert after the crash", told); p != first {
		t.Errorf("told %+v, want %+v", p, first)
	}
	r.awaitTold(first)
	if err := stop(); err != nil {
		t.Error(err)
	}

	cfg, told = r.alerts()
	cfg.Claims = r.claims("one", false)
	r.wake("d", "y", t0)
	r.run(cfg, d)
	if p := take(r, "another alert", told); p.ID != "y" {
		t.Errorf("told of %s a second time", p.ID)
	}
}

// awaitTold waits until it is noted that somebody was told of a parked record.
func (r *rig) awaitTold(p Parked) {
	r.Helper()
	key := record{domain: p.Domain, id: p.ID}.parkedKey()
	for told := false; !told; time.Sleep(time.Millisecond) {
		if err := r.db.View(r.ctx, func(snap store.Snapshot) error {
			stored, _, err := store.Load[parking](snap, key)
			told = stored.Told
			return err
		}); err != nil {
			r.Fatalf("waited in vain until it is noted that %s was told: %v", p.ID, err)
		}
	}
}
