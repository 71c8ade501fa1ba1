package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
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
	if strings.Contains(text, "\n") || !strings.Contains(text, says) || !strings.HasPrefix(text, "store ") && path != "" ||
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

// TestDamagedPages overwrites each page of a store in several ways. Whatever is then done with it ends with success or with
// an error that says that the store is damaged. When the header of a page is gone, reading finds either that or everything:
// the page was free. (One damaged header of the file looks like an interrupted commit, see Open.)
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(sample(t))
	must(t, err)
	damages := []struct {
		name   string
		damage func(page []byte)
		silent bool // nothing in the page says that it is wrong
	}{
		{"noise", func(page []byte) { copy(page, noise(uint64(page[0]), pageSize)) }, false},
		{"zeroes", func(page []byte) { clear(page) }, false},
		{"another number", func(page []byte) { page[0] ^= 0x55 }, false},
		{"another kind", func(page []byte) { page[8] ^= 0x03 }, true},
		{"more entries", func(page []byte) { page[11] ^= 0x7f }, true},
		{"longer values", func(page []byte) { page[16+14] ^= 0x7f }, true},
		{"shifted", func(page []byte) { page[16+6] ^= 0x01 }, true},
	}
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			noticed := 0
			for page := range used(whole) / pageSize {
				data := bytes.Clone(whole)
				d.damage(data[page*pageSize : (page+1)*pageSize])
				path := filepath.Join(dir, fmt.Sprint(page, ".db"))
				must(t, os.WriteFile(path, data, 0o600))
				read, err := useAll(t, path)
				if err != nil {
					noticed++
					checkSentence(t, path, err, "damaged")
				} else if read != sampleRecords && !d.silent && page > 1 {
					t.Errorf("page %d: %d of %d records were read without an error", page, read, sampleRecords)
				}
			}
			if noticed == 0 {
				t.Error("no damage was noticed")
			}
		})
	}
}

// useAll opens the store, reads all of it and writes all over it. It returns how many records there were as sample made them.
func useAll(t *testing.T, path string) (read int, err error) {
	b, err := Open(t.Context(), Options{Path: path, NoSync: true, Timeout: -1})
	if err != nil {
		return 0, err
	}
	err = b.View(t.Context(), func(s Snapshot) error {
		for _, value := range s.Scan("record/", "") {
			if bytes.Equal(value, bytes.Repeat([]byte{'v'}, 300)) {
				read++
			}
		}
		return nil
	})
	for i := 0; i < sampleRecords && err == nil; i += 9 {
		err = b.Update(t.Context(), func(tx Tx) error {
			return errors.Join(tx.Put(fmt.Sprintf("record/%03d", i), make([]byte, 500)), tx.Delete(fmt.Sprintf("record/%03d", i+1)))
		})
	}
	return read, errors.Join(err, b.Close())
}

// TestCutShortWhileOpen: a file that somebody truncates under the program is an error, not the end of the process.
func TestCutShortWhileOpen(t *testing.T) {
	t.Parallel()
	path := sample(t)
	var log strings.Builder
	b, err := Open(t.Context(), Options{Path: path, Log: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, err)
	must(t, os.Truncate(path, 2*pageSize))
	reads := map[string]func(Snapshot) error{
		"Get": func(s Snapshot) error { _, err := s.Get("record/001"); return err },
		"Scan": func(s Snapshot) error {
			for key := range s.Scan("record/", "") {
				t.Errorf("%s is read from a file that is gone", key)
			}
			return nil
		},
	}
	for name, read := range reads {
		err := b.View(t.Context(), read)
		if !errors.Is(err, ErrDamaged) {
			t.Fatalf("%s: got %v, want ErrDamaged", name, err)
		}
		checkSentence(t, path, err, "stop Shipmate and restore the newest backup")
	}
	for range 2 {
		if err := b.Update(t.Context(), func(tx Tx) error { return tx.Put("a", nil) }); !errors.Is(err, ErrDamaged) {
			t.Fatalf("Update: got %v, want ErrDamaged", err)
		}
	}
	if !strings.Contains(log.String(), "store is damaged") {
		t.Errorf("the log says %q", log.String())
	}
	_ = b.Close()
}

func noise(seed uint64, n int) []byte {
	random := rand.New(rand.NewPCG(seed, seed))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// header returns the newer of a file's two headers: 16 bytes into its page, magic, version, page size, flags, root bucket,
// list of free pages, first page never used, transaction (bbolt, internal/common/meta.go).
func header(file []byte) []byte {
	a, b := file[16:], file[pageSize+16:]
	if binary.LittleEndian.Uint64(b[48:]) > binary.LittleEndian.Uint64(a[48:]) {
		return b
	}
	return a
}

func freelistPage(file []byte) int { return int(binary.LittleEndian.Uint64(header(file)[32:])) }
func used(file []byte) int         { return int(binary.LittleEndian.Uint64(header(file)[40:])) * pageSize }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
