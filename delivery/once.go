package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// answer is what a request was answered with, kept so that asking again gives the same.
type answer[T any] struct {
	With T         `json:"with"`
	At   time.Time `json:"at"`
}

// once answers a request, in one transaction: what fn answers is kept under the key, and the same request is answered with it
// from then on, whatever has become of it. A *Refused is not kept.
func once[T any](ctx context.Context, s *Service, key, doing string, fn func(store.Tx) (*T, error)) (*T, error) {
	var out *T
	err := work.Update(ctx, s.db, func(tx store.Tx) error {
		before, found, err := store.Load[answer[T]](tx, key)
		if err != nil {
			return err
		}
		if found {
			out = &before.With
			return nil
		}
		if out, err = fn(tx); err != nil {
			return err
		}
		return store.Save(tx, key, answer[T]{With: *out, At: s.clock.Now()})
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return out, nil
}

// answeredBefore returns what the request was answered with, or ErrNotFound.
func answeredBefore[T any](ctx context.Context, s *Service, key string) (*T, error) {
	var out *T
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		before, found, err := store.Load[answer[T]](snap, key)
		if err == nil && !found {
			err = ErrNotFound
		}
		out = &before.With
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// answeredLongAgo tells whether an answer is older than what is kept.
func answeredLongAgo(before time.Time) func(string, []byte) bool {
	return func(_ string, value []byte) bool {
		var a struct {
			At time.Time `json:"at"`
		}
		return json.Unmarshal(value, &a) == nil && a.At.Before(before)
	}
}
