package commands

import (
	"path/filepath"
	"testing"
	"time"

	"shipmate/integrations/github"
	"shipmate/schedule"
)

var tenOnMonday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// debt is an issue of the register.
func debt(n int, title string, age int, fns ...func(*schedule.DebtItem)) schedule.DebtItem {
	i := schedule.DebtItem{Repo: "acme/checkout", Number: n, Title: title, URL: "https://github.com/acme/checkout/issues/" + itoa(n), Created: tenOnMonday.AddDate(0, 0, -age)}
	for _, fn := range fns {
		fn(&i)
	}
	return i
}

func costing(cost schedule.Cost, size string) func(*schedule.DebtItem) {
	return func(i *schedule.DebtItem) { i.Cost, i.Size = cost, size }
}

func snoozedTo(day string) func(*schedule.DebtItem) {
	return func(i *schedule.DebtItem) {
		at, _ := time.Parse(time.DateOnly, day)
		i.Until, i.Day, i.By, i.Why = at, day, "U0BEN", "after the *move*\n<!channel>"
	}
}

func hadBy(who ...string) func(*schedule.DebtItem) {
	return func(i *schedule.DebtItem) { i.Who = who }
}

// reminderOf is a reminder of a Monday.
func reminderOf(fns ...func(*schedule.Reminder)) *schedule.Reminder {
	r := &schedule.Reminder{ID: "debt-payments.20261123T0900Z", Team: "payments", Channel: "#payments", Zone: "Europe/Berlin", State: schedule.Told, Stage: 1, Since: tenOnMonday.AddDate(0, 0, -7),
		Until: tenOnMonday, Repos: []string{"acme/checkout"}}
	dear, old := debt(12, "Two clocks & <tags>", 90, costing(schedule.High, "M")), debt(3, "Old importer", 400)
	r.Facts = schedule.DebtFacts{Count: 7, Costs: map[schedule.Cost]int{schedule.High: 2, "": 5}, Dearest: []schedule.DebtItem{dear, debt(14, "Dead *code*", 20, costing(schedule.High, "XL"), hadBy("Ana Silva"))},
		Oldest: []schedule.DebtItem{old, debt(5, "Slow tests", 200, costing(schedule.Low, "S"), snoozedTo("2027-01-15")), dear}, Taken: 1, Snoozed: 2, Asked: 1,
		Paid: schedule.Some[schedule.DebtItem]{All: []schedule.DebtItem{debt(9, "One clock", 30), debt(10, "No clock", 30, func(i *schedule.DebtItem) { i.NotPlanned = true })}}}
	r.Question = &schedule.DebtQuestion{Item: dear, Rule: schedule.RuleDearest}
	for _, fn := range fns {
		fn(r)
	}
	return r
}

func settledAs(how schedule.Settled) func(*schedule.Reminder) {
	return func(r *schedule.Reminder) { r.Question.Settled, r.Stage = &how, 2 }
}

func decisionOf(verb schedule.Verb, state schedule.DecisionState) *schedule.DebtDecision {
	d := &schedule.DebtDecision{ID: "td-aaaaaaaaaa", By: "U0ANA", Verb: verb, Repo: "acme/checkout", Number: 12, Title: "Two clocks & <tags>", URL: "https://github.com/acme/checkout/issues/12", State: state}
	if verb != schedule.Take {
		d.Why = "it is *gone*\n<!channel>"
	}
	if verb == schedule.Snooze {
		d.Day = "2027-01-15"
	}
	if state == schedule.DecisionFailed {
		d.Hitch = &github.Hitch{Why: "GitHub does not let Shipmate change #12 of acme/checkout: its token or App needs the permission Issues: read and write.", Said: true}
	}
	return d
}

func TestDebtMessages(t *testing.T) {
	t.Parallel()
	decided := func(r *schedule.Reminder) { r.Decision, r.Stage = "td-aaaaaaaaaa", 2 }
	many := &schedule.Register{Missing: map[string]string{"acme/ledger": "GitHub does not answer right now."}}
	for n := range 23 {
		many.Items = append(many.Items, debt(100+n, "Once more", n))
	}
	made := &schedule.NewDebt{ID: "t-aaaaaaaaaa", By: "U0ANA", Service: "checkout", Repo: "acme/checkout", Title: "Two *clocks* <disagree>", Text: "We pay <twice>.\nAnd again.", Cost: schedule.High, Size: "M",
		State: schedule.DebtOpening}
	with := func(fn func(*schedule.NewDebt)) *schedule.NewDebt { one := *made; fn(&one); return &one }
	late := debt(12, "Two clocks", 90, snoozedTo("2026-11-20"))
	for name, v := range map[string]any{
		"asks": reminderView(reminderOf(), nil),
		"asks about what is overdue": reminderView(reminderOf(func(r *schedule.Reminder) {
			r.Facts.Overdue, r.Facts.Late = []schedule.DebtItem{late, debt(13, "Three clocks", 80, snoozedTo("2026-11-21"))}, 5
			r.Question = &schedule.DebtQuestion{Item: late, Rule: schedule.RuleOverdue}
		}), nil),
		"asks about the oldest": reminderView(reminderOf(func(r *schedule.Reminder) { r.Question.Rule = schedule.RuleOldest }), nil),
		"taken":                 reminderView(reminderOf(decided), decisionOf(schedule.Take, schedule.DecisionDone)),
		"being taken":           reminderView(reminderOf(decided), decisionOf(schedule.Take, schedule.DecisionWanted)),
		"snoozed":               reminderView(reminderOf(decided), decisionOf(schedule.Snooze, schedule.DecisionDone)),
		"dropped":               reminderView(reminderOf(decided), decisionOf(schedule.Drop, schedule.DecisionDone)),
		"not taken by GitHub":   reminderView(reminderOf(decided), decisionOf(schedule.Drop, schedule.DecisionFailed)),
		"closed on GitHub":      reminderView(reminderOf(settledAs(schedule.Settled{})), nil),
		"not planned on GitHub": reminderView(reminderOf(settledAs(schedule.Settled{NotPlanned: true})), nil),
		"taken on GitHub":       reminderView(reminderOf(settledAs(schedule.Settled{Who: []string{"Ana Silva", "ben"}})), nil),
		"settled and decided":   reminderView(reminderOf(settledAs(schedule.Settled{}), decided), decisionOf(schedule.Take, schedule.DecisionMoot)),
		"swept":                 reminderView(reminderOf(decided), nil),
		"nothing to decide":     reminderView(reminderOf(func(r *schedule.Reminder) { r.Question = nil }), nil),
		"nothing read": reminderView(reminderOf(func(r *schedule.Reminder) {
			r.Question, r.Facts = nil, schedule.DebtFacts{}
			r.Missing = map[string]schedule.Miss{"acme/checkout": {Why: "GitHub does not answer right now.", Next: tenOnMonday.Add(time.Minute)}, "acme/ledger": {Why: "no answer in time"}}
		}), nil),
		"all paid off":     reminderView(reminderOf(func(r *schedule.Reminder) { r.Question, r.Facts = nil, schedule.DebtFacts{Paid: r.Facts.Paid} }), nil),
		"decision":         debtDecisionView(decisionOf(schedule.Snooze, schedule.DecisionWanted)),
		"decision dropped": debtDecisionView(decisionOf(schedule.Drop, schedule.DecisionDone)),
		"decision moot":    debtDecisionView(decisionOf(schedule.Take, schedule.DecisionMoot)),
		"new":              newDebtView(made),
		"new hitch": newDebtView(with(func(d *schedule.NewDebt) {
			d.Hitch = &github.Hitch{Why: "Issues are switched off in acme/checkout: switch them on under Settings, or name another repository for them.", Said: true}
		})),
		"new open": newDebtView(with(func(d *schedule.NewDebt) {
			d.State, d.Issue, d.URL, d.Problems = schedule.DebtOpen, 12, "https://github.com/acme/checkout/issues/12", []string{"It is without the label tech-debt: GitHub takes labels only from who has write access."}
		})),
		"new failed": newDebtView(with(func(d *schedule.NewDebt) {
			d.State, d.Hitch = schedule.DebtFailed, &github.Hitch{Why: "Issues are switched off in acme/checkout: switch them on under Settings, or name another repository for them."}
		})),
		"list": debtsMessage(&schedule.Register{Items: []schedule.DebtItem{debt(12, "Two clocks & <tags>", 90, costing(schedule.High, "M"), hadBy("Ana Silva", "ben")),
			debt(5, "Slow tests", 200, costing(schedule.Low, ""), snoozedTo("2027-01-15")), late}}, "checkout", "tech-debt", tenOnMonday),
		"list of many":    debtsMessage(many, "", "tech-debt", tenOnMonday),
		"list of none":    debtsMessage(&schedule.Register{}, "", "tech-debt", tenOnMonday),
		"list not read":   debtsMessage(&schedule.Register{Missing: many.Missing}, "checkout", "tech-debt", tenOnMonday),
		"refused decided": scheduleRefused(&schedule.Refused{Code: schedule.DebtDecided, Decision: decisionOf(schedule.Take, schedule.DecisionDone)}),
	} {
		golden(t, filepath.Join("testdata", "debt", name+".json"), readable(t, v))
	}
}
