package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"shipmate/store"
)

// The names of the records of technical debt for the runner, the kinds of their cards, and the first words of their keys.
const (
	DebtDomain         = "debt"         // issues that people want written
	DebtDecisionDomain = "debtdecision" // what people decide about an issue
	ReminderDomain     = "reminder"     // what teams are reminded of
)

// The keys of technical debt, beside the runner's:
//
//	debt/one/<id>           an issue that somebody wants (NewDebt)
//	debt/item/<repo>/<n>    what people said about an issue here (Standing)
//	debtdecision/one/<id>   what somebody decided about an issue (DebtDecision)
//	reminder/one/<id>       what a team was reminded of (Reminder)
//	reminder/last/<team>    the last that came at its hour (lastTold)
//	reminder/print/<team>   how its debt stood when it was last read for a reminder
var (
	debtPrefix         = store.Key(DebtDomain, "one") + "/"
	standingPrefix     = store.Key(DebtDomain, "item") + "/"
	debtDecisionPrefix = store.Key(DebtDecisionDomain, "one") + "/"
	reminderPrefix     = store.Key(ReminderDomain, "one") + "/"
	lastReminderPrefix = store.Key(ReminderDomain, "last") + "/"
)

func debtKey(id string) string           { return debtPrefix + store.Key(id) }
func debtDecisionKey(id string) string   { return debtDecisionPrefix + store.Key(id) }
func reminderKey(id string) string       { return reminderPrefix + store.Key(id) }
func lastReminderKey(team string) string { return lastReminderPrefix + store.Key(team) }
func printKey(team string) string        { return store.Key(ReminderDomain, "print", team) }

func standingsOf(repo string) string { return standingPrefix + store.Key(repo) + "/" }
func standingKey(repo string, number int) string {
	return standingsOf(repo) + store.Key(strconv.Itoa(number))
}

// Standing is what people said about an issue here: what was decided last, and when they were asked.
type Standing struct {
	Repo     string    `json:"repo"`
	Number   int       `json:"number"`
	Decision string    `json:"decision,omitempty"` // ID of the last decision
	Verb     Verb      `json:"verb,omitempty"`     // what that was
	By       string    `json:"by,omitempty"`       // whose; a Slack ID
	At       time.Time `json:"at,omitzero"`
	// Until is when it is to be asked about again, and Why.
	Until time.Time `json:"until,omitzero"`
	Day   string    `json:"day,omitempty"` // the same as a date, where the team is
	Why   string    `json:"why,omitempty"`
	// Asked is when a reminder asked about it last, which one, and when the issue had changed last then.
	Asked    time.Time `json:"asked,omitzero"`
	Reminder string    `json:"reminder,omitempty"`
	Seen     time.Time `json:"seen,omitzero"`
}

// Times of technical debt.
const (
	// askAgain is how long after it was asked about an issue is asked about again, though nothing has changed: eight weeks, less some hours,
	// since a reminder comes at its hour, whatever clocks do, and a moment later now and then.
	askAgain = 8*7*24*time.Hour - 12*time.Hour
	// justDecided is how long a decision counts before it must be seen on GitHub.
	justDecided = 24 * time.Hour
)

// snoozed tells whether nobody is to be asked about it yet.
func (st *Standing) snoozed(now time.Time) bool { return st.Until.After(now) }

// overdue tells whether it was snoozed until a day that has come, and nobody has said anything since.
func (st *Standing) overdue(item DebtItem, now time.Time) bool {
	return !st.Until.IsZero() && !st.snoozed(now) && len(item.Logins) == 0
}

// taken tells whether somebody has it, or is about to.
func (st *Standing) taken(item DebtItem, now time.Time) bool {
	return len(item.Logins) > 0 || st.Verb == Take && now.Sub(st.At) < justDecided
}

// dropped tells whether it was just found not to be worth it, and may be closed already.
func (st *Standing) dropped(now time.Time) bool {
	return st.Verb == Drop && now.Sub(st.At) < justDecided
}

// askedLately tells whether people were asked about it, and nothing has changed since.
func (st *Standing) askedLately(item DebtItem, now time.Time) bool {
	switch {
	case st.Asked.IsZero(), now.Sub(st.Asked) >= askAgain, item.Updated.After(st.Seen):
		return false
	case !st.Until.IsZero() && !st.snoozed(now) && st.Asked.Before(st.Until):
		return false
	}
	return true
}

// askable tells whether people can be asked about it.
func (st *Standing) askable(item DebtItem, now time.Time) bool {
	return !st.snoozed(now) && !st.taken(item, now) && !st.dropped(now) && !st.askedLately(item, now)
}

// standing is what is known of an issue here.
func standing(g store.Getter, repo string, number int) (*Standing, error) {
	st, found, err := store.Load[Standing](g, standingKey(repo, number))
	if err != nil {
		return nil, err
	}
	if !found {
		st = Standing{Repo: repo, Number: number}
	}
	return &st, nil
}

func saveStanding(tx store.Tx, st *Standing) error {
	return store.Save(tx, standingKey(st.Repo, st.Number), st)
}

// standings are what is known of the issues of a repository here, by their numbers.
func (s *Service) standings(ctx context.Context, repo string) (out map[int]*Standing, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out = map[int]*Standing{}
		for _, value := range snap.Scan(standingsOf(repo), "") {
			var st Standing
			if err := json.Unmarshal(value, &st); err != nil {
				return err
			}
			out[st.Number] = &st
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was said about debt: %w", err)
	}
	return out, nil
}
