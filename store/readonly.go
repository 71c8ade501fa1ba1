package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// OpenReadOnly opens the store at o.Path for reading, beside others that only read and as long as nobody has it open for writing;
// the error wraps ErrInUse then. Nothing is created, migrated or written, and every Update fails. When it cannot, the error is one
// sentence that says what to do.
func OpenReadOnly(ctx context.Context, o Options) (*Bolt, error) {
	return openReadOnly(ctx, o, currentLayout())
}

func openReadOnly(ctx context.Context, o Options, l layout) (*Bolt, error) {
	if _, err := os.Stat(o.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, sentence(err, "there is no store %q; name the configuration of the Shipmate that made it", o.Path)
	}
	if err := ensureFile(o.Path, l.format); err != nil {
		return nil, explainReading(o.Path, err)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	until := time.Now().Add(o.Timeout)
	if err := inspect(ctx, o, l, until); err != nil {
		return nil, explainReading(o.Path, err)
	}
	db, file, err := lock(ctx, o, true, until)
	if err != nil {
		return nil, explainReading(o.Path, err)
	}
	b := start(o, db, file)
	tx, err := db.Begin(false)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	format, err := readFormat(o.Path, tx, file)
	_ = tx.Rollback() // it was for reading
	if err == nil && format < l.format {
		err = sentence(nil, "store %q has format %d and this Shipmate reads %d; let it run once, which brings the store up to date", o.Path, format, l.format)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}
