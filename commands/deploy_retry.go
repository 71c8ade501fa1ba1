package commands

import (
	"context"

	"shipmate/bot"
)

func deployRetry(d Deps) bot.Command {
	c := deployer{d}
	return bot.Command{
		Name:     "deploy retry",
		Args:     "<deployment> (<answer>)",
		Short:    "Deploy the same commit again after a failure",
		Long:     "A new deployment of the same commit to the same place. Every deployment can be retried once; its retry again.",
		Examples: []string{"deploy retry d-4kq7x2m5wz"},
		Who:      deployersOfRecord(d),
		Run:      c.retry,
		Made:     c.made,
	}
}

func (c deployer) retry(ctx context.Context, req bot.Request) (bot.Reply, error) {
	want, id, answer := wantOf(req), req.Arg("deployment"), req.Arg("answer")
	want.Anyway = answer == anyway
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
