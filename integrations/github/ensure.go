package github

import (
	"context"
	"fmt"
	"time"
)

// attempt is what a caller remembers of having sent something that GitHub has no idempotency key for; see Dispatch.
type attempt struct {
	at, resent time.Time
	search     time.Duration
	resend     func(ctx context.Context, at time.Time) error
}

// wait is how long what was sent is looked for.
func (a attempt) wait() time.Duration {
	if a.search <= 0 {
		return DefaultSearch
	}
	return a.search
}

// ensure finds what was sent before, or sends it: at once in the first attempt, else only after having looked for long
// enough, and once.
func ensure[T any](ctx context.Context, c *Client, a attempt, find func(since time.Time) (T, bool, error), send func(since time.Time) (T, error)) (none T, err error) {
	if a.at.IsZero() {
		return send(c.clock.Now())
	}
	found, ok, err := find(a.at)
	if err != nil || ok {
		return found, err
	}
	now := c.clock.Now()
	switch {
	case now.Before(later(a.at, a.resent).Add(a.wait())):
		return none, ErrNotYet
	case !a.resent.IsZero() || a.resend == nil:
		return none, ErrLost
	}
	if err := a.resend(ctx, now); err != nil {
		return none, fmt.Errorf("writing down the second attempt: %w", err)
	}
	return send(a.at)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
