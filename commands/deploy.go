package commands

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

func deploy(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy",
		Args:  "<service>[@ref] [to|on] <environment> [<input>=<value>...] (<answer>) (<asked>) [because <reason>...]",
		Short: "Deploy a branch, tag or commit",
		Long: "The ref is turned into one commit when you ask, and only that commit is deployed; without a ref it is the " +
			"newest commit of the default branch. A commit that already runs there is asked about first. A service may let its workflow " +
			"be given something, as in region=eu; a value with spaces stands in quotes.",
		Examples: []string{
			"deploy checkout staging",
			"deploy checkout@v1.4.2 to production",
			"deploy checkout staging region=eu canary=10",
			"deploy checkout@1a2b3c4 staging because the last one lost its cache",
		},
		Who:  deployers(),
		On:   bot.Typed | bot.Press | bot.Submit,
		Form: deployForm,
		Run:  deployer{d}.run,
		Made: deployer{d}.made,
	}
}

type deployer struct{ Deps }

func (c deployer) run(ctx context.Context, req bot.Request) (bot.Reply, error) {
	want := wantOf(req)
	answer := req.Arg("answer")
	want.Anyway = answer == anyway
	if confirms(req.Config, want.Environment) && (answer == "" || !fullSHA.MatchString(want.Ref)) {
		planned, err := c.Delivery.Preview(ctx, want)
		if err != nil {
			return c.notDeployed(req, want, err)
		}
		if planned.Version == 0 { // not made by this request before a crash
			return askFirst(planned, deployLine(planned, confirmed, want.Reason)), nil
		}
	}
	made, err := c.Delivery.Deploy(ctx, want)
	if err != nil {
		return c.notDeployed(req, want, err)
	}
	return shown(req, made), nil
}

// madeBy finds the deployment that a request has made, or delivery.ErrNotFound.
func (c deployer) madeBy(ctx context.Context, request string) (*delivery.Deployment, error) {
	return c.Delivery.Deployment(ctx, delivery.ID(request))
}

// made finds the deployment that the request made before a crash.
func (c deployer) made(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
	return madeBefore(c.madeBy, shown)(ctx, req)
}

func wantOf(req bot.Request) delivery.Want {
	return delivery.Want{
		Request: req.ID, At: req.At, Service: req.Arg("service"), Environment: req.Arg("environment"),
		Ref: strings.TrimSpace(req.Arg("ref")), Asked: req.Arg("asked"), By: req.User, Reason: req.Arg("reason"), Channel: req.Channel,
		Inputs: req.Args.Pairs(inputArg),
	}
}

var fullSHA = regexp.MustCompile(`^[0-9a-f]{40}$`)

// confirms tells whether people are asked once more before anything is deployed there.
func confirms(cfg *config.Config, environment string) bool {
	e, ok := cfg.Environment(environment)
	return ok && e.Confirm
}

// shown is the answer to a deployment that was made: its card, which everybody sees. A form, where no card can stand, is told
// so in words, which are for the asker alone.
func shown(req bot.Request, d *delivery.Deployment) bot.Reply {
	r := bot.Reply{Card: &bot.CardRef{Kind: deploymentKind, ID: d.ID, Home: d.Home}}
	if req.Via == bot.Submit {
		r.Text = bot.Textf("Deploying %s. The message in the channel tells how it goes.", whatWhere(d))
	}
	return r
}

// deployLine is the line that deploys exactly this commit with these inputs, with the answer to the question it is asked with and
// the ref that people asked for, which the card shows.
func deployLine(d *delivery.Deployment, answer, reason string) string {
	line := "deploy " + d.Service
	if d.Commit.SHA != "" {
		line += "@" + d.Commit.SHA
	}
	line += " " + d.Environment + inputWords(d.Inputs)
	if answer != "" {
		line += " " + answer
	}
	if d.Ref != "" && d.Ref != d.Commit.SHA && !strings.ContainsAny(d.Ref, " \t\n") {
		line += " " + askedPrefix + d.Ref
	}
	if reason = strings.Join(strings.Fields(reason), " "); reason != "" {
		line += " because " + reason
	}
	return line
}

// askFirst asks whether to go on with just this commit; line is what yes means.
func askFirst(d *delivery.Deployment, line string) bot.Reply {
	r := bot.Reply{Message: bot.Message{
		Text:  bot.Textf("Deploy %s?", whatWhere(d)),
		Parts: []bot.Part{bot.Section(bot.Join("\n", subjectLine(d.Commit), changes(d)))},
	}}
	if given := inputsLine(d); given != "" {
		r.Parts = append(r.Parts, bot.Section(given))
	}
	if len(d.Open) > 0 {
		r.Parts = append(r.Parts, bot.Section(bot.Textf("It then waits for %s.", waitsFor(d))))
	}
	r.Question = &bot.Question{Options: []bot.Button{
		{Label: "Deploy to " + d.Environment, Line: line, Style: bot.Primary},
		{Label: "Leave it"},
	}}
	return r
}

// refused says why not; that the commit already runs there is a question.
func (c deployer) refused(req bot.Request, want delivery.Want, err error) (bot.Reply, error) {
	var r *delivery.Refused
	if !errors.As(err, &r) || r.Code != delivery.AlreadyRunning {
		return bot.Reply{}, refusalTo(req.User, err)
	}
	pinned := &delivery.Deployment{Service: r.Service, Environment: r.Environment, Commit: r.Commit, Ref: r.Ref, Inputs: want.Inputs}
	reply := bot.Reply{Message: bot.Message{Text: alreadyRunning(r)}}
	reply.Question = &bot.Question{Options: []bot.Button{
		{Label: "Deploy it again", Line: deployLine(pinned, anyway, want.Reason)},
		{Label: "Leave it"},
	}}
	return reply, nil
}
