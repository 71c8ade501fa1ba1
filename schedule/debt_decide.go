package schedule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// Verb is what somebody decides about technical debt.
type Verb string

// The verbs.
const (
	Take   Verb = "take"   // they pay it off
	Snooze Verb = "snooze" // not before a day
	Drop   Verb = "drop"   // it is not worth it
)

// DecisionState is how far a decision has come.
type DecisionState string

// The states.
const (
	DecisionWanted DecisionState = "wanted" // it is being written to GitHub
	DecisionDone   DecisionState = "done"
	DecisionMoot   DecisionState = "moot"   // the issue was closed before
	DecisionFailed DecisionState = "failed" // GitHub did not take it
)

// DebtDecision is what somebody decided about an issue of the register.
type DebtDecision struct {
	ID      string    `json:"id"`
	Request string    `json:"request"`
	By      string    `json:"by"` // Slack ID
	At      time.Time `json:"at"`
	Verb    Verb      `json:"verb"`
	Repo    string    `json:"repo"`
	Number  int       `json:"number"`
	Title   string    `json:"title"`
	URL     string    `json:"url,omitempty"`
	Login   string    `json:"login,omitempty"` // of who takes it, on GitHub
	Until   time.Time `json:"until,omitzero"`  // when it is asked about again
	Day     string    `json:"day,omitempty"`   // the same as a date, where the team is
	Why     string    `json:"why,omitempty"`
	// Reminder is the one whose button was pressed; "" for a line that was typed. Reminders are all whose cards show it.
	Reminder  string        `json:"reminder,omitempty"`
	Reminders []string      `json:"reminders,omitempty"`
	State     DecisionState `json:"state"`
	Attempted time.Time     `json:"attempted,omitzero"` // when something was sent last
	Hitch     *github.Hitch `json:"hitch,omitempty"`
	Ended     time.Time     `json:"ended,omitzero"`
}

// Item is the issue it is about.
func (d *DebtDecision) Item() DebtItem {
	return DebtItem{Repo: d.Repo, Number: d.Number, Title: d.Title, URL: d.URL}
}

// Trouble is why it is not done on GitHub, a sentence for people; "" while nobody needs to know.
func (d *DebtDecision) Trouble() string { return trouble(d.Hitch, d.State == DecisionFailed) }

// DecideWant is what somebody wants to decide.
type DecideWant struct {
	Request string
	At      time.Time
	By      string // Slack ID
	Verb    Verb
	Repo    string
	Number  int
	Until   time.Time // of Snooze: the beginning of a day in Zone
	Zone    *time.Location
	Why     string // of Snooze and Drop
	// Reminder is the reminder whose button was pressed; "" for a line that was typed.
	Reminder string
}

// MaxSnooze is how long something is put off at most.
const MaxSnooze = 366 * 24 * time.Hour

// DebtDecisionID is the ID of the decision that a request makes.
func DebtDecisionID(request string) string { return hashed("td-", "debtdecision", request) }

// DecideDebt writes down what somebody decides about an issue of the register, or returns what the request decided before. A step does it
// on GitHub.
func (s *Service) DecideDebt(ctx context.Context, w DecideWant) (*DebtDecision, error) {
	if d, err := s.DebtDecision(ctx, DebtDecisionID(w.Request)); !errors.Is(err, ErrNotFound) {
		return d, err
	}
	item, err := s.itemMeant(ctx, w)
	if err != nil {
		return nil, err
	}
	d := &DebtDecision{ID: DebtDecisionID(w.Request), Request: w.Request, By: w.By, At: w.At.UTC(), Verb: w.Verb, Repo: item.Repo, Number: item.Number, Title: item.Title, URL: item.URL,
		Why: strings.TrimSpace(w.Why), Reminder: w.Reminder, State: DecisionWanted}
	if w.Verb == Snooze {
		if !w.Until.After(w.At) || w.Until.Sub(w.At) > MaxSnooze {
			return nil, &Refused{Code: BadSnooze}
		}
		d.Until, d.Day = w.Until.UTC(), w.Until.In(w.Zone).Format(time.DateOnly)
	}
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		if was, err := loadOne[DebtDecision](tx, debtDecisionKey(d.ID)); !errors.Is(err, ErrNotFound) {
			d = was
			return err
		}
		d.Reminders = nil // the transaction may run again
		return s.decideIn(tx, d, w)
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("writing down a decision about debt: %w", err)
	}
	return d, nil
}

// itemMeant is the issue that a decision is about: the reminder knows its own, others are read.
func (s *Service) itemMeant(ctx context.Context, w DecideWant) (DebtItem, error) {
	want := DebtItem{Repo: w.Repo, Number: w.Number}
	if w.Reminder != "" {
		r, err := s.Reminder(ctx, w.Reminder)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return DebtItem{}, err
		}
		if err == nil && r.Question != nil && r.Question.Item.is(want) {
			return r.Question.Item, nil
		}
	}
	item, err := s.DebtItem(ctx, w.Repo, w.Number)
	var refused *Refused
	if errors.As(err, &refused) { // it may be gone because of a decision
		if before := s.droppedBefore(ctx, w.Repo, w.Number); before != nil {
			return item, before
		}
	}
	return item, err
}

// droppedBefore is the refusal of a decision about an issue that was found not to be worth it; nil for others.
func (s *Service) droppedBefore(ctx context.Context, repo string, number int) (refusal error) {
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		refusal = nil
		st, err := standing(snap, repo, number)
		if err == nil && st.Verb == Drop {
			refusal = decidedBefore(snap, st.Decision)
		}
		return err
	})
	if err != nil {
		return err
	}
	return refusal
}

func (s *Service) decideIn(tx store.Tx, d *DebtDecision, w DecideWant) error {
	if w.Reminder != "" {
		r, err := loadOne[Reminder](tx, reminderKey(w.Reminder))
		if err == nil && r.Decision != "" {
			return decidedBefore(tx, r.Decision)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	st, err := standing(tx, d.Repo, d.Number)
	if err != nil {
		return err
	}
	if st.dropped(d.At) || d.Verb == Take && st.By == d.By && st.taken(DebtItem{}, d.At) {
		return decidedBefore(tx, st.Decision)
	}
	if d.Verb == Take {
		if d.Login, err = s.people.GitHub(tx, d.By); err != nil {
			return err
		}
		if d.Login == "" {
			return &Refused{Code: NotLinked, Item: d.Item()}
		}
	}
	st.Decision, st.Verb, st.By, st.At, st.Until, st.Day, st.Why = d.ID, d.Verb, d.By, d.At, d.Until, d.Day, d.Why
	if err := saveStanding(tx, st); err != nil {
		return err
	}
	for _, id := range []string{w.Reminder, st.Reminder} {
		if err := s.answerReminder(tx, id, d); err != nil {
			return err
		}
	}
	if err := store.Save(tx, debtDecisionKey(d.ID), d); err != nil {
		return err
	}
	return work.Wake(tx, DebtDecisionDomain, d.ID, time.Time{})
}

// answerReminder has a reminder show a decision about what it asks.
func (s *Service) answerReminder(tx store.Tx, id string, d *DebtDecision) error {
	if id == "" || len(d.Reminders) > 0 && d.Reminders[0] == id {
		return nil
	}
	r, err := loadOne[Reminder](tx, reminderKey(id))
	if errors.Is(err, ErrNotFound) { // swept
		return nil
	}
	if err != nil || r.Question == nil || !r.Question.Item.is(d.Item()) {
		return err
	}
	r.Decision = d.ID
	r.Stage++
	d.Reminders = append(d.Reminders, id)
	return s.saveReminder(tx, r)
}

// decidedBefore is the refusal of a decision that somebody else was faster with.
func decidedBefore(g store.Getter, id string) error {
	d, err := loadOne[DebtDecision](g, debtDecisionKey(id))
	if errors.Is(err, ErrNotFound) {
		d, err = &DebtDecision{}, nil
	}
	if err != nil {
		return err
	}
	return &Refused{Code: DebtDecided, Item: d.Item(), Decision: d}
}

// DebtDecision returns the decision with that ID, or ErrNotFound.
func (s *Service) DebtDecision(ctx context.Context, id string) (d *DebtDecision, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		d, err = loadOne[DebtDecision](snap, debtDecisionKey(id))
		return err
	})
	return d, err
}

// changeDecision changes it in one transaction, with the cards that show it.
func (s *Service) changeDecision(ctx context.Context, id string, fn func(store.Tx, *DebtDecision) error) (d *DebtDecision, err error) {
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		if d, err = loadOne[DebtDecision](tx, debtDecisionKey(id)); err != nil {
			return err
		}
		if err := fn(tx, d); err != nil {
			return err
		}
		if err := store.Save(tx, debtDecisionKey(id), d); err != nil {
			return err
		}
		for _, reminder := range d.Reminders {
			if err := s.changed(tx, ReminderDomain, reminder); err != nil {
				return err
			}
		}
		return s.changed(tx, DebtDecisionDomain, id)
	})
	return d, err
}
