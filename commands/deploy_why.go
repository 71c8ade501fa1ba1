package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployWhy(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy why",
		Args:  "<service>[@ref] [to|on] <environment> [<input>=<value>...]",
		Short: "Say whether a commit could be deployed now, and what is in the way",
		Long: "It looks at every gate as /deploy would, and says of each how it stands, what clears it and which line of the " +
			"configuration asks for it. Nothing is deployed.",
		Examples: []string{"deploy why checkout production", "deploy why checkout@v1.4.2 to production"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			why, err := AskWhy(ctx, d.Delivery, wantOf(req))
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: why.Message}, nil
		},
	}
}

// Why is whether a commit could be deployed, in the words of /deploy why.
type Why struct {
	Message bot.Message `json:"message"`
	// Could says that nothing is in the way.
	Could       bool       `json:"could"`
	Service     string     `json:"service"`
	Environment string     `json:"environment"`
	Commit      string     `json:"commit"` // all of its SHA
	Gates       []GateSaid `json:"gates"`
}

// GateSaid is how a gate stands, in one sentence, and what clears it; that is empty when it has passed.
type GateSaid struct {
	Name    string           `json:"name"`
	Verdict delivery.Verdict `json:"verdict"`
	Code    delivery.Code    `json:"code,omitempty"`
	At      string           `json:"at,omitempty"` // the line of the configuration that asks for it
	Says    bot.Text         `json:"sentence"`
	Clears  bot.Text         `json:"clears,omitempty"`
}

// AskWhy answers whether the commit could be deployed, without deploying it. Without somebody who asks it leaves out whether they
// may. What is no deployment at all is a *bot.Refusal.
func AskWhy(ctx context.Context, service *delivery.Service, w delivery.Want) (Why, error) {
	d, gates, err := service.Why(ctx, w)
	if err != nil {
		return Why{}, refusal(err)
	}
	why := Why{Could: true, Service: d.Service, Environment: d.Environment, Commit: d.Commit.SHA}
	for _, g := range gates {
		why.Could = why.Could && g.Verdict == delivery.Passed
		why.Gates = append(why.Gates, Said(g, d.Service, d.Environment))
	}
	why.Message = whyMessage(d, gates, why.Could)
	return why, nil
}

// Said puts a gate of a service's deployment to an environment into words.
func Said(g delivery.Gate, service, environment string) GateSaid {
	says, clears := gate(g, service, environment)
	return GateSaid{Name: g.Name, Verdict: g.Verdict, Code: g.Code, At: g.At, Says: says, Clears: clears}
}

// whyMessage lists the gates before a deployment that somebody might ask for.
func whyMessage(d *delivery.Deployment, gates []delivery.Gate, could bool) bot.Message {
	var lines []bot.Text
	for _, g := range gates {
		lines = append(lines, gateLine(g, d.Service, d.Environment))
	}
	m := text("⛔ %s cannot be deployed now", whatWhere(d))
	if could {
		m.Text = bot.Textf("✅ %s could be deployed now", whatWhere(d))
		m.Buttons = []bot.Button{{Label: "Deploy to " + d.Environment, Line: "deploy " + d.Service + "@" + d.Commit.SHA + " " + d.Environment + inputWords(d.Inputs),
			Style: bot.Primary}}
	}
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", subjectLine(d.Commit), changes(d), inputsLine(d))), bot.Section(bot.Join("\n", lines...))}
	if d.By == "" {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("Who may deploy there is asked when somebody does: %s.", deployersWords)))
	}
	return m
}
