package clock

import "time"

// ClockChange is what a change of clocks does to a Cron: a wall-clock time it names is left out, or comes twice.
type ClockChange struct {
	At time.Time // when the clocks change
	// Wall is the first such wall-clock time, written as if it were UTC.
	Wall time.Time
	// Left says that the clocks leave that time out; else they show it twice.
	Left bool
	// Times is how often it happens then: of one left out once, when the clocks have changed, or not at all; of one that comes twice once
	// or twice.
	Times int
}

// Changes returns the changes of clocks after from, up to until, that matter for c, in order.
func (c Cron) Changes(from, until time.Time) []ClockChange {
	var out []ClockChange
	for at := from.In(c.zone); ; {
		_, change := bounds(at)
		if change.IsZero() || change.After(until) {
			return out
		}
		at = change
		before, after := wallBefore(change), wallClock(change)
		first, end := before, after // of a gap
		if before.After(after) {
			first, end = after, before
		}
		wall := c.nextWall(first.Add(-1))
		if !wall.Before(end) {
			continue
		}
		one := ClockChange{At: change.UTC(), Wall: wall, Left: before.Before(after)}
		switch {
		case one.Left && c.gaps, !one.Left && c.once:
			one.Times = 1
		case !one.Left:
			one.Times = 2
		}
		out = append(out, one)
	}
}
