package commands

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strings"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployNotify(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy notify",
		Args:  "<service>[@ref] [to|on] <environment> [<input>=<value>...]",
		Short: "Be told when you can deploy",
		Long: "While a deployment, a lock, a freeze or an incident is in the way, people wait in line. When it is free the first is told in a direct " +
			"message and has ten minutes to deploy before the next is told. Nothing is deployed by itself, and whoever deploys meanwhile is " +
			"faster: then the line waits on.",
		Examples: []string{"deploy notify checkout staging", "deploy notify checkout@v1.4.2 on production"},
		Who:      deployers(),
		On:       bot.Typed | bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return linePlace(d.Delivery.Join(ctx, lineWant(req)))
		},
		Made: madeBefore(d.Delivery.InLine, placed),
	}
}

func deployLeave(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy leave",
		Args:     "<service> [to|on] <environment>",
		Short:    "Leave the line of those who are told when they can deploy",
		Examples: []string{"deploy leave checkout staging"},
		Who:      deployers(),
		On:       bot.Typed | bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return linePlace(d.Delivery.Quit(ctx, lineWant(req)))
		},
		Made: madeBefore(d.Delivery.InLine, placed),
	}
}

func deployTake(d Deps) bot.Command {
	c := deployer{d}
	return bot.Command{
		Name:     "deploy take",
		Args:     "<service>[@ref] [to|on] <environment>",
		Short:    "Deploy what you waited for in line, while it is your turn",
		Long:     "What is deployed is what you have waited for, whatever the line says.",
		Examples: []string{"deploy take checkout staging"},
		Who:      deployers(),
		On:       bot.Typed | bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if before, ok, err := c.made(ctx, req); ok || err != nil { // whose turn was over with it
				return before, err
			}
			turn, err := d.Delivery.TurnOf(ctx, req.User, req.Arg("service"), req.Arg("environment"))
			var r *delivery.Refused
			if errors.As(err, &r) && r.Ref == "" {
				r.Ref = req.Arg("ref") // what they wait for when they do so again
			}
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			req.Args = maps.Clone(req.Args)
			req.Args["ref"] = turn.Ref
			for name, value := range turn.Inputs {
				req.Args[bot.PairArg(inputArg, name)] = value
			}
			return c.run(ctx, req)
		},
		Made: c.made,
	}
}

func lineWant(req bot.Request) delivery.LineWant {
	return delivery.LineWant{Request: req.ID, At: req.At, By: req.User, Service: req.Arg("service"), Environment: req.Arg("environment"),
		Ref: req.Arg("ref"), Inputs: req.Args.Pairs(inputArg)}
}

// linePlace is the answer about somebody's place in a line.
func linePlace(p *delivery.Spot, err error) (bot.Reply, error) {
	if err != nil {
		return bot.Reply{}, refusal(err)
	}
	return placed(bot.Request{}, p), nil
}

func placed(_ bot.Request, p *delivery.Spot) bot.Reply {
	where := bot.Textf("%s on %s", bot.Bold(p.Service), bot.Bold(p.Environment))
	if p.N == 0 {
		return bot.Say("You have left the line for %s.", where)
	}
	before := bot.Textf("%d people are before you", p.N-1)
	switch p.N {
	case 1:
		before = "nobody is before you"
	case 2:
		before = "one person is before you"
	}
	m := text("🔔 You are told in a direct message when %s is free; %s. Nothing is deployed by itself.", where, before)
	m.Buttons = []bot.Button{{Label: "Leave the line", Line: placeLine("deploy leave", p.Service, p.Environment)}}
	return bot.Reply{Message: m}
}

// turnMessage tells somebody that it is their turn.
func turnMessage(t *delivery.Turn) bot.Message {
	m := text("🔔 %s on %s is free now. It is your turn until %s; then the next in line is told.", bot.Bold(t.Service), bot.Bold(t.Environment), bot.Clock(t.Until))
	what := bot.Text("the newest commit of the default branch")
	if t.Ref != "" {
		what = bot.Code(shortRef(t.Ref))
	}
	if given := inputCodes(t.Inputs); given != "" {
		what = bot.Textf("%s with %s", what, given)
	}
	m.Parts = []bot.Part{bot.Small(bot.Textf("You wanted to deploy %s.", what))}
	m.Buttons = []bot.Button{{Label: "Deploy", Line: placeLine("deploy take", withRef(t.Service, t.Ref), t.Environment), Style: bot.Primary},
		{Label: "Leave the line", Line: placeLine("deploy leave", t.Service, t.Environment)}}
	return m
}

// shortRef is a ref as people read it: a whole commit is shortened.
func shortRef(ref string) string {
	if fullSHA.MatchString(ref) {
		return delivery.Commit{SHA: ref}.Short()
	}
	return ref
}

func placeLine(command, service, environment string) string {
	return strings.Join([]string{command, service, environment}, " ")
}

// maxRefInLine is how long a ref in a button's line may be, so that the line fits with the longest names.
const maxRefInLine = 80

// maxInputsInLine is how long inputs in a button's line may be, beside a ref.
const maxInputsInLine = 60

// withRef names a service with what is to be deployed of it. A ref that does not fit a button's line is left out.
func withRef(service, ref string) string {
	if ref == "" || len(ref) > maxRefInLine || strings.ContainsAny(ref, " \t\n") {
		return service
	}
	return service + "@" + ref
}

// notifyButton lets whoever was refused wait for their turn. There is none when what they want to deploy does not fit a button.
func notifyButton(r *delivery.Refused) []bot.Button {
	ref := cmp.Or(r.Commit.SHA, r.Ref)
	what := withRef(r.Service, ref)
	with := inputWords(r.Given)
	if ref != "" && what == r.Service || len(with) > maxInputsInLine {
		return nil
	}
	return []bot.Button{{Label: "Tell me when it is free", Line: placeLine("deploy notify", what, r.Environment) + with}}
}

// outOfLine are the refusals about lines.
func outOfLine(r *delivery.Refused) bot.Message {
	where := bot.Textf("%s on %s", bot.Bold(r.Service), bot.Bold(r.Environment))
	switch r.Code {
	case delivery.NothingInTheWay:
		m := text("Nothing is in the way: you can deploy %s now.", where)
		if with := inputWords(r.Given); len(with) <= maxInputsInLine {
			m.Buttons = []bot.Button{{Label: "Deploy to " + r.Environment, Line: placeLine("deploy", withRef(r.Service, r.Ref), r.Environment) + with, Style: bot.Primary}}
		}
		return m
	case delivery.NotInLine:
		return text("You do not wait for %s.", where)
	}
	m := text("It is not your turn to deploy %s: you have not been told that it is free, or it is too long ago.", where)
	m.Buttons = notifyButton(r)
	return m
}
