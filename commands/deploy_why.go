package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployWhy(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy why",
		Args:  "<service>[@ref] [to|on] <environment>",
		Short: "Say whether a commit could be deployed now, and what is in the way",
		Long: "It looks at every gate as /deploy would, and says of each how it stands, what clears it and which line of the " +
			"configuration asks for it. Nothing is deployed.",
		Examples: []string{"deploy why checkout production", "deploy why checkout@v1.4.2 to production"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			would, gates, err := d.Delivery.Why(ctx, wantOf(req))
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: whyMessage(would, gates)}, nil
		},
	}
}

// whyMessage lists the gates before a deployment that somebody might ask for.
func whyMessage(d *delivery.Deployment, gates []delivery.Gate) bot.Message {
	shut := false
	var lines []bot.Text
	for _, g := range gates {
		shut = shut || g.Verdict != delivery.Passed
		lines = append(lines, gateLine(g, d.Service, d.Environment))
	}
	m := text("✅ %s could be deployed now", whatWhere(d))
	if shut {
		m.Text = bot.Textf("⛔ %s cannot be deployed now", whatWhere(d))
	} else {
		m.Buttons = []bot.Button{{Label: "Deploy to " + d.Environment, Line: "deploy " + d.Service + "@" + d.Commit.SHA + " " + d.Environment, Style: bot.Primary}}
	}
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", subjectLine(d.Commit), changes(d))), bot.Section(bot.Join("\n", lines...)),
		bot.Small(bot.Textf("Who may deploy there is asked when somebody does: %s.", deployersWords))}
	return m
}
