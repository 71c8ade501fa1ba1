package clock

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Hours are working hours: on each of Days, from From to To on the wall clock of Zone. From and To count from midnight, up
// to 24 hours; a To that is not after From is on the following day, so that 22 h to 6 h is a night shift of the day on which
// it begins. Nobody works on Holidays, which are dates on that wall clock, written as 2026-12-25.
//
// A From or To that the wall clock leaves out is the end of its gap, and one that comes twice is the first of the two.
type Hours struct {
	Days     []time.Weekday
	From, To time.Duration
	Zone     *time.Location
	Holidays []string
}

// maxHolidays is the most days in a row that Next looks beyond: a year without a working day is a mistake.
const maxHolidays = 366

// Check says what is wrong with h. The other methods want hours that pass it.
func (h Hours) Check() error {
	switch {
	case h.Zone == nil:
		return errors.New("working hours need a time zone, such as UTC")
	case len(h.Days) == 0:
		return errors.New("working hours need at least one weekday")
	case h.From < 0 || h.From >= day || h.To < 0 || h.To > day:
		return fmt.Errorf("working hours from %s to %s are not within a day", Format(h.From), Format(h.To))
	}
	return nil
}

// Open reports whether t is in working hours. The last moment, To, is not.
func (h Hours) Open(t time.Time) bool { return h.Next(t).Equal(t) }

// WorkingDay reports whether the wall-clock day of t is one of Days and no holiday.
func (h Hours) WorkingDay(t time.Time) bool {
	return h.works(t.In(h.Zone))
}

// works reports whether a day, as the wall clock shows it, is one of Days and no holiday.
func (h Hours) works(local time.Time) bool {
	return slices.Contains(h.Days, local.Weekday()) && !slices.Contains(h.Holidays, local.Format(time.DateOnly))
}

// Next returns the first moment in working hours that is not before t, in UTC: t itself when it is in them. The zero time says that
// there is none within a year.
func (h Hours) Next(t time.Time) time.Time {
	// From the day before, whose night may reach into t. A week has every weekday; the second one is for zones that have
	// once left out a whole day.
	for d := -1; d <= 14+min(len(h.Holidays), maxHolidays); d++ {
		from, to, works := h.on(t, d)
		if works && to.After(t) {
			return latest(from, t).UTC()
		}
	}
	return time.Time{}
}

// Between returns how much of the time from a to b is in working hours; zero when b is not after a.
func (h Hours) Between(a, b time.Time) time.Duration {
	var sum time.Duration
	counted := a // so that two shifts which overlap count once
	for d := -1; ; d++ {
		from, to, works := h.on(a, d)
		if !from.Before(b) {
			return sum
		}
		from, to = latest(from, counted), earliest(to, b)
		if works && to.After(from) {
			sum, counted = sum+to.Sub(from), to
		}
	}
}

// on returns the shift that begins on the wall-clock day which is d days after t's, and whether that day has one.
func (h Hours) on(t time.Time, d int) (from, to time.Time, works bool) {
	y, m, dd := t.In(h.Zone).Date()
	midnight := time.Date(y, m, dd+d, 0, 0, 0, 0, time.UTC)
	end := midnight.Add(h.To)
	if h.To <= h.From {
		end = end.Add(day)
	}
	return momentOf(midnight.Add(h.From), h.Zone), momentOf(end, h.Zone), h.works(midnight)
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
