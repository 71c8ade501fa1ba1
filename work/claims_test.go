package work

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/store"
)

// free asks c about a claim of holder.
func (r *rig) free(c *Claims, holder string) bool {
	r.Helper()
	var free bool
	err := r.db.View(r.ctx, func(s store.Snapshot) (err error) {
		free, err = c.Free(s, holder)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return free
}

func TestClaimsOfAStoreThatIsOnesOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := r.claims("a@b", false)
	second := r.claims("a@b", false)
	renamed := r.claims("c", false)
	for _, tc := range []struct {
		name   string
		who    *Claims
		holder string
		want   bool
	}{
		{"one's own", first, first.Holder(), false},
		{"nobody's", first, "", true},
		{"before a restart", second, first.Holder(), true},
		{"before a restart under another name", renamed, second.Holder(), true},
	} {
		if got := r.free(tc.who, tc.holder); got != tc.want {
			t.Errorf("a claim %s: free is %v", tc.name, got)
		}
	}
	if first.Holder() == second.Holder() {
		t.Errorf("two epochs have the holder %q", first.Holder())
	}
}

func TestClaimsAmongReplicas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := r.claims("a", true), r.claims("b", true)
	if r.free(b, a.Holder()) {
		t.Error("free at first sight")
	}
	r.clock.Advance(FreeAfter - 1)
	if r.free(b, a.Holder()) {
		t.Error("free before its time")
	}
	if err := a.renew(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(1)
	if r.free(b, a.Holder()) {
		t.Error("free although it was renewed")
	}
	r.clock.Advance(FreeAfter - 1)
	if r.free(b, a.Holder()) {
		t.Error("free before its time since the renewal was seen")
	}
	r.clock.Advance(1)
	if !r.free(b, a.Holder()) {
		t.Error("not free after its time")
	}
	if !r.free(a, "gone@7") {
		t.Error("a replica nobody knows holds its claim")
	}
	again := r.claims("a", true)
	if !r.free(b, a.Holder()) || !r.free(again, a.Holder()) {
		t.Error("a restart did not free what was held")
	}
	if r.free(b, again.Holder()) {
		t.Error("a replica that has just started is silent")
	}
	err := r.db.View(r.ctx, func(s store.Snapshot) error {
		for _, bad := range []string{"a", "a@", "a@x"} {
			if _, err := b.Free(s, bad); err == nil {
				t.Errorf("%q passes for a holder", bad)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenClaims(r.ctx, ClaimsConfig{DB: r.db, Clock: r.clock}); err == nil {
		t.Error("a replica without a name is accepted")
	}
}

func TestASecondProcessOfOneName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := r.config()
	cfg.Claims = r.claims("a", true)
	begun := make(chan struct{}, 1)
	cause := make(chan error, 1)
	stop := r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(ctx context.Context, _ string) (time.Time, error) {
		begun <- struct{}{}
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return time.Time{}, ctx.Err()
	}})
	r.wake("d", "x", t0)
	take(r, "the step", begun)
	r.claims("a", true)
	r.awaitTimer(t0.Add(RenewEvery))
	r.clock.Advance(RenewEvery)
	if err := take(r, "the step to end", cause); !errors.Is(err, ErrLostClaim) {
		t.Errorf("the step ended with %v", err)
	}
	if err := stop(); !errors.Is(err, ErrSuperseded) {
		t.Errorf("Run returned %v", err)
	}
	if a := r.appointment("d", "x"); a.Tries != 0 || a.Parked {
		t.Errorf("it counts as a failure: %+v", a)
	}
}

// A replica that cannot reach the store ends its steps before another may take over, takes no more, and goes on when it can.
func TestLapse(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := r.config()
	db := &flaky{DB: r.db}
	claims, err := OpenClaims(r.ctx, ClaimsConfig{DB: db, Clock: r.clock, Replica: "a", Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg.DB, cfg.Claims = db, claims
	causes, begun := make(chan error, 10), make(chan string, 10)
	r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(ctx context.Context, id string) (time.Time, error) {
		begun <- id
		if id == "after" {
			return time.Time{}, nil
		}
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return time.Time{}, ctx.Err()
	}})
	r.wake("d", "x", t0)
	take(r, "the step", begun)
	db.failing.Store(true)
	for at := RenewEvery; at <= LapseAfter; at += RenewEvery {
		if len(causes) > 0 {
			t.Fatalf("the step was ended before %v", at)
		}
		r.awaitTimer(t0.Add(at))
		r.clock.Set(t0.Add(at))
	}
	if err := take(r, "the step to end", causes); !errors.Is(err, ErrLostClaim) {
		t.Errorf("the step ended with %v", err)
	}
	if _, may := claims.hold(record{domain: "d", id: "y"}); may {
		t.Error("a lapsed replica may claim")
	}
	r.update(func(tx store.Tx) error { // so that the record is not the next step
		if err := Cancel(tx, "d", "x"); err != nil {
			return err
		}
		return Wake(tx, "d", "after", t0)
	})
	r.awaitTimer(t0.Add(LapseAfter + lookSoon))
	if len(begun) > 0 {
		t.Error("a step began while the claims had lapsed")
	}
	db.failing.Store(false)
	for len(begun) == 0 { // renewing and looking come at the same moments, in any order
		if r.ctx.Err() != nil {
			t.Fatalf("it does not go on\n%s", r.log.String())
		}
		now := r.clock.Now()
		r.clock.Advance(RenewEvery)
		r.awaitTimer(now.Add(2 * RenewEvery))
	}
	if strings.Contains(r.log.String(), "parked") {
		t.Errorf("the lapse counts as a failure\n%s", r.log.String())
	}
}

// When another has taken over, what is left of a step writes nothing.
func TestUpdateAfterTheClaimIsLost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cfg := r.config()
	cfg.Claims = r.claims("a", true)
	results, leaked := make(chan error, 10), make(chan context.Context, 1)
	r.run(cfg, Domain{Name: "d", Retry: Backoff{Tries: 1}, Step: func(ctx context.Context, id string) (time.Time, error) {
		write := func(key string) error {
			return Update(ctx, r.db, func(tx store.Tx) error { return tx.Put(key, nil) })
		}
		if id == "end" {
			leaked <- ctx
			return time.Time{}, nil
		}
		results <- write("written/before")
		r.update(func(tx store.Tx) error { return store.Save(tx, record{domain: "d", id: id}.claimKey(), "b@1") })
		err := write("written/after")
		results <- err
		r.wake("d", "end", t0)
		return time.Time{}, err
	}, Workers: 1})
	r.wake("d", "x", t0)
	if err := take(r, "the first write", results); err != nil {
		t.Errorf("a write under the claim: %v", err)
	}
	if err := take(r, "the second write", results); !errors.Is(err, ErrLostClaim) {
		t.Errorf("a write after the claim was lost: %v", err)
	}
	ctx := take(r, "the other step", leaked)
	if got := r.keys("written/"); len(got) != 1 {
		t.Errorf("written are %q", got)
	}
	if a := r.appointment("d", "x"); a.Tries != 0 || a.At == "" {
		t.Errorf("the one who lost the record changed it: %+v", a)
	}
	r.until("the other step to be written", func() bool { return len(r.keys("d/claim/end")) == 0 })
	<-ctx.Done()
	err := Update(context.WithoutCancel(ctx), r.db, func(tx store.Tx) error { return tx.Put("written/late", nil) })
	if !errors.Is(err, ErrLostClaim) {
		t.Errorf("a write after the end of the step: %v", err)
	}
	if err := Update(r.ctx, r.db, func(tx store.Tx) error { return tx.Put("written/outside", nil) }); err != nil {
		t.Errorf("a write outside of a step: %v", err)
	}
}

// Also on a store that is the process's own, a goroutine that a step left behind writes nothing.
func TestUpdateAfterTheStep(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	leaked := make(chan context.Context, 1)
	r.run(r.config(), Domain{Name: "d", Step: func(ctx context.Context, _ string) (time.Time, error) {
		leaked <- context.WithoutCancel(ctx)
		return time.Time{}, Update(ctx, r.db, func(tx store.Tx) error { return tx.Put("written/in time", nil) })
	}})
	r.wake("d", "x", t0)
	ctx := take(r, "the step", leaked)
	r.until("the step to be written", r.gone("d"))
	if err := Update(ctx, r.db, func(tx store.Tx) error { return tx.Put("written/late", nil) }); !errors.Is(err, ErrLostClaim) {
		t.Errorf("a write after the end of the step: %v", err)
	}
	if got := r.keys("written/"); len(got) != 1 {
		t.Errorf("written are %q", got)
	}
}
