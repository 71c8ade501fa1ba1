package commands

import (
	"context"

	"shipmate/bot"
)

func unlink(d Deps) bot.Command {
	return bot.Command{
		Name:     "shipmate unlink",
		Args:     "<person> <provider>",
		Short:    "Forget who somebody is on GitHub or PagerDuty",
		Long:     "People can take their own claims back; what an admin said only an admin takes back.",
		Examples: []string{"shipmate unlink me github"},
		Who:      adminsOrSelf(),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			person, provider := req.Arg("person"), req.Arg("provider")
			gone, err := d.Links.Remove(ctx, bot.Removal{Request: req.ID, Person: person, Service: provider, By: req.User, At: req.At,
				Proven: person != req.User})
			switch {
			case err != nil:
				return bot.Reply{}, err
			case gone.Was == "":
				return bot.Say("%s was not linked to anybody on %s.", bot.User(person), serviceNames[provider]), nil
			}
			return bot.Say("%s is no longer %s on %s.", bot.User(person), bot.Code(gone.Was), serviceNames[provider]), nil
		},
	}
}
