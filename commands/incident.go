package commands

import (
	"context"
	"errors"

	"shipmate/bot"
)

func incidentShow(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident",
		Args:     "[#<incident>]",
		Short:    "Show the incident of this channel, or list them",
		Examples: []string{"incident", "incident #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			i, err := whichIncident(ctx, d, req)
			var none *noIncident
			if errors.As(err, &none) && req.Arg("incident") == "" {
				return listIncidents(ctx, d, req)
			}
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			v := incidentView(i, req.Config)
			return bot.Reply{Message: v.Message}, nil
		},
	}
}

func incidentList(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident list",
		Short:    "List the open incidents and the latest that are over",
		Examples: []string{"incident list"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return listIncidents(ctx, d, req)
		},
	}
}

// maxOver is how many incidents that are over a list shows.
const maxOver = 10

func listIncidents(ctx context.Context, d Deps, req bot.Request) (bot.Reply, error) {
	open, over, err := d.Incidents.List(ctx, maxOver)
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Reply{Message: incidentsMessage(open, over, req)}, nil
}

func incidentTimeline(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident timeline",
		Args:     "[#<incident>]",
		Short:    "Show what happened in an incident",
		Examples: []string{"incident timeline", "incident timeline #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			i, err := whichIncident(ctx, d, req)
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			lines, err := d.Incidents.Timeline(ctx, i.ID)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: timelineMessage(i, lines)}, nil
		},
	}
}
