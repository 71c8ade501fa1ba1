package store_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"shipmate/store"
)

// child starts this test binary as one of the processes in main_test.go and returns its output line by line.
func child(t *testing.T, mode string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childMode+"="+mode)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewScanner(out)
}

// TestKilled kills a process that writes as fast as it can, over and over: all that it said it wrote is there, and the
// store opens as if nothing had happened. (A killed process does not lose what the system has not yet put on the disk, so
// this does not show that commits are synced; that is bbolt's part.)
func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	var acknowledged []string
	for range 5 {
		cmd, lines := child(t, "write", path)
		for n := 0; lines.Scan(); n++ {
			acknowledged = append(acknowledged, lines.Text())
			if n == 200 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
	}
	if len(acknowledged) < 1000 {
		t.Fatalf("only %d records were acknowledged", len(acknowledged))
	}
	db := openSynced(t, filepath.Dir(path), "x.db")
	err := db.View(t.Context(), func(s store.Snapshot) error {
		for _, key := range acknowledged {
			if value, err := s.Get(key); err != nil || string(value) != key {
				t.Errorf("acknowledged %q is %q, %v", key, value, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKilledInCommit kills a process right before and right after a commit: before, its write has not happened, after, it
// has; nobody was told either way.
func TestKilledInCommit(t *testing.T) {
	t.Parallel()
	cases := []struct {
		phase string
		want  []string
	}{
		{"before", []string{"1", "2"}},
		{"after", []string{"1", "2", "3"}},
	}
	for _, c := range cases {
		t.Run(c.phase, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, lines := child(t, "die", filepath.Join(dir, "x.db"), "3", c.phase)
			var told []string
			for lines.Scan() {
				told = append(told, lines.Text())
			}
			if !slices.Equal(told, []string{"1", "2"}) {
				t.Errorf("acknowledged %v, want 1 and 2", told)
			}
			if got := keysOf(t, openSynced(t, dir, "x.db")); !slices.Equal(got, c.want) {
				t.Errorf("stored %v, want %v", got, c.want)
			}
		})
	}
}

func TestOtherProcessHoldsIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	cmd, lines := child(t, "hold", path)
	if !lines.Scan() || lines.Text() != "open" {
		t.Fatalf("the other process says %q", lines.Text())
	}
	_, err := store.Open(t.Context(), store.Options{Path: path, Timeout: -1})
	want := `store "` + path + `" is in use by another process; stop it or name another path`
	if !errors.Is(err, store.ErrInUse) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	openSynced(t, filepath.Dir(path), "x.db")
}

func keysOf(t *testing.T, db store.DB) (keys []string) {
	t.Helper()
	err := db.View(t.Context(), func(s store.Snapshot) error {
		for key := range s.Scan("", "") {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
