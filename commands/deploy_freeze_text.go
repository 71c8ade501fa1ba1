package commands

import (
	"cmp"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// frozenWhat names what a freeze freezes: "production", "Every environment".
func frozenWhat(environment string) bot.Text {
	return bot.Bold(cmp.Or(environment, "Every environment"))
}

// frozenIn is frozenWhat within a sentence.
func frozenIn(environment string) bot.Text {
	return bot.Bold(cmp.Or(environment, "every environment"))
}

// thawLine is the line that ends a freeze; an empty environment is all of them.
func thawLine(environment string) string {
	return "deploy thaw " + cmp.Or(environment, delivery.AllEnvironments)
}

func untilThawed(until time.Time) bot.Text {
	if until.IsZero() {
		return "until somebody thaws it"
	}
	return bot.Textf("until %s", bot.Time(until))
}

func frozenReply(f *delivery.Freeze) bot.Reply {
	m := text("❄️ %s is frozen by %s, %s: %s", frozenWhat(f.Environment), bot.User(f.By), untilThawed(f.Until), f.Reason)
	m.Buttons = []bot.Button{{Label: "Thaw", Line: thawLine(f.Environment)}}
	return bot.Reply{Message: m, Public: true}
}

func thawedReply(req bot.Request, f *delivery.Freeze) bot.Reply {
	r := bot.Reply{Message: text("☀️ %s is thawed by %s.", frozenWhat(f.Environment), bot.User(req.User)), Public: true}
	if f.By != req.User {
		r.Tell = []bot.Telling{{Person: f.By, Topic: "freeze", ID: req.ID, Message: text(
			"☀️ %s has ended your freeze of %s, which said: %s", bot.User(req.User), frozenIn(f.Environment), f.Reason)}}
	}
	return r
}

func askToThaw(r *delivery.Refused) bot.Reply {
	f := r.Freeze
	reply := bot.Reply{Message: text("%s was frozen by %s %s: %s", frozenWhat(f.Environment), bot.User(f.By), bot.Time(f.At), f.Reason)}
	reply.Parts = []bot.Part{bot.Small(bot.Textf("Thaw it all the same? %s is told that you did.", bot.User(f.By)))}
	reply.Question = &bot.Question{Options: []bot.Button{
		{Label: "Thaw it", Line: thawLine(f.Environment) + " " + anyway, Style: bot.Danger},
		{Label: "Leave it"},
	}}
	return reply
}

// freezesMessage lists freezes and windows as they stand at now.
func freezesMessage(made []delivery.Freeze, windows []delivery.Window, now time.Time) bot.Message {
	var lines []bot.Text
	for i := range made {
		f := &made[i]
		lines = append(lines, bot.Textf("❄️ %s: %s since %s, %s: %s · %s", frozenWhat(f.Environment), bot.User(f.By), bot.Time(f.At), untilThawed(f.Until),
			f.Reason, bot.Code("/"+thawLine(f.Environment))))
	}
	shut := len(lines)
	for i := range windows {
		w := &windows[i]
		if w.Open(now) {
			shut++
			lines = append(lines, bot.Textf("❄️ %s: since %s, until %s%s (%s)", bot.Bold(w.Environment), bot.Time(w.Since), bot.Time(w.Until), whyWords(w.Reason), w.At))
			continue
		}
		lines = append(lines, bot.Textf("%s: next from %s until %s%s (%s)", bot.Bold(w.Environment), bot.Time(w.Since), bot.Time(w.Until), whyWords(w.Reason), w.At))
	}
	m := text("❄️ %s now", count(shut, "freeze"))
	if shut == 0 {
		m = text("Nothing is frozen now.")
	}
	for len(lines) > 0 {
		n := min(perPart, len(lines))
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines[:n]...)))
		lines = lines[n:]
	}
	return m
}

// freezeWords says of a closed gate why it is closed.
func freezeWords(g delivery.Gate, environment string) bot.Text {
	if g.By == "" {
		return bot.Textf("%s is frozen%s.", bot.Bold(environment), whyWords(g.Why))
	}
	return bot.Textf("%s is frozen by %s since %s: %s.", frozenWhat(placeFrozen(g, environment)), bot.User(g.By), bot.Time(g.Since), strings.TrimRight(g.Why, ".!"))
}

// freezeClears says when it opens, how, and who can have it opened.
func freezeClears(g delivery.Gate, environment string) bot.Text {
	how := bot.Textf("%s can thaw it with %s.", principals(g.Who), bot.Code("/"+thawLine(placeFrozen(g, environment))))
	switch {
	case g.By != "" && g.Until.IsZero():
		return how
	case g.By != "":
		return bot.Textf("It opens %s. %s", bot.Time(g.Until), how)
	case g.Until.IsZero():
		return "It clears when the window in the configuration can be read."
	}
	return bot.Textf("It opens %s, or when the configuration changes.", bot.Time(g.Until))
}

// placeFrozen is the environment that a freeze names, empty for all of them.
func placeFrozen(g delivery.Gate, environment string) string {
	if g.All {
		return ""
	}
	return environment
}

// places are what can be frozen: each environment, and all of them.
func places(cfg *config.Config, args bot.Args) []bot.Value {
	return append(environments(cfg, args), bot.Value{Name: delivery.AllEnvironments})
}
