package commands

import (
	"context"
	"time"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployStatus(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy status",
		Args:     "[<service>]",
		Short:    "Say what runs where, since when and by whom",
		Examples: []string{"deploy status", "deploy status checkout"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			all, err := d.Delivery.Status(ctx, req.Arg("service"))
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: statusMessage(all)}, nil
		},
	}
}

// statusMessage shows one paragraph per service.
func statusMessage(all []delivery.Standing) bot.Message {
	if len(all) == 0 {
		return text("There is nothing to deploy yet: the configuration names no service with environments.")
	}
	m := bot.Message{Text: "What runs where"}
	lines := []bot.Text{}
	for i, one := range all {
		if i == 0 || all[i-1].Service != one.Service {
			lines = append(lines, bot.Bold(one.Service))
			lines = append(lines, incidentLines(one.Incident)...) // the same in all its environments
		}
		lines = append(lines, standingLines(one)...)
		if i == len(all)-1 || all[i+1].Service != one.Service {
			m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
			lines = nil
		}
	}
	return m
}

func standingLines(one delivery.Standing) []bot.Text {
	lines := []bot.Text{bot.Textf("%s: %s", one.Environment, runsThere(one))}
	lines = append(lines, closedLines(one)...)
	if one.Under != nil {
		lines = append(lines, bot.Textf("    %s %s asked for %s at %s: %s", icon(one.Under.State), bot.User(one.Under.By),
			bot.Code(one.Under.Commit.Short()), bot.Clock(one.Under.Created), stateWords(one.Under)))
	}
	for _, d := range one.Waiting {
		lines = append(lines, bot.Textf("    %s %s asked for %s at %s: waits for %s", icon(d.State), bot.User(d.By), bot.Code(d.Commit.Short()),
			bot.Time(d.Created), waitsFor(d)))
	}
	if d := one.Doubt; d != nil {
		lines = append(lines, bot.Textf("    %s %s by %s did not succeed at %s, so part of it may run", icon(d.State),
			bot.Code(d.Commit.Short()), bot.User(d.By), bot.Time(d.Ended)))
	}
	return lines
}

// closedLines say what keeps everybody from deploying there.
func closedLines(one delivery.Standing) []bot.Text {
	var lines []bot.Text
	for _, l := range one.Locks {
		what := bot.Text("locked")
		if l.Service == "" {
			what = "all services locked"
		}
		lines = append(lines, bot.Textf("    🔒 %s by %s%s%s", what, bot.User(l.By), shortUntil(l.Until), lockReason(l)))
	}
	if g := one.Freeze; g != nil {
		by := bot.Text("")
		if g.By != "" {
			by = bot.Textf(" by %s", bot.User(g.By))
		}
		lines = append(lines, bot.Textf("    ❄️ frozen%s%s%s", by, shortUntil(g.Until), afterColon(g.Why)))
	}
	return lines
}

func shortUntil(until time.Time) bot.Text {
	if until.IsZero() {
		return ""
	}
	return bot.Textf(" until %s", bot.Time(until))
}

func afterColon(why string) bot.Text {
	if why == "" {
		return ""
	}
	return bot.Textf(": %s", why)
}

func runsThere(one delivery.Standing) bot.Text {
	switch {
	case one.Ledger.Deployment != "":
		return bot.Textf("%s · since %s by %s", commitLine(one.Ledger.Commit), bot.Time(one.Ledger.Since), bot.User(one.Ledger.By))
	case one.Outside != nil:
		return bot.Textf("%s · since %s by %s on GitHub", commitLine(one.Outside.Commit), bot.Time(one.Outside.Since), one.Outside.By)
	case one.Unasked:
		return bot.Textf("not read here; %s asks GitHub", bot.Code("/deploy status "+one.Service))
	case one.Unread:
		return "not known: GitHub cannot be asked right now"
	case one.Tried:
		return "not known: no deployment of mine there has succeeded yet"
	}
	return "not known: Shipmate has not deployed there yet"
}
