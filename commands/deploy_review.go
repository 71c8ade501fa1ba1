package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

func deployReview(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy review",
		Args:     "<deployment> [<reason>...]",
		Short:    "Sign the review of a deployment that broke the glass",
		Long:     "Somebody other than who did it looks at what was skipped and why, and signs, with a note if they like.",
		Examples: []string{"deploy review d-4kq7x2m5wz", "deploy review d-4kq7x2m5wz the freeze should have ended an hour earlier"},
		Who:      reviewersOfRecord(d),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			signed, err := d.Delivery.Sign(ctx, delivery.VoteWant{Request: req.ID, By: req.User, ID: req.Arg("deployment"), Reason: req.Arg("reason")})
			if err != nil {
				return bot.Reply{}, refusalTo(req.User, err)
			}
			return signedReply(signed), nil
		},
		Made: madeBefore(d.Delivery.Touched, func(_ bot.Request, signed *delivery.Deployment) bot.Reply { return signedReply(signed) }),
	}
}

func deployReviews(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy reviews",
		Short:    "List the deployments that broke the glass and wait for a review",
		Examples: []string{"deploy reviews"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, _ bot.Request) (bot.Reply, error) {
			all, err := d.Delivery.Reviews(ctx)
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: reviewsMessage(all)}, nil
		},
	}
}

func signedReply(d *delivery.Deployment) bot.Reply {
	return bot.Reply{Message: text("Signed: the review of %s, which %s deployed past what was in the way.", whatWhere(d), bot.User(d.By))}
}

func reviewsMessage(all []*delivery.Deployment) bot.Message {
	if len(all) == 0 {
		return text("No review waits for a signature.")
	}
	m := text("%s for a signature", waitWords(len(all)))
	for len(all) > 0 {
		var lines []bot.Text
		for _, d := range all[:min(perPart, len(all))] {
			lines = append(lines, bot.Textf("🔨 %s by %s %s%s · %s", whatWhere(d), bot.User(d.By), bot.Time(d.Created), whyWords(d.Reason),
				bot.Code("/deploy review "+d.ID)))
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
		all = all[min(perPart, len(all)):]
	}
	return m
}

func waitWords(n int) string {
	if n == 1 {
		return "1 review waits"
	}
	return count(n, "review") + " wait"
}

// reviewersOfRecord admits who may sign the review that the line names.
func reviewersOfRecord(d Deps) bot.Audience {
	return ofRecord(d, "approvers of the environment, else its deployers; admins",
		func(_ *config.Config, record *delivery.Deployment) []config.Principal {
			return d.Delivery.ReviewersOf(record)
		},
		func(bot.Request) []config.Principal { return nil })
}
