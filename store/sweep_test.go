package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"shipmate/store"
	"shipmate/store/storetest"
)

func fill(t *testing.T, db store.DB, prefix string, n int) {
	t.Helper()
	for from := 0; from < n; from += store.MaxOps {
		err := db.Update(t.Context(), func(tx store.Tx) error {
			for i := from; i < min(n, from+store.MaxOps); i++ {
				if err := tx.Put(fmt.Sprintf("%s%05d", prefix, i), []byte("old")); err != nil {
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

func old(_ string, value []byte) bool { return string(value) == "old" }

// watched counts the transactions of a sweep and what they hold.
type watched struct {
	store.DB
	before  func() // runs before each Update
	updates int
}

func (w *watched) Update(ctx context.Context, fn func(store.Tx) error) error {
	w.updates++
	if w.before != nil {
		w.before()
	}
	return w.DB.Update(ctx, fn)
}

// TestSweepAll: deleting while iterating makes bbolt skip keys (bbolt README, "Caveats & Limitations"); here none stays.
func TestSweepAll(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	fill(t, db, "mine/", 10_000)
	fill(t, db, "mine", 10)
	fill(t, db, "mine0", 10)
	removed, err := store.Sweep(t.Context(), db, "mine/", old, store.SweepOptions{})
	if err != nil || removed != 10_000 {
		t.Errorf("removed %d, %v; want 10000", removed, err)
	}
	left := keysOf(t, db)
	if len(left) != 20 || slices.ContainsFunc(left, func(key string) bool { return strings.HasPrefix(key, "mine/") }) {
		t.Errorf("%d keys are left, want the 20 of others", len(left))
	}
}

func TestSweepKeepsWhatItIsNotTold(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	fill(t, db, "a/", 2500)
	every3rd := func(key string, _ []byte) bool { return (key[len(key)-1]-'0')%3 == 0 }
	removed, err := store.Sweep(t.Context(), db, "a/", every3rd, store.SweepOptions{Step: 7})
	if err != nil || removed != 1000 {
		t.Errorf("removed %d, %v; want the 1000 that end with 0, 3, 6 or 9", removed, err)
	}
	left := keysOf(t, db)
	if len(left) != 1500 || slices.ContainsFunc(left, func(key string) bool { return every3rd(key, nil) }) {
		t.Errorf("%d keys are left", len(left))
	}
}

func TestSweepSteps(t *testing.T) {
	t.Parallel()
	for step, want := range map[int]int{0: 4, 10: 20, 1000: 4} {
		db := &watched{DB: storetest.New(t)}
		fill(t, db.DB, "a/", 200)
		if _, err := store.Sweep(t.Context(), db, "a/", old, store.SweepOptions{Step: step}); err != nil || db.updates != want {
			t.Errorf("step %d: %d transactions, %v; want %d", step, db.updates, err, want)
		}
	}
}

// TestSweepLooksAgain: a record that was written, or removed, between the snapshot and the removal.
func TestSweepLooksAgain(t *testing.T) {
	t.Parallel()
	db := &watched{DB: storetest.New(t)}
	fill(t, db.DB, "a/", 3)
	db.before = func() {
		err := db.DB.Update(t.Context(), func(tx store.Tx) error {
			return errors.Join(tx.Put("a/00000", []byte("new")), tx.Delete("a/00001"))
		})
		if err != nil {
			t.Error(err)
		}
	}
	removed, err := store.Sweep(t.Context(), db, "a/", old, store.SweepOptions{})
	if err != nil || removed != 1 {
		t.Errorf("removed %d, %v; want 1", removed, err)
	}
	if left := keysOf(t, db); !slices.Equal(left, []string{"a/00000"}) {
		t.Errorf("left %v, want the one written in between", left)
	}
}

// TestSweepAmongWriters: while it goes on, others renew old records and add new ones. All of those stay, none is lost.
func TestSweepAmongWriters(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	fill(t, db, "a/", 10_000)
	var writers sync.WaitGroup
	for writer := range 4 {
		writers.Go(func() {
			for i := writer; i < 10_000; i += 400 {
				err := db.Update(t.Context(), func(tx store.Tx) error {
					return errors.Join(tx.Put(fmt.Sprintf("a/%05d", i), []byte("new")), tx.Put(fmt.Sprintf("a/%05d+", i), []byte("new")))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := store.Sweep(t.Context(), db, "a/", old, store.SweepOptions{}); err != nil {
		t.Fatal(err)
	}
	writers.Wait()
	if left := keysOf(t, db); len(left) != 2*4*25 {
		t.Errorf("%d records are left, want the 200 that were written", len(left))
	}
}

// unsure is a store that fails each Update after its function ran.
type unsure struct{ store.DB }

func (u unsure) Update(ctx context.Context, fn func(store.Tx) error) error {
	return u.DB.Update(ctx, func(tx store.Tx) error { return errors.Join(fn(tx), errors.New("as planned")) })
}

func TestSweepFails(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	fill(t, db, "a/", 3)
	removed, err := store.Sweep(t.Context(), unsure{db}, "a/", old, store.SweepOptions{})
	if removed != 0 || err == nil || !strings.Contains(err.Error(), `sweeping "a/": as planned`) {
		t.Errorf("removed %d, %v; want none and the store's error", removed, err)
	}
}

func TestSweepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	db := &watched{DB: storetest.New(t)}
	fill(t, db.DB, "a/", 200)
	db.before = func() {
		if db.updates == 2 {
			cancel()
		}
	}
	removed, err := store.Sweep(ctx, db, "a/", old, store.SweepOptions{})
	if !errors.Is(err, context.Canceled) || removed != 50 {
		t.Errorf("removed %d, %v; want 50 and the context's error", removed, err)
	}
	if left := keysOf(t, db); len(left) != 150 {
		t.Errorf("%d are left, want 150", len(left))
	}
}
