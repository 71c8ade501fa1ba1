package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	defaultTimeout = 5 * time.Second
	lockPoll       = 20 * time.Millisecond

	// mapSize is the address space reserved for the file (it takes no memory and no disk). While the file is smaller, a
	// writer never waits for readers to remap it (bbolt README, "Caveats & Limitations").
	mapSize = 256 << 20
)

// Open opens the store at o.Path, and creates it when there is no file. When it cannot, the error is one sentence that says
// what to do. ctx ends the wait for a file in use.
//
// So that opening stays fast, it does not read the whole file. It checks that the file is bbolt's and ours, that one of
// its two headers is intact, that it is as long as that header says, that the pages on the way to the format number can be
// read, and that the list of free pages is one. A damaged page elsewhere is an error wrapping ErrDamaged when it is read.
// bbolt keeps no checksum of records: damage inside a value is noticed only by who decodes it. If just the newer header is
// damaged, that looks like a commit cut short by a power failure, and the store is as it was one commit earlier.
func Open(ctx context.Context, o Options) (*Bolt, error) {
	return open(ctx, o, currentLayout())
}

func open(ctx context.Context, o Options, l layout) (*Bolt, error) {
	if o.Path == "" {
		return nil, errors.New("the store has no path; name a file")
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if err := ensureFile(o.Path, l.format); err != nil {
		return nil, explain(o.Path, err)
	}
	until := time.Now().Add(o.Timeout)
	// The first look is read-only: bbolt may write to what it opens for writing, and this file may not be ours.
	if err := inspect(ctx, o, l, until); err != nil {
		return nil, explain(o.Path, err)
	}
	db, file, err := lock(ctx, o, false, until)
	if err != nil {
		return nil, explain(o.Path, err)
	}
	b := start(o, db, file)
	if err := b.migrate(ctx, l); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// ensureFile checks what can be checked without opening, which could wait for ever on a pipe, and creates a missing file.
func ensureFile(path string, format int) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return sentence(nil, "store %q is a link to a file that does not exist; remove it or name another path", path)
		}
		return create(path, format)
	case err != nil:
		return err
	case info.IsDir():
		return sentence(nil, "store %q is a directory; name a file in it", path)
	case !info.Mode().IsRegular():
		return sentence(nil, "store %q is not a regular file; name another path", path)
	case info.Size() == 0:
		return refuseEmpty(path)
	}
	return nil
}

// refuseEmpty says why an empty file is not opened: it cannot be written, or it is no store, as create never leaves one
// behind. It may be what is left of one, so it is not taken for new.
func refuseEmpty(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(sentence(nil, "store %q is empty, which a store never is; restore the newest backup over it, or remove "+
		"it to start without any records", path), f.Close())
}

// inspect looks at the file without writing to it.
func inspect(ctx context.Context, o Options, l layout, until time.Time) error {
	db, file, err := lock(ctx, o, true, until)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.Begin(false)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	format, err := readFormat(o.Path, tx, file)
	if err != nil {
		return err
	}
	if format > l.format {
		return sentence(nil, "store %q has format %d and this Shipmate knows formats up to %d; run a newer Shipmate, or restore a "+
			"backup from before the upgrade", o.Path, format, l.format)
	}
	return nil
}

// readFormat returns the format number of an opened file, if it is a whole store of ours.
func readFormat(path string, tx *bolt.Tx, file *os.File) (format int, err error) {
	damaged := guard(func() { format, err = unguardedFormat(path, tx, file) })
	return format, firstError(damaged, err)
}

func unguardedFormat(path string, tx *bolt.Tx, file *os.File) (format int, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() < tx.Size() {
		return 0, fmt.Errorf("%w: %d of its %d bytes are there", ErrDamaged, info.Size(), tx.Size())
	}
	about, records := tx.Bucket(aboutBucket), tx.Bucket(recordsBucket)
	if about == nil {
		return 0, sentence(nil, "store %q belongs to another application, or its first pages are damaged; name another path, "+
			"or restore the newest backup over it", path)
	}
	if records == nil {
		return 0, fmt.Errorf("%w: its records are missing", ErrDamaged)
	}
	number := about.Get(formatKey)
	if format, err = strconv.Atoi(string(number)); err != nil || format < 1 {
		return 0, fmt.Errorf("%w: its format is %.20q", ErrDamaged, number)
	}
	return format, nil
}

// lock opens the file as soon as nobody else has it open. A read-only bolt.DB shares it with other read-only ones.
func lock(ctx context.Context, o Options, readOnly bool, until time.Time) (*bolt.DB, *os.File, error) {
	for {
		db, file, err := openBolt(o, readOnly)
		if !errors.Is(err, berrors.ErrTimeout) || time.Now().After(until) {
			return db, file, err
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// openBolt opens the file, which must exist, if nobody else has it open.
func openBolt(o Options, readOnly bool) (db *bolt.DB, file *os.File, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil { // bbolt does not close what it cannot read
			err = errors.Join(fmt.Errorf("%w: %s", ErrDamaged, oneLine(p)), file.Close())
			db, file = nil, nil
		}
	}()
	db, err = bolt.Open(o.Path, 0o600, &bolt.Options{
		Timeout:         time.Nanosecond, // one try: bbolt's own wait does not know ctx
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: mapSize,
		ReadOnly:        readOnly,
		MaxSize:         o.maxSize,
		NoSync:          o.NoSync,
		OpenFile: func(path string, flag int, mode os.FileMode) (*os.File, error) {
			file, err = os.OpenFile(path, flag&^os.O_CREATE, mode)
			return file, err
		},
	})
	return db, file, err
}
