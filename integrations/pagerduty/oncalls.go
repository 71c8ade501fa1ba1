package pagerduty

import (
	"context"
	"net/url"
	"strings"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

// maxAhead is how far into the future PagerDuty tells who is on call ("PagerDuty: List all of the on-calls").
const maxAhead = 90 * 24 * time.Hour

// OnCalls returns who is on call, with names, e-mail addresses and zones, in PagerDuty's order; nobody is an empty list and
// no error. An on-call touches the asked window; it may begin before and end after it. The same person comes several times
// when they are on several levels, schedules or policies. PagerDuty lists on-calls of escalation policies only: a schedule
// in no policy has none here (see Schedule). The call counts against a limit of its own.
func (c *Client) OnCalls(ctx context.Context, q OnCallQuery) ([]OnCall, error) {
	const op = "list who is on call"
	since, until := q.Since, q.Until
	if since.IsZero() {
		since = c.clock.Now()
	}
	if until.IsZero() {
		until = since
	}
	switch {
	case until.Before(since):
		return nil, refuse(op, "", "the window ends before it begins")
	case until.Sub(since) > maxAhead:
		return nil, refuse(op, "", "PagerDuty tells at most 90 days ahead")
	}
	query := url.Values{"include[]": {"users"}}
	for name, ids := range map[string][]string{"escalation_policy_ids[]": q.Policies, "schedule_ids[]": q.Schedules, "user_ids[]": q.Users} {
		if len(ids) > 0 {
			query[name] = ids
		}
	}
	if !q.Since.IsZero() || !q.Until.IsZero() {
		query.Set("since", stamp(since))
		query.Set("until", stamp(until))
	}
	if q.Earliest {
		query.Set("earliest", "true")
	}
	k := get(op, about("schedule", strings.Join(q.Schedules, ", ")), []string{"oncalls"}, query, nil)
	k.limit = limitOnCalls
	list, err := all[wireOnCall](ctx, c, k, "oncalls")
	if err != nil {
		return nil, err
	}
	var out []OnCall
	for _, o := range list {
		out = append(out, OnCall{User: o.User.user(), Schedule: refOf(o.Schedule), Policy: refOf(o.Policy), Level: o.Level,
			Start: when(o.Start), End: when(o.End)})
	}
	return out, nil
}

type wireOnCall struct {
	User     wireUser     `json:"user"`
	Schedule pd.APIObject `json:"schedule"`
	Policy   pd.APIObject `json:"escalation_policy"`
	Level    int          `json:"escalation_level"`
	Start    *time.Time   `json:"start"`
	End      *time.Time   `json:"end"`
}

// about says what a call is about; nothing when there is no ID.
func about(kind, id string) string {
	if id == "" {
		return ""
	}
	return kind + " " + id
}
