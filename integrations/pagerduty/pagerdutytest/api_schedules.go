package pagerdutytest

import (
	"slices"
	"time"
)

func listSchedules(q *request) reply {
	var list []*schedule
	for _, s := range q.w.Schedules {
		if q.like(s.Name) {
			list = append(list, s)
		}
	}
	return paged(q, "schedules", list, q.schedule)
}

// schedule is one without shifts.
func (q *request) schedule(s *schedule) obj {
	o := q.thing("schedule", s.ID, s.Name, "schedules")
	o["name"], o["time_zone"], o["description"] = s.Name, s.Zone, ""
	o["teams"] = q.teamRefs(s.Teams)
	var users, policies []string
	for _, l := range s.Layers {
		for _, id := range l.Users {
			if !slices.Contains(users, id) {
				users = append(users, id)
			}
		}
	}
	for _, p := range q.w.Policies {
		if slices.ContainsFunc(p.Levels, func(l *level) bool { return slices.Contains(l.Schedules, s.ID) }) {
			policies = append(policies, p.ID)
		}
	}
	o["users"], o["escalation_policies"] = each(users, q.userRef), each(policies, q.policyRef)
	return o
}

// window reads since and until; two weeks from now when they are not given.
func (q *request) window() (since, until time.Time, refusal *reply) {
	since, ok1 := q.moment("since", q.now)
	until, ok2 := q.moment("until", since.AddDate(0, 0, 14))
	if !ok1 || !ok2 || until.Before(since) {
		r := q.invalid("since and until must be times, the first before the second")
		return since, until, &r
	}
	return since, until, nil
}

func getSchedule(q *request) reply {
	s := q.w.schedule(q.vars["id"])
	if s == nil {
		return q.notFound()
	}
	since, until, refusal := q.window()
	if refusal != nil {
		return *refusal
	}
	shown := func(shifts []shift) []obj {
		if q.query.Get("overflow") != "true" {
			shifts = cutTo(shifts, since, until)
		}
		return each(shifts, func(one shift) obj {
			return obj{"user": q.userRef(one.User), "start": stamp(one.Start), "end": stamp(one.End)}
		})
	}
	o := q.schedule(s)
	o["final_schedule"] = obj{"name": "Final Schedule", "rendered_schedule_entries": shown(s.final(since, until)), "rendered_coverage_percentage": coverage(s.final(since, until), since, until)}
	var overridden []shift
	for _, l := range s.layers(since, until)[len(s.Layers):] {
		overridden = append(overridden, l...)
	}
	o["overrides_subschedule"] = obj{"name": "Overrides", "rendered_schedule_entries": shown(overridden), "rendered_coverage_percentage": coverage(overridden, since, until)}
	all := s.layers(since, until)
	layers := make([]obj, 0, len(s.Layers))
	for n, l := range slices.Backward(s.Layers) { // PagerDuty's last layer stands first
		one := obj{"id": l.ID, "name": l.Name, "start": stamp(l.Start), "end": stampOrNil(l.End), "rotation_virtual_start": stamp(l.Start),
			"rotation_turn_length_seconds": int(l.Turn / time.Second), "users": each(l.Users, func(id string) obj { return obj{"user": q.userRef(id)} }),
			"rendered_schedule_entries": shown(all[n]), "rendered_coverage_percentage": coverage(all[n], since, until),
			"restrictions": each(l.Restrictions, restriction)}
		layers = append(layers, one)
	}
	o["schedule_layers"] = layers
	return ok(obj{"schedule": o})
}

func restriction(r Restriction) obj {
	o := obj{"type": "daily_restriction", "start_time_of_day": r.From + ":00", "duration_seconds": int(r.For / time.Second)}
	if r.Day != 0 {
		o["type"], o["start_day_of_week"] = "weekly_restriction", r.Day
	}
	return o
}

func coverage(shifts []shift, since, until time.Time) float64 {
	var covered time.Duration
	for _, one := range cutTo(shifts, since, until) {
		covered += max(0, one.End.Sub(one.Start))
	}
	if !since.Before(until) {
		return 0
	}
	return float64(int(10000*covered.Seconds()/until.Sub(since).Seconds())) / 100
}

func (q *request) override(o override) obj {
	return obj{"id": o.ID, "start": stamp(o.Start), "end": stamp(o.End), "user": q.userRef(o.User)}
}

func listOverrides(q *request) reply {
	s := q.w.schedule(q.vars["id"])
	if s == nil {
		return q.notFound()
	}
	if q.query.Get("since") == "" || q.query.Get("until") == "" {
		return q.invalid("since and until are required")
	}
	since, until, refusal := q.window()
	if refusal != nil {
		return *refusal
	}
	var list []override
	for _, o := range s.Overrides {
		one := shift{User: o.User, Start: o.Start, End: o.End}
		if !one.touches(since, until) {
			continue
		}
		if q.query.Get("overflow") != "true" {
			one = cutTo([]shift{one}, since, until)[0]
		}
		list = append(list, override{o.ID, o.User, one.Start, one.End})
	}
	return ok(obj{"overrides": each(list, q.override)})
}

// wanted is an override somebody asks for.
type wanted struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	User  struct {
		ID string `json:"id"`
	} `json:"user"`
}

// createOverrides makes those that are right and says of each of the others what is wrong. The old shape, one override by
// itself, is taken too.
func createOverrides(q *request) reply {
	s := q.w.schedule(q.vars["id"])
	if s == nil {
		return q.notFound()
	}
	var in struct {
		Overrides []wanted `json:"overrides"`
		Override  *wanted  `json:"override"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	if in.Override != nil {
		o, why := q.makeOverride(s, *in.Override)
		if why != "" {
			return q.invalid(why)
		}
		return created(obj{"override": o})
	}
	if len(in.Overrides) == 0 {
		return q.invalid("no overrides given")
	}
	out := []obj{}
	for _, want := range in.Overrides {
		o, why := q.makeOverride(s, want)
		if why != "" {
			out = append(out, obj{"status": 400, "errors": []string{why}, "override": obj{"start": stamp(want.Start), "end": stamp(want.End), "user": obj{"id": want.User.ID, "type": "user_reference"}}})
			continue
		}
		out = append(out, obj{"status": 201, "override": o})
	}
	return created(out)
}

func (q *request) makeOverride(s *schedule, want wanted) (obj, string) {
	switch {
	case q.w.user(want.User.ID) == nil:
		return nil, "User must exist"
	case !want.Start.Before(want.End):
		return nil, "the override ends before it begins"
	case !q.now.Before(want.End):
		return nil, "the override is over already"
	}
	o := &override{q.w.id("Q0OVER"), want.User.ID, want.Start.UTC(), want.End.UTC()}
	s.Overrides = append(s.Overrides, o)
	return q.override(*o), ""
}

// deleteOverride ends one that has begun now, and refuses one that is over ("PagerDuty: Delete an override").
func deleteOverride(q *request) reply {
	s := q.w.schedule(q.vars["id"])
	if s == nil {
		return q.notFound()
	}
	i := slices.IndexFunc(s.Overrides, func(o *override) bool { return o.ID == q.vars["override"] })
	switch {
	case i < 0:
		return q.notFound()
	case !q.now.Before(s.Overrides[i].End):
		return q.invalid("the override is over")
	case s.Overrides[i].Start.Before(q.now):
		s.Overrides[i].End = q.now
		return reply{status: 200}
	}
	s.Overrides = slices.Delete(s.Overrides, i, i+1)
	return reply{status: 204}
}
