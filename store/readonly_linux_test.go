package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestOpenReadOnly opens a store one may read and not write, makes one in such a directory, and reads one that one may not, as a user to whom modes
// apply: on Linux a thread has its own user for files, and gives up root's powers over them with it (setfsuid(2)).
func TestOpenReadOnly(t *testing.T) {
	t.Parallel()
	path := sample(t)
	dir := filepath.Dir(path)
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "secret.db"), []byte("x"), 0))
	must(t, os.Chmod(dir, 0o555))
	must(t, os.Chmod(path, 0o444))
	for _, c := range []struct {
		file  string
		open  func(context.Context, Options) (*Bolt, error)
		words string
	}{
		{"x.db", Open, "cannot be written (permission denied); give this user write access"},
		{"new.db", Open, "cannot be written (permission denied); give this user write access"},
		{"secret.db", OpenReadOnly, "cannot be read (permission denied); run this as the bot's own user"},
	} {
		at := filepath.Join(dir, c.file)
		errs := make(chan error)
		go func() {
			runtime.LockOSThread() // never unlocked, so the thread ends with this goroutine
			if os.Geteuid() == 0 {
				if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
					errs <- errno
					return
				}
			}
			_, err := c.open(t.Context(), Options{Path: at})
			errs <- err
		}()
		err := <-errs
		if !errors.Is(err, fs.ErrPermission) {
			t.Fatalf("%s: got %v, want a permission error", c.file, err)
		}
		checkSentence(t, at, err, c.words)
	}
	must(t, os.Chmod(dir, 0o755))
}
