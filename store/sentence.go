package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// told is an error whose text is all an operator needs, with the cause for errors.Is only.
type told struct {
	text  string
	cause error
}

func (e *told) Error() string { return e.text }
func (e *told) Unwrap() error { return e.cause }

func sentence(cause error, format string, args ...any) error {
	return &told{text: fmt.Sprintf(format, args...), cause: cause}
}

// explain says in one sentence why path cannot be opened and what to do.
func explain(path string, err error) error {
	var already *told
	var file *fs.PathError
	var sys syscall.Errno
	switch {
	case errors.As(err, &already), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return sentence(ErrInUse, "store %q is in use by another process; stop it or name another path", path)
	case errors.Is(err, fs.ErrNotExist):
		return sentence(err, "store %q cannot be created: there is no directory %q; create it or name another path", path,
			filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return sentence(err, "store %q cannot be written (%v); give this user write access to it and its directory, or name "+
			"another path", path, reason(err))
	case full(err):
		return sentence(errors.Join(ErrFull, err), "store %q cannot be created: no space left; make room on its disk", path)
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP):
		return sentence(err, "store %q cannot be locked (%v); put it on a local disk", path, reason(err))
	case errors.Is(err, berrors.ErrInvalid):
		return sentence(err, "store %q is not a Shipmate store, or damaged from its first byte; name another path, or restore "+
			"the newest backup over it", path)
	case errors.Is(err, berrors.ErrVersionMismatch):
		return sentence(err, "store %q was written by another version of bbolt; name another path", path)
	case errors.As(err, &file), errors.As(err, &sys):
		return sentence(err, "store %q cannot be opened (%v); check the path and its disk", path, reason(err))
	default: // bbolt's other complaints are about what it read
		return sentence(errors.Join(ErrDamaged, err), "store %q is damaged (%s); restore the newest backup over it", path,
			detail(err))
	}
}

// explainReading is explain for whoever does not want to write.
func explainReading(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return sentence(err, "store %q cannot be read (%v); run this as the bot's own user", path, reason(err))
	}
	return explain(path, err)
}

// reason is the part of an operating system's error that says what is wrong.
func reason(err error) error {
	var sys syscall.Errno
	if errors.As(err, &sys) {
		return sys
	}
	return err
}
