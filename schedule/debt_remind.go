package schedule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// Reminders are what a team's channel is told of its technical debt at its hour: a schedule of this kind makes a Reminder each time.
const Reminders Kind = "debt"

// RemindersOf is the ID of the schedule of a team's reminders.
func RemindersOf(team string) string { return "debt-" + team }

// Reminder is what a team is reminded of at a time, and what it is asked: all that it goes by stands in it.
type Reminder struct {
	ID      string      `json:"id"` // that of the occasion it is for
	Team    string      `json:"team"`
	Channel string      `json:"channel"`
	Zone    string      `json:"zone"`
	By      string      `json:"by,omitempty"` // who wanted it at once; a Slack ID
	Stage   int         `json:"stage,omitempty"`
	State   DigestState `json:"state"`
	// What was paid off is told of the time from Since to Until.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Repos are what it tells of. Prints are those that were read, each with how its debt stood; the others are missing.
	Repos   []string          `json:"repos"`
	Prints  map[string]string `json:"prints,omitempty"`
	Missing map[string]Miss   `json:"missing,omitempty"`
	Facts   DebtFacts         `json:"facts"`
	// Question is what is to be decided; nil when there is nothing. Decision is the ID of what was.
	Question *DebtQuestion `json:"question,omitempty"`
	Decision string        `json:"decision,omitempty"`
	Looked   time.Time     `json:"looked,omitzero"` // when the issue that is asked about was looked at last
	Ended    time.Time     `json:"ended,omitzero"`  // when there was nothing more to read for it
}

// DebtFacts are how a team's debt stands.
type DebtFacts struct {
	Count int          `json:"count,omitempty"`
	Costs map[Cost]int `json:"costs,omitempty"` // how many of each cost
	// Of the oldest, the dearest and those that were snoozed until a day that has come as many as are shown.
	Oldest  []DebtItem     `json:"oldest,omitempty"`
	Dearest []DebtItem     `json:"dearest,omitempty"`
	Overdue []DebtItem     `json:"overdue,omitempty"`
	Late    int            `json:"late,omitempty"` // how many are overdue
	Paid    Some[DebtItem] `json:"paid"`           // what was closed since the last reminder
	// How many nobody is asked about, by why.
	Taken   int `json:"taken,omitempty"`   // somebody has it
	Snoozed int `json:"snoozed,omitempty"` // nobody wants to hear of it yet
	Asked   int `json:"asked,omitempty"`   // people were asked, and nothing has changed since
}

// Rule is by what an issue was chosen to be asked about.
type Rule string

// The rules, in the order in which they are gone by.
const (
	RuleOverdue Rule = "overdue" // it was snoozed until a day that has come; the longest ago first
	RuleDearest Rule = "dearest" // the dearest that nobody has decided on, where people say what debt costs
	RuleOldest  Rule = "oldest"  // the oldest that nobody has decided on
)

// DebtQuestion is the one issue about which a team is asked.
type DebtQuestion struct {
	Item    DebtItem `json:"item"`
	Rule    Rule     `json:"rule"`
	Settled *Settled `json:"settled,omitempty"` // what became of it on GitHub
}

const (
	// shownDebts is how many of the oldest, dearest and overdue are shown.
	shownDebts = 3
	// maxRemindSpan is how far back a reminder looks at most for what was paid off, firstRemindSpan how far the first does.
	maxRemindSpan   = 92 * 24 * time.Hour
	firstRemindSpan = 7 * 24 * time.Hour
)

// startReminder writes the reminder of an occasion of a schedule, to be gathered.
func (s *Service) startReminder(one *Schedule) (Ran, error) {
	cfg := s.current()
	team, ok := cfg.Team(one.Team)
	if !ok || team.Channel == "" {
		return Ran{Outcome: Outcome{Fate: Failed, Said: fmt.Sprintf("The configuration has no team %s with a channel any more.", one.Team)}}, nil
	}
	_, repos := servicesOf(cfg, team.Name)
	o := one.Running
	return Ran{Outcome: Outcome{Fate: Done}, Write: func(tx store.Tx) error {
		last, _, err := store.Load[lastTold](tx, lastReminderKey(team.Name))
		if err != nil {
			return err
		}
		r := &Reminder{ID: o.ID, Team: team.Name, Channel: team.Channel, Zone: team.Location().String(), By: o.By, State: Gathering, Since: last.Until, Until: o.At, Repos: repos}
		if last.Until.IsZero() {
			r.Since = o.At.Add(-firstRemindSpan)
		}
		if oldest := o.At.Add(-maxRemindSpan); r.Since.Before(oldest) {
			r.Since = oldest
		}
		created, err := store.Create(tx, reminderKey(r.ID), r)
		if err != nil || !created {
			return err
		}
		if o.By == "" {
			if err := store.Save(tx, lastReminderKey(r.Team), lastTold{ID: r.ID, Until: r.Until}); err != nil {
				return err
			}
		}
		return work.Wake(tx, ReminderDomain, r.ID, time.Time{})
	}}, nil
}

// Reminder returns the reminder with that ID, or ErrNotFound.
func (s *Service) Reminder(ctx context.Context, id string) (r *Reminder, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		r, err = loadOne[Reminder](snap, reminderKey(id))
		return err
	})
	return r, err
}

// ReminderWith returns a reminder and what was decided about what it asks; nil while nothing was.
func (s *Service) ReminderWith(ctx context.Context, id string) (r *Reminder, d *DebtDecision, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		if r, err = loadOne[Reminder](snap, reminderKey(id)); err != nil || r.Decision == "" {
			return err
		}
		d, err = loadOne[DebtDecision](snap, debtDecisionKey(r.Decision))
		if errors.Is(err, ErrNotFound) { // swept
			return nil
		}
		return err
	})
	return r, d, err
}

// saveReminder writes a reminder and has its message follow.
func (s *Service) saveReminder(tx store.Tx, r *Reminder) error {
	if err := store.Save(tx, reminderKey(r.ID), r); err != nil || r.State != Told {
		return err
	}
	return s.changed(tx, ReminderDomain, r.ID)
}

// next is when the first repository that is missing is tried again; the zero time when none is.
func (r *Reminder) next() time.Time { return nextTry(r.Missing) }

// wanted are the repositories that are to be read now.
func (r *Reminder) wanted(now time.Time) []string {
	var out []string
	for _, repo := range r.Repos {
		_, read := r.Prints[repo]
		miss, missed := r.Missing[repo]
		if read || missed && miss.rests(now) {
			continue
		}
		out = append(out, repo)
	}
	return out
}

// print is how a team's debt stands as one comparable word; "" when not all of it was read.
func (r *Reminder) print() string {
	if len(r.Missing) > 0 {
		return ""
	}
	sum := sha256.New()
	for _, repo := range slices.Sorted(maps.Keys(r.Prints)) {
		fmt.Fprintf(sum, "%s %s\n", repo, r.Prints[repo])
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
