package main

import (
	"context"
	"time"
)

// sweepEvery is how often records past the retention are removed.
const sweepEvery = time.Hour

// sweepDeliveries lets old deployments go, in small steps.
func (a *app) sweepDeliveries(ctx context.Context) {
	for {
		timer := a.clock.NewTimer(sweepEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		before := a.clock.Now().Add(-a.live.Current().Retention.Duration)
		if n, err := a.deliveries.Sweep(ctx, before); err != nil && ctx.Err() == nil {
			a.log.Error("old deployments could not be removed", "err", err)
		} else if n > 0 {
			a.log.Info("old deployments were removed", "records", n)
		}
	}
}
