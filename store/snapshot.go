package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// View implements DB.
func (b *Bolt) View(ctx context.Context, fn func(Snapshot) error) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	return b.read(func(tx *bolt.Tx) error {
		s := &snapshot{ctx: ctx, db: b, tx: tx}
		defer func() { s.ended = true }()
		if err := b.guard(func() { s.bucket = tx.Bucket(recordsBucket) }); err != nil {
			return err
		}
		if err := runView(fn, s); err != nil {
			return err
		}
		return s.err
	})
}

// read runs fn in a read transaction of bbolt.
func (b *Bolt) read(fn func(*bolt.Tx) error) error {
	tx, err := b.bolt.Begin(false)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	defer tx.Rollback()
	return fn(tx)
}

// snapshot is a Snapshot in a read transaction of bbolt.
type snapshot struct {
	ctx    context.Context
	db     *Bolt
	tx     *bolt.Tx
	bucket *bolt.Bucket
	ended  bool
	err    error // the first failure of a scan
}

func (s *snapshot) Get(key string) ([]byte, error) {
	if s.ended {
		return nil, ErrEnded
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return s.db.get(s.bucket, key)
}

// get returns a copy of what bucket holds under key, nil when nothing.
func (b *Bolt) get(bucket *bolt.Bucket, key string) (value []byte, err error) {
	oversize := 0
	err = b.guard(func() {
		v := bucket.Get([]byte(key))
		if len(v) > MaxValue {
			oversize = len(v)
			return
		}
		value = bytes.Clone(v)
	})
	if oversize > 0 {
		err = b.oversized(key, oversize)
	}
	return value, err
}

// oversized is the error for a length that cannot have been written. It is looked at before the value is copied, so that a
// damaged length does not ask for gigabytes.
func (b *Bolt) oversized(key string, size int) error {
	return b.damaged(fmt.Errorf("%w: %q has %d bytes", ErrDamaged, key, size))
}

func (s *snapshot) Scan(prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if s.ended {
			return
		}
		c := s.bucket.Cursor()
		first := []byte(max(prefix, from))
		move := func() ([]byte, []byte) { return c.Seek(first) }
		for {
			key, value, ok := s.step(prefix, move)
			if !ok || !yield(key, value) {
				return
			}
			move = c.Next
		}
	}
}

// step moves a cursor and returns copies of what it is at. Not ok means that the scan is over, or failed and s.err is set.
func (s *snapshot) step(prefix string, move func() (key, value []byte)) (key string, value []byte, ok bool) {
	if s.err != nil {
		return "", nil, false
	}
	if s.err = s.ctx.Err(); s.err != nil {
		return "", nil, false
	}
	oversize := 0
	s.err = s.db.guard(func() {
		k, v := move()
		if k == nil || len(k) < len(prefix) || string(k[:len(prefix)]) != prefix {
			return
		}
		ok = true
		if oversize = max(len(k)-MaxKey, len(v)-MaxValue); oversize <= 0 {
			key, value = string(k), bytes.Clone(v)
		}
	})
	if oversize > 0 {
		s.err = s.db.oversized("a record under "+prefix, oversize)
	}
	return key, value, ok && s.err == nil
}
