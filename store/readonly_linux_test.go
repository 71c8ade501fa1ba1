package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestOpenReadOnly opens a store one may read and not write, and makes one in such a directory, as a user to whom modes
// apply: on Linux a thread has its own user for files, and gives up root's powers over them with it (setfsuid(2)).
func TestOpenReadOnly(t *testing.T) {
	t.Parallel()
	path := sample(t)
	dir := filepath.Dir(path)
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, os.Chmod(dir, 0o555))
	must(t, os.Chmod(path, 0o444))
	errs := make(chan error)
	for _, file := range []string{"x.db", "new.db"} {
		go func() {
			runtime.LockOSThread() // never unlocked, so the thread ends with this goroutine
			if os.Geteuid() == 0 {
				if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
					errs <- errno
					return
				}
			}
			_, err := Open(t.Context(), Options{Path: filepath.Join(dir, file)})
			errs <- err
		}()
		err := <-errs
		if !errors.Is(err, fs.ErrPermission) {
			t.Fatalf("%s: got %v, want a permission error", file, err)
		}
		checkSentence(t, filepath.Join(dir, file), err, "cannot be written (permission denied); give this user write access")
	}
	must(t, os.Chmod(dir, 0o755))
}
