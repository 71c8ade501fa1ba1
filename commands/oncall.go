package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

func onCall(d Deps) bot.Command {
	return bot.Command{
		Name:  "oncall",
		Also:  []string{"who's on call", "who is on call", "whos on call", "who's oncall", "who is oncall", "whos oncall"},
		Args:  "[for] [<team or service>] [now] | <person> [now]",
		Short: "Say who is on call, since when, until when and who is next",
		Long: "Without a name: the teams of this channel, or else all of them. Where a team and a service have the same name the service is " +
			"meant; team:<name> is the team. When PagerDuty does not answer you read what it said last, and when that was.",
		Examples: []string{"oncall", "oncall payments", "oncall checkout", "oncall @ben"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if sub, named := subjectOf(req); named {
				return whoIsOnCall(ctx, d, req, sub)
			}
			return everyoneOnCall(ctx, d, req)
		},
	}
}

func amIOnCall(d Deps) bot.Command {
	return bot.Command{
		Name:     "oncall am i",
		Also:     []string{"am i on call", "am i oncall"},
		Short:    "Say whether you are on call, and when you are next",
		Examples: []string{"oncall am i"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return whoIsOnCall(ctx, d, req, incident.Subject{Kind: incident.Someone, Name: req.User})
		},
	}
}

func onCallNext(d Deps) bot.Command {
	return bot.Command{
		Name:     "oncall next",
		Also:     []string{"who's on call tomorrow", "who is on call tomorrow", "whos on call tomorrow", "who's on call next", "who is on call next", "whos on call next"},
		Args:     "[for] [<team or service>] [<span>] | <person> [<span>]",
		Short:    "Show the calendar of who is on call",
		Long:     "For a week, or as many days as you say, up to 31.",
		Examples: []string{"oncall next", "oncall next payments 14", "oncall next @ben 3d"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			long, err := spanOf(req.Arg("span"), 7*24*time.Hour)
			if err != nil {
				return bot.Reply{}, err
			}
			subs := []incident.Subject{{Kind: incident.Someone, Name: req.Arg("person")}}
			if sub, named := subjectOf(req); named {
				subs[0] = sub
			} else if subs = channelSubjects(ctx, d, req); len(subs) == 0 {
				return bot.Reply{}, incidentRefusal(&incident.Refused{Code: incident.NoRota})
			}
			m := bot.Message{}
			for _, sub := range subs[:min(len(subs), maxCalendars)] {
				c, err := d.Incidents.Calendar(ctx, sub, long)
				if err != nil {
					return bot.Reply{}, incidentRefusalTo(req, err)
				}
				m.Parts = append(m.Parts, calendarParts(c, zoneOf(ctx, d, req.User))...)
			}
			m.Text = bot.Textf("📅 On call for the next %s", spell(long))
			if n := len(subs) - maxCalendars; n > 0 {
				m.Parts = append(m.Parts, bot.Small(bot.Textf("And %s; name the one you mean.", count(n, "more team"))))
			}
			return bot.Reply{Message: m}, nil
		},
	}
}

// maxCalendars is how many calendars one answer shows.
const maxCalendars = 5

// subjectOf is what the line is about, if it names something.
func subjectOf(req bot.Request) (incident.Subject, bool) {
	if person := req.Arg("person"); person != "" {
		return incident.Subject{Kind: incident.Someone, Name: person}, true
	}
	return incident.Find(req.Config, req.Arg("team or service"))
}

func whoIsOnCall(ctx context.Context, d Deps, req bot.Request, sub incident.Subject) (bot.Reply, error) {
	a, err := d.Incidents.OnCall(ctx, sub)
	if err != nil {
		return bot.Reply{}, incidentRefusalTo(req, err)
	}
	return bot.Reply{Message: onCallMessage(req.Config, a, req.At, zoneOf(ctx, d, req.User), sub.Name == req.User)}, nil
}

func everyoneOnCall(ctx context.Context, d Deps, req bot.Request) (bot.Reply, error) {
	subs := channelSubjects(ctx, d, req)
	if len(subs) == 0 {
		return bot.Reply{}, incidentRefusal(&incident.Refused{Code: incident.NoRota})
	}
	all, err := d.Incidents.OnCallAll(ctx, subs)
	if err != nil {
		return bot.Reply{}, incidentRefusalTo(req, err)
	}
	zone := zoneOf(ctx, d, req.User)
	if len(all) == 1 && len(all[0].Rosters) > 0 {
		return bot.Reply{Message: onCallMessage(req.Config, all[0], req.At, zone, false)}, nil
	}
	return bot.Reply{Message: onCallList(all, req.At, zone)}, nil
}

// channelSubjects are the teams whose channel this is, or else all.
func channelSubjects(ctx context.Context, d Deps, req bot.Request) []incident.Subject {
	all := incident.Subjects(req.Config)
	here := slices.DeleteFunc(slices.Clone(all), func(sub incident.Subject) bool {
		t, ok := req.Config.Team(sub.Name)
		if !ok || t.Channel == "" || req.Channel == "" {
			return true
		}
		id, err := d.ChannelID(ctx, t.Channel)
		return err != nil || id != req.Channel
	})
	if len(here) > 0 {
		return here
	}
	return all
}

// zoneOf is where the reader is; nil when Slack does not tell.
func zoneOf(ctx context.Context, d Deps, person string) *time.Location {
	zone, err := d.ZoneOf(ctx, person)
	if err != nil {
		return nil
	}
	return zone
}

// onCallNames are the teams and services that people may name.
func onCallNames(cfg *config.Config, _ bot.Args) []bot.Value {
	var out []bot.Value
	taken := map[string]bool{}
	for _, name := range cfg.ServiceNames() {
		out = append(out, bot.Value{Name: name, Aliases: cfg.Services[name].Aliases})
		taken[name] = true
		for _, alias := range cfg.Services[name].Aliases {
			taken[alias] = true
		}
	}
	for _, name := range cfg.TeamNames() {
		v := bot.Value{Name: incident.TeamPrefix + name}
		if !taken[name] {
			v = bot.Value{Name: name, Aliases: []string{v.Name}}
		}
		out = append(out, v)
	}
	return out
}

// peopleOf admits the people of the team that the line is about, and admins.
func peopleOf(words string) bot.Audience {
	return bot.Principals(words, func(r bot.Request) []config.Principal {
		out := slices.Clone(r.Config.Slack.Admins)
		sub, named := subjectOf(r)
		if !named {
			return out
		}
		team := sub.Name
		if service, ok := r.Config.Service(sub.Name); ok && sub.Kind == incident.Of {
			team = service.Team
		}
		if t, ok := r.Config.Team(team); ok {
			out = append(out, config.Principal(t.Name))
		}
		return out
	})
}

// madeIncident answers for what a request did before a crash; look says incident.ErrNotFound when it did nothing.
func madeIncident[T any](look func(context.Context, string) (*T, error), reply func(bot.Request, *T) bot.Reply) func(context.Context, bot.Request) (bot.Reply, bool, error) {
	return func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
		found, err := look(ctx, req.ID)
		switch {
		case errors.Is(err, incident.ErrNotFound):
			return bot.Reply{}, false, nil
		case err != nil:
			return bot.Reply{}, false, err
		}
		return reply(req, found), true, nil
	}
}
