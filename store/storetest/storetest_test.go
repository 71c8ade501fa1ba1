package storetest_test

import (
	"errors"
	"testing"

	"shipmate/store"
	"shipmate/store/storetest"
)

// TestRerunning shows what it is for: a function that accumulates is seen to, one that overwrites is not disturbed.
func TestRerunning(t *testing.T) {
	t.Parallel()
	db := storetest.Rerunning(storetest.New(t))
	accumulated, overwritten := 0, 0
	for range 3 {
		err := db.Update(t.Context(), func(tx store.Tx) error {
			n, _, err := store.Load[int](tx, "n")
			accumulated++
			overwritten = n + 1
			return errors.Join(err, store.Save(tx, "n", n+1))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if accumulated != 6 || overwritten != 3 {
		t.Errorf("accumulated %d, want 6; overwritten %d, want 3", accumulated, overwritten)
	}
}

// TestNewIsEmpty also shows that two do not share anything.
func TestNewIsEmpty(t *testing.T) {
	t.Parallel()
	for range 2 {
		err := storetest.New(t).Update(t.Context(), func(tx store.Tx) error {
			if created, err := store.Create(tx, "a", 1); err != nil || !created {
				return errors.Join(errors.New("there was something"), err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestFailing shows what is written where it fails.
func TestFailing(t *testing.T) {
	t.Parallel()
	for how, want := range map[storetest.Failure]struct {
		err    error
		stored int
	}{storetest.None: {nil, 1}, storetest.Dropped: {storetest.ErrStorage, 0}, storetest.Untold: {storetest.ErrStorage, 1}} {
		whole := storetest.New(t)
		db := storetest.Failing(whole, func() storetest.Failure { return how })
		if err := db.Update(t.Context(), func(tx store.Tx) error { return store.Save(tx, "n", 1) }); !errors.Is(err, want.err) {
			t.Errorf("%d: %v", how, err)
		}
		err := whole.View(t.Context(), func(s store.Snapshot) error {
			n, _, err := store.Load[int](s, "n")
			if n != want.stored {
				t.Errorf("%d: %d is stored", how, n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
