package commands

import (
	"context"
	"errors"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

func deployApprove(d Deps) bot.Command {
	run, made := voting(d, d.Delivery.Approve)
	return bot.Command{
		Name:  "deploy approve",
		Args:  "<deployment> | <service> [on] <environment>",
		Short: "Approve a deployment that waits for it",
		Long: "The approval is for just what the card shows: this commit over the one that runs there, with these inputs, under the " +
			"rules of that moment. When any of it changes the approval is void. Who asked cannot approve, and one person has one vote.",
		Examples: []string{"deploy approve d-4kq7x2m5wz", "deploy approve checkout production"},
		Who:      approversOfRecord(d),
		Run:      run,
		Made:     made,
	}
}

func deployReject(d Deps) bot.Command {
	run, made := voting(d, d.Delivery.Reject)
	return bot.Command{
		Name:     "deploy reject",
		Args:     "<deployment> <reason>... | <service> [on] <environment> <reason>...",
		Short:    "Say no to a deployment that waits for approvals",
		Long:     "One no ends it, and whoever asked reads why.",
		Examples: []string{"deploy reject d-4kq7x2m5wz the migration is not reversible"},
		Who:      approversOfRecord(d),
		On:       bot.Typed | bot.Press | bot.Submit,
		Form:     rejectForm,
		Run:      run,
		Made:     made,
	}
}

// rejectForm asks for what and why.
func rejectForm(r bot.FormRequest) bot.Form {
	return bot.Form{
		Title: "Reject", Submit: "Reject", Intro: "It ends the deployment, and whoever asked for it reads why.",
		Fields: []bot.Input{
			{Name: "deployment", Label: "Deployment", Placeholder: "d-…, as its card shows it", Initial: r.Args["deployment"]},
			{Name: "reason", Label: "Why not, and what would help", Long: true, MaxLength: 500},
		},
		Check: func(values bot.Args) map[string]string {
			if _, err := parseDeployment(values["deployment"]); err != nil {
				return map[string]string{"deployment": err.Error()}
			}
			return nil
		},
	}
}

func deployStart(d Deps) bot.Command {
	run, made := voting(d, d.Delivery.StartNow)
	return bot.Command{
		Name:  "deploy start",
		Args:  "<deployment>",
		Short: "Start a deployment whose checks have passed meanwhile",
		Long: "Where people are asked before a deployment, one that had to wait for checks does not begin by itself: whoever asked " +
			"for it says when.",
		Examples: []string{"deploy start d-4kq7x2m5wz"},
		Who:      deployersOfRecord(d),
		Run:      run,
		Made:     made,
	}
}

// voting is how a word about a deployment that waits is said, and found again.
func voting(d Deps, say func(context.Context, delivery.VoteWant) (*delivery.Deployment, error)) (
	run func(context.Context, bot.Request) (bot.Reply, error), made func(context.Context, bot.Request) (bot.Reply, bool, error)) {
	run = func(ctx context.Context, req bot.Request) (bot.Reply, error) {
		now, err := say(ctx, delivery.VoteWant{Request: req.ID, By: req.User, ID: strings.ToLower(req.Arg("deployment")), // a form's values are taken as they are
			Service: req.Arg("service"), Environment: req.Arg("environment"), Reason: req.Arg("reason")})
		if err != nil {
			return bot.Reply{}, refusalTo(req.User, err)
		}
		return bot.Reply{Message: bot.Message{Text: voted(req.User, now)}}, nil
	}
	made = madeBefore(d.Delivery.Touched, func(req bot.Request, now *delivery.Deployment) bot.Reply {
		return bot.Reply{Message: bot.Message{Text: voted(req.User, now)}}
	})
	return run, made
}

// voted says what a word has done. Everybody sees it on the card, so the answer is for the voter alone.
func voted(by string, d *delivery.Deployment) bot.Text {
	a := d.Approval
	switch {
	case a != nil && a.Rejected != nil && a.Rejected.By == by:
		return bot.Textf("Rejected: %s is not deployed.", whatWhere(d))
	case d.Start != nil && d.By == by:
		return bot.Textf("Starting %s. The card tells how it goes.", whatWhere(d))
	case a == nil || d.State != delivery.Waiting:
		return bot.Textf("Your word counts. %s", status(d))
	case len(a.Votes) < a.Need:
		return bot.Textf("Approved: %s has %d of %d approvals.", whatWhere(d), len(a.Votes), a.Need)
	}
	return bot.Textf("Approved: %s has all it needs of people and starts as soon as nothing else is in its way.", whatWhere(d))
}

// approversOfRecord admits who may approve the deployment that the line names, or that waits there.
func approversOfRecord(d Deps) bot.Audience {
	return ofRecord(d, "approvers of the environment, else its deployers",
		func(_ *config.Config, record *delivery.Deployment) []config.Principal {
			return d.Delivery.ApproversOf(record)
		},
		func(r bot.Request) []config.Principal { return approversThere(d, r) })
}

// approversThere are those of the newest deployment that waits there; when none does those of the environment learn that.
func approversThere(d Deps, r bot.Request) []config.Principal {
	waiting, err := d.Delivery.WaitingFor(context.Background(), r.Arg("service"), r.Arg("environment"))
	var none *delivery.Refused
	switch {
	case errors.As(err, &none):
		return d.Delivery.ApproversOf(&delivery.Deployment{Service: r.Arg("service"), Environment: r.Arg("environment")})
	case err != nil:
		return nil
	}
	return d.Delivery.ApproversOf(waiting)
}
