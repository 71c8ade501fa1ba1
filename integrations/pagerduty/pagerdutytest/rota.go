package pagerdutytest

import (
	"slices"
	"time"
)

// shift is a stretch of one person's being on call.
type shift struct {
	User       string
	Start, End time.Time
	from       any // the turn or override it is a part of; parts are put together again
}

func (s shift) covers(t time.Time) bool { return !t.Before(s.Start) && t.Before(s.End) }

// touches tells whether s overlaps a window; a window without length is a moment.
func (s shift) touches(since, until time.Time) bool {
	if since.Equal(until) {
		return s.covers(since)
	}
	return s.Start.Before(until) && s.End.After(since)
}

// turns are the rotation's turns that touch a window, restricted and whole.
func (l *layer) turns(zone *time.Location, since, until time.Time) []shift {
	var out []shift
	first := l.turnAt(zone, since) - 1
	for n := max(0, first); ; n++ {
		start, end := l.turnStart(zone, n), l.turnStart(zone, n+1)
		if start.After(until) || !l.End.IsZero() && !start.Before(l.End) {
			return out
		}
		if !l.End.IsZero() && end.After(l.End) {
			end = l.End.UTC()
		}
		turn := shift{User: l.Users[n%len(l.Users)], Start: start, End: end, from: [2]any{l.ID, n}}
		for _, part := range l.restrict(zone, turn) {
			if part.touches(since, until) {
				out = append(out, part)
			}
		}
	}
}

// turnAt is a turn not later than the one at t, close to it.
func (l *layer) turnAt(zone *time.Location, t time.Time) int {
	n := int(t.Sub(l.Start) / l.Turn)
	for n > 0 && l.turnStart(zone, n).After(t) {
		n--
	}
	return n
}

// turnStart is when turn n begins: whole days are counted on the wall clock, anything else in elapsed time.
func (l *layer) turnStart(zone *time.Location, n int) time.Time {
	const day = 24 * time.Hour
	if l.Turn%day == 0 {
		return l.Start.In(zone).AddDate(0, 0, n*int(l.Turn/day)).UTC()
	}
	return l.Start.Add(time.Duration(n) * l.Turn).UTC()
}

// restrict cuts a turn to the layer's restrictions.
func (l *layer) restrict(zone *time.Location, turn shift) []shift {
	if len(l.Restrictions) == 0 {
		return []shift{turn}
	}
	var out []shift
	for day := turn.Start.In(zone).AddDate(0, 0, -7); !day.After(turn.End.In(zone)); day = day.AddDate(0, 0, 1) {
		for _, r := range l.Restrictions {
			if r.Day != 0 && r.Day%7 != int(day.Weekday()) {
				continue
			}
			clock, _ := time.Parse("15:04", r.From) // checked when it was added
			start := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
			part := shift{User: turn.User, Start: latest(start.UTC(), turn.Start), End: earliest(start.Add(r.For).UTC(), turn.End), from: turn.from}
			if part.Start.Before(part.End) {
				out = append(out, part)
			}
		}
	}
	slices.SortFunc(out, func(a, b shift) int { return a.Start.Compare(b.Start) })
	return out
}

// layers are the shifts of every layer and then of every override: what stands later wins.
func (s *schedule) layers(since, until time.Time) [][]shift {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		panic(err) // checked when it was added
	}
	var out [][]shift
	for _, l := range s.Layers {
		out = append(out, l.turns(zone, since, until))
	}
	for _, o := range s.Overrides {
		one := shift{User: o.User, Start: o.Start, End: o.End, from: o.ID}
		if one.touches(since, until) {
			out = append(out, []shift{one})
		} else {
			out = append(out, nil)
		}
	}
	return out
}

// final is who is on call in a window, overrides applied, whole shifts, oldest first.
func (s *schedule) final(since, until time.Time) []shift {
	// A shift ends at the latest where its turn or override does, so looking this much further shows it whole.
	reach := time.Hour
	for _, l := range s.Layers {
		reach = max(reach, l.Turn+2*time.Hour)
	}
	for _, o := range s.Overrides {
		reach = max(reach, o.End.Sub(o.Start))
	}
	layers := s.layers(since.Add(-reach), until.Add(reach))
	var edges []time.Time
	for _, l := range layers {
		for _, one := range l {
			edges = append(edges, one.Start, one.End)
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	var all []shift
	for n := 0; n+1 < len(edges); n++ {
		top, ok := topAt(layers, edges[n])
		if !ok || edges[n].Equal(edges[n+1]) {
			continue
		}
		top.Start, top.End = edges[n], edges[n+1]
		if last := len(all) - 1; last >= 0 && all[last].from == top.from && all[last].End.Equal(top.Start) {
			all[last].End = top.End
		} else {
			all = append(all, top)
		}
	}
	return slices.DeleteFunc(all, func(one shift) bool { return !one.touches(since, until) })
}

func topAt(layers [][]shift, t time.Time) (shift, bool) {
	for _, l := range slices.Backward(layers) {
		for _, one := range l {
			if one.covers(t) {
				return one, true
			}
		}
	}
	return shift{}, false
}

// at is who is on call at a moment.
func (s *schedule) at(t time.Time) (user string, ok bool) {
	one, ok := topAt(s.layers(t, t), t)
	return one.User, ok
}

// cutTo cuts shifts at the edges of a window, as PagerDuty does unless overflow is asked for.
func cutTo(shifts []shift, since, until time.Time) []shift {
	out := slices.Clone(shifts)
	for n := range out {
		out[n].Start, out[n].End = latest(out[n].Start, since), earliest(out[n].End, until)
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// onCall are the users a level of a policy reaches at a moment, each once.
func (w *world) onCall(l *level, t time.Time) []string {
	var out []string
	add := func(id string) {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, id := range l.Users {
		add(id)
	}
	for _, id := range l.Schedules {
		if user, ok := w.schedule(id).at(t); ok {
			add(user)
		}
	}
	return out
}
