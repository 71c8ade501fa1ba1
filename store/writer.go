package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"syscall"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// A group ends when nobody waits, and at these bounds, which keep what a commit holds in memory small.
const (
	groupUpdates = 256
	groupBytes   = 4 << 20
)

// update is one call of Update on its way through the writer.
type update struct {
	ctx  context.Context
	turn chan *overlay // from the writer, without a buffer: the function may run now
	ran  chan struct{} // closed by the caller: the function has ended
	done chan error    // from the writer: how the commit ended
	keep bool          // set before ran is closed: the function succeeded
}

// Update implements DB.
func (b *Bolt) Update(ctx context.Context, fn func(Tx) error) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	u := &update{ctx: ctx, turn: make(chan *overlay), ran: make(chan struct{}), done: make(chan error, 1)}
	select {
	case b.queue <- u:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.closing:
		return ErrClosed
	}
	select {
	case t := <-u.turn:
		return u.run(fn, t)
	case err := <-u.done: // there was no transaction to run in
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run runs fn and waits for what becomes of it.
func (u *update) run(fn func(Tx) error, t *overlay) error {
	unseen := len(t.group) == 0 // nothing that is not durable could be read
	err := u.take(fn, t)
	if unseen && (err != nil || len(t.own) == 0) {
		return err
	}
	select {
	case failed := <-u.done:
		return firstError(failed, err)
	case <-u.ctx.Done():
	}
	select {
	case failed := <-u.done:
		return firstError(failed, err)
	default:
		return u.ctx.Err()
	}
}

// take runs fn while the writer waits, which it stops to do also when fn panics or ends its goroutine.
func (u *update) take(fn func(Tx) error, t *overlay) (err error) {
	defer close(u.ran)
	defer func() { t.ended = true }()
	if err = runUpdate(fn, t); err == nil {
		err = t.err
	}
	u.keep = err == nil
	return err
}

// write is the goroutine that writes, one group after the other.
func (b *Bolt) write() {
	defer close(b.stopped)
	for {
		select {
		case u := <-b.queue:
			b.writeGroup(u)
		case <-b.closing:
			return
		}
	}
}

// writeGroup runs first and whoever waits behind it, commits what they wrote, and tells them.
func (b *Bolt) writeGroup(first *update) {
	tx, bucket, err := b.begin()
	group, size := writes{}, 0
	var members []*update
	for u := first; u != nil; u = b.next(len(members), size) {
		members = append(members, u)
		if err == nil {
			size += b.turn(u, bucket, group)
		}
	}
	keys := slices.Sorted(maps.Keys(group))
	if err == nil {
		err = b.commit(tx, bucket, keys, group)
	}
	for _, u := range members {
		u.done <- err
	}
	if err == nil {
		b.watchers.signal(keys)
	}
}

// next returns who waits, nil when nobody does or the group is large enough. Who was just told of the last commit gets the
// chance to come back, or groups would alternate between nearly all and nearly none.
func (b *Bolt) next(members, size int) *update {
	if members >= groupUpdates || size >= groupBytes {
		return nil
	}
	for range 2 {
		select {
		case u := <-b.queue:
			return u
		default:
			runtime.Gosched()
		}
	}
	return nil
}

// turn lets u's function run, adds what it wrote to the group, and returns how many bytes that are.
func (b *Bolt) turn(u *update, bucket *bolt.Bucket, group writes) int {
	t := newOverlay(b, bucket, group)
	select {
	case u.turn <- t:
	case <-u.ctx.Done():
		return 0
	}
	<-u.ran
	if !u.keep {
		return 0
	}
	maps.Copy(group, t.own)
	return t.size
}

func (b *Bolt) begin() (tx *bolt.Tx, bucket *bolt.Bucket, err error) {
	if broken := b.broken.Load(); broken != nil {
		return nil, nil, *broken
	}
	err = b.guarded(func() (err error) {
		if tx, err = b.bolt.Begin(true); err == nil {
			bucket = tx.Bucket(recordsBucket)
		}
		return err
	})
	if err != nil {
		return nil, nil, b.breakOff(tx, err)
	}
	return tx, bucket, nil
}

// commit makes the group's writes durable. Keys go in order, which touches each page once.
func (b *Bolt) commit(tx *bolt.Tx, bucket *bolt.Bucket, keys []string, group writes) error {
	if len(keys) == 0 {
		return tx.Rollback()
	}
	if err := b.guarded(func() error { return apply(bucket, keys, group) }); err != nil {
		return b.breakOff(tx, err)
	}
	b.hook("before")
	if err := b.guarded(tx.Commit); err != nil {
		return b.breakOff(tx, err)
	}
	b.hook("after")
	return nil
}

func apply(bucket *bolt.Bucket, keys []string, group writes) error {
	for _, key := range keys {
		value := group[key]
		var err error
		if value == nil {
			err = bucket.Delete([]byte(key))
		} else {
			err = bucket.Put([]byte(key), value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// guarded runs write, which returns an error or panics on a damaged file.
func (b *Bolt) guarded(write func() error) (err error) {
	damaged := b.guard(func() { err = write() })
	return firstError(damaged, err)
}

func (b *Bolt) hook(phase string) {
	if b.options.OnCommit != nil {
		b.options.OnCommit(phase)
	}
}

// breakOff ends tx, which may be over already, or nil if it could not begin, after err. A full disk is noticed before the header
// is written that makes the rest count, and writing goes on when there is room again. After any other error it is not known what the disk holds (a sync that failed
// once may succeed the next time without having written), so nothing more is written until the file is opened again.
func (b *Bolt) breakOff(tx *bolt.Tx, err error) error {
	if tx == nil || guard(func() { _ = tx.Rollback() }) != nil {
		b.stuck.Store(true)
	}
	if full(err) {
		return sentence(ErrFull, "store %q: no space left (%v); make room on its disk", b.options.Path, err)
	}
	if !errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("store %q cannot be written (%w); check its disk and restart Shipmate", b.options.Path, err)
	}
	b.broken.Store(&err)
	return err
}

func full(err error) bool {
	return errors.Is(err, berrors.ErrMaxSizeReached) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		errors.Is(err, syscall.EFBIG)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
