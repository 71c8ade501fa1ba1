package commands

import (
	"context"
	"slices"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

const deployersWords = "deployers of the environment, else the service's team"

// deployers admits who may deploy the service to the environment that the line names.
func deployers() bot.Audience {
	return bot.Principals(deployersWords, func(r bot.Request) []config.Principal {
		return deployersOf(r.Config, r.Arg("service"), r.Arg("environment"))
	})
}

// deployersOfRecord admits the same for a line that may name a deployment instead.
func deployersOfRecord(d Deps) bot.Audience {
	return ofRecord(d, deployersWords,
		func(cfg *config.Config, record *delivery.Deployment) []config.Principal {
			return deployersOf(cfg, record.Service, record.Environment)
		},
		func(r bot.Request) []config.Principal {
			return deployersOf(r.Config, r.Arg("service"), r.Arg("environment"))
		})
}

func deployersOf(cfg *config.Config, service, environment string) []config.Principal {
	s, ok := cfg.Service(service)
	if !ok {
		return nil
	}
	e, ok := cfg.Environment(environment)
	if !ok {
		return nil
	}
	return cfg.Deployers(s, e)
}

func everyDeployer(cfg *config.Config) []config.Principal {
	var all []config.Principal
	for _, service := range cfg.Services {
		for _, environment := range service.Environments {
			all = append(all, deployersOf(cfg, service.Name, environment)...)
		}
	}
	return all
}

// onlyTeams refuses who is neither in one of the teams nor an administrator. A command that finds out by itself which team is meant asks it
// once it has: when permission was asked, Slack may not have told that, and the command was let in to say so.
func onlyTeams(ctx context.Context, d Deps, req bot.Request, teams ...string) error {
	of := slices.Clone(req.Config.Slack.Admins)
	for _, name := range teams {
		of = append(of, config.Principal(name))
	}
	whose := append(slices.Clone(teams), "admins")
	switch may, err := d.IsOne(ctx, req.User, of); {
	case err != nil:
		return bot.Refuse("permission.unknown", "Not now: Slack does not tell who is in which group. Please try again in a minute.")
	case !may:
		return bot.Refuse("permission.denied", "You may not do this: it is for %s.", words(whose, "and"))
	}
	return nil
}
