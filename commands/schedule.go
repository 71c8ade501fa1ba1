package commands

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/schedule"
)

// everyone's schedules, instead of those of a channel and of a person.
const allSchedules = "all"

func scheduleList(d Deps) bot.Command {
	return bot.Command{
		Name:     "schedule",
		Also:     []string{"schedule list"},
		Args:     "[<whose>]",
		Short:    "List what runs at a time: here and yours, or all of it",
		Examples: []string{"schedule", "schedule list all"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			all, err := d.Schedules.All(ctx)
			if err != nil {
				return bot.Reply{}, err
			}
			readable := slices.DeleteFunc(slices.Clone(all), func(s *schedule.Schedule) bool { return !mayRead(ctx, d, req, s) })
			shown := readable
			if req.Arg("whose") == "" {
				shown = slices.DeleteFunc(slices.Clone(readable), func(s *schedule.Schedule) bool {
					return !isChannel(ctx, d, s.Channel, req.Channel) && s.Owner != req.User
				})
			}
			m := schedulesMessage(d.Schedules, shown, req.Arg("whose") != "", len(readable)-len(shown))
			if unread := len(all) - len(readable); unread > 0 && req.Arg("whose") != "" {
				m.Parts = append(m.Parts, bot.Small(bot.Textf("and %s in channels that are not public", count(unread, "schedule"))))
			}
			return bot.Reply{Message: m}, nil
		},
	}
}

func scheduleShow(d Deps) bot.Command {
	return bot.Command{
		Name:     "schedule show",
		Args:     "<schedule>",
		Short:    "Say when something runs next, and what became of it so far",
		Examples: []string{"schedule show s-4kq7x2m5wz"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			one, err := d.Schedules.Schedule(ctx, req.Arg("schedule"))
			if errors.Is(err, schedule.ErrNotFound) {
				err = &schedule.Refused{Code: schedule.NoSchedule, Word: req.Arg("schedule")}
			}
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			if !mayRead(ctx, d, req, one) {
				return bot.Reply{}, bot.Refuse("schedule.private", "%s is not for everybody: it runs where not everybody reads. Its owner, its team and admins see it, and whoever asks there.", bot.Code(one.ID))
			}
			was, err := d.Schedules.Happened(ctx, one.ID, maxHappened)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: scheduleMessage(d.Schedules, one, was)}, nil
		},
	}
}

func scheduleAdd(d Deps) bot.Command {
	return bot.Command{
		Name:  "schedule add",
		Args:  "(<sure>) <times> [in <channel>] [zone <zone>] [missed <missed>] [on <workdays>] <line>...",
		Short: "Have a line run at a time, with your rights",
		Long: "The times are a cron expression in quotes: minute, hour, day of the month, month, weekday. They are meant in the time zone of the channel's " +
			"team, or yours, unless zone says another. On workdays leaves out days on which the team does not work, and its holidays. What is missed " +
			"because I am down runs once when I am back, up to 12 hours late; missed skip leaves it out. Everybody in the channel sees the answers. I ask each " +
			"time whether you may: when you may not any more, or have left, it stops and says so.",
		Examples: []string{`schedule add "0 9 * * 1-5" deploy status checkout`, `schedule add "30 8 * * 1" in #payments on workdays deploy locks`,
			`schedule add "0 4 * * *" zone UTC missed skip deploy checkout staging`},
		Who: bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			want, err := scheduleWant(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			if req.Arg("sure") == "" {
				p, err := d.Schedules.Preview(ctx, want)
				if err != nil {
					return bot.Reply{}, scheduleRefusal(err)
				}
				return askToSchedule(p), nil
			}
			one, err := d.Schedules.Add(ctx, want)
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return scheduledReply(d.Schedules, one), nil
		},
		Made: func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
			one, err := d.Schedules.Schedule(ctx, schedule.ID(req.ID))
			if errors.Is(err, schedule.ErrNotFound) {
				return bot.Reply{}, false, nil
			}
			if err != nil {
				return bot.Reply{}, false, err
			}
			return scheduledReply(d.Schedules, one), true, nil
		},
	}
}

// scheduleWant is what somebody wants on a schedule. Where its times are meant is said by them, by the channel's team, or by where they live.
func scheduleWant(ctx context.Context, d Deps, req bot.Request) (schedule.Want, error) {
	w := schedule.Want{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Cron: req.Arg("times"), Zone: req.Arg("zone"),
		Working: req.Arg("workdays") != "", Missed: schedule.Missed(cmp.Or(req.Arg("missed"), string(schedule.CatchUp))), Line: req.Arg("line")}
	if err := optionMeant(w.Line); err != nil {
		return w, err
	}
	if name := req.Arg("channel"); name != "" {
		id, err := d.ChannelID(ctx, name)
		if err != nil {
			return w, bot.Refuse("channel.unknown", "I know no channel %s.", name)
		}
		w.Channel = id
	}
	team := teamOfChannel(ctx, d, req.Config, w.Channel)
	if team != nil {
		w.Team = team.Name
	}
	if err := mayScheduleIn(ctx, d, req, w, team); err != nil {
		return w, err
	}
	if w.Zone != "" {
		return w, nil
	}
	if team != nil && team.Timezone != "" {
		w.Zone = team.Timezone
		return w, nil
	}
	w.Zone = "UTC"
	if zone, err := d.ZoneOf(ctx, req.User); err == nil && zone.String() != "Local" {
		w.Zone = zone.String()
	}
	return w, nil
}

// optionMeant refuses a line that begins with a word that leads something in: what followed it was not understood.
func optionMeant(line string) error {
	first, rest, _ := strings.Cut(line, " ")
	word, _, _ := strings.Cut(rest, " ")
	switch strings.ToLower(first) {
	case "in":
		return bot.Refuse("schedule.channel", "%s is no channel; write it as %s.", bot.Code(word), bot.Code("in #payments"))
	case "zone":
		_, err := clock.LoadZone(word)
		return bot.Refuse("schedule.zone", "%s", cmp.Or(sentenceOf(err), "The time zone goes before "+bot.Code("missed")+" and "+bot.Code("on workdays")+"."))
	case "missed":
		return bot.Refuse("schedule.missed", "After %s goes %s (it runs once when I am back) or %s.", bot.Code("missed"), bot.Code("once"), bot.Code("skip"))
	case "on":
		return bot.Refuse("schedule.workdays", "After %s goes %s; other days are said by the times.", bot.Code("on"), bot.Code("workdays"))
	}
	return nil
}

func sentenceOf(err error) bot.Text {
	if err == nil {
		return ""
	}
	return bot.Textf("%s.", err.Error())
}

// isChannel tells whether a channel, which the configuration may give by its name, is one with that ID.
func isChannel(ctx context.Context, d Deps, channel, id string) bool {
	if !strings.HasPrefix(channel, "#") {
		return channel == id
	}
	found, err := d.ChannelID(ctx, channel)
	return err == nil && found == id
}

// teamOfChannel is the team whose channel it is; nil for none, and while Slack does not tell which channel that is.
func teamOfChannel(ctx context.Context, d Deps, cfg *config.Config, channel string) *config.Team {
	for _, name := range cfg.TeamNames() {
		team := cfg.Teams[name]
		if team.Channel != "" && isChannel(ctx, d, team.Channel, channel) {
			return team
		}
	}
	return nil
}

// mayScheduleIn keeps people from having things said where they are not: in another channel than the one they ask in, which is their
// team's.
func mayScheduleIn(ctx context.Context, d Deps, req bot.Request, w schedule.Want, team *config.Team) error {
	if w.Channel == req.Channel {
		return nil
	}
	teams, err := d.TeamsOf(ctx, req.User)
	if team != nil && slices.Contains(teams, team.Name) {
		return nil
	}
	if err != nil {
		return bot.Refuse("permission.unknown", "Not now: Slack does not tell who is in which group. Please try again in a minute.")
	}
	return bot.Refuse("schedule.elsewhere", "Please ask for it in %s itself: elsewhere you can only schedule for your own team's channel.", bot.Channel(w.Channel))
}

// Ran is how a line was run, in the words of schedules.
func Ran(end bot.TimedEnd, err error) (schedule.Ran, error) {
	if err != nil {
		return schedule.Ran{}, err
	}
	fate := schedule.Declined
	switch {
	case end.Code == "ok" && end.Asks:
		fate = schedule.Asked
	case end.Code == "ok":
		fate = schedule.Done
	case end.Code == "error":
		fate = schedule.Failed
	}
	return schedule.Ran{Outcome: schedule.Outcome{Fate: fate, Said: string(end.Text), Lost: end.Lost}, Write: end.Write}, nil
}
