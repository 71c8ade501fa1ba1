package delivery

import (
	"strconv"
	"time"

	"shipmate/clock"
	"shipmate/config"
)

// freezeGate keeps an environment closed during its freezes. Of several that overlap the one that ends last is told.
func freezeGate(f *Facts) *Gate {
	if len(f.Environment.Freeze) == 0 || f.Rollback != nil {
		return nil
	}
	g := &Gate{Verdict: Passed, At: f.rule("freeze")}
	for i, window := range f.Environment.Freeze {
		since, until, err := frozen(window, f.Now)
		if err != nil { // a window that cannot be read is closed
			return &Gate{Verdict: Closed, Code: Frozen, At: f.rule("freeze[" + strconv.Itoa(i) + "]"), Since: f.Now, Why: window.Reason}
		}
		if until.After(f.Now) && until.After(g.Until) {
			*g = Gate{Verdict: Closed, Code: Frozen, At: f.rule("freeze[" + strconv.Itoa(i) + "]"), Since: since, Until: until, Why: window.Reason}
		}
	}
	return g
}

// maxWindows bounds how many windows that touch each other are followed to the end of the freeze: about two months of
// daily ones. A freeze that goes on longer is told to end earlier than it does, and is closed all the same.
const maxWindows = 64

// frozen is the freeze that a window makes at now, from its begin to its end, through all that follow without a gap; the zero
// times when it is open.
func frozen(window config.Freeze, now time.Time) (since, until time.Time, err error) {
	cron, err := clock.ParseCron(window.Cron, window.Location())
	if err != nil {
		return since, until, err
	}
	begins := cron.Next(now.Add(-window.For.Duration)) // the first whose end is later than now
	if begins.After(now) {
		return since, until, nil
	}
	since, until = begins, begins.Add(window.For.Duration)
	for range maxWindows {
		if begins = cron.Next(begins); begins.After(until) {
			break
		}
		until = begins.Add(window.For.Duration)
	}
	return since, until, nil
}
