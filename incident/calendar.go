package incident

import (
	"context"
	"slices"
	"time"

	"shipmate/integrations/pagerduty"
)

// Calendar is who is on call for a subject in a span of time.
type Calendar struct {
	Subject    Subject
	Start, End time.Time
	Rotas      []Rota
}

// Rota is one level of a policy, or one schedule, with all its shifts in the span, in order.
type Rota struct {
	Policy Ref
	Level  int // 0 of a schedule that was asked for by itself
	Shifts []Shift
	Gap    *Gap // the first time in the span when nobody is on call
}

// MaxCalendar is how far ahead a calendar goes. PagerDuty tells up to 90 days (PagerDuty REST: List all of the on-calls); a longer
// one is not read in a chat.
const MaxCalendar = 31 * 24 * time.Hour

// Calendar asks PagerDuty who is on call for the subject from now on, for that long.
func (s *Service) Calendar(ctx context.Context, sub Subject, long time.Duration) (*Calendar, error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	from, err := s.source(ctx, s.current(), sub)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now().UTC()
	c := &Calendar{Subject: sub, Start: now, End: now.Add(min(long, MaxCalendar))}
	all, err := s.pager.OnCalls(ctx, pagerduty.OnCallQuery{Policies: from.policies, Schedules: from.schedules, Users: from.users,
		Since: c.Start, Until: c.End})
	if err != nil {
		return nil, err
	}
	found := map[string]Person{}
	for _, one := range all {
		at := Rota{Policy: ref(one.Policy), Level: one.Level}
		if len(from.schedules) > 0 {
			at = Rota{Policy: ref(one.Schedule)}
		}
		i := slices.IndexFunc(c.Rotas, func(r Rota) bool { return r.Policy.ID == at.Policy.ID && r.Level == at.Level })
		if i < 0 {
			i = len(c.Rotas)
			c.Rotas = append(c.Rotas, at)
		}
		who, known := found[one.User.ID]
		if !known {
			who = s.person(ctx, one.User)
			found[one.User.ID] = who
		}
		c.Rotas[i].Shifts = append(c.Rotas[i].Shifts, Shift{Who: who, Schedule: ref(one.Schedule), Start: one.Start, End: one.End})
	}
	for i := range c.Rotas {
		r := &c.Rotas[i]
		r.Shifts = joined(r.Shifts)
		if sub.Kind != Someone { // of one person there is always a time without them
			r.Gap = gap(r.Shifts, c.Start, c.End)
		}
	}
	slices.SortFunc(c.Rotas, func(a, b Rota) int {
		if a.Policy.Name != b.Policy.Name {
			return slices.Compare([]byte(a.Policy.Name), []byte(b.Policy.Name))
		}
		return a.Level - b.Level
	})
	return c, nil
}
