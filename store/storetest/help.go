package storetest

import (
	"errors"
	"reflect"
	"strconv"
	"testing"

	"shipmate/store"
)

// The checks run on several goroutines, so nothing here ends one.

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %.300v, want %.300v", what, got, want)
	}
}

func wantErr(t *testing.T, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: got error %v, want %v", what, err, target)
	}
}

func put(t *testing.T, db store.DB, key, value string) {
	t.Helper()
	must(t, db.Update(t.Context(), func(tx store.Tx) error { return tx.Put(key, []byte(value)) }))
}

func view(t *testing.T, db store.DB, fn func(store.Snapshot)) {
	t.Helper()
	must(t, db.View(t.Context(), func(s store.Snapshot) error { fn(s); return nil }))
}

// get returns the value of key, "none" when there is none.
func get(t *testing.T, db store.DB, key string) (value string) {
	t.Helper()
	view(t, db, func(s store.Snapshot) {
		v, err := s.Get(key)
		must(t, err)
		value = text(v)
	})
	return value
}

func text(value []byte) string {
	if value == nil {
		return "none"
	}
	return string(value)
}

func number(t *testing.T, g store.Getter, key string) int64 {
	t.Helper()
	value, err := g.Get(key)
	must(t, err)
	if value == nil {
		return 0
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	must(t, err)
	return n
}

// list returns what a scan yields, as key=value.
func list(t *testing.T, db store.DB, prefix, from string) (all []string) {
	t.Helper()
	view(t, db, func(s store.Snapshot) { all = pairs(s, prefix, from) })
	return all
}

func pairs(s store.Snapshot, prefix, from string) (all []string) {
	for key, value := range s.Scan(prefix, from) {
		all = append(all, key+"="+string(value))
	}
	return all
}

func drain(ch <-chan struct{}) {
	select {
	case <-ch:
	default:
	}
}
