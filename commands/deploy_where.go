package commands

import (
	"context"
	"fmt"
	"strconv"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

func deployWhere(d Deps) bot.Command {
	c := pipelines{d}
	return bot.Command{
		Name:  "deploy where",
		Args:  "<service>[#number] | <service> <number> | <number> [<service>] | <sha> [<service>] | <link>",
		Short: "Say in which environments a pull request, an issue or a commit is",
		Long: "It is in an environment when what runs there has its commit in it; an issue is where the pull requests and commits are that " +
			"say they close it. Since when is as far as Shipmate's history tells. For a service it is what runs where. For a number alone " +
			"the service is the one of this channel's team, or you are asked; a link is that of its page on GitHub.",
		Examples: []string{"deploy where #12 checkout", "deploy where checkout#12", "deploy where 1a2b3c4", "deploy where checkout",
			"deploy where https://github.com/acme/checkout/pull/12"},
		Who: bot.Everyone,
		Run: c.where,
	}
}

func (c pipelines) where(ctx context.Context, req bot.Request) (bot.Reply, error) {
	sought := delivery.Sought{Service: req.Arg("service"), SHA: req.Arg("sha")}
	sought.Number, _ = strconv.Atoi(req.Arg("number")) // its kind has seen to it that it is a number
	if link := req.Arg("link"); link != "" {
		sought = linked(link)
	}
	switch {
	case sought.Number == 0 && sought.SHA == "":
		all, err := c.Delivery.Status(ctx, sought.Service)
		if err != nil {
			return bot.Reply{}, refusal(err)
		}
		return bot.Reply{Message: statusMessage(all)}, nil
	case sought.Number > 0 && sought.Service == "" && sought.Repo == "":
		fit := c.servicesHere(ctx, req)
		if sought.Repo = oneRepo(req.Config, fit); sought.Repo == "" {
			return *whichService("deploy where", fmt.Sprintf("#%d", sought.Number), fit), nil
		}
	}
	found, err := c.Delivery.Where(ctx, sought)
	if err != nil {
		return bot.Reply{}, refusal(err)
	}
	return bot.Reply{Message: whereMessage(found)}, nil
}

// oneRepo is the repository that all the services have; empty when they have several.
func oneRepo(cfg *config.Config, services []string) string {
	repo := ""
	for _, name := range services {
		switch its := string(cfg.Services[name].Repo); {
		case repo == "":
			repo = its
		case repo != its:
			return ""
		}
	}
	return repo
}

// noCommit says where a commit was looked for.
func noCommit(r *delivery.Refused) bot.Message {
	if r.Repo != "" {
		return text("%s has no commit %s.", r.Repo, bot.Code(r.Ref))
	}
	return text("No service's repository has a commit %s.", bot.Code(r.Ref))
}
