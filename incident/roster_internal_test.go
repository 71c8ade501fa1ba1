package incident

import (
	"encoding/json"
	"testing"
	"time"

	"shipmate/integrations/pagerduty"
)

var (
	nine     = time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	policy   = pagerduty.Ref{ID: "PPOL", Name: "Payments"}
	schedule = pagerduty.Ref{ID: "PSCHED", Name: "Payments primary"}
	ana      = pagerduty.User{ID: "PANA", Name: "Ana"}
	ben      = pagerduty.User{ID: "PBEN", Name: "Ben"}
)

// on is somebody on call from and to hours after nine, by schedule; by no schedule and always when both are 0.
func on(u pagerduty.User, level int, from, to float64) pagerduty.OnCall {
	o := pagerduty.OnCall{User: u, Policy: policy, Level: level}
	if from != 0 || to != 0 {
		o.Schedule = schedule
		o.Start, o.End = nine.Add(time.Duration(from*float64(time.Hour))), nine.Add(time.Duration(to*float64(time.Hour)))
	}
	return o
}

func known(u pagerduty.User) Person { return Person{ID: u.ID, Name: u.Name} }

const fortnight = 14 * 24

func TestRosters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all        []pagerduty.OnCall
		bySchedule bool
		want       string // N:now>next!gap per level
	}{
		"nobody":                 {nil, false, ""},
		"always":                 {[]pagerduty.OnCall{on(ana, 1, 0, 0)}, false, "1:Ana"},
		"one after the other":    {[]pagerduty.OnCall{on(ana, 1, -3, 5), on(ben, 1, 5, fortnight)}, false, "1:Ana>Ben"},
		"in pieces":              {[]pagerduty.OnCall{on(ana, 1, -3, 2), on(ana, 1, 2, 5), on(ben, 1, 5, fortnight)}, false, "1:Ana>Ben"},
		"twice, by two policies": {[]pagerduty.OnCall{on(ana, 1, -3, fortnight), on(ana, 1, -3, fortnight)}, false, "1:Ana"},
		"levels":                 {[]pagerduty.OnCall{on(ben, 2, 0, 0), on(ana, 1, -3, fortnight)}, false, "1:Ana 2:Ben"},
		"two at once":            {[]pagerduty.OnCall{on(ana, 1, -3, fortnight), on(ben, 1, -2, fortnight)}, false, "1:Ana,Ben"},
		"a gap ahead":            {[]pagerduty.OnCall{on(ana, 1, -3, 5), on(ben, 1, 7, fortnight)}, false, "1:Ana>Ben!5-7"},
		"a gap now":              {[]pagerduty.OnCall{on(ben, 1, 7, fortnight)}, false, "1:>Ben!0-7"},
		"a gap at the end":       {[]pagerduty.OnCall{on(ana, 1, -3, 5)}, false, "1:Ana!5-"},
		"covered by another":     {[]pagerduty.OnCall{on(ana, 1, -3, 5), on(ben, 1, 4, fortnight)}, false, "1:Ana>Ben"},
		"one within another":     {[]pagerduty.OnCall{on(ana, 1, -3, fortnight), on(ben, 1, 4, 5)}, false, "1:Ana>Ben"},
		"follow the sun":         {[]pagerduty.OnCall{on(ana, 1, 9, 17), on(ben, 1, -1, 9), on(ben, 1, 17, fortnight)}, false, "1:Ben>Ana"},
		"a schedule, whatever the policies": {[]pagerduty.OnCall{on(ana, 1, -3, 5), on(ana, 3, -3, 5), on(ben, 3, 5, fortnight)}, true,
			"1:Ana>Ben"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rosters(c.all, c.bySchedule, nine, known)
			if text := drawn(got); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

func drawn(all []Roster) string {
	text := ""
	for _, r := range all {
		for _, l := range r.Levels {
			if text != "" {
				text += " "
			}
			text += string(rune('0'+l.N)) + ":"
			for i, s := range l.Now {
				if i > 0 {
					text += ","
				}
				text += s.Who.Name
			}
			for _, s := range l.Next {
				text += ">" + s.Who.Name
			}
			if l.Gap != nil {
				text += "!" + hours(l.Gap.Start) + "-" + hours(l.Gap.End)
			}
		}
	}
	return text
}

func hours(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	data, _ := json.Marshal(t.Sub(nine).Hours())
	return string(data)
}

// A level that nobody is on call at is told, though PagerDuty lists only people.
func TestLevelsWithoutAnybodyAreThere(t *testing.T) {
	t.Parallel()
	r := rosters([]pagerduty.OnCall{on(ben, 2, 0, 0)}, false, nine, known)[0]
	r.complete(pagerduty.Policy{Ref: policy, Levels: []pagerduty.PolicyLevel{{Delay: 5 * time.Minute}, {Delay: 10 * time.Minute}}}, nine)
	if got := drawn([]Roster{r}); got != "1:!0- 2:Ben" {
		t.Errorf("got %q", got)
	}
	if r.Levels[0].After != 5*time.Minute || r.Levels[1].After != 10*time.Minute {
		t.Errorf("%+v", r.Levels)
	}
	if on := r.OnCall(); len(on) != 1 || on[0].Who.Name != "Ben" {
		t.Errorf("called first is %+v", on)
	}
}

func TestWhoStandsInIsMarked(t *testing.T) {
	t.Parallel()
	r := rosters([]pagerduty.OnCall{on(ben, 1, -1, 1), on(ana, 1, 1, fortnight)}, false, nine, known)
	overridden(r, map[string][]pagerduty.Override{schedule.ID: {{User: pagerduty.Ref{ID: ben.ID}, Start: nine.Add(-time.Hour), End: nine.Add(time.Hour)}}})
	if l := r[0].Levels[0]; !l.Now[0].Override || l.Next[0].Override {
		t.Errorf("%+v", l)
	}
}
