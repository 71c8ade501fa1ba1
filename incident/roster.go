package incident

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"shipmate/integrations/pagerduty"
)

// Ahead is how far ahead it is looked who is on call next, and for times when nobody is.
const Ahead = 14 * 24 * time.Hour

// Roster is who is on call by one escalation policy, or by one schedule that stands in none.
type Roster struct {
	// Policy is the escalation policy, or the schedule.
	Policy Ref     `json:"policy"`
	Levels []Level `json:"levels"` // from the first that is called on
}

// Level are the people whom one level of an escalation policy calls.
type Level struct {
	N int `json:"n"`
	// After is how long the level is given to answer before the next one is called; zero: not known.
	After time.Duration `json:"after,omitempty"`
	Now   []Shift       `json:"now,omitempty"` // empty: nobody is on call
	// Next are those who begin next, all at the same time; empty when nobody does in the time looked at.
	Next []Shift `json:"next,omitempty"`
	// Gap is the first time ahead when nobody is on call at this level; nil without one.
	Gap *Gap `json:"gap,omitempty"`
}

// Shift is a time for which somebody is on call.
type Shift struct {
	Who      Person    `json:"who"`
	Schedule Ref       `json:"schedule,omitzero"` // zero: on call by name, whatever the time
	Start    time.Time `json:"start,omitzero"`    // zero: always
	End      time.Time `json:"end,omitzero"`      // zero: for ever
	// Override says that they stand in for whoever the schedule has.
	Override bool `json:"override,omitempty"`
}

// Gap is a time when nobody is on call.
type Gap struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"` // zero: as far as it was looked ahead
}

// During tells whether the shift is on at the time.
func (s Shift) During(t time.Time) bool {
	return !s.Start.After(t) && (s.End.IsZero() || s.End.After(t))
}

// OnCall are all who are on call now at the first level that has anybody, which is whom a page calls first.
func (r Roster) OnCall() []Shift {
	for _, l := range r.Levels {
		if len(l.Now) > 0 {
			return l.Now
		}
	}
	return nil
}

// rosters puts together what PagerDuty says of who is on call from now on, until Ahead: by policy, or by schedule where only
// schedules were asked about. who finds the people.
func rosters(all []pagerduty.OnCall, bySchedule bool, now time.Time, who func(pagerduty.User) Person) []Roster {
	type place struct {
		of    Ref
		level int
	}
	shifts := map[place][]Shift{}
	for _, one := range all {
		at := place{ref(one.Policy), one.Level}
		if bySchedule {
			at = place{ref(one.Schedule), 1} // one schedule may stand in several policies, at any level
		}
		if at.of.ID == "" {
			continue
		}
		shifts[at] = append(shifts[at], Shift{Who: who(one.User), Schedule: ref(one.Schedule), Start: one.Start, End: one.End})
	}
	found := map[Ref]*Roster{}
	for at, list := range shifts {
		r := found[at.of]
		if r == nil {
			r = &Roster{Policy: at.of}
			found[at.of] = r
		}
		r.Levels = append(r.Levels, level(at.level, joined(list), now))
	}
	var out []Roster
	for _, r := range found {
		slices.SortFunc(r.Levels, func(a, b Level) int { return a.N - b.N })
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Roster) int {
		return cmp.Or(cmp.Compare(a.Policy.Name, b.Policy.Name), cmp.Compare(a.Policy.ID, b.Policy.ID))
	})
	return out
}

// joined makes one shift of those of one person that overlap or follow on one another, and sorts all by their start. One person
// may come several times: by several policies, or in pieces.
func joined(list []Shift) []Shift {
	slices.SortStableFunc(list, func(a, b Shift) int { return a.Start.Compare(b.Start) })
	var out []Shift
next:
	for _, s := range list {
		for i := range out {
			o := &out[i]
			if o.Who.ID != s.Who.ID || o.Schedule.ID != s.Schedule.ID || !o.End.IsZero() && o.End.Before(s.Start) {
				continue
			}
			if s.End.IsZero() || !o.End.IsZero() && s.End.After(o.End) {
				o.End = s.End
			}
			continue next
		}
		out = append(out, s)
	}
	return out
}

func level(n int, shifts []Shift, now time.Time) Level {
	l := Level{N: n}
	var next time.Time
	for _, s := range shifts {
		switch {
		case s.During(now):
			l.Now = append(l.Now, s)
		case s.Start.After(now) && (next.IsZero() || s.Start.Equal(next)):
			next = s.Start
			l.Next = append(l.Next, s)
		}
	}
	l.Gap = gap(shifts, now, now.Add(Ahead))
	return l
}

// gap is the first time from now to the end that no shift covers; shifts are in order of their start.
func gap(shifts []Shift, now, end time.Time) *Gap {
	covered := now
	for _, s := range shifts {
		if s.Start.After(covered) {
			return &Gap{Start: covered, End: s.Start}
		}
		if s.End.IsZero() {
			return nil
		}
		if s.End.After(covered) {
			covered = s.End
		}
	}
	if covered.Before(end) {
		return &Gap{Start: covered}
	}
	return nil
}

// complete adds what only the policy tells: the levels that nobody is on call at, and how long each is given.
func (r *Roster) complete(p pagerduty.Policy, now time.Time) {
	r.Policy = ref(p.Ref)
	for i, l := range p.Levels {
		at := slices.IndexFunc(r.Levels, func(have Level) bool { return have.N == i+1 })
		if at < 0 {
			r.Levels = append(r.Levels, Level{N: i + 1, Gap: &Gap{Start: now}})
			at = len(r.Levels) - 1
		}
		r.Levels[at].After = l.Delay
	}
	slices.SortFunc(r.Levels, func(a, b Level) int { return a.N - b.N })
}

// overridden marks the shifts that begin and end within an override of the same person, by schedule.
func overridden(r []Roster, overrides map[string][]pagerduty.Override) {
	mark := func(shifts []Shift) {
		for i := range shifts {
			s := &shifts[i]
			s.Override = slices.ContainsFunc(overrides[s.Schedule.ID], func(o pagerduty.Override) bool {
				return o.User.ID == s.Who.ID && !s.Start.Before(o.Start) && !s.End.IsZero() && !s.End.After(o.End)
			})
		}
	}
	for _, one := range r {
		for _, l := range one.Levels {
			mark(l.Now)
			mark(l.Next)
		}
	}
}

// schedulesOf are the IDs of the schedules that the people on call now and next stand in, each once, in order.
func schedulesOf(r []Roster) []string {
	ids := map[string]bool{}
	for _, one := range r {
		for _, l := range one.Levels {
			for _, s := range slices.Concat(l.Now, l.Next) {
				if s.Schedule.ID != "" {
					ids[s.Schedule.ID] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}
