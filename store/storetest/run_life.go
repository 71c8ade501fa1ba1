package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"shipmate/store"
)

// patience is how long something that must happen may take; it passes only in a test that fails.
const patience = 10 * time.Second

func watch(t *testing.T, db store.DB) {
	mine := db.Watch(t.Context(), "mine/")
	all := db.Watch(t.Context(), "")
	must(t, db.Update(t.Context(), func(tx store.Tx) error { return tx.Put("mine/1", []byte("1")) }))
	signalled(t, "own prefix", mine)
	signalled(t, "every prefix", all)

	for range 5 { // nobody reads meanwhile, and no writer waits for that
		put(t, db, "mine/1", "2")
	}
	signalled(t, "after several writes", mine)

	put(t, db, "mine", "not under the prefix")
	put(t, db, "mind/1", "1")
	put(t, db, "mine0", "1")
	silent(t, "others' prefixes", db, mine)
	must(t, db.Update(t.Context(), func(tx store.Tx) error {
		for _, key := range []string{"z", "mine/2", "a", "mine0", "m", "mind", "nine", "b", "y", "x"} {
			if err := tx.Put(key, nil); err != nil {
				return err
			}
		}
		return nil
	}))
	signalled(t, "one key of many", mine)
	must(t, db.Update(t.Context(), func(tx store.Tx) error { return tx.Delete("mine/1") }))
	signalled(t, "deletion", mine)
}

func watchEnds(t *testing.T, db store.DB) {
	ctx, cancel := context.WithCancel(context.Background())
	ch := db.Watch(ctx, "a")
	until := db.Watch(t.Context(), "a")
	cancel()
	closes(t, "when its context ends", ch)
	closes(t, "with an ended context", db.Watch(ctx, "a"))
	put(t, db, "a", "1")
	signalled(t, "the other one goes on", until)
	must(t, db.Close())
	closes(t, "when the store closes", until)
	closes(t, "after the store closed", db.Watch(t.Context(), "a"))
}

func signalled(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case _, open := <-ch:
		if !open {
			t.Errorf("%s: the channel is closed", what)
		}
	case <-time.After(patience):
		t.Errorf("%s: no signal", what)
	}
}

// silent checks that ch is not signalled by what was written so far. A signal about a later write comes to a channel that
// is asked for now; a signal that was still on its way to ch would be there by then.
func silent(t *testing.T, what string, db store.DB, ch <-chan struct{}) {
	t.Helper()
	drain(ch)
	later := db.Watch(t.Context(), "silent/")
	put(t, db, "silent/1", "1")
	signalled(t, what+", the later write", later)
	select {
	case <-ch:
		t.Errorf("%s: signalled", what)
	default:
	}
}

func closes(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	for {
		select {
		case _, open := <-ch:
			if !open {
				return
			}
		case <-time.After(patience):
			t.Fatalf("%s: the channel is not closed", what)
		}
	}
}

func closed(t *testing.T, db store.DB) {
	must(t, db.Close())
	must(t, db.Close())
	wantErr(t, "View", db.View(t.Context(), func(store.Snapshot) error { t.Error("View ran"); return nil }), store.ErrClosed)
	wantErr(t, "Update", db.Update(t.Context(), func(store.Tx) error { t.Error("Update ran"); return nil }), store.ErrClosed)
}

func closeWaits(t *testing.T, db store.DB) {
	began, leave := make(chan struct{}), make(chan struct{})
	viewed, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		viewed <- db.View(context.Background(), func(s store.Snapshot) error {
			close(began)
			<-leave
			_, err := s.Get("a")
			return err
		})
	}()
	<-began
	go func() { closed <- db.Close() }()
	for !errors.Is(db.View(t.Context(), func(store.Snapshot) error { return nil }), store.ErrClosed) {
		runtime.Gosched()
	}
	select {
	case <-closed:
		t.Error("Close returned while a View ran")
	default:
	}
	close(leave)
	must(t, <-viewed)
	must(t, <-closed)
}
