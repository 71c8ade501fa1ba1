package pagerduty

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

type wireSchedule struct {
	full
	Zone  string         `json:"time_zone"`
	Users []pd.APIObject `json:"users"`
	Final struct {
		Entries []wireOverride `json:"rendered_schedule_entries"`
	} `json:"final_schedule"`
}

// wireOverride is an override, or a rendered entry, which has no ID.
type wireOverride struct {
	ID    string       `json:"id"`
	User  pd.APIObject `json:"user"`
	Start *time.Time   `json:"start"`
	End   *time.Time   `json:"end"`
}

func (o wireOverride) override() Override {
	return Override{ID: o.ID, User: refOf(o.User), Start: when(o.Start), End: when(o.End)}
}

func (s wireSchedule) schedule() Schedule {
	out := Schedule{Ref: s.named(), Zone: s.Zone, Users: refsOf(s.Users)}
	for _, e := range s.Final.Entries {
		out.Entries = append(out.Entries, Entry{User: refOf(e.User), Start: when(e.Start), End: when(e.End)})
	}
	return out
}

// Schedule returns a schedule with who is on call in a window. Shifts come whole: they may begin before the window and end
// after it, as PagerDuty otherwise cuts them at its edges and nobody could say since when somebody is on call.
func (c *Client) Schedule(ctx context.Context, id string, since, until time.Time) (Schedule, error) {
	const op = "read a schedule"
	if !since.Before(until) {
		return Schedule{}, refuse(op, about("schedule", id), "the window ends before it begins")
	}
	var out struct {
		Schedule *wireSchedule `json:"schedule"`
	}
	k := get(op, about("schedule", id), []string{"schedules", id}, windowOf(since, until), &out)
	if err := c.do(ctx, k); err != nil {
		return Schedule{}, err
	}
	if out.Schedule == nil {
		return Schedule{}, undocumented(k)
	}
	overrides, err := c.overrides(ctx, id, since, until) // a schedule shows its overrides without their IDs
	if err != nil {
		return Schedule{}, err
	}
	s := out.Schedule.schedule()
	s.Overrides = overrides
	return s, nil
}

// Schedules returns all schedules, at most 10,000, without shifts and overrides.
func (c *Client) Schedules(ctx context.Context) ([]Schedule, error) {
	list, err := all[wireSchedule](ctx, c, get("list schedules", "", []string{"schedules"}, nil, nil), "schedules")
	if err != nil {
		return nil, err
	}
	var out []Schedule
	for _, s := range list {
		out = append(out, s.schedule())
	}
	return out, nil
}

func windowOf(since, until time.Time) url.Values {
	return url.Values{"since": {stamp(since)}, "until": {stamp(until)}, "overflow": {"true"}}
}

// overrides lists those that touch a window, uncut.
func (c *Client) overrides(ctx context.Context, schedule string, since, until time.Time) ([]Override, error) {
	var out struct {
		Overrides []wireOverride `json:"overrides"`
	}
	k := get("list overrides", about("schedule", schedule), []string{"schedules", schedule, "overrides"}, windowOf(since, until), &out)
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	var list []Override
	for _, o := range out.Overrides {
		list = append(list, o.override())
	}
	return list, nil
}

// EnsureOverride puts a user on call from o.Start to o.End, to the second, in the place of whoever would be. When the same
// override is there already it is returned, so asking again after an unclear failure makes no second one. Of two that cover the
// same moment PagerDuty follows the one made last.
func (c *Client) EnsureOverride(ctx context.Context, from, schedule string, o Override) (Override, error) {
	const op = "override a schedule"
	o.Start, o.End = o.Start.UTC().Truncate(time.Second), o.End.UTC().Truncate(time.Second)
	switch {
	case o.User.ID == "":
		return Override{}, refuse(op, about("schedule", schedule), "an override needs a user")
	case !o.Start.Before(o.End):
		return Override{}, refuse(op, about("schedule", schedule), "an override must end after it begins")
	case !c.clock.Now().Before(o.End):
		return Override{}, refuse(op, about("schedule", schedule), "the override would be over already")
	}
	if there, found, err := c.FindOverride(ctx, schedule, o); err != nil || found {
		return there, err
	}
	type newOverride struct {
		Start string    `json:"start"`
		End   string    `json:"end"`
		User  reference `json:"user"`
	}
	body := struct {
		Overrides []newOverride `json:"overrides"`
	}{[]newOverride{{stamp(o.Start), stamp(o.End), reference{o.User.ID, "user_reference"}}}}
	var out []struct {
		Status   int          `json:"status"`
		Errors   reasons      `json:"errors"`
		Override wireOverride `json:"override"`
	}
	k := call{op: op, about: about("schedule", schedule), method: http.MethodPost, path: []string{"schedules", schedule, "overrides"}, body: body, out: &out}
	if err := c.inName(ctx, from, k); err != nil {
		return Override{}, err
	}
	if len(out) != 1 {
		return Override{}, undocumented(k)
	}
	if made := out[0]; made.Status < 300 && len(made.Errors) == 0 {
		return made.Override.override(), nil
	}
	// Each override has a status of its own inside an answer that says 201.
	return Override{}, &Error{Op: op, about: k.about, Status: out[0].Status, Message: c.oneLine(strings.Join(out[0].Errors, "; "))}
}

// FindOverride looks for an override as EnsureOverride makes it: of the same user, to the second, with a start that may have been
// moved up.
func (c *Client) FindOverride(ctx context.Context, schedule string, o Override) (there Override, found bool, err error) {
	o.Start, o.End = o.Start.UTC().Truncate(time.Second), o.End.UTC().Truncate(time.Second)
	list, err := c.overrides(ctx, schedule, o.Start, o.End)
	if err != nil {
		return Override{}, false, err
	}
	for _, one := range list {
		if one.User.ID == o.User.ID && one.End.Equal(o.End) && c.sameStart(one.Start, o.Start) {
			return one, true, nil
		}
	}
	return Override{}, false, nil
}

// sameStart takes a start that PagerDuty moved up to the moment it made the override, because it lay in the past.
func (c *Client) sameStart(there, asked time.Time) bool {
	return there.Equal(asked) || there.After(asked) && !there.After(c.clock.Now())
}

// DeleteOverride takes back an override that was made as o, with the ID it has. One that has begun ends now; one that is gone already, or
// was ended before, is success, so it may be called again after an unclear failure.
func (c *Client) DeleteOverride(ctx context.Context, schedule string, o Override) error {
	k := call{op: "delete an override", about: about("schedule", schedule), method: http.MethodDelete, path: []string{"schedules", schedule, "overrides", o.ID}}
	err := c.inName(ctx, "", k)
	var e *Error
	switch {
	case err == nil, IsPassing(err), IsUnclear(err):
		return err
	case errors.As(err, &e) && e.Status == http.StatusNotFound:
		return nil
	}
	// PagerDuty refuses to end what is over, also where it is over because it was ended.
	if ended, looked := c.endedEarly(ctx, schedule, o); looked != nil || !ended {
		return err
	}
	return nil
}

// endedEarly tells whether an override is there no more, or ends before it was to.
func (c *Client) endedEarly(ctx context.Context, schedule string, o Override) (bool, error) {
	list, err := c.overrides(ctx, schedule, o.Start, o.End)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(list, func(one Override) bool { return one.ID == o.ID })
	return i < 0 || list[i].End.Before(o.End.UTC().Truncate(time.Second)), nil
}
