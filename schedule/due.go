package schedule

import (
	"time"

	"shipmate/clock"
	"shipmate/config"
)

// maxParts is how many different pieces of a missed time are written in one transaction. What is beyond waits for the next.
const maxParts = 20

// sorted is what becomes of the times of a schedule up to a moment.
type sorted struct {
	left []*Happening // those that are left out
	run  time.Time    // the one that is run; zero for none
	next time.Time    // the first time after all of them
}

// sort says what becomes of the times that have come, from s.Next to now. off says whether a time falls on a day off.
func (s *Schedule) sort(times clock.Cron, now time.Time, off func(time.Time) bool) sorted {
	out := sorted{next: s.Next}
	last := s.latest(times, now, off)
	for ; !out.next.After(now) && len(out.left) < maxParts; out.next = times.Next(out.next) {
		at := out.next
		why, by := WasDown, ""
		switch {
		case at.Equal(s.Skip):
			why, by = WasAsked, s.SkipBy
		case off(at):
			why = DayOff
		case at.Equal(last):
			out.run, out.next = at, times.Next(at)
			return out // whatever comes after it by now is left out, with the next look
		}
		out.left = append(out.left, &Happening{Schedule: s.ID, ID: stampOf(at), At: at, Fate: LeftOut, Why: why, By: by, Ended: now})
		out.left = joined(out.left)
	}
	return out
}

// latest is the time that is run of those that have come: the last that nobody wants left out, if it is not too late for it.
func (s *Schedule) latest(times clock.Cron, now time.Time, off func(time.Time) bool) time.Time {
	var last time.Time
	for at := s.Next; !at.After(now); at = times.Next(at) {
		if !at.Equal(s.Skip) && !off(at) {
			last = at
		}
	}
	late := now.Sub(last)
	if late <= Grace || s.Missed == CatchUp && late <= s.lateness(last) {
		return last
	}
	return time.Time{}
}

// lateness is how late one of its times is still run.
func (s *Schedule) lateness(at time.Time) time.Duration {
	if s.Kind == Lines {
		return Late
	}
	return endOfDay(at.In(s.Location())).Sub(at) // what tells of a day is told on it
}

func endOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
}

// joined makes one of the last two when they were left out alike.
func joined(all []*Happening) []*Happening {
	n := len(all)
	if n < 2 {
		return all
	}
	a, b := all[n-2], all[n-1]
	if a.Why != b.Why || a.By != b.By {
		return all
	}
	a.Until, a.N = b.At, a.Count()+1
	return all[:n-1]
}

// dayOff says whether a time falls on a day on which the schedule's team does not work, where that matters to it.
func (s *Service) dayOff(one *Schedule) func(time.Time) bool {
	team, known := s.current().Team(one.Team)
	if !known {
		team = &config.Team{}
	}
	hours := team.WorkingHours()
	hours.Zone = one.Location()
	switch {
	case one.Kind != Lines && known: // its times say on which weekdays it comes
		hours.Days = allDays
	case !one.Working:
		return func(time.Time) bool { return false }
	}
	return func(at time.Time) bool { return !hours.WorkingDay(at) }
}

var allDays = []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
