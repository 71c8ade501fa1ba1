package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOpenForReading(t *testing.T) {
	t.Parallel()
	path := sample(t)
	before, err := os.ReadFile(path)
	must(t, err)
	one, err := OpenReadOnly(t.Context(), Options{Path: path})
	must(t, err)
	two, err := OpenReadOnly(t.Context(), Options{Path: path, Timeout: time.Nanosecond})
	must(t, err)
	n := 0
	must(t, two.View(t.Context(), func(s Snapshot) error {
		for range s.Scan("record/", "") {
			n++
		}
		return nil
	}))
	if n != sampleRecords {
		t.Errorf("read %d records", n)
	}
	if err := one.Update(t.Context(), func(tx Tx) error { return tx.Put("x", nil) }); err == nil {
		t.Error("it was written")
	}
	if _, err := Open(t.Context(), Options{Path: path, Timeout: time.Nanosecond}); !errors.Is(err, ErrInUse) {
		t.Errorf("opened for writing beside readers: %v", err)
	}
	must(t, one.Close())
	must(t, two.Close())
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file has changed")
	}
}

func TestOpenForReadingSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path := sample(t)
	b, err := Open(t.Context(), Options{Path: path})
	must(t, err)
	if _, err := OpenReadOnly(t.Context(), Options{Path: path, Timeout: time.Nanosecond}); !errors.Is(err, ErrInUse) {
		t.Errorf("opened beside a writer: %v", err)
	}
	must(t, b.Close())
	missing := filepath.Join(t.TempDir(), "none.db")
	if _, err := OpenReadOnly(t.Context(), Options{Path: missing}); err == nil || !strings.Contains(err.Error(), "there is no store") {
		t.Errorf("a store that does not exist: %v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("it was created")
	}
	newer := currentLayout()
	newer.format++
	if _, err := openReadOnly(t.Context(), Options{Path: path}, newer); err == nil || !strings.Contains(err.Error(), "let it run once") {
		t.Errorf("an older store: %v", err)
	}
}
