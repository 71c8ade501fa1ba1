package store

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// writes are changes that are not in bbolt yet. A nil value means that the key is to be deleted.
type writes map[string][]byte

// overlay is a Tx: reads see its own writes, then those of the group it runs in, then bbolt.
type overlay struct {
	db     *Bolt
	bucket *bolt.Bucket
	group  writes
	own    writes
	reads  map[string]struct{}
	size   int // bytes put
	ended  bool
	err    error // the first refused operation, which Update returns even if fn ignored it
}

func newOverlay(db *Bolt, bucket *bolt.Bucket, group writes) *overlay {
	return &overlay{db: db, bucket: bucket, group: group, own: writes{}, reads: map[string]struct{}{}}
}

func (t *overlay) Get(key string) ([]byte, error) {
	if err := t.check(key); err != nil {
		return nil, err
	}
	if value, ok := t.own[key]; ok {
		return bytes.Clone(value), nil
	}
	if _, again := t.reads[key]; !again {
		if err := t.count(); err != nil {
			return nil, err
		}
		t.reads[key] = struct{}{}
	}
	if value, ok := t.group[key]; ok {
		return bytes.Clone(value), nil
	}
	value, err := t.db.get(t.bucket, key)
	return value, t.fail(err)
}

func (t *overlay) Put(key string, value []byte) error {
	if len(value) > MaxValue {
		return t.fail(fmt.Errorf("value of %d bytes for %q: %w", len(value), key, ErrTooLarge))
	}
	return t.set(key, append(make([]byte, 0, len(value)), value...))
}

func (t *overlay) Delete(key string) error { return t.set(key, nil) }

func (t *overlay) set(key string, value []byte) error {
	if err := t.check(key); err != nil {
		return err
	}
	if _, again := t.own[key]; !again {
		if err := t.count(); err != nil {
			return err
		}
	}
	t.own[key] = value
	t.size += len(key) + len(value)
	return nil
}

func (t *overlay) check(key string) error {
	if t.ended {
		return ErrEnded
	}
	return t.fail(checkKey(key))
}

// count makes room for one more operation.
func (t *overlay) count() error {
	if len(t.reads)+len(t.own) >= MaxOps {
		return t.fail(ErrTooManyOps)
	}
	return nil
}

func (t *overlay) fail(err error) error {
	if t.err == nil && !t.ended {
		t.err = err
	}
	return err
}
