package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployCancel(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy cancel",
		Args:  "<deployment> | <service> [on] <environment>",
		Short: "Stop a deployment",
		Long: "One that has not been sent to GitHub yet ends at once; a run is stopped, and the card shows how it ended. One " +
			"of which nobody knows what became of it gives its place free: look on GitHub first.",
		Examples: []string{"deploy cancel checkout staging", "deploy cancel d-4kq7x2m5wz"},
		Who:      deployersOfRecord(d),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			stopped, err := d.Delivery.Cancel(ctx, delivery.Stop{Request: req.ID, By: req.User, ID: req.Arg("deployment"),
				Service: req.Arg("service"), Environment: req.Arg("environment"), Stage: req.Stage})
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: bot.Message{Text: stopping(stopped)}}, nil
		},
		Made: madeBefore(d.Delivery.Touched, func(_ bot.Request, stopped *delivery.Deployment) bot.Reply {
			return bot.Reply{Message: bot.Message{Text: stopping(stopped)}}
		}),
	}
}

// stopping says what becomes of the wish. What changed is on the card, so the answer is for the asker alone.
func stopping(d *delivery.Deployment) bot.Text {
	switch {
	case d.State == delivery.Cancelled && d.Run == nil && d.Attempted.IsZero():
		return bot.Textf("Cancelled: %s was not sent to GitHub yet.", whatWhere(d))
	case d.State == delivery.Abandoned:
		return bot.Textf("Given up: %s may be deployed again. What became of %s could not be checked.",
			bot.Textf("%s in %s", bot.Bold(d.Service), bot.Bold(d.Environment)), bot.Code(d.ID))
	case d.State == delivery.Lost && d.Lost == delivery.Unstoppable:
		return lostNote(d)
	case d.State.Ended():
		return bot.Textf("Deploying %s has ended: its card shows how.", whatWhere(d))
	case d.Unread != nil:
		return bot.Textf("Cancelling %s, asked at %s. %s", whatWhere(d), bot.Clock(d.Cancel.At), cancelCourse(d))
	case d.Run == nil && d.Decided.Deployment:
		return bot.Textf("Cancelling %s: I look first whether GitHub has it. If it has, it must be stopped where it runs.", whatWhere(d))
	case d.Run == nil:
		return bot.Textf("Cancelling %s: I look for its run on GitHub first, then stop it.", whatWhere(d))
	}
	return bot.Textf("Cancelling %s: GitHub is asked to stop %s, and the card shows how it ended.", whatWhere(d),
		bot.Link(d.Run.URL, "the run"))
}
