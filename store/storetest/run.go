package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shipmate/store"
)

// Run checks what every store promises. Open returns a new, empty store, and closes it when its test ends.
func Run(t *testing.T, open func(t *testing.T) store.DB) {
	checks := []struct {
		name  string
		check func(*testing.T, store.DB)
	}{
		{"a value is read back", readsBack},
		{"values are copies", copies},
		{"a transaction sees its own writes", ownWrites},
		{"an error drops the writes and is returned", errorDrops},
		{"a panic drops the writes and goes on in the caller", panicDrops},
		{"any bytes are a key", keys},
		{"an empty key is refused", emptyKey},
		{"limits", limits},
		{"operations are counted by distinct keys", operations},
		{"a refused operation fails its transaction", refusedFails},
		{"a transaction ends with its function", ended},
		{"scan", scan},
		{"a scan stops with its context", scanStops},
		{"a snapshot does not change", snapshotStays},
		{"nested transactions are refused", nested},
		{"an ended context", endedContext},
		{"watch", watch},
		{"watch ends", watchEnds},
		{"closed", closed},
		{"close waits", closeWaits},
		{"no update is lost", noLostUpdate},
		{"one creates", oneCreates},
		{"no write skew", noWriteSkew},
		{"snapshots hold whole transactions", wholeTransactions},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.check(t, open(t))
		})
	}
}

// RunReopen checks that what was written is there when the store is opened again. Open opens the one store that belongs to
// dir; it is called again after Close.
func RunReopen(t *testing.T, open func(t *testing.T, dir string) store.DB) {
	dir := t.TempDir()
	db := open(t, dir)
	put(t, db, "kept", "1")
	put(t, db, "removed", "1")
	must(t, db.Update(t.Context(), func(tx store.Tx) error { return tx.Delete("removed") }))
	must(t, db.Close())

	db = open(t, dir)
	want(t, "after opening again", list(t, db, "", ""), []string{"kept=1"})
}

var errOwn = errors.New("an error of the test's own")

func readsBack(t *testing.T, db store.DB) {
	want(t, "before", get(t, db, "a"), "none")
	put(t, db, "a", "1")
	want(t, "written", get(t, db, "a"), "1")
	put(t, db, "a", "")
	want(t, "empty", get(t, db, "a"), "")
	must(t, db.Update(t.Context(), func(tx store.Tx) error { return tx.Put("a", nil) }))
	want(t, "nil is stored as empty", get(t, db, "a"), "")
	must(t, db.Update(t.Context(), func(tx store.Tx) error { return errors.Join(tx.Delete("a"), tx.Delete("never there")) }))
	want(t, "deleted", get(t, db, "a"), "none")
}

func copies(t *testing.T, db store.DB) {
	mine := []byte("right")
	must(t, db.Update(t.Context(), func(tx store.Tx) error {
		copy(mine, "right")
		must(t, tx.Put("a", mine))
		copy(mine, "wrong")
		read, err := tx.Get("a")
		must(t, err)
		copy(read, "wrong")
		return nil
	}))
	var read, scanned []byte
	view(t, db, func(s store.Snapshot) {
		var err error
		read, err = s.Get("a")
		must(t, err)
		want(t, "read", string(read), "right")
		copy(read, "wrong")
		for _, scanned = range s.Scan("a", "") {
			want(t, "scanned", string(scanned), "right")
			copy(scanned, "wrong")
		}
	})
	put(t, db, "a", "other")
	want(t, "kept after View", string(read)+" "+string(scanned), "wrong wrong")
	want(t, "stored", get(t, db, "a"), "other")
}

func ownWrites(t *testing.T, db store.DB) {
	put(t, db, "old", "1")
	var seen []string
	must(t, db.Update(t.Context(), func(tx store.Tx) error {
		seen = nil
		see := func(key string) {
			value, err := tx.Get(key)
			must(t, err)
			seen = append(seen, text(value))
		}
		must(t, errors.Join(tx.Put("old", []byte("2")), tx.Put("new", []byte("3"))))
		see("old")
		see("new")
		must(t, tx.Delete("old"))
		see("old")
		must(t, tx.Put("old", []byte{}))
		see("old")
		return nil
	}))
	want(t, "seen inside", strings.Join(seen, " "), "2 3 none ")
	want(t, "written", list(t, db, "", ""), []string{"new=3", "old="})
}

func errorDrops(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	err := db.Update(t.Context(), func(tx store.Tx) error {
		must(t, errors.Join(tx.Put("a", []byte("2")), tx.Put("b", []byte("2"))))
		return errOwn
	})
	if err != errOwn {
		t.Errorf("Update returned %v, want the function's own error as it is", err)
	}
	want(t, "afterwards", list(t, db, "", ""), []string{"a=1"})
	if err := db.View(t.Context(), func(store.Snapshot) error { return errOwn }); err != errOwn {
		t.Errorf("View returned %v, want the function's own error as it is", err)
	}
}

func panicDrops(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	caught := func() (p any) {
		defer func() { p = recover() }()
		_ = db.Update(t.Context(), func(tx store.Tx) error {
			must(t, tx.Put("a", []byte("2")))
			panic("as planned")
		})
		return nil
	}()
	want(t, "panic", fmt.Sprint(caught), "as planned")
	want(t, "afterwards", get(t, db, "a"), "1")
	put(t, db, "a", "3")
	want(t, "next write", get(t, db, "a"), "3")
}

func keys(t *testing.T, db store.DB) {
	all := []string{"\x00", "\x00\x00", "a", "a/b", "a\nb", "naïve/日本語/🚢", "\xff", "\xff\xfe"}
	for _, key := range all {
		put(t, db, key, "of "+key)
	}
	for _, key := range all {
		want(t, fmt.Sprintf("key %q", key), get(t, db, key), "of "+key)
	}
	slices.Sort(all)
	var listed []string
	view(t, db, func(s store.Snapshot) {
		for key := range s.Scan("", "") {
			listed = append(listed, key)
		}
	})
	want(t, "in byte order", listed, all)
	want(t, "by prefix", list(t, db, "naïve/日", ""), []string{"naïve/日本語/🚢=of naïve/日本語/🚢"})
}

func emptyKey(t *testing.T, db store.DB) {
	for name, use := range operationsOn("") {
		wantErr(t, name, db.Update(t.Context(), use), store.ErrNoKey)
	}
	wantErr(t, "View", db.View(t.Context(), func(s store.Snapshot) error { _, err := s.Get(""); return err }), store.ErrNoKey)
}

func limits(t *testing.T, db store.DB) {
	longest, largest := strings.Repeat("k", store.MaxKey), strings.Repeat("v", store.MaxValue)
	put(t, db, longest, largest)
	if get(t, db, longest) != largest {
		t.Error("the largest value under the longest key did not come back")
	}
	for name, use := range operationsOn(longest + "k") {
		wantErr(t, name+" of a longer key", db.Update(t.Context(), use), store.ErrTooLarge)
	}
	wantErr(t, "Put of a larger value", db.Update(t.Context(), func(tx store.Tx) error {
		return tx.Put("a", []byte(largest+"v"))
	}), store.ErrTooLarge)
	want(t, "afterwards", get(t, db, "a"), "none")
}

func operationsOn(key string) map[string]func(store.Tx) error {
	return map[string]func(store.Tx) error{
		"Get":    func(tx store.Tx) error { _, err := tx.Get(key); return err },
		"Put":    func(tx store.Tx) error { return tx.Put(key, []byte("1")) },
		"Delete": func(tx store.Tx) error { return tx.Delete(key) },
	}
}

func operations(t *testing.T, db store.DB) {
	most := func(tx store.Tx) error {
		for i := range store.MaxOps / 2 {
			key := fmt.Sprint("read and written ", i)
			for range 3 { // again costs nothing
				if _, err := tx.Get(key); err != nil {
					return err
				}
				if err := tx.Put(key, []byte("1")); err != nil {
					return err
				}
			}
		}
		return nil
	}
	must(t, db.Update(t.Context(), most))
	want(t, "written", len(list(t, db, "", "")), store.MaxOps/2)
	for name, use := range operationsOn("one more") {
		err := db.Update(t.Context(), func(tx store.Tx) error { return errors.Join(most(tx), use(tx)) })
		wantErr(t, "one more "+name, err, store.ErrTooManyOps)
	}
	must(t, db.Update(t.Context(), func(tx store.Tx) error {
		for i := range store.MaxOps {
			must(t, tx.Put("written", []byte(fmt.Sprint(i))))
			must(t, tx.Delete("removed"))
		}
		return nil
	}))
}

func refusedFails(t *testing.T, db store.DB) {
	wantErr(t, "ignoring a refused Put", db.Update(t.Context(), func(tx store.Tx) error {
		must(t, tx.Put("a", []byte("1")))
		_ = tx.Put("b", make([]byte, store.MaxValue+1))
		return nil
	}), store.ErrTooLarge)
	want(t, "afterwards", list(t, db, "", ""), []string(nil))
}

func ended(t *testing.T, db store.DB) {
	var leaked store.Tx
	must(t, db.Update(t.Context(), func(tx store.Tx) error { leaked = tx; return nil }))
	for name, use := range operationsOn("a") {
		wantErr(t, name, use(leaked), store.ErrEnded)
	}
	var snapshot store.Snapshot
	view(t, db, func(s store.Snapshot) { snapshot = s })
	_, err := snapshot.Get("a")
	wantErr(t, "Get of a snapshot", err, store.ErrEnded)
	for key := range snapshot.Scan("", "") {
		t.Errorf("scan of an ended snapshot yields %q", key)
	}
}

func nested(t *testing.T, db store.DB) {
	inner := map[string]func() error{
		"View":   func() error { return db.View(t.Context(), func(store.Snapshot) error { return nil }) },
		"Update": func() error { return db.Update(t.Context(), func(tx store.Tx) error { return tx.Put("a", nil) }) },
		"Close":  db.Close,
	}
	for name, call := range inner {
		wantErr(t, name+" in View", db.View(t.Context(), func(store.Snapshot) error { return call() }), store.ErrNested)
		wantErr(t, name+" in Update", db.Update(t.Context(), func(store.Tx) error { return call() }), store.ErrNested)
	}
	put(t, db, "still", "works")
}

func endedContext(t *testing.T, db store.DB) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantErr(t, "Update", db.Update(ctx, func(tx store.Tx) error { t.Error("Update ran"); return nil }), context.Canceled)
	wantErr(t, "View", db.View(ctx, func(store.Snapshot) error { t.Error("View ran"); return nil }), context.Canceled)
}
