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
	"iter"
)

// Limits every implementation enforces, so that what works on one works on all. They keep a transaction inside etcd's
// defaults (max-txn-ops 128, max-request-bytes 1.5 MiB; etcd documentation, "System limits").
const (
	// MaxOps is the most operations (Get, Put, Delete of distinct keys count once each) one Update may make.
	MaxOps = 100
	// MaxValue is the size of the largest value, in bytes.
	MaxValue = 256 << 10
	// MaxKey is the length of the longest key, in bytes.
	MaxKey = 1 << 10
	// Format is the number of the store's layout. A binary refuses a store with a higher one.
	Format = 1
)

// Errors a caller may want to tell apart.
var (
	// ErrTooManyOps is returned by Update when its function makes more than MaxOps operations.
	ErrTooManyOps = errors.New("more than 100 operations in one transaction")
	// ErrTooLarge is returned by Put for a value over MaxValue or a key over MaxKey.
	ErrTooLarge = errors.New("key or value too large for the store")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("the store is closed")
)

// DB is a store of small records.
type DB interface {
	// View runs fn on one consistent snapshot. The snapshot, and what it returned, is not valid after fn returns; values
	// are copies and may be kept.
	View(ctx context.Context, fn func(Snapshot) error) error
	// Update runs fn in a serializable transaction and returns nil once its writes are durable. fn may run again, so it
	// has no effects but through Tx and overwrites, never accumulates, what it assigns outside. An error from fn drops
	// its writes and is returned as it is. After ctx ends, Update may return early with ctx.Err() while the writes still
	// happen.
	Update(ctx context.Context, fn func(Tx) error) error
	// Watch returns a channel that receives after keys under prefix were written. It is a hint: several writes may be
	// one signal, and a missed signal loses nothing because readers also look by themselves. It ends with ctx.
	Watch(ctx context.Context, prefix string) <-chan struct{}
	// Close waits for running transactions and releases the store. It may be called twice.
	Close() error
}

// Getter is what Snapshot and Tx share.
type Getter interface {
	// Get returns a copy of the value of key, or nil when there is none.
	Get(key string) ([]byte, error)
}

// Snapshot is a consistent, read-only state of the store.
type Snapshot interface {
	Getter
	// Scan yields the keys that begin with prefix, in byte order, from the first that is not less than from ("" means
	// the first), with copies of their values. Stopping early is cheap. A scan that fails ends early, and View returns why.
	Scan(prefix, from string) iter.Seq2[string, []byte]
}

// Tx is a transaction under way. It cannot scan: decisions are made from keys one can name.
type Tx interface {
	Getter
	// Put sets the value of key. An empty value is stored as such and differs from no value.
	Put(key string, value []byte) error
	// Delete removes key; removing what is not there is no error.
	Delete(key string) error
}
