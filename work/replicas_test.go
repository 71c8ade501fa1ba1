package work

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/store"
)

// watcher sees that no record is stepped twice at once, whoever steps it.
type watcher struct {
	t     *testing.T
	mu    sync.Mutex
	busy  map[string]string // by whom
	times map[string]int
	by    map[string]int // how many steps each replica made
}

func newWatcher(t *testing.T) *watcher {
	return &watcher{t: t, busy: map[string]string{}, times: map[string]int{}, by: map[string]int{}}
}

// enter notes that who steps id, and returns how many times it was stepped with this.
func (w *watcher) enter(who, id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if other := w.busy[id]; other != "" {
		w.t.Errorf("%s and %s step %s at once", other, who, id)
	}
	w.busy[id] = who
	w.times[id]++
	w.by[who]++
	return w.times[id]
}

func (w *watcher) leave(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, id)
}

func TestTwoReplicasShareTheWork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const records, steps = 60, 3
	w := newWatcher(t)
	both, goOn := make(chan string, 2*DefaultWorkers), make(chan struct{})
	for _, who := range []string{"a", "b"} {
		cfg := r.config()
		cfg.Claims = r.claims(who, true)
		r.run(cfg, Domain{Name: "d", Step: func(ctx context.Context, id string) (time.Time, error) {
			n := w.enter(who, id)
			defer w.leave(id)
			select {
			case <-goOn:
			default:
				both <- who
				<-goOn
			}
			err := Update(ctx, r.db, func(tx store.Tx) error { return tx.Put(fmt.Sprintf("result/%s/%d", id, n), nil) })
			if n < steps {
				return r.clock.Now(), err
			}
			return time.Time{}, err
		}})
	}
	for i := range records {
		r.wake("d", fmt.Sprint("r", i), t0)
	}
	for range 2 * DefaultWorkers { // all workers of both are busy, so each has its share
		take(r, "all workers to be busy", both)
	}
	close(goOn)
	r.until("nothing to be left", r.gone("d"))
	if w.by["a"]+w.by["b"] != records*steps || w.by["a"] < DefaultWorkers || w.by["b"] < DefaultWorkers {
		t.Errorf("steps are %v, want %d together", w.by, records*steps)
	}
	if n := len(r.keys("result/")); n != records*steps {
		t.Errorf("%d results, want %d", n, records*steps)
	}
}

// mortal is a process's way to the store; after its death nothing gets through.
type mortal struct {
	store.DB
	dead atomic.Bool
}

var errDead = errors.New("this process is dead")

func (m *mortal) Update(ctx context.Context, fn func(store.Tx) error) error {
	if m.dead.Load() {
		return errDead
	}
	return m.DB.Update(ctx, fn)
}

func (m *mortal) View(ctx context.Context, fn func(store.Snapshot) error) error {
	if m.dead.Load() {
		return errDead
	}
	return m.DB.View(ctx, fn)
}

// beats waits until replica has begun its nth renewal.
func (r *rig) beats(replica string, n int64) {
	r.Helper()
	r.until(fmt.Sprintf("beat %d of %s", n, replica), func() bool {
		var p pulse
		err := r.db.View(r.ctx, func(s store.Snapshot) (err error) {
			p, _, err = store.Load[pulse](s, store.Key(replicaWord, replica))
			return err
		})
		return err == nil && p.Beat >= n
	})
}

// A replica that is killed in the middle of its steps is replaced by the other, neither too early nor never.
func TestAKilledReplicaIsReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := newWatcher(t)
	begun, killed, replaced := make(chan string, 10), make(chan struct{}), make(chan struct{})
	victim := &mortal{DB: r.db}
	claims, err := OpenClaims(r.ctx, ClaimsConfig{DB: victim, Clock: r.clock, Replica: "victim", Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg := r.config()
	cfg.DB, cfg.Claims = victim, claims
	lost := make(chan error, 10)
	r.run(cfg, Domain{Name: "d", Workers: 3, Step: func(ctx context.Context, id string) (time.Time, error) {
		w.enter("victim", id)
		begun <- id
		<-killed
		w.leave(id) // a killed process does nothing any more
		<-ctx.Done()
		<-replaced // as a process that was only paused, which is the worst
		lost <- Update(context.WithoutCancel(ctx), r.db, func(tx store.Tx) error { return tx.Put("zombie/"+id, nil) })
		return time.Time{}, ctx.Err()
	}})
	for i := range 3 {
		r.wake("d", fmt.Sprint("r", i), t0)
		take(r, "the victim's step", begun)
	}
	heir := r.config()
	heir.Claims = r.claims("heir", true)
	r.clock.Advance(time.Second) // so that the heir looks a second after each renewal
	ids, all := make(chan string, 10), make(chan struct{})
	r.run(heir, Domain{Name: "d", Step: func(ctx context.Context, id string) (time.Time, error) {
		w.enter("heir", id)
		defer w.leave(id)
		if ids <- id; len(ids) == 3 {
			close(all)
		}
		return time.Time{}, nil
	}})
	r.wake("d", "free", t0)
	if id := take(r, "a step of what is free", ids); id != "free" {
		t.Fatalf("the heir stepped %s", id)
	}

	n := int64(0)
	tick := func(of ...string) {
		n++
		r.clock.Set(t0.Add(time.Duration(n) * RenewEvery))
		for _, replica := range of {
			r.beats(replica, n)
		}
		r.clock.Advance(time.Second)
	}
	for range 10 { // both live, and what the victim does takes longer than FreeAfter
		tick("victim", "heir")
	}
	victim.dead.Store(true)
	close(killed)
	for range FreeAfter / RenewEvery {
		if len(ids) > 0 {
			t.Fatalf("the heir took %s too early", <-ids)
		}
		tick("heir")
	}
	for taken := false; !taken; { // it may have seen the last beat later than it was; how much later is the scheduler's affair
		select {
		case <-all:
			taken = true
		case <-r.ctx.Done():
			t.Fatal("the heir does not take over")
		default:
			tick("heir")
		}
	}
	close(replaced)
	for range 3 {
		if err := take(r, "the victim's late write", lost); !errors.Is(err, ErrLostClaim) {
			t.Errorf("a late write of the victim: %v", err)
		}
	}
	r.until("nothing to be left", r.gone("d"))
	if got := r.keys("zombie/"); len(got) > 0 {
		t.Errorf("the victim wrote %q after its death", got)
	}
}

// A replica that finds another's record does not wait for its next half-minute to look again.
func TestRefusedRecordsAreLookedAtSoon(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wake("d", "x", t0)
	other := r.claims("other", true)
	r.update(func(tx store.Tx) error {
		return store.Save(tx, record{domain: "d", id: "x"}.claimKey(), other.Holder())
	})
	cfg := r.config()
	cfg.DB = watchless{r.db}
	cfg.Claims = r.claims("one", true)
	r.clock.Advance(time.Second) // so that renewals come at other moments
	d, ids := stepped("d")
	r.run(cfg, d)
	r.awaitTimer(t0.Add(time.Second + lookSoon))
	r.claims("other", true) // restarts
	r.clock.Advance(lookSoon)
	take(r, "a step", ids)
}

// However many records are another's, what is free behind them is stepped.
func TestRecordsOfOthersAreNotInTheWay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := r.claims("other", true)
	const n = 2 * batch
	backlog(t, r.db, n)
	for i := range n {
		r.update(func(tx store.Tx) error {
			return store.Save(tx, record{domain: "d", id: fmt.Sprintf("r%06d", i)}.claimKey(), other.Holder())
		})
	}
	r.wake("d", "z", t0)
	cfg := r.config()
	cfg.Claims = r.claims("one", true)
	d, ids := stepped("d")
	r.run(cfg, d)
	if id := take(r, "what is free", ids); id != "z" {
		t.Errorf("stepped %s, which is another's", id)
	}
}
