package bot

import (
	"context"
	"fmt"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// How often old records go: identities soon, since there are many; everything else is kept for long, and looking through
// all of it takes a while.
const (
	forgetEvery = 10 * time.Minute
	sweepEvery  = 24 * time.Hour
)

// keepHouse does what time brings: it notes that the store is served, and lets old records go in small steps.
func (b *Bot) keepHouse(ctx context.Context) {
	nextForget := b.clock.Now().Add(forgetEvery)
	nextSweep := nextForget
	for {
		t := b.clock.NewTimer(time.Minute)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		if err := b.markAlive(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("the store does not take writes", "err", err)
			continue
		}
		now := b.clock.Now()
		if !now.Before(nextForget) {
			nextForget = now.Add(forgetEvery)
			if err := b.forgetSeen(ctx, now); err != nil && ctx.Err() == nil {
				b.log.Error("old identities could not be removed", "err", err)
			}
		}
		if !now.Before(nextSweep) {
			nextSweep = now.Add(sweepEvery)
			if err := b.sweep(ctx, now); err != nil && ctx.Err() == nil {
				b.log.Error("old records could not be removed", "err", err)
			}
		}
	}
}

// sweep removes questions after two days, and after the retention audit records, what was parked, and the cards of records
// that are gone.
func (b *Bot) sweep(ctx context.Context, now time.Time) error {
	_, err := store.Sweep(ctx, b.db, questionPrefix, func(_ string, data []byte) bool {
		var q question
		return decode(data, &q) == nil && now.Sub(q.At) > 2*questionTTL
	}, store.SweepOptions{})
	if err != nil {
		return err
	}
	keep := b.settings().Retention.Duration
	_, err = store.Sweep(ctx, b.db, parkedPrefix, func(_ string, data []byte) bool {
		var p parked
		return decode(data, &p) == nil && now.Sub(p.At) > keep
	}, store.SweepOptions{})
	if err != nil {
		return err
	}
	if err := b.sweepRooms(ctx, now.Add(-keep)); err != nil {
		return err
	}
	oldest := auditPrefix + store.Stamp(now.Add(-keep))
	_, err = store.Sweep(ctx, b.db, auditPrefix, func(key string, _ []byte) bool { return key < oldest }, store.SweepOptions{})
	if err != nil {
		return err
	}
	return b.sweepCards(ctx, now.Add(-keep))
}

// Watching for deafness: how often the connections are looked at, and how long without one is deaf.
const (
	lookEvery  = 5 * time.Second
	deafAfter  = 20 * time.Second
	alertFails = 3
)

// watchHearing notices within a minute that Slack cannot be heard, and says so in the log and, as soon as the Web API
// works, in the admin channel.
func (b *Bot) watchHearing(ctx context.Context) {
	told := time.Time{}
	for wait(ctx, lookEvery) == nil {
		h := b.sockets.hearing()
		switch {
		case h.DeafSince.IsZero():
			told = time.Time{}
		case told.IsZero() && (time.Since(h.DeafSince) > deafAfter || h.Failures >= alertFails):
			told = h.DeafSince
			b.log.Error("deaf: no connection to Slack delivers", "since", h.DeafSince, "failures", h.Failures, "reason", h.Reason)
			since := b.clock.Now().Add(-time.Since(h.DeafSince))
			b.admins(ctx, fmt.Sprintf("deaf-%d", h.DeafSince.UnixNano()), Message{Text: Textf(
				"Since %s I could not hear Slack (%s). Commands and clicks fail until I say that I hear it again.", Clock(since), h.Reason)})
			b.sockets.alarmed.Store(true)
		}
	}
}

// Hearing is the state of the connections to Slack, for health checks.
func (b *Bot) Hearing() Hearing { return b.sockets.hearing() }

// Parked tells the admins that the runner gave a record up. Why stands in the log, under the record's ID: errors have words
// that are for developers.
func (b *Bot) Parked(ctx context.Context, p work.Parked) {
	b.admins(ctx, fmt.Sprintf("parked-%s-%s-%d", p.Domain, p.ID, p.Since.UnixNano()), Message{Text: Textf(
		"I gave up on a record of %s after %d tries, until somebody touches it again. Reference: %s.", Bold(p.Domain), p.Tries, Code(p.ID))})
}

// Reloaded tells the admins what became of the configuration file.
func (b *Bot) Reloaded(c config.Change) {
	ctx, cancel := context.WithTimeout(b.base, 10*time.Second)
	defer cancel()
	id := fmt.Sprintf("config-%d", b.clock.Now().UnixNano())
	switch {
	case c.Err != nil:
		b.admins(ctx, id, Message{Text: "The new configuration is broken; the old one stays in force.", Parts: []Part{Section(Block(c.Err.Error()))}})
	case len(c.NeedRestart) > 0:
		b.admins(ctx, id, Message{Text: Textf("The new configuration is in force, except for %s: these need a restart.", list(c.NeedRestart, "and"))})
	case c.Mended:
		b.admins(ctx, id, Message{Text: "The configuration is in order again and in force."})
	default:
		b.log.Info("the new configuration is in force")
	}
}
