package commands

import (
	"context"
	"slices"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// What a home tab shows at most of each; the rest is a command away.
const (
	maxHomeServices = 15
	maxHomeRunning  = 10
)

func home(d Deps) bot.Command {
	return bot.Command{
		Name:  "home",
		Short: "Show the home tab",
		Who:   bot.Everyone,
		On:    bot.Home,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			all, err := d.Delivery.Status(ctx, "")
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			// Without an answer from Slack the teams are not known; then everybody's services are shown.
			teams, err := d.TeamsOf(ctx, req.User)
			if err != nil {
				teams = nil
			}
			return bot.Reply{Message: homeMessage(req.Config, all, teams)}, nil
		},
	}
}

// homeMessage is the home tab of somebody in these teams.
func homeMessage(cfg *config.Config, all []delivery.Standing, teams []string) bot.Message {
	mine := slices.DeleteFunc(slices.Clone(all), func(s delivery.Standing) bool {
		service, ok := cfg.Service(s.Service)
		return !ok || !slices.Contains(teams, service.Team)
	})
	title := bot.Text("*What runs where, of your teams*")
	if len(mine) == 0 {
		mine, title = all, "*What runs where*"
	}
	m := bot.Message{Text: "*Shipmate* deploys services and tells what runs where, from where you talk."}
	m.Parts = append(m.Parts, bot.Section(firstLines(mine)), bot.Divider())
	m.Parts = append(m.Parts, running(all)...)
	m.Parts = append(m.Parts, bot.Section(title))
	m.Parts = append(m.Parts, someStandings(mine)...)
	m.Buttons = []bot.Button{{Label: "Deploy", Line: "deploy", Style: bot.Primary}, {Label: "What runs where", Line: "deploy status"}, {Label: "Help", Line: "shipmate help"}}
	return m
}

// firstLines are the lines to begin with, as the reader would type them.
func firstLines(mine []delivery.Standing) bot.Text {
	service, environment := "<service>", "<environment>"
	if len(mine) > 0 {
		service, environment = mine[0].Service, mine[0].Environment
	}
	return bot.Join("\n",
		bot.Textf("%s deploys; a branch goes after an @", bot.Code("/deploy "+service+" "+environment)),
		bot.Textf("%s says what runs where", bot.Code("/deploy status "+service)),
		bot.Textf("%s says what the builds do", bot.Code("/pipeline "+service)))
}

// running lists what is being deployed now or waits for that, everybody's.
func running(all []delivery.Standing) []bot.Part {
	var lines []bot.Text
	for _, s := range all {
		if s.Under != nil {
			lines = append(lines, bot.Textf("%s %s by %s since %s: %s", icon(s.Under.State), whatWhere(s.Under), bot.User(s.Under.By),
				bot.Clock(s.Under.Created), stateWords(s.Under)))
		}
		for _, d := range s.Waiting {
			lines = append(lines, bot.Textf("%s %s by %s since %s: waits for %s", icon(d.State), whatWhere(d), bot.User(d.By), bot.Clock(d.Created), waitsFor(d)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if more := len(lines) - maxHomeRunning; more > 0 {
		lines = append(lines[:maxHomeRunning], bot.Textf("and %d more", more))
	}
	return []bot.Part{bot.Section(bot.Join("\n", append([]bot.Text{"*Being deployed, or waiting*"}, lines...)...)), bot.Divider()}
}

// someStandings is one paragraph per service, as far as a home tab goes.
func someStandings(mine []delivery.Standing) []bot.Part {
	m := statusMessage(mine)
	if len(mine) == 0 {
		return []bot.Part{bot.Section(m.Text)}
	}
	more := len(m.Parts) - maxHomeServices
	if more <= 0 {
		return m.Parts
	}
	return append(m.Parts[:maxHomeServices], bot.Small(bot.Textf("And %s: %s", count(more, "more service"), bot.Code("/deploy status"))))
}
