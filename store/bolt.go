package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// ErrInUse is what Open's error wraps when another process, or another handle of this one, has the file open.
var ErrInUse = errors.New("the store is in use")

// ErrDamaged is what an error wraps when the file does not hold what was written to it.
var ErrDamaged = errors.New("the store is damaged")

// ErrFull is what Update's error wraps when there is no room for the writes. It goes on when there is.
var ErrFull = errors.New("no space left for the store")

// Options say which file to open and how.
type Options struct {
	// Path of the file. It is created, with mode 0600, when there is none; its directory must exist and be on a local
	// disk, since locks are not reliable on network file systems. The mode of an existing file is left as it is.
	Path string
	// Timeout is how long Open waits for a file that is in use; 5 s when zero. Negative means not at all.
	Timeout time.Duration
	// Log receives what an operator should know and no caller is told: a migration, and that the file is damaged. Nil
	// means silence.
	Log *slog.Logger
	// OnCommit is for crash tests: it is called with "before" right before each transaction that writes is committed, and
	// with "after" when it is durable but nobody has been told. Transactions of Open are not reported. It runs on the only
	// writer, so nothing is written until it returns. Nil normally.
	OnCommit func(phase string)
	// NoSync is for tests that want speed: writes survive the end of the process, but not of the machine.
	NoSync bool

	maxSize int // of the file in bytes, for the test of a full disk; 0 means no limit
}

// Bolt is a DB in one bbolt file. It commits in groups: one goroutine takes whoever waits, lets each function run on top of
// the writes of those before it, and commits all of them with one sync. A write that finds nobody waiting waits for nobody.
//
// A function runs on the goroutine that called Update, and sees writes of its group that are not yet durable; therefore
// also one that ends with an error waits for the commit if it could have seen such writes, and is told of a failed commit
// instead of its error.
type Bolt struct {
	options Options
	bolt    *bolt.DB
	file    *os.File // the one bolt has open

	queue   chan *update
	closing chan struct{}
	stopped chan struct{}
	broken  atomic.Pointer[error] // set when writing is not safe until the file has been opened again
	stuck   atomic.Bool           // set when the last transaction could not even be ended

	watchers watchers
	close    sync.Once
	closeErr error
}

// start begins to serve an opened file.
func start(o Options, db *bolt.DB, file *os.File) *Bolt {
	b := &Bolt{
		options: o,
		bolt:    db,
		file:    file,
		queue:   make(chan *update),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go b.write()
	return b
}

// Watch implements DB.
func (b *Bolt) Watch(ctx context.Context, prefix string) <-chan struct{} {
	return b.watchers.add(ctx, prefix)
}

// Close implements DB.
func (b *Bolt) Close() error {
	if within() {
		return ErrNested
	}
	b.close.Do(func() {
		close(b.closing)
		<-b.stopped
		b.watchers.end()
		if b.stuck.Load() {
			b.closeErr = b.file.Close() // bbolt's Close would wait for a transaction that cannot end
			return
		}
		b.closeErr = b.guarded(b.bolt.Close)
	})
	return b.closeErr
}

// ready returns why the calling goroutine may not begin a transaction now.
func (b *Bolt) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if within() {
		return ErrNested
	}
	select {
	case <-b.closing:
		return ErrClosed
	default:
		return nil
	}
}
