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
