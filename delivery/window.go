package delivery

import (
	"strconv"
	"time"

	"shipmate/clock"
	"shipmate/config"
)

// Window is a time in which the configuration keeps an environment closed: the one at a given moment, or else the next.
type Window struct {
	Environment string    `json:"environment"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until"`
	Reason      string    `json:"reason,omitempty"`
	At          string    `json:"at"` // the line of the configuration
}

// Open tells whether the environment is closed by it at now.
func (w *Window) Open(now time.Time) bool { return !w.Since.After(now) && now.Before(w.Until) }

// windowsOf are the environment's windows that are not over, each as it stands at now or comes next.
func windowsOf(cfg *config.Config, e *config.Environment, now time.Time) []Window {
	var out []Window
	for i, f := range e.Freeze {
		since, until, err := windowAt(f, now)
		if err != nil || !until.After(now) {
			continue // what cannot be read is told by the gate, and does not come to be: it was checked with the file
		}
		out = append(out, Window{Environment: e.Name, Since: since, Until: until, Reason: f.Reason,
			At: cfg.At("environments." + e.Name + ".freeze[" + strconv.Itoa(i) + "]")})
	}
	return out
}

// nextFreeze is the window of the configuration that closes the environment next, if it begins within so long after now; nil when
// there is none, or when one holds already. What people freeze begins when they say so, so it is never ahead.
func nextFreeze(cfg *config.Config, e *config.Environment, now time.Time, within time.Duration) *Window {
	var next *Window
	for _, w := range windowsOf(cfg, e, now) {
		switch {
		case w.Open(now):
			return nil
		case w.Since.Sub(now) <= within && (next == nil || w.Since.Before(next.Since)):
			next = &w
		}
	}
	return next
}

// windowAt is the freeze that a window makes at now, or else the next that it makes; one that is over is in the past. Those that
// follow each other without a gap are one.
func windowAt(window config.Freeze, now time.Time) (since, until time.Time, err error) {
	if window.Dated() {
		return window.Span()
	}
	cron, err := clock.ParseCron(window.Cron, window.Location())
	if err != nil {
		return since, until, err
	}
	since = cron.Next(now.Add(-window.For.Duration)) // the first whose end is later than now
	until = since.Add(window.For.Duration)
	begins := since
	for range maxWindows {
		if begins = cron.Next(begins); begins.After(until) {
			break
		}
		until = begins.Add(window.For.Duration)
	}
	return since, until, nil
}

// maxWindows bounds how many windows that touch each other are followed to the end of the freeze: about two months of
// daily ones. A freeze that goes on longer is told to end earlier than it does, and is closed all the same.
const maxWindows = 64
