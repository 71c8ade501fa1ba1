package commands

import (
	"context"
	"errors"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/schedule"
)

// scheduleChanges are the commands that change a schedule.
func scheduleChanges(d Deps) []bot.Command {
	change := func(name, also, short, long string, do func(context.Context, schedule.ChangeWant) (*schedule.Schedule, error),
		reply func(bot.Request, *schedule.Schedule) bot.Reply) bot.Command {
		c := bot.Command{
			Name: "schedule " + name, Args: "<schedule>", Short: short, Long: long, Examples: []string{"schedule " + name + " s-4kq7x2m5wz"},
			Who: keepersOfSchedule(d),
			Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
				one, err := do(ctx, schedule.ChangeWant{Request: req.ID, At: req.At, By: req.User, ID: req.Arg("schedule")})
				if err != nil {
					return bot.Reply{}, scheduleRefusal(err)
				}
				return reply(req, one), nil
			},
			Made: func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
				one, err := d.Schedules.Asked(ctx, req.ID)
				if errors.Is(err, schedule.ErrNotFound) {
					return bot.Reply{}, false, nil
				}
				if err != nil {
					return bot.Reply{}, false, err
				}
				return reply(req, one), true, nil
			},
		}
		if also != "" {
			c.Also = []string{"schedule " + also}
		}
		return c
	}
	said := func(format string) func(bot.Request, *schedule.Schedule) bot.Reply {
		return func(req bot.Request, one *schedule.Schedule) bot.Reply {
			return changedSchedule(d.Schedules, req, one, format)
		}
	}
	return []bot.Command{
		change("pause", "", "Keep something from running until it is resumed", "Its times are kept as left out, and its owner is told.", d.Schedules.Pause, said("⏸️ %s is paused by %s.")),
		change("resume", "", "Have something run again that was paused or has stopped", "", d.Schedules.Resume, said("▶️ %s runs again, says %s.")),
		change("skip", "skip next", "Leave the next time out", "", d.Schedules.SkipNext, said("⏭️ %s leaves its next time out, says %s.")),
		change("run", "run now", "Run something at once, beside its times", "It runs with its owner's rights, so whoever asks for it must be allowed to run the line themselves.",
			d.Schedules.RunNow, said("▶️ %s runs now, asked for by %s.")),
		change("remove", "", "Have something never run again", "", d.Schedules.Remove, said("🗑️ %s is removed by %s.")),
	}
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
		var out []config.Principal
		if one.Owner != "" {
			out = append(out, config.Principal(one.Owner))
		}
		if one.Team != "" {
			out = append(out, config.Principal(one.Team))
		}
		return append(out, r.Config.Slack.Admins...)
	})
}
