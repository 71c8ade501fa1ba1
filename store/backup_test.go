package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"shipmate/store"
)

// TestBackup copies a store that is being written to. Each transaction writes a pair; no copy may hold half of one.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openSynced(t, dir, "x.db")
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for writer := range 2 {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				value := []byte(fmt.Sprint(n))
				_ = db.Update(ctx, func(tx store.Tx) error {
					return errors.Join(tx.Put(fmt.Sprint(writer, "/a"), value), tx.Put(fmt.Sprint(writer, "/b"), value))
				})
			}
		})
	}
	for range 5 {
		if err := db.Update(t.Context(), func(tx store.Tx) error { return tx.Put("before", nil) }); err != nil {
			t.Fatal(err)
		}
		if err := db.Backup(t.Context(), filepath.Join(dir, "backup.db")); err != nil {
			t.Fatal(err)
		}
		checkBackup(t, dir)
	}
	stop()
	writers.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left %v behind", left)
	}
}

func checkBackup(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "backup.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy is %v, %v; want mode 0600", info, err)
	}
	backup := openSynced(t, dir, "backup.db")
	defer backup.Close()
	err = backup.View(t.Context(), func(s store.Snapshot) error {
		if before, err := s.Get("before"); err != nil || before == nil {
			t.Errorf("what was written before the copy began is not in it: %v", err)
		}
		for writer := range 2 {
			a, errA := s.Get(fmt.Sprint(writer, "/a"))
			b, errB := s.Get(fmt.Sprint(writer, "/b"))
			if string(a) != string(b) {
				t.Errorf("half a transaction: %s and %s", a, b)
			}
			if err := errors.Join(errA, errB); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openSynced(t, dir, "x.db")
	if err := os.Symlink(filepath.Join(dir, "x.db"), filepath.Join(dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		filepath.Join(dir, "x.db"):            "that is the store itself",
		filepath.Join(dir, "link.db"):         "that is the store itself",
		filepath.Join(dir, "missing", "b.db"): "no such file or directory",
	}
	for path, says := range cases {
		if err := db.Backup(t.Context(), path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("backup to %s: got %v, want %q", path, err, says)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ctx, filepath.Join(dir, "b.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), filepath.Join(dir, "b.db")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("of a closed store: %v", err)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openSynced(t, dir, "x.db")
	for n := range 3 {
		err := db.Update(t.Context(), func(tx store.Tx) error { return tx.Put(fmt.Sprint(n), make([]byte, 100_000)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Update(t.Context(), func(tx store.Tx) error { return tx.Delete("0") }); err != nil {
		t.Fatal(err)
	}
	got, err := db.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(got.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Keys != 2 || got.Format != store.Format || got.Size != info.Size() || got.Free < 100_000 || got.Free > got.Size-200_000 {
		t.Errorf("got %+v of a file of %d bytes", got, info.Size())
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Stats(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("of a closed store: %v", err)
	}
}
