package commands

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"shipmate/bot"
	"shipmate/incident"
	"shipmate/schedule"
)

// homeRecent is how old an answer of PagerDuty may be for a home tab.
const homeRecent = 5 * time.Minute

// homeKept is what others were asked for when a tab was opened.
type homeKept struct {
	Pulls       []schedule.Pull `json:"pulls,omitempty"`
	PullsUnread bool            `json:"pulls_unread,omitempty"` // not all of them could be read
	Unlinked    bool            `json:"unlinked,omitempty"`     // nobody said who they are on GitHub
	Debts       []schedule.Debt `json:"debts,omitempty"`        // that they took
	DebtsUnread bool            `json:"debts_unread,omitempty"`
	Shifts      []homeShift     `json:"shifts,omitempty"`
	OnRota      bool            `json:"on_rota,omitempty"` // PagerDuty knows them
	DutyUnread  bool            `json:"duty_unread,omitempty"`
	AsOf        time.Time       `json:"as_of,omitzero"` // set where PagerDuty was asked and did not answer: when it said so
}

// homeShift is a time for which the person is on call.
type homeShift struct {
	Name  string    `json:"name"` // of the escalation policy or schedule
	URL   string    `json:"url,omitempty"`
	Level int       `json:"level,omitempty"`
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
}

// askForHome asks GitHub and PagerDuty, at the same time.
func askForHome(ctx context.Context, d Deps, req bot.Request, repos, teams []string) (k homeKept) {
	ctx, cancel := context.WithTimeout(ctx, homePatience)
	defer cancel()
	var asking sync.WaitGroup
	asking.Go(func() { k.askPulls(ctx, d, req.User, repos, teams) })
	asking.Go(func() { k.askDuty(ctx, d, req.User) })
	asking.Wait()
	return k
}

func (k *homeKept) askPulls(ctx context.Context, d Deps, person string, repos, teams []string) {
	linked, err := d.Links.Of(ctx, person)
	login := linked.Accounts[bot.OnGitHub].Login
	switch {
	case err != nil:
		k.PullsUnread = true
	case login == "":
		k.Unlinked = true
	case len(repos) > 0:
		var all bool
		k.Pulls, all = d.Schedules.WaitingFor(ctx, repos, schedule.Reviewer{Login: login, Teams: teams})
		k.PullsUnread = !all
		debts, all := d.Schedules.TakenDebt(ctx, repos, login)
		k.DebtsUnread = !all
		for _, i := range debts {
			k.Debts = append(k.Debts, schedule.Debt{Repo: i.Repo, Number: i.Number, Title: i.Title, URL: i.URL, Since: i.Created})
		}
	}
}

func (k *homeKept) askDuty(ctx context.Context, d Deps, person string) {
	a, err := d.Incidents.OnCallLately(ctx, incident.Subject{Kind: incident.Someone, Name: person}, homeRecent)
	var refused *incident.Refused
	if errors.As(err, &refused) { // without PagerDuty, or unknown to it, nobody is on call
		return
	}
	if err != nil {
		k.DutyUnread = true
		return
	}
	k.OnRota = true
	if a.Old != nil {
		k.AsOf = a.AsOf
	}
	for _, r := range a.Rosters {
		for _, l := range r.Levels {
			for _, s := range slices.Concat(l.Now, l.Next) {
				k.Shifts = append(k.Shifts, homeShift{Name: r.Policy.Name, URL: r.Policy.URL, Level: l.N, Start: s.Start, End: s.End})
			}
		}
	}
}

// maxHomeShifts is how many times on call are told.
const maxHomeShifts = 3

// dutyParts say whether the person is on call, until when, and when next; nothing of somebody whom PagerDuty does not know.
func (t *homeTab) dutyParts() []bot.Part {
	if !t.Kept.OnRota {
		return nil
	}
	var now, next []bot.Text
	shifts := slices.Clone(t.Kept.Shifts)
	slices.SortStableFunc(shifts, func(a, b homeShift) int { return a.Start.Compare(b.Start) })
	for _, s := range shifts {
		name := bot.Link(s.URL, s.Name)
		switch {
		case !s.End.IsZero() && !s.End.After(t.Now):
		case s.Start.After(t.Now):
			next = append(next, bot.Textf("%s, level %d: from %s until %s", name, s.Level, bot.Time(s.Start), bot.Time(s.End)))
		case s.End.IsZero():
			now = append(now, bot.Textf("%s, level %d: always", name, s.Level))
		default:
			now = append(now, bot.Textf("%s, level %d: until %s", name, s.Level, bot.Time(s.End)))
		}
	}
	lines := []bot.Text{"📟 *You are on call*"}
	switch {
	case len(now) == 0 && len(next) == 0:
		lines = []bot.Text{bot.Textf("*You are not on call*, and will not be in the next %s", spell(incident.Ahead))}
	case len(now) == 0:
		lines = []bot.Text{"*You are not on call now*"}
	}
	lines = append(lines, now[:min(len(now), maxHomeShifts)]...)
	for _, one := range next[:min(len(next), maxHomeShifts)] {
		lines = append(lines, bot.Textf("Next: %s", one))
	}
	parts := []bot.Part{bot.Section(bot.Join("\n", lines...))}
	if !t.Kept.AsOf.IsZero() {
		parts = append(parts, bot.Small(bot.Textf("⚠️ As PagerDuty said at %s; it does not answer now.", bot.Time(t.Kept.AsOf))))
	}
	return parts
}
