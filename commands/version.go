package commands

import (
	"context"

	"shipmate/bot"
)

func version(d Deps) bot.Command {
	return bot.Command{
		Name:  "shipmate version",
		Short: "Say which version of Shipmate this is",
		Who:   bot.Everyone,
		Run: func(context.Context, bot.Request) (bot.Reply, error) {
			return bot.Say("Shipmate %s", bot.Code(d.Version)), nil
		},
	}
}
