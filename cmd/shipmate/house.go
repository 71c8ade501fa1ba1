package main

import (
	"context"
	"time"
)

// sweepEvery is how often records past the retention are removed.
const sweepEvery = time.Hour

// sweepOld lets old records go, in small steps.
func (a *app) sweepOld(ctx context.Context) {
	for {
		timer := a.clock.NewTimer(sweepEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		before := a.clock.Now().Add(-a.live.Current().Retention.Duration)
		for of, sweep := range map[string]func(context.Context, time.Time) (int, error){"deployments": a.deliveries.Sweep, "pages": a.incidents.Sweep, "decisions": a.decisions.Sweep,
			"schedules": a.schedules.Sweep} {
			if n, err := sweep(ctx, before); err != nil && ctx.Err() == nil {
				a.log.Error("old records could not be removed", "of", of, "err", err)
			} else if n > 0 {
				a.log.Info("old records were removed", "of", of, "records", n)
			}
		}
	}
}
