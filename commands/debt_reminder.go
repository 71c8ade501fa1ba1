package commands

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/schedule"
)

func reminderCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		r, decided, err := d.Schedules.ReminderWith(ctx, id)
		if err != nil {
			return bot.View{}, noCard(err)
		}
		return reminderView(r, decided), nil
	}
}

// reminderView is a reminder as it stands in its channel: what is asked first, then how the debt stands, then by what it goes.
func reminderView(r *schedule.Reminder, decided *schedule.DebtDecision) bot.View {
	m := text("🧱 %s: %s", bot.Bold(r.Team), remindedText(r))
	section := func(t bot.Text) {
		if t != "" {
			m.Parts = append(m.Parts, bot.Section(t))
		}
	}
	if r.Question != nil {
		section(questionText(r, decided))
	}
	f := &r.Facts
	asked := func(i schedule.DebtItem) bool { return r.Question != nil && itemWord(r.Question.Item) == itemWord(i) }
	section(debtsText("⏰ *Just overdue*", f.Overdue, f.Late-len(f.Overdue), r.Until, asked))
	section(debtsText("💸 *Dearest*", f.Dearest, 0, r.Until, asked))
	section(debtsText("🕰️ *Oldest*", f.Oldest, 0, r.Until, asked))
	section(paidText(f.Paid))
	if t := missedRepos(r); t != "" {
		m.Parts = append(m.Parts, bot.Small(t))
	}
	m.Parts = append(m.Parts, bot.Small(goesByText(r)))
	v := bot.View{Message: m, Stage: r.Stage, Status: m.Text, Idle: true}
	switch q := r.Question; {
	case q == nil:
	case decided != nil:
		v.Status = decidedText(decided, true)
	case q.Settled != nil:
		v.Status = bot.Textf("%s: %s", debtName(q.Item), settledText(q.Settled))
	case r.Open():
		v.Status = bot.Textf("%s waits for a decision.", debtName(q.Item))
		v.Buttons = []bot.Button{{Label: "Take it", Line: reminderLine("take", r), Style: bot.Primary}, {Label: "Snooze…", Line: reminderLine("snooze", r)},
			{Label: "Not worth it…", Line: reminderLine("drop", r)}, {Label: "Read on GitHub", URL: q.Item.URL}}
	}
	return v
}

// reminderLine is what one of its buttons means.
func reminderLine(verb string, r *schedule.Reminder) string {
	return "debt " + verb + " " + itemWord(r.Question.Item) + " " + r.ID
}

// remindedText is the one line that somebody reads who reads no more.
func remindedText(r *schedule.Reminder) bot.Text {
	f := &r.Facts
	var out []bot.Text
	switch {
	case f.Count > 0:
		out = append(out, bot.Textf("%s of technical debt", count(f.Count, "open issue")))
		if n := f.Costs[schedule.High]; n > 0 {
			out = append(out, bot.Textf("%d of high cost", n))
		}
	case len(r.Missing) > 0:
		out = append(out, "technical debt could not be read yet")
	default:
		out = append(out, "no technical debt is written down")
	}
	if f.Late > 0 {
		out = append(out, bot.Textf("%d overdue", f.Late))
	}
	paid := slices.DeleteFunc(slices.Clone(f.Paid.All), func(i schedule.DebtItem) bool { return i.NotPlanned })
	if n := len(paid) + f.Paid.More; n > 0 {
		out = append(out, bot.Textf("🎉 %d paid off", n))
	}
	return bot.Join(" · ", out...)
}

// questionText asks about one issue and says why that one, or says what was decided about it.
func questionText(r *schedule.Reminder, decided *schedule.DebtDecision) bot.Text {
	q := r.Question
	what := debtAged(q.Item, r.Until)
	switch {
	case decided != nil:
		t := bot.Textf("%s\n%s", what, decidedText(decided, false))
		if trouble := decisionTrouble(decided); trouble != "" {
			t = bot.Textf("%s\n%s", t, trouble)
		}
		return t
	case r.Decision != "":
		return bot.Textf("%s\nIt was decided.", what)
	case q.Settled != nil:
		return bot.Textf("%s\n%s", what, settledText(q.Settled))
	}
	return bot.Textf("*What about this one?* %s\nI ask about it because it is %s.", what, ruleText(q))
}

// settledText says how an issue was settled without anybody pressing a button here.
func settledText(st *schedule.Settled) bot.Text {
	switch {
	case len(st.Who) > 0:
		return bot.Textf("🙋 %s has it, says GitHub", words(st.Who, "and"))
	case st.NotPlanned:
		return "🗑️ closed on GitHub as not planned"
	}
	return "✅ closed on GitHub"
}

// ruleText is the rule by which an issue was chosen.
func ruleText(q *schedule.DebtQuestion) bot.Text {
	switch q.Rule {
	case schedule.RuleOverdue:
		t := bot.Textf("overdue since %s, until when it was snoozed", dayText(q.Item.Day))
		if q.Item.Why != "" {
			t = bot.Textf("%s (%s)", t, cutTo(firstLine(q.Item.Why), 100))
		}
		return t
	case schedule.RuleDearest:
		return "the dearest that nobody has decided on"
	}
	return "the oldest that nobody has decided on"
}

// debtsText is a list of some issues, without the one that is asked about, which stands above.
func debtsText(title bot.Text, items []schedule.DebtItem, more int, now time.Time, asked func(schedule.DebtItem) bool) bot.Text {
	lines := []bot.Text{title}
	for _, i := range items {
		if asked(i) {
			continue
		}
		line := debtBullet(i, now)
		switch {
		case i.Until.IsZero():
		case i.Until.After(now):
			line = bot.Textf("%s · snoozed until %s", line, dayText(i.Day))
		default:
			line = bot.Textf("%s · since %s", line, dayText(i.Day))
		}
		lines = append(lines, line)
	}
	if more > 0 {
		lines = append(lines, bot.Textf("and %d more", more))
	}
	if len(lines) == 1 {
		return ""
	}
	return bot.Join("\n", lines...)
}

// paidText names what was closed since the last reminder.
func paidText(paid schedule.Some[schedule.DebtItem]) bot.Text {
	if paid.Count() == 0 {
		return ""
	}
	const shown = 5
	lines := []bot.Text{"🎉 *Paid off since the last time*"}
	for _, i := range paid.All[:min(len(paid.All), shown)] {
		line := bot.Textf("• %s", debtName(i))
		if i.NotPlanned {
			line = bot.Textf("%s · closed as not worth it", line)
		}
		lines = append(lines, line)
	}
	if more := paid.Count() - shown; more > 0 {
		lines = append(lines, bot.Textf("and %d more", more))
	}
	return bot.Join("\n", lines...)
}

// missedRepos says which repositories could not be read, and whether they are tried again.
func missedRepos(r *schedule.Reminder) bot.Text {
	var out []bot.Text
	for _, repo := range slices.Sorted(maps.Keys(r.Missing)) {
		miss := r.Missing[repo]
		why := strings.TrimRight(miss.Why, ".")
		if miss.Next.IsZero() {
			out = append(out, bot.Textf("⚠️ %s could not be read (%s).", bot.Bold(repoName(repo)), why))
			continue
		}
		out = append(out, bot.Textf("⚠️ %s is not read yet (%s). I add it here when I can.", bot.Bold(repoName(repo)), why))
	}
	return bot.Join("\n", out...)
}

// goesByText says by what a reminder goes.
func goesByText(r *schedule.Reminder) bot.Text {
	var left []string
	say := func(n int, words string) {
		if n > 0 {
			left = append(left, itoa(n)+" "+words)
		}
	}
	say(r.Facts.Taken, "somebody has")
	say(r.Facts.Snoozed, "snoozed")
	say(r.Facts.Asked, "asked about before and unchanged since")
	t := bot.Text("I ask about one each time: what is overdue first, then the dearest, then the oldest; about none again before it changes or eight weeks have passed.")
	if len(left) > 0 {
		t = bot.Textf("%s Not asked about: %s.", t, strings.Join(left, ", "))
	}
	if r.Question == nil && len(r.Missing) == 0 {
		t = bot.Textf("There is nothing to decide now. %s", t)
	}
	return bot.Textf("%s Paid off is what was closed since %s. %s shows all of it.", t, bot.Time(r.Since), bot.Code("/debt list"))
}
