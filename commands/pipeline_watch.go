package commands

import (
	"context"
	"errors"

	"shipmate/bot"
	"shipmate/delivery"
)

func pipelineWatch(d Deps) bot.Command {
	c := pipelines{d}
	return bot.Command{
		Name:  "pipeline watch",
		Args:  lookArgs,
		Short: "Keep showing the checks of a commit until they end, and tell you",
		Long: "One message here tells how the checks go, and mentions you in its thread when all have ended. It is given up after " +
			took(delivery.WatchFor) + ", with a word.",
		Examples: []string{"pipeline watch checkout", "pipeline watch #12 checkout"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			look, ask := c.look(ctx, req, "pipeline watch")
			if ask != nil {
				return *ask, nil
			}
			w, err := d.Delivery.Watch(ctx, delivery.WatchWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Look: look})
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return watched(w), nil
		},
		Made: func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
			w, err := d.Delivery.Watched(ctx, delivery.WatchID(req.ID))
			return madeWatch(w, err, watched)
		},
	}
}

// madeWatch is the answer to a request that may have made its watch before a crash.
func madeWatch(w *delivery.Watch, err error, answer func(*delivery.Watch) bot.Reply) (bot.Reply, bool, error) {
	if errors.Is(err, delivery.ErrNotFound) {
		return bot.Reply{}, false, nil
	}
	if err != nil {
		return bot.Reply{}, false, err
	}
	return answer(w), true, nil
}

// watched is the answer to a watch that was made: its card.
func watched(w *delivery.Watch) bot.Reply {
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: watchKind, ID: w.ID, Home: w.Home}}
}
