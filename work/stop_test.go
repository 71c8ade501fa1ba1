package work

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/store"
)

func TestStoppingWaitsForStepsAndTakesNoMore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	begun, goOn := make(chan string, 10), make(chan struct{})
	ctx, cancel := context.WithCancel(r.ctx)
	done := make(chan error, 1)
	runner := New(r.config(), Domain{Name: "d", Workers: 1, Step: func(ctx context.Context, id string) (time.Time, error) {
		begun <- id
		<-goOn
		return time.Time{}, Update(ctx, r.db, func(tx store.Tx) error { return tx.Put("result/"+id, []byte("ok")) })
	}})
	r.wake("d", "a", t0)
	r.wake("d", "b", t0)
	go func() { done <- runner.Run(ctx) }()
	take(r, "the first step", begun)
	cancel()
	close(goOn)
	if err := take(r, "Run", done); err != nil {
		t.Error(err)
	}
	if got := r.keys("result/"); len(got) != 1 || got[0] != "result/a" {
		t.Errorf("the results are %q, want a's", got)
	}
	if !r.dueAt("d", "a").IsZero() || !r.dueAt("d", "b").Equal(t0) {
		t.Errorf("due are %q, want only b", r.keys("d/due/"))
	}
}

// A step that is cut short by the end of the process has not failed and is due for the next one.
func TestStoppingIsNoFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	begun := make(chan struct{}, 1)
	cfg := r.config()
	cfg.Grace = 10 * time.Millisecond
	stop := r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(ctx context.Context, id string) (time.Time, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return time.Time{}, ctx.Err()
	}})
	r.wake("d", "a", t0)
	take(r, "the step", begun)
	cfg.Grace = time.Minute
	if err := stop(); err != nil {
		t.Error(err)
	}
	if a := r.appointment("d", "a"); a.Tries != 0 || a.Parked || !r.dueAt("d", "a").Equal(t0) {
		t.Errorf("after the stop it is %+v, due at %v", a, r.dueAt("d", "a"))
	}
}

func TestStoppingIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	begun, never := make(chan struct{}, 1), make(chan struct{})
	defer close(never)
	cfg := r.config()
	cfg.Grace = time.Millisecond
	stop := r.run(cfg, Domain{Name: "d", Step: func(context.Context, string) (time.Time, error) {
		begun <- struct{}{}
		<-never // deaf to its context
		return time.Time{}, nil
	}})
	r.wake("d", "a", t0)
	take(r, "the step", begun)
	if err := stop(); err == nil || !strings.Contains(err.Error(), "1 steps have not ended") {
		t.Errorf("got %v, want how many steps did not end", err)
	}
}
