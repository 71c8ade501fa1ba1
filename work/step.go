package work

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"shipmate/store"
)

const (
	// storing bounds what a lane itself writes before and after a step, on the machine's clock. It goes on while the
	// process stops, because what a step did is not to be forgotten.
	storing = 10 * time.Second
	// maxError is how much of an error is kept in the record, in bytes.
	maxError = 1 << 10
)

// step takes the record of d one step further. It returns false when the record is left as it was and due: it is another
// replica's, or the store failed.
func (l *lane) step(ctx context.Context, d due) bool {
	before, h, err := l.take(ctx, d)
	if err != nil {
		l.log.Error("taking a record", "id", d.id, "err", err)
		return false
	}
	if h == nil {
		return false
	}
	if before.At != d.stamp {
		return true // moved or gone since it was read
	}
	next, err := l.call(ctx, h, d.id)
	if err != nil {
		l.log.Warn("a step did not succeed", "id", d.id, "failures_before", before.Tries, "err", err)
	}
	parked, err := l.finish(ctx, h, before, outcome{next: next, err: err, at: l.cfg.Clock.Now()})
	if err != nil {
		l.log.Error("writing how a step ended", "id", d.id, "err", err)
		return false
	}
	if parked != nil {
		l.tell(ctx, *parked)
	}
	return true
}

// take reads the record and, on a shared store, claims it. Without a claim it is another replica's.
func (l *lane) take(ctx context.Context, d due) (r record, h *held, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
	defer cancel()
	look := func(g store.Getter) error {
		var free bool
		if r, err = load(g, l.Name, d.id); err != nil {
			return err
		}
		if h, free = l.cfg.Claims.hold(r); free && h.key != "" {
			var holder string
			if holder, _, err = store.Load[string](g, h.key); err != nil {
				return err
			}
			if holder != h.holder {
				free, err = l.cfg.Claims.Free(g, holder)
			}
		}
		if !free {
			h = nil
		}
		return err
	}
	err = l.cfg.DB.View(ctx, func(s store.Snapshot) error { return look(s) })
	if err != nil || h == nil || h.key == "" || r.At != d.stamp {
		return r, h, err
	}
	err = l.cfg.DB.Update(ctx, func(tx store.Tx) error {
		if err := look(tx); err != nil || h == nil || r.At != d.stamp {
			return err
		}
		return store.Save(tx, h.key, h.holder)
	})
	return r, h, err
}

// call runs the domain's Step. A panic is an error, and its stack is in the log.
func (l *lane) call(ctx context.Context, h *held, id string) (next time.Time, err error) {
	ctx, end := l.cfg.Claims.begin(ctx, h)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("a step panicked", "id", id, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the step panicked: %v", p)
		}
		cause := context.Cause(ctx)
		if err != nil && (errors.Is(cause, errStopping) || errors.Is(cause, ErrLostClaim)) {
			err = interrupted{err}
		}
	}()
	return l.Step(ctx, id)
}

// interrupted is the error of a step that was made to end. It has not failed, and stays due.
type interrupted struct{ error }

func (e interrupted) Unwrap() error { return e.error }

// outcome is how a step ended: what Step returned, and when.
type outcome struct {
	next time.Time
	err  error
	at   time.Time
}

// retryAfter is an error that says itself when to try again, such as a rate limit.
type retryAfter interface{ RetryAfter() time.Duration }

// finish writes what becomes of the record after a step that began with it as in before, and lets go of it. It returns the
// record as it was parked, when that is what became of it.
func (l *lane) finish(ctx context.Context, h *held, before record, o outcome) (parked *Parked, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
	defer cancel()
	err = l.cfg.DB.Update(ctx, func(tx store.Tx) error {
		parked = nil
		if h.key != "" {
			holder, _, err := store.Load[string](tx, h.key)
			if err != nil || holder != h.holder {
				return err // another has taken over, and finishes it
			}
			if err := tx.Delete(h.key); err != nil {
				return err
			}
		}
		r, err := load(tx, l.Name, before.id)
		if err != nil || !r.found {
			return err // cancelled meanwhile
		}
		parked, err = l.settle(tx, r, r.wokenSince(before.appointment), o)
		return err
	})
	return parked, err
}

// settle makes the record's next appointment: the earlier of what it was woken for while the step ran and what the step
// asks for.
func (l *lane) settle(tx store.Tx, r record, woken string, o outcome) (*Parked, error) {
	wanted := ""
	var wait retryAfter
	switch {
	case o.err == nil:
		r.Tries, r.Error = 0, ""
		if !o.next.IsZero() {
			wanted = store.Stamp(o.next)
		}
	case errors.As(o.err, new(interrupted)):
		return nil, nil // as it was, so it is due
	case errors.As(o.err, &wait) && wait.RetryAfter() > 0:
		r.Error = cut(o.err.Error())
		wanted = store.Stamp(o.at.Add(wait.RetryAfter()))
	default:
		r.Tries, r.Error = r.Tries+1, cut(o.err.Error())
		if r.Tries >= l.Retry.Tries && woken == "" {
			return r.park(tx, o.at, l.cfg.Claims.Holder())
		}
		wanted = store.Stamp(o.at.Add(l.Retry.delay(r.Tries)))
	}
	at := earlier(woken, wanted)
	if at == "" {
		return nil, r.remove(tx)
	}
	r.Woken, r.WokenMark = "", 0
	return nil, r.appoint(tx, at)
}

// cut returns s, or as much of it as is kept.
func cut(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxError)], "")
}
