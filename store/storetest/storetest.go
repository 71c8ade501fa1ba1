// Package storetest is the contract of package store in executable form, and a store for the tests of others.
package storetest

import (
	"context"
	"path/filepath"
	"testing"

	"shipmate/store"
)

// New returns an empty store in a temporary directory, which is closed when t ends. It is the real thing without waiting for
// the disk.
func New(t testing.TB) store.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "test.db"))
}

func open(t testing.TB, path string) store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: path, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Rerunning returns db with an Update that always runs its function twice and drops what the first run wrote, as a store
// may. Under it, a function that accumulates or has effects is seen to.
func Rerunning(db store.DB) store.DB { return rerunning{db} }

type rerunning struct{ store.DB }

func (r rerunning) Update(ctx context.Context, fn func(store.Tx) error) error {
	return r.DB.Update(ctx, func(tx store.Tx) error {
		if err := fn(&rehearsal{tx: tx, own: map[string][]byte{}}); err != nil {
			return err
		}
		return fn(tx)
	})
}

// rehearsal is a Tx whose writes only itself sees.
type rehearsal struct {
	tx  store.Tx
	own map[string][]byte // nil: deleted
}

func (r *rehearsal) Get(key string) ([]byte, error) {
	if value, ok := r.own[key]; ok {
		return clone(value), nil
	}
	return r.tx.Get(key)
}

func (r *rehearsal) Put(key string, value []byte) error {
	if len(key) == 0 || len(key) > store.MaxKey || len(value) > store.MaxValue {
		return r.tx.Put(key, value) // it says what is wrong
	}
	r.own[key] = append([]byte{}, value...)
	return nil
}

func (r *rehearsal) Delete(key string) error {
	if len(key) == 0 || len(key) > store.MaxKey {
		return r.tx.Delete(key)
	}
	r.own[key] = nil
	return nil
}

func clone(value []byte) []byte {
	if value == nil {
		return nil
	}
	return append([]byte{}, value...)
}
