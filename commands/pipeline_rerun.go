package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/delivery"
)

func pipelineRerun(d Deps) bot.Command {
	return bot.Command{
		Name:  "pipeline rerun",
		Args:  "<jobs> <service>[@ref] (<runs>) | <jobs> <watch>",
		Short: "Run workflow runs of a commit again",
		Long: "`failed` runs the failed jobs again and what depends on them, `all` every job. Runs that were started by hand or for " +
			"a deployment are left alone: a deployment is retried with /deploy retry.",
		Examples: []string{"pipeline rerun failed checkout", "pipeline rerun all checkout@1a2b3c4"},
		Who:      deployersAnywhere(d),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			runs, err := runsOf(req.Arg("runs"))
			if err != nil {
				return bot.Reply{}, err
			}
			w, err := d.Delivery.RunAgain(ctx, delivery.RerunWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel,
				Jobs: delivery.Jobs(req.Arg("jobs")), Watch: req.Arg("watch"), Runs: runs,
				Look: delivery.Look{Service: req.Arg("service"), Ref: req.Arg("ref")}})
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return ranAgain(w, req.ID), nil
		},
		Made: func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
			w, err := d.Delivery.RanAgain(ctx, req.ID)
			return madeWatch(w, err, func(w *delivery.Watch) bot.Reply { return ranAgain(w, req.ID) })
		},
	}
}

// ranAgain is the answer to a wish that was written down: the card it made, or words to go with the card that was used.
func ranAgain(w *delivery.Watch, request string) bot.Reply {
	if w.Request == request {
		return watched(w)
	}
	return bot.Reply{Message: text("Running again what you asked for of %s; the card tells how it goes.", pipelineName(&w.Seen))}
}
