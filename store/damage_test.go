package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
