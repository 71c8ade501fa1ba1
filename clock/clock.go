// Package clock is time as Shipmate sees it: one that runs, one that tests and the sandbox's stage move, and the pure
// functions about calendars (cron expressions, zones, working hours).
package clock

import "time"

// Clock tells the time and wakes its callers. Everything that waits for minutes or hours waits on a Clock; only the
// time-outs of network calls use the machine's own time.
type Clock interface {
	// Now returns the time in UTC.
	Now() time.Time
	// NewTimer returns a timer that fires once, when d has passed on this clock; at once when d <= 0.
	NewTimer(d time.Duration) *Timer
}

// Timer fires once on C. Stop releases it; C is not closed.
type Timer struct {
	C    <-chan time.Time
	stop func()
}

// Stop prevents the timer from firing if it has not yet. It may be called more than once.
func (t *Timer) Stop() { t.stop() }
