package clock

import (
	"time"

	"github.com/robfig/cron/v3"
)

// Cron says when something recurring happens: minutes, hours, days, months and weekdays of a zone's wall clock.
//
// What happens when that wall clock is put forward or back depends on the hour field:
//   - Hours given by number ("30 2 * * *", "0 9-17 * * *"): each wall-clock time happens once. One that is left out when the
//     clock goes forward happens at the first moment after the gap, once for the whole gap; one that comes twice when the
//     clock goes back happens the first time only.
//   - Every hour ("*", "0-23"): it happens in every hour that really passes, so twice in a repeated one and not in one that
//     is left out.
//   - Every so many hours ("*/2"): as every hour, but one that falls into the gap happens at the first moment after it.
//
// When both days of the month and weekdays are given, either one suffices, as in every cron.
type Cron struct {
	expr string
	zone *time.Location
	spec *cron.SpecSchedule // its zone is UTC: it is only ever asked about wall clocks written as UTC
	gaps bool               // what a gap left out happens after it
	once bool               // a repeated wall-clock time counts the first time only
}

// Next returns the first moment after the given one, in UTC. Moments are whole minutes of the wall clock, or ends of gaps.
func (c Cron) Next(after time.Time) time.Time {
	at := after.In(c.zone)
	wall := wallClock(at) // the next match is later than this on the wall clock
	for {
		begin, end := bounds(at)
		if c.once && !begin.IsZero() {
			wall = latest(wall, wallBefore(begin).Add(-1))
		}
		match := c.nextWall(wall)
		moment := match.Add(-offset(at))
		if end.IsZero() || moment.Before(end) {
			return moment.UTC()
		}
		first := wallClock(end)
		if c.gaps && match.Before(first) {
			return end.UTC()
		}
		at, wall = end, first.Add(-1)
	}
}

// nextWall returns the first match after wall. The parser's own Next gives up after five years; a 29 February can be eight
// years away, when the year between is 2100.
func (c Cron) nextWall(wall time.Time) time.Time {
	for {
		if match := c.spec.Next(wall); !match.IsZero() {
			return match
		}
		wall = wall.AddDate(4, 0, 0)
	}
}

// String returns the expression and its zone, as in "0 9 * * 1-5 (Europe/Berlin)".
func (c Cron) String() string { return c.expr + " (" + c.zone.String() + ")" }

// bounds are the changes of clocks around t: the last one up to t, and the first one after it. Where t is on the last day of a leap year that a
// zone has no table for, Go's ZoneBounds (1.26) ends before t; the day after that knows better.
func bounds(t time.Time) (begin, end time.Time) {
	begin, end = t.ZoneBounds()
	for later := t; !end.IsZero() && !end.After(t); {
		later = later.Add(24 * time.Hour)
		_, end = later.ZoneBounds()
	}
	return begin, end
}

// wallClock returns what the clocks on t's walls show, written as if they were in UTC, so that it can be computed with.
func wallClock(t time.Time) time.Time {
	return t.Add(offset(t)).UTC()
}

// wallBefore is what the clocks would have shown at the change of clocks t, had they not been changed.
func wallBefore(t time.Time) time.Time {
	return t.Add(offset(t.Add(-1))).UTC()
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// momentOf returns the moment at which the clocks on a zone's walls show wall (written as UTC): the first one when they show
// it twice, the end of the gap when they never do.
func momentOf(wall time.Time, zone *time.Location) time.Time {
	y, mo, d := wall.Date()
	h, mi, s := wall.Clock()
	t := time.Date(y, mo, d, h, mi, s, wall.Nanosecond(), zone)
	begin, end := bounds(t)
	switch shown := wallClock(t); {
	case shown.After(wall): // a gap, and t is counted from before it
		return begin
	case shown.Before(wall):
		return end
	}
	if !begin.IsZero() && wall.Before(wallBefore(begin)) {
		return t.Add(wallClock(begin).Sub(wallBefore(begin)))
	}
	return t
}
