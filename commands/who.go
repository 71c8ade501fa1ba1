package commands

import (
	"context"
	"errors"

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

// deployersOfRecord admits the same for a line that names a deployment instead. Of one that does not exist every deployer
// may learn that; nothing can be done to it. When the store does not answer nobody is admitted.
func deployersOfRecord(d Deps) bot.Audience {
	return bot.Principals(deployersWords, func(r bot.Request) []config.Principal {
		id := r.Arg("deployment")
		if id == "" {
			return deployersOf(r.Config, r.Arg("service"), r.Arg("environment"))
		}
		record, err := d.Delivery.Deployment(context.Background(), id)
		switch {
		case errors.Is(err, delivery.ErrNotFound):
			return everyDeployer(r.Config)
		case err != nil:
			return nil
		}
		return deployersOf(r.Config, record.Service, record.Environment)
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
