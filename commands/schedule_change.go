package commands

import (
	"context"
	"errors"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/schedule"
)

// scheduleChange is a command that changes a schedule.
type scheduleChange struct {
	name, also, args, short, long string
	said                          string // of the schedule and who did it
	do                            func(context.Context, bot.Request, schedule.ChangeWant) (*schedule.Schedule, error)
}

// scheduleChanges are the commands that change a schedule.
func scheduleChanges(d Deps) []bot.Command {
	plain := func(do func(context.Context, schedule.ChangeWant) (*schedule.Schedule, error)) func(context.Context, bot.Request, schedule.ChangeWant) (*schedule.Schedule, error) {
		return func(ctx context.Context, _ bot.Request, w schedule.ChangeWant) (*schedule.Schedule, error) {
			return do(ctx, w)
		}
	}
	var out []bot.Command
	for _, c := range []scheduleChange{
		{name: "pause", args: " [for <duration>]", short: "Keep something from running until it is resumed, or for a while",
			long: "Its times are kept as left out, and its owner is told.", said: "⏸️ %s is paused by %s.",
			do: func(ctx context.Context, req bot.Request, w schedule.ChangeWant) (*schedule.Schedule, error) {
				until, err := untilOf(req)
				if err != nil {
					return nil, err
				}
				return d.Schedules.Pause(ctx, w, until)
			}},
		{name: "resume", short: "Have something run again that was paused or has stopped", said: "▶️ %s runs again, says %s.", do: plain(d.Schedules.Resume)},
		{name: "skip", also: "skip next", short: "Leave the next time out", said: "⏭️ %s leaves its next time out, says %s.", do: plain(d.Schedules.SkipNext)},
		{name: "run", also: "run now", short: "Run something at once, beside its times",
			long: "It runs with its owner's rights, so whoever asks for it must be allowed to run the line themselves.",
			said: "▶️ %s runs now, asked for by %s.", do: plain(d.Schedules.RunNow)},
		{name: "remove", short: "Have something never run again", said: "🗑️ %s is removed by %s.", do: plain(d.Schedules.Remove)},
	} {
		out = append(out, c.command(d))
	}
	return out
}

func (c scheduleChange) command(d Deps) bot.Command {
	reply := func(req bot.Request, one *schedule.Schedule) bot.Reply {
		return changedSchedule(d.Schedules, req, one, c.said)
	}
	out := bot.Command{
		Name: "schedule " + c.name, Args: "<schedule>" + c.args, Short: c.short, Long: c.long, Examples: []string{"schedule " + c.name + " s-4kq7x2m5wz"},
		Who: keepersOfSchedule(d),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			one, err := c.do(ctx, req, schedule.ChangeWant{Request: req.ID, At: req.At, By: req.User, ID: req.Arg("schedule")})
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return reply(req, one), nil
		},
		Made: madeSchedule(d, reply),
	}
	if c.also != "" {
		out.Also = []string{"schedule " + c.also}
	}
	return out
}

// madeSchedule answers for what a request did to a schedule before a crash.
func madeSchedule(d Deps, reply func(bot.Request, *schedule.Schedule) bot.Reply) func(context.Context, bot.Request) (bot.Reply, bool, error) {
	return func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
		one, err := d.Schedules.Asked(ctx, req.ID)
		if errors.Is(err, schedule.ErrNotFound) {
			return bot.Reply{}, false, nil
		}
		if err != nil {
			return bot.Reply{}, false, err
		}
		return reply(req, one), true, nil
	}
}

// untilOf is when something ends that is for a while, from when it was asked for; the zero time when no length was given.
func untilOf(req bot.Request) (time.Time, error) {
	word := req.Arg("duration")
	if word == "" {
		return time.Time{}, nil
	}
	long, err := clock.ParseDuration(word)
	if err != nil { // Kinds has parsed it before
		return time.Time{}, err
	}
	return req.At.Add(long), nil
}

// keepersOfSchedule admits its owner, the team whose channel it is in, and administrators. Of one that does not exist everybody may learn
// that. When the store does not answer nobody is admitted.
func keepersOfSchedule(d Deps) bot.Audience {
	return bot.Principals("its owner, the channel's team, and admins", func(r bot.Request) []config.Principal {
		one, err := d.Schedules.Schedule(context.Background(), r.Arg("schedule"))
		switch {
		case errors.Is(err, schedule.ErrNotFound):
			return []config.Principal{config.Principal(r.User)}
		case err != nil:
			return nil
		}
		return whoKeeps(one, r.Config)
	})
}

func whoKeeps(one *schedule.Schedule, cfg *config.Config) []config.Principal {
	var out []config.Principal
	if one.Owner != "" {
		out = append(out, config.Principal(one.Owner))
	}
	if one.Team != "" {
		out = append(out, config.Principal(one.Team))
	}
	return append(out, cfg.Slack.Admins...)
}

// mayRead tells whether somebody may see a person's schedule, what it runs and what was answered: its keepers, whoever asks in its channel,
// and everybody where that is public. While Slack does not tell, nobody else may.
func mayRead(ctx context.Context, d Deps, req bot.Request, one *schedule.Schedule) bool {
	if one.Kind != schedule.Lines || one.Channel == req.Channel {
		return true
	}
	if public, err := d.IsPublic(ctx, one.Channel); err == nil && public {
		return true
	}
	keeps, err := d.IsOne(ctx, req.User, whoKeeps(one, req.Config))
	return err == nil && keeps
}
