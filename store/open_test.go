package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

const pageSize = 4096

// sampleRecords is how many sample writes: enough for a tree of pages, few enough to damage each of them in turn.
const sampleRecords = 60

// sample makes a small store and returns its path.
func sample(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	b, err := Open(t.Context(), Options{Path: path, NoSync: true})
	must(t, err)
	for from := 0; from < sampleRecords; from += sampleRecords / 2 {
		err := b.Update(t.Context(), func(tx Tx) error {
			for i := range sampleRecords / 2 {
				if err := tx.Put(fmt.Sprintf("record/%03d", from+i), bytes.Repeat([]byte{'v'}, 300)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenCreates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	b, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, want 0600", info.Mode().Perm())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("creating left %v behind", left)
	}
}

// TestCreateOnce lets many create the same store: nobody may replace what another has made and is writing to.
func TestCreateOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	opened := make(chan *Bolt, 8)
	for range cap(opened) {
		go func() {
			b, err := Open(context.Background(), Options{Path: path, Timeout: 200 * time.Millisecond})
			if err != nil && !errors.Is(err, ErrInUse) {
				t.Error(err)
			}
			opened <- b
		}()
	}
	winners := 0
	for range cap(opened) {
		if b := <-opened; b != nil {
			winners++
			defer b.Close()
		}
	}
	if winners != 1 {
		t.Errorf("%d handles are open at once, want 1", winners)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	overwrite := func(change func([]byte) []byte) func(*testing.T) string {
		return func(t *testing.T) string {
			path := sample(t)
			data, err := os.ReadFile(path)
			must(t, err)
			must(t, os.WriteFile(path, change(data), 0o600))
			return path
		}
	}
	cases := []struct {
		name string
		path func(*testing.T) string
		says string
		is   error
	}{
		{"no path", func(*testing.T) string { return "" }, "name a file", nil},
		{"directory", func(t *testing.T) string { return t.TempDir() }, "is a directory; name a file in it", nil},
		{"missing directory", func(t *testing.T) string { return t.TempDir() + "/no/x.db" }, "there is no directory", fs.ErrNotExist},
		{"dangling link", func(t *testing.T) string {
			path := t.TempDir() + "/x.db"
			must(t, os.Symlink(t.TempDir()+"/y.db", path))
			return path
		}, "is a link to a file that does not exist", nil},
		{"below a file", func(t *testing.T) string { return sample(t) + "/x.db" }, "not a directory", nil},
		{"pipe", func(t *testing.T) string {
			path := t.TempDir() + "/x.db"
			must(t, syscall.Mkfifo(path, 0o600))
			return path
		}, "not a regular file", nil},
		{"empty", overwrite(func([]byte) []byte { return nil }), "is empty", nil},
		{"one byte", overwrite(func(b []byte) []byte { return b[:1] }), "not a Shipmate store, or damaged", nil},
		{"text", overwrite(func([]byte) []byte { return []byte("hello\n") }), "not a Shipmate store", nil},
		{"long text", overwrite(func([]byte) []byte { return bytes.Repeat([]byte("hello\n"), 9999) }), "not a Shipmate store", nil},
		{"random", overwrite(func([]byte) []byte { return noise(1, 16*pageSize) }), "not a Shipmate store", nil},
		{"one page left", overwrite(func(b []byte) []byte { return b[:pageSize] }), "restore the newest backup", ErrDamaged},
		{"two pages left", overwrite(func(b []byte) []byte { return b[:2*pageSize] }), "restore the newest backup", ErrDamaged},
		{"half left", overwrite(func(b []byte) []byte { return b[:used(b)/2] }), "restore the newest backup", ErrDamaged},
		{"last page gone", overwrite(func(b []byte) []byte { return b[:used(b)-pageSize] }), "bytes are there", ErrDamaged},
		{"both headers changed", overwrite(func(b []byte) []byte {
			b[40]++
			b[pageSize+40]++
			return b
		}), "restore the newest backup", ErrDamaged},
		{"list of free pages overwritten", overwrite(func(b []byte) []byte {
			at := freelistPage(b) * pageSize
			copy(b[at:at+pageSize], noise(2, pageSize))
			return b
		}), "restore the newest backup", ErrDamaged},
		{"all pages but the headers overwritten", overwrite(func(b []byte) []byte {
			return append(b[:2*pageSize], noise(3, len(b)-2*pageSize)...)
		}), "restore the newest backup", ErrDamaged},
		{"another application", func(t *testing.T) string { return othersFile(t, false) }, "belongs to another application", nil},
		{"newer", func(t *testing.T) string { return withFormat(t, "99") }, "has format 99 and this Shipmate knows formats up to 1", nil},
		{"no format", func(t *testing.T) string { return withFormat(t, "0") }, "restore the newest backup", ErrDamaged},
		{"system file", func(*testing.T) string { return "/proc/sys/kernel/osrelease" }, "give this user write access", fs.ErrPermission},
		{"unreadable directory", func(*testing.T) string { return "/proc/x.db" }, "/proc/x.db", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.path(t)
			b, err := Open(t.Context(), Options{Path: path, Timeout: time.Second})
			if err == nil {
				b.Close()
				t.Fatal("opened")
			}
			checkSentence(t, path, err, c.says)
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
		})
	}
}

// checkSentence checks that err is one line that names the file and contains says.
func checkSentence(t *testing.T, path string, err error, says string) {
	t.Helper()
	text := err.Error()
	if strings.Contains(text, "\n") || strings.Count(text, "damaged") > 1 || !strings.Contains(text, says) || !strings.HasPrefix(text, "store ") && path != "" ||
		!strings.Contains(text, path) {
		t.Errorf("got %q, want a sentence about %q with %q", text, path, says)
	}
}

// TestOpenLeavesOthersAlone: a file that is not ours is not changed, not even tidied up as bbolt would.
func TestOpenLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for _, untidy := range []bool{false, true} {
		path := othersFile(t, untidy)
		before, err := os.ReadFile(path)
		must(t, err)
		if _, err := Open(t.Context(), Options{Path: path}); err == nil {
			t.Fatal("opened")
		}
		after, err := os.ReadFile(path)
		must(t, err)
		if !bytes.Equal(before, after) {
			t.Errorf("opening changed the file (without list of free pages: %v)", untidy)
		}
	}
}

// withFormat makes a store that says it has this format.
func withFormat(t *testing.T, format string) string {
	t.Helper()
	path := sample(t)
	db, err := bolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bolt.Tx) error { return tx.Bucket(aboutBucket).Put(formatKey, []byte(format)) }))
	must(t, db.Close())
	return path
}

// othersFile makes a bbolt file of another application, if untidy without a list of free pages.
func othersFile(t *testing.T, untidy bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: untidy})
	must(t, err)
	must(t, db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket([]byte("widgets"))
		return err
	}))
	must(t, db.Close())
	return path
}

func TestOpenInUse(t *testing.T) {
	t.Parallel()
	path := sample(t)
	first, err := Open(t.Context(), Options{Path: path})
	must(t, err)
	_, err = Open(t.Context(), Options{Path: path, Timeout: -1})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second handle: got %v, want ErrInUse", err)
	}
	checkSentence(t, path, err, "is in use by another process; stop it or name another path")

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := Open(ctx, Options{Path: path, Timeout: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: got %v", err)
	}

	waiting := make(chan error)
	go func() {
		second, err := Open(t.Context(), Options{Path: path, Timeout: time.Hour})
		if err == nil {
			err = second.Close()
		}
		waiting <- err
	}()
	must(t, first.Close())
	must(t, <-waiting)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
