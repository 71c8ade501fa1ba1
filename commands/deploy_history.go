package commands

import (
	"context"
	"strconv"

	"shipmate/bot"
	"shipmate/delivery"
)

// defaultCount is how many deployments a history shows when nobody says how many.
const defaultCount = 10

func deployHistory(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy history",
		Args:     "[<service>] [<environment>] [<n>]",
		Short:    "List the latest deployments",
		Long:     "The newest first, ten of them unless you say how many, up to 50.",
		Examples: []string{"deploy history", "deploy history checkout production 20", "deploy history 5"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			n := defaultCount
			if typed, err := strconv.Atoi(req.Arg("n")); err == nil {
				n = typed
			}
			all, err := d.Delivery.History(ctx, req.Arg("service"), req.Arg("environment"), n)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: historyMessage(all, req.Arg("service"), req.Arg("environment"))}, nil
		},
	}
}

// perPart is how many lines stand in one paragraph, well within what a paragraph holds.
const perPart = 10

func historyMessage(all []*delivery.Deployment, service, environment string) bot.Message {
	of := bot.Text("")
	if service != "" {
		of = bot.Textf(" of %s", bot.Bold(service))
	}
	if environment != "" {
		of = bot.Textf("%s to %s", of, bot.Bold(environment))
	}
	if len(all) == 0 {
		return text("No deployments%s yet.", of)
	}
	m := text("The latest %s%s, newest first", count(len(all), "deployment"), of)
	if len(all) == 1 {
		m = text("The latest deployment%s", of)
	}
	for len(all) > 0 {
		var lines []bot.Text
		for _, d := range all[:min(perPart, len(all))] {
			lines = append(lines, historyLine(d))
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
		all = all[min(perPart, len(all)):]
	}
	return m
}

func historyLine(d *delivery.Deployment) bot.Text {
	line := bot.Textf("%s %s %s %s · %s", icon(d.State), bot.Time(d.Created), whatWhere(d), d.Commit.Subject, string(d.State))
	if d.State.Ended() {
		line = bot.Textf("%s after %s", line, took(d.Took(d.Ended)))
	}
	if given := inputCodes(d.Inputs); given != "" {
		line = bot.Textf("%s · with %s", line, given)
	}
	if isUnhealthy(d) {
		line = bot.Textf("%s, then unhealthy", line)
	}
	return bot.Textf("%s · asked by %s · %s", line, bot.User(d.By), bot.Code(d.ID))
}
