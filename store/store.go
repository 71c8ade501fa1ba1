// Package store keeps Shipmate's state: small JSON records under sorted keys.
//
// DB is the honest intersection of bbolt and etcd: closures that may run more than once, single-key reads and writes inside
// a transaction, scans only on snapshots. A key is a path whose first word names the package that owns the record
// ("delivery/slot/checkout/staging"); the sort order of keys is the only index there is.
//
// Every implementation passes storetest.Run, which is the contract in executable form.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Limits every implementation enforces, so that what works on one works on all. They keep a transaction inside etcd's
// defaults (max-txn-ops 128, max-request-bytes 1.5 MiB; etcd documentation, "System limits").
const (
	// MaxOps is the most operations one Update may make: the distinct keys it reads and the distinct keys it writes, added
	// (a key that is read and then written counts twice, one that is written and then read once).
	MaxOps = 100
	// MaxValue is the size of the largest value, in bytes.
	MaxValue = 256 << 10
	// MaxKey is the length of the longest key, in bytes. A key has at least one byte.
	MaxKey = 1 << 10
	// Format is the number of the store's layout. A binary refuses a store with a higher one.
	Format = 1
)

// Errors a caller may want to tell apart.
var (
	// ErrTooManyOps is returned by the operation that is one too many, and by Update even if its function ignored that.
	ErrTooManyOps = errors.New("more than 100 operations in one transaction")
	// ErrTooLarge is returned by Put for a value over MaxValue and by everything that takes a key over MaxKey. Update
	// returns it even if its function ignored it.
	ErrTooLarge = errors.New("key or value too large for the store")
	// ErrNoKey is returned by everything that takes a key when the key is empty, and by Update like ErrTooLarge.
	ErrNoKey = errors.New("empty key")
	// ErrEnded is returned by a Snapshot or Tx that is used after its function returned.
	ErrEnded = errors.New("the transaction has ended")
	// ErrNested is returned by View, Update and Close when the function of a View or Update calls them: they would wait
	// for themselves. Calls from a goroutine that the function started and waits for are not noticed and may wait for ever.
	ErrNested = errors.New("a transaction inside a transaction")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("the store is closed")
)

// DB is a store of small records.
type DB interface {
	// View runs fn on one consistent snapshot, which holds every Update that returned nil before. The Snapshot is only for
	// fn and its goroutine; values are copies and may be kept. A long View keeps replaced data on disk from being reused,
	// so fn reads and returns; it does not call other services.
	View(ctx context.Context, fn func(Snapshot) error) error
	// Update runs fn in a serializable transaction and returns nil once its writes are durable. fn may run again, so it
	// has no effects but through Tx and overwrites, never accumulates, what it assigns outside; it does not wait for
	// anything, since others wait for it. The Tx is only for fn and its goroutine. An error from fn drops its writes and is
	// returned as it is; a panic in fn drops them and goes on in the caller. When ctx ends before fn began, fn does not
	// run. Later, Update may return early with ctx.Err() while the writes still happen; fn never runs after that. Any
	// other error about storing leaves it open whether the writes happened, so look before you repeat.
	Update(ctx context.Context, fn func(Tx) error) error
	// Watch returns a channel that receives after keys under prefix were written. It is a hint: several writes may be
	// one signal, and a missed signal loses nothing because readers also look by themselves. The channel is closed when
	// ctx ends or the store is closed.
	Watch(ctx context.Context, prefix string) <-chan struct{}
	// Close waits for running transactions and releases the store. It may be called twice.
	Close() error
}

// Getter is what Snapshot and Tx share.
type Getter interface {
	// Get returns a copy of the value of key, or nil when there is none. An empty value is not nil.
	Get(key string) ([]byte, error)
}

// Snapshot is a consistent, read-only state of the store.
type Snapshot interface {
	Getter
	// Scan yields the keys that begin with prefix, in byte order, from the first that is not less than from ("" means
	// the first), with copies of their values. Stopping early is cheap. A scan that fails, or whose View's ctx ends, ends
	// early, and View returns why unless its function returned an error of its own.
	Scan(prefix, from string) iter.Seq2[string, []byte]
}

// Tx is a transaction under way. It sees its own writes. It cannot scan: decisions are made from keys one can name.
type Tx interface {
	Getter
	// Put sets the value of key to a copy of value. An empty value is stored as such and differs from no value.
	Put(key string, value []byte) error
	// Delete removes key; removing what is not there is no error.
	Delete(key string) error
}

// checkKey refuses what no store accepts as a key.
func checkKey(key string) error {
	switch {
	case key == "":
		return ErrNoKey
	case len(key) > MaxKey:
		return fmt.Errorf("key of %d bytes: %w", len(key), ErrTooLarge)
	}
	return nil
}
