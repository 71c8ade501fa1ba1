package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// renewTimeout bounds one renewal, on the machine's clock.
const renewTimeout = RenewEvery

// keep shows every RenewEvery that this replica lives, until ctx ends or another process has its name (ErrSuperseded).
func (c *Claims) keep(ctx context.Context, log *slog.Logger) error {
	if !c.cfg.Shared {
		<-ctx.Done()
		return nil
	}
	go c.watchLapse(ctx)
	for at := c.renewedAt().Add(RenewEvery); ; {
		timer := clock.TimerAt(c.cfg.Clock, at)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		at = c.cfg.Clock.Now().Add(RenewEvery)
		err := c.renew(ctx)
		if errors.Is(err, ErrSuperseded) {
			c.lapse(ErrLostClaim)
			return err
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("renewing this replica's claims", "replica", c.cfg.Replica, "err", err)
		}
	}
}

func (c *Claims) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	begun := c.cfg.Clock.Now()
	err := c.cfg.DB.Update(ctx, func(tx store.Tx) error {
		p, _, err := store.Load[pulse](tx, c.pulseKey(c.cfg.Replica))
		if err != nil {
			return err
		}
		if p.Epoch != c.epoch {
			return fmt.Errorf("replica %q: %w", c.cfg.Replica, ErrSuperseded)
		}
		p.Beat++
		return store.Save(tx, c.pulseKey(c.cfg.Replica), p)
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewed, c.lapsed = begun, false
	return nil
}

// watchLapse ends the steps under way when the last renewal is LapseAfter ago, however long a renewal hangs.
func (c *Claims) watchLapse(ctx context.Context) {
	for at := c.renewedAt().Add(LapseAfter); ; {
		timer := clock.TimerAt(c.cfg.Clock, at)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		if at = c.renewedAt().Add(LapseAfter); !at.After(c.cfg.Clock.Now()) {
			c.lapse(ErrLostClaim)
			at = c.cfg.Clock.Now().Add(RenewEvery)
		}
	}
}

func (c *Claims) renewedAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.renewed
}

func (c *Claims) lapse(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lapsed = true
	for _, end := range c.steps {
		end(cause)
	}
}
