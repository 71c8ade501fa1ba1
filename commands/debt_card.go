package commands

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"shipmate/bot"
	"shipmate/schedule"
)

// troubleText says what keeps something from being done on GitHub; "" for nothing.
func troubleText(why string, tries bool) bot.Text {
	switch {
	case why == "":
		return ""
	case tries:
		return bot.Textf("⚠️ %s I keep trying.", why)
	}
	return bot.Textf("⚠️ %s", why)
}

// The kinds of the cards about technical debt.
const (
	newDebtKind      = schedule.DebtDomain
	debtDecisionKind = schedule.DebtDecisionDomain
	reminderKind     = schedule.ReminderDomain
)

func newDebtCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		one, err := d.Schedules.NewDebt(ctx, id)
		if err != nil {
			return bot.View{}, noCard(err)
		}
		return newDebtView(one), nil
	}
}

func noCard(err error) error {
	if errors.Is(err, schedule.ErrNotFound) {
		return bot.ErrNoCard
	}
	return err
}

// newDebtView is technical debt that is being written down, or was.
func newDebtView(one *schedule.NewDebt) bot.View {
	title := bot.Literal(cutTo(one.Title, maxTitle))
	var m bot.Message
	switch one.State {
	case schedule.DebtOpen:
		m = text("🧱 %s · written down by %s", debtName(one.Item()), bot.User(one.By))
	case schedule.DebtFailed:
		m = text("❌ %s: %s could not be written down, as %s wanted", bot.Bold(one.Service), title, bot.User(one.By))
	default:
		m = text("🧱 %s: %s · its issue is being opened for %s", bot.Bold(one.Service), title, bot.User(one.By))
	}
	section := func(t bot.Text) {
		if t != "" {
			m.Parts = append(m.Parts, bot.Section(t))
		}
	}
	section(costText(one.Cost, one.Size))
	if one.Text != "" {
		section(quoted(cutTo(one.Text, 600)))
	}
	section(troubleText(one.Trouble(), one.State == schedule.DebtOpening))
	for _, why := range one.Problems {
		section(bot.Textf("⚠️ %s", why))
	}
	if one.State == schedule.DebtOpen {
		m.Buttons = []bot.Button{{Label: "Take it", Line: "debt take " + itemWord(one.Item())}, {Label: "Read on GitHub", URL: one.URL}}
	}
	return bot.View{Message: m, Stage: one.Stage, Status: m.Text, Urgent: one.State == schedule.DebtFailed}
}

// costText says what debt costs and how large it is; "" when nobody said.
func costText(cost schedule.Cost, size string) bot.Text {
	var out []bot.Text
	if cost != "" {
		out = append(out, bot.Textf("*%s* cost", string(cost)))
	}
	if size != "" {
		out = append(out, bot.Textf("size %s", bot.Bold(size)))
	}
	return bot.Join(" · ", out...)
}

func debtDecisionCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		one, err := d.Schedules.DebtDecision(ctx, id)
		if err != nil {
			return bot.View{}, noCard(err)
		}
		return debtDecisionView(one), nil
	}
}

func debtDecisionView(one *schedule.DebtDecision) bot.View {
	m := bot.Message{Text: decidedText(one, true)}
	if why := decisionTrouble(one); why != "" {
		m.Parts = append(m.Parts, bot.Section(why))
	}
	return bot.View{Message: m, Status: m.Text, Urgent: one.State != schedule.DecisionWanted}
}

// decidedText says who decided what about technical debt, and which where that is not said beside it.
func decidedText(one *schedule.DebtDecision, named bool) bot.Text {
	what := bot.Text("it")
	if named {
		what = debtName(one.Item())
	}
	var t bot.Text
	switch one.Verb {
	case schedule.Take:
		t = bot.Textf("🙋 %s takes %s", bot.User(one.By), what)
	case schedule.Snooze:
		t = bot.Textf("💤 snoozed until %s by %s", dayText(one.Day), bot.User(one.By))
		if named {
			t = bot.Textf("💤 %s is snoozed until %s by %s", what, dayText(one.Day), bot.User(one.By))
		}
	default:
		t = bot.Textf("🗑️ not worth it, says %s", bot.User(one.By))
		if named {
			t = bot.Textf("🗑️ %s is not worth it, says %s", what, bot.User(one.By))
		}
	}
	if one.Why != "" {
		t = bot.Textf("%s: %s", t, cutTo(firstLine(one.Why), 200))
	}
	return t
}

// decisionTrouble says what keeps a decision from being on GitHub; "" when nothing does.
func decisionTrouble(one *schedule.DebtDecision) bot.Text {
	switch one.State {
	case schedule.DecisionMoot:
		return "⚪ It was closed on GitHub before, so nothing was done."
	case schedule.DecisionFailed:
		return bot.Textf("❌ GitHub did not take it for days, so it was given up. %s", one.Trouble())
	case schedule.DecisionWanted:
		if t := troubleText(one.Trouble(), true); t != "" {
			return t
		}
		return "⏳ It is being written to GitHub."
	}
	return ""
}

// dayText is a date as people write it; the word itself when it is none.
func dayText(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 January 2006")
}

// debtName is an issue of the register, as people name it, with its title.
func debtName(i schedule.DebtItem) bot.Text { return numbered(i.URL, i.Repo, i.Number, i.Title) }

// itemWord is an issue of the register in a line.
func itemWord(i schedule.DebtItem) string { return fmt.Sprintf("%s#%d", i.Repo, i.Number) }

// debtsMessage lists the register.
func debtsMessage(reg *schedule.Register, service, label string, now time.Time) bot.Message {
	where := bot.Text("")
	if service != "" {
		where = bot.Textf(" of %s", bot.Bold(service))
	}
	m := text("🧱 Technical debt%s: %s", where, count(len(reg.Items), "open issue"))
	if len(reg.Items) == 0 {
		m = text("No technical debt%s is written down.", where)
		if len(reg.Missing) > 0 {
			m = text("Technical debt%s could not all be read.", where)
		}
	}
	if len(reg.Items) > 0 && len(reg.Missing) > 0 {
		var unread []bot.Text
		for _, repo := range slices.Sorted(maps.Keys(reg.Missing)) {
			unread = append(unread, bot.Bold(repoName(repo)))
		}
		m.Text = bot.Textf("%s, without those of %s", m.Text, bot.Join(", ", unread...))
	}
	for _, i := range reg.Items[:min(len(reg.Items), maxDebts)] {
		m.Parts = append(m.Parts, bot.Section(debtLine(i, now)))
	}
	if more := len(reg.Items) - maxDebts; more > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("and %d more", more)))
	}
	if t := missingDebts(reg.Missing); t != "" {
		m.Parts = append(m.Parts, bot.Small(t))
	}
	m.Parts = append(m.Parts, bot.Small(bot.Textf("Open issues labelled %s. %s writes one.", bot.Code(label), bot.Code("/debt add"))))
	return m
}

// debtAged is an issue of the register with what it costs and how old it is.
func debtAged(i schedule.DebtItem, now time.Time) bot.Text {
	t := debtName(i)
	if c := costText(i.Cost, i.Size); c != "" {
		t = bot.Textf("%s · %s", t, c)
	}
	return bot.Textf("%s · for %s", t, ago(i.Created, now))
}

// debtBullet is the same in a list, with who has it.
func debtBullet(i schedule.DebtItem, now time.Time) bot.Text {
	t := bot.Textf("• %s", debtAged(i, now))
	if len(i.Who) > 0 {
		t = bot.Textf("%s · with %s", t, words(i.Who, "and"))
	}
	return t
}

// debtLine is an issue of the register in a line, with a second one where it was snoozed.
func debtLine(i schedule.DebtItem, now time.Time) bot.Text {
	line := debtBullet(i, now)
	if i.Until.IsZero() {
		return line
	}
	return bot.Textf("%s\n    %s", line, snoozedText(i, now))
}

// snoozedText says until when an issue was put off, by whom and why.
func snoozedText(i schedule.DebtItem, now time.Time) bot.Text {
	t := bot.Textf("💤 snoozed until %s by %s", dayText(i.Day), bot.User(i.By))
	if !i.Until.After(now) {
		t = bot.Textf("⏰ was snoozed until %s by %s", dayText(i.Day), bot.User(i.By))
	}
	if i.Why != "" {
		t = bot.Textf("%s: %s", t, cutTo(firstLine(i.Why), 100))
	}
	return t
}
