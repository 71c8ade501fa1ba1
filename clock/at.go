package clock

import "time"

// TimerAt returns a timer that fires once, when c shows at; at once when it already does.
//
// Use it rather than NewTimer(at.Sub(c.Now())) whenever the moment is what counts: a clock that is moved between Now and
// NewTimer would add the move to the wait.
func TimerAt(c Clock, at time.Time) *Timer {
	if m, ok := c.(interface{ timerAt(time.Time) *Timer }); ok {
		return m.timerAt(at)
	}
	return c.NewTimer(at.Sub(c.Now()))
}
