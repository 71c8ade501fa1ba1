package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Attempt is what a caller remembers of having sent something. GitHub has no idempotency keys, so the caller keeps the memory:
// before the first call it writes down the time as the attempt, and passes zero in that one call only. Whatever happens then
// (an error, a crash, a restart) every later call passes the time it wrote down, and looks before it does anything. Resend is called
// before it leaves a second time and writes that down in the same way.
type Attempt struct {
	Attempted time.Time     // when the caller wrote down its first attempt; zero in the call right after that
	Resent    time.Time     // when Resend wrote down the second; zero before
	Search    time.Duration // how long to look for what was sent before sending it a second time; DefaultSearch when 0

	// Resend writes down at as Resent. Nothing leaves unless it returns nil. Without it nothing is sent twice.
	Resend func(ctx context.Context, at time.Time) error
}

// DefaultSearch is how long a run may take to appear in GitHub's lists. No bound is documented; seconds are usual.
const DefaultSearch = 90 * time.Second

var (
	// ErrNotYet: the run, deployment, pull request or issue is not in GitHub's list yet and the window is still open. Ask again in a
	// few seconds.
	ErrNotYet = errors.New("github: what was sent has not appeared yet")
	// ErrLost: none appeared and nothing more will be sent.
	ErrLost = errors.New("github: what was sent has not appeared, and is not sent again")
)

// ensure finds what was sent before, or sends it: at once in the first attempt, else only after having looked for long
// enough, and once.
func ensure[T any](ctx context.Context, c *Client, a Attempt, find func(since time.Time) (T, bool, error), send func(since time.Time) (T, error)) (none T, err error) {
	if a.Attempted.IsZero() {
		return send(c.clock.Now())
	}
	found, ok, err := find(a.Attempted)
	if err != nil || ok {
		return found, err
	}
	now := c.clock.Now()
	switch {
	case now.Before(later(a.Attempted, a.Resent).Add(cmp.Or(a.Search, DefaultSearch))):
		return none, ErrNotYet
	case !a.Resent.IsZero() || a.Resend == nil:
		return none, ErrLost
	}
	if err := a.Resend(ctx, now); err != nil {
		return none, fmt.Errorf("writing down the second attempt: %w", err)
	}
	return send(a.Attempted)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
