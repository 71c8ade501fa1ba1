package commands

import (
	"context"

	"shipmate/bot"
)

func deployRetry(d Deps) bot.Command {
	c := deployer{d}
	return bot.Command{
		Name:  "deploy retry",
		Args:  "<deployment> (<answer>) | <service> [on] <environment>",
		Short: "Deploy the same commit again after a failure",
		Long: "A new deployment of the same commit to the same place. Every deployment can be retried once; its retry again. " +
			"Without its ID it is the latest one there that has ended.",
		Examples: []string{"deploy retry checkout staging", "deploy retry d-4kq7x2m5wz"},
		Who:      deployersOfRecord(d),
		Run:      c.retry,
		Made:     c.made,
	}
}

func (c deployer) retry(ctx context.Context, req bot.Request) (bot.Reply, error) {
	want, answer := wantOf(req), req.Arg("answer")
	want.Anyway = answer == anyway
	id, err := c.retried(ctx, req)
	if err != nil {
		return bot.Reply{}, err
	}
	if answer == "" {
		planned, err := c.Delivery.PreviewRetry(ctx, id, want)
		if err != nil {
			return c.refused(req, want, err)
		}
		if planned.Version == 0 && confirms(req.Config, planned.Environment) {
			return askFirst(planned, "deploy retry "+id+" "+confirmed), nil
		}
	}
	made, err := c.Delivery.Retry(ctx, id, want)
	if err != nil {
		return c.refused(req, want, err)
	}
	return shown(req, made), nil
}

// retried is the ID of the deployment that is meant: the one that is named, else the latest there that has ended.
func (c deployer) retried(ctx context.Context, req bot.Request) (string, error) {
	if id := req.Arg("deployment"); id != "" {
		return id, nil
	}
	all, err := c.Delivery.History(ctx, req.Arg("service"), req.Arg("environment"), 2) // at most the newest is under way
	if err != nil {
		return "", err
	}
	for _, d := range all {
		if d.State.Ended() {
			return d.ID, nil
		}
	}
	return "", bot.Refuse("no_deployment", "No deployment of %s to %s has ended yet, so there is none to retry.",
		bot.Bold(req.Arg("service")), bot.Bold(req.Arg("environment")))
}
