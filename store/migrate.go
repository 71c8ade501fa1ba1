package store

import (
	"context"
	"fmt"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// What is in a file: one bucket for the records and one that says what file it is.
var (
	recordsBucket = []byte("records")
	aboutBucket   = []byte("shipmate")
	formatKey     = []byte("format")
)

// layout is what a binary makes of a file: its format, and how to get there from older ones.
type layout struct {
	format     int
	migrations []func(records *bolt.Bucket) error // the first leads from format 1 to 2, and so on
}

func currentLayout() layout { return layout{format: Format} }

// migrate brings an older file to the layout's format, in one transaction, after a backup beside it
// ("x.db.format-1.backup"). A crash leaves the old file, and the next start does it again.
func (b *Bolt) migrate(ctx context.Context, l layout) error {
	old := 0
	err := b.read(func(tx *bolt.Tx) (err error) {
		old, err = readFormat(b.options.Path, tx, b.file)
		return err
	})
	if err != nil {
		return explain(b.options.Path, err)
	}
	if old >= l.format {
		return nil
	}
	backup := fmt.Sprintf("%s.format-%d.backup", b.options.Path, old)
	if err := b.Backup(ctx, backup); err != nil {
		return fmt.Errorf("before the migration to format %d: %w", l.format, err)
	}
	if err := b.guarded(func() error { return b.bolt.Update(l.upgrade(old)) }); err != nil {
		return fmt.Errorf("store %q stays at format %d, migrating it to %d: %w", b.options.Path, old, l.format, err)
	}
	if b.options.Log != nil {
		b.options.Log.Info("store migrated", "path", b.options.Path, "from", old, "to", l.format, "backup", backup)
	}
	return nil
}

// upgrade returns the transaction that leads from format old to the layout's.
func (l layout) upgrade(old int) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		for i, migration := range l.migrations[old-1:] {
			if err := migration(tx.Bucket(recordsBucket)); err != nil {
				return fmt.Errorf("from format %d: %w", old+i, err)
			}
		}
		return tx.Bucket(aboutBucket).Put(formatKey, []byte(strconv.Itoa(l.format)))
	}
}
