package storetest

import (
	"context"
	"errors"

	"shipmate/store"
)

// Failure is how an Update fails.
type Failure int

// The ways: not at all, with nothing written, and with everything written, which nobody is told.
const (
	None Failure = iota
	Dropped
	Untold
)

// ErrStorage is what a store of Failing says.
var ErrStorage = errors.New("the disk does not answer")

// Failing returns db with an Update that fails as next says, which is asked once for each whose function returned nil.
func Failing(db store.DB, next func() Failure) store.DB { return failing{db, next} }

type failing struct {
	store.DB
	next func() Failure
}

func (f failing) Update(ctx context.Context, fn func(store.Tx) error) error {
	how, asked := None, false
	err := f.DB.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if !asked { // it may run again
			how, asked = f.next(), true
		}
		if how == Dropped {
			return ErrStorage
		}
		return nil
	})
	if err == nil && how == Untold {
		return ErrStorage
	}
	return err
}
