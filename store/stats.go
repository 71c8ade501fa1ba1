package store

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Stats is what an operator wants to know of a store.
type Stats struct {
	Path   string
	Format int
	Keys   int   // records there are
	Size   int64 // bytes of the file, which does not shrink
	Free   int64 // bytes of it that will be used again before it grows
}

// Stats looks at every page of the store, so it is for people who ask, not for every minute.
func (b *Bolt) Stats(ctx context.Context) (s Stats, err error) {
	if err := b.ready(ctx); err != nil {
		return Stats{}, err
	}
	s.Path = b.options.Path
	err = b.read(func(tx *bolt.Tx) (err error) {
		if s.Format, err = readFormat(s.Path, tx, b.file); err != nil {
			return err
		}
		info, err := b.file.Stat()
		if err != nil {
			return fmt.Errorf("sizing the store: %w", err)
		}
		s.Size = info.Size()
		pages := b.bolt.Stats()
		s.Free = int64(pages.FreePageN+pages.PendingPageN) * int64(b.bolt.Info().PageSize)
		return b.guard(func() { s.Keys = tx.Bucket(recordsBucket).Stats().KeyN })
	})
	return s, err
}
