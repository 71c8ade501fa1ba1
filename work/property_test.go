package work

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"shipmate/store"
)

// world is a made-up domain: a record has work to do (a number in the store), a step does one piece of it or fails, panics,
// is limited or is cut short, and returns when it wants to go on.
type world struct {
	*rig
	mu   sync.Mutex
	rand *rand.Rand
	calm bool
	busy map[string]bool
}

func (w *world) dice(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rand.IntN(n)
}

func (w *world) step(ctx context.Context, id string) (time.Time, error) {
	w.mu.Lock()
	if w.busy[id] {
		w.Errorf("two steps of %s at once", id)
	}
	w.busy[id] = true
	calm := w.calm
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.busy[id] = false
	}()
	if !calm {
		switch w.dice(8) {
		case 0:
			return time.Time{}, errors.New("bad luck")
		case 1:
			panic("worse luck")
		case 2:
			return time.Time{}, limited{time.Duration(w.dice(60)) * time.Second}
		case 3:
			<-ctx.Done() // until the process stops
			return time.Time{}, ctx.Err()
		}
	}
	var left int
	err := Update(ctx, w.db, func(tx store.Tx) (err error) {
		if left, _, err = store.Load[int](tx, "todo/"+id); err != nil || left == 0 {
			return err
		}
		left--
		return store.Save(tx, "todo/"+id, left)
	})
	if err != nil || left == 0 {
		return time.Time{}, err
	}
	return w.clock.Now().Add(time.Duration(w.dice(5)) * time.Minute), nil
}

// order gives a record more to do, and wakes it for a time at hand, as a command does.
func (w *world) order(id string) {
	w.update(func(tx store.Tx) error {
		left, _, err := store.Load[int](tx, "todo/"+id)
		if err != nil {
			return err
		}
		if err := store.Save(tx, "todo/"+id, left+1+w.dice(3)); err != nil {
			return err
		}
		return Wake(tx, "d", id, w.clock.Now().Add(time.Duration(w.dice(10)-2)*time.Minute))
	})
}

// Whatever is woken whenever, whatever fails and however often the process stops: all that is to be done is done in the end,
// and until then every record with something to do has an appointment or is parked.
func TestNothingIsEverLost(t *testing.T) {
	t.Parallel()
	for range 8 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := &world{rig: newRig(t), rand: rand.New(rand.NewPCG(seed, 0)), busy: map[string]bool{}}
			d := Domain{Name: "d", Workers: 3, Step: w.step, Retry: Backoff{Tries: 4}}
			for range 6 {
				cfg := w.config()
				cfg.Grace = 200 * time.Millisecond
				stop := w.run(cfg, d)
				for range 15 {
					w.order(fmt.Sprint("r/", w.dice(10)))
					w.clock.Advance(time.Duration(w.dice(180)) * time.Second)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
				w.everyoneIsAppointed()
			}
			w.calm = true
			w.run(w.config(), d)
			w.finish()
		})
	}
}

func (w *world) everyoneIsAppointed() {
	w.Helper()
	for _, key := range w.keys("todo/") {
		id := key[len("todo/"):]
		var left int
		err := w.db.View(w.ctx, func(s store.Snapshot) (err error) {
			left, _, err = store.Load[int](s, key)
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		if at, a := w.dueAt("d", id), w.appointment("d", id); left > 0 && at.IsZero() && !a.Parked {
			w.Fatalf("%s has %d things to do and no appointment", id, left)
		}
	}
}

// finish wakes what is parked and moves the clock until nothing is left to do.
func (w *world) finish() {
	w.Helper()
	parked, err := ListParked(w.ctx, w.db, "d")
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range parked {
		w.wake("d", p.ID, w.clock.Now())
	}
	for gone := w.gone("d"); !gone(); w.clock.Advance(time.Minute) {
		if w.ctx.Err() != nil {
			w.Fatalf("left for ever: %q", w.keys("d/"))
		}
	}
	for _, key := range w.keys("todo/") {
		err := w.db.View(w.ctx, func(s store.Snapshot) error {
			left, _, err := store.Load[int](s, key)
			if left != 0 {
				w.Errorf("%s: %d things were never done", key, left)
			}
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
	}
}
