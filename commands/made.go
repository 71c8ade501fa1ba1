package commands

import (
	"context"
	"errors"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// madeBefore answers for what a request did before a crash: look finds it by the request's ID, or says delivery.ErrNotFound.
func madeBefore[T any](look func(ctx context.Context, request string) (*T, error), reply func(bot.Request, *T) bot.Reply) func(context.Context, bot.Request) (bot.Reply, bool, error) {
	return func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
		found, err := look(ctx, req.ID)
		switch {
		case errors.Is(err, delivery.ErrNotFound):
			return bot.Reply{}, false, nil
		case err != nil:
			return bot.Reply{}, false, err
		}
		return reply(req, found), true, nil
	}
}

// ofRecord admits whom of names for the deployment that the line names, or whom otherwise names when the line names none. Of a
// deployment that does not exist every deployer may learn that; nothing can be done to it. When the store does not answer
// nobody is admitted.
func ofRecord(d Deps, words string, of func(*config.Config, *delivery.Deployment) []config.Principal, otherwise func(bot.Request) []config.Principal) bot.Audience {
	return bot.Principals(words, func(r bot.Request) []config.Principal {
		id := r.Arg("deployment")
		if id == "" {
			return otherwise(r)
		}
		record, err := d.Delivery.Deployment(context.Background(), id)
		switch {
		case errors.Is(err, delivery.ErrNotFound):
			return everyDeployer(r.Config)
		case err != nil:
			return nil
		}
		return of(r.Config, record)
	})
}
