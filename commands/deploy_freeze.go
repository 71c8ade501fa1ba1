package commands

import (
	"context"
	"errors"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/delivery"
)

func deployFreeze(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy freeze",
		Args:  "<environment or all> [until <when>] (<hour>) [for <duration>] <reason>...",
		Short: "Close an environment, or all of them, to every deployment",
		Long: "Until when is a time of day (17:00), a day (monday, tomorrow, 2026-12-24) or both (monday 9:00), where you are; a day " +
			"alone is its beginning. Without until and for it lasts until /deploy thaw. What was sent to GitHub before goes on. Times " +
			"that come again stand in the configuration.",
		Examples: []string{"deploy freeze production until monday 9:00 the sale begins", "deploy freeze production for 2h we look for the cause of the errors",
			"deploy freeze all until 2026-12-28 the holidays"},
		Who: keepers(),
		On:  bot.Typed,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			want := freezeWant(req)
			var err error
			if want.Until, err = endOf(ctx, d, req); err != nil {
				return bot.Reply{}, err
			}
			f, err := d.Delivery.Freeze(ctx, want)
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return frozenReply(f), nil
		},
		Made: madeBefore(d.Delivery.Frozen, func(_ bot.Request, l *delivery.Freeze) bot.Reply { return frozenReply(l) }),
	}
}

func deployThaw(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy thaw",
		Args:     "<environment or all> (<answer>)",
		Short:    "End a freeze",
		Long:     "Somebody else's freeze is asked about first, and who made it is told. A time in the configuration ends with the configuration.",
		Examples: []string{"deploy thaw production", "deploy thaw all"},
		Who:      keepers(),
		On:       bot.Typed | bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			want := freezeWant(req)
			want.Anyway = req.Arg("answer") == anyway
			f, err := d.Delivery.Thaw(ctx, want)
			var r *delivery.Refused
			if errors.As(err, &r) && r.Code == delivery.FreezeOfAnother {
				return askToThaw(r), nil
			}
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return thawedReply(req, f), nil
		},
		Made: madeBefore(d.Delivery.Frozen, thawedReply),
	}
}

func deployFreezes(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy freezes",
		Short:    "List what is frozen, and when the configuration closes what next",
		Examples: []string{"deploy freezes"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			made, windows, err := d.Delivery.Freezes(ctx)
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: freezesMessage(made, windows, req.At)}, nil
		},
	}
}

// keepers admits who may close the environment to everybody.
func keepers() bot.Audience {
	return bot.Principals("the environment's deployers, else admins; for all environments admins", func(r bot.Request) []config.Principal {
		return r.Config.Keepers(placeOf(r))
	})
}

// placeOf is the environment of the line, empty for all of them.
func placeOf(req bot.Request) string {
	if place := req.Arg("environment or all"); place != delivery.AllEnvironments {
		return place
	}
	return ""
}

func freezeWant(req bot.Request) delivery.FreezeWant {
	return delivery.FreezeWant{Request: req.ID, At: req.At, By: req.User, Environment: req.Arg("environment or all"), Reason: aside(req.Arg("reason"))}
}

// endOf is when the line says that it ends; zero when it does not say. Its errors are refusals.
func endOf(ctx context.Context, d Deps, req bot.Request) (time.Time, error) {
	when := strings.TrimSpace(req.Arg("when") + " " + req.Arg("hour"))
	length := req.Arg("duration")
	first, _, _ := strings.Cut(req.Arg("reason"), " ")
	if err := timeMeant(req.Arg("reason")); err != nil {
		return time.Time{}, err
	}
	switch {
	case when != "" && length != "":
		return time.Time{}, bot.Refuse("end.twice", "Not done: it says until when and for how long. Give one of the two.")
	case req.Arg("when") == "" && when != "" || strings.EqualFold(first, "until"): // an end that was meant and not understood
		return time.Time{}, bot.Refuse("end.unclear", "Not done: I do not understand until when. Write it as %s, %s or %s, and then the reason.",
			bot.Code("until 17:00"), bot.Code("until monday 9:00"), bot.Code("until 2026-12-24 18:00"))
	case length != "":
		lasts, err := clock.ParseDuration(length)
		return req.At.Add(lasts), err // Kinds has parsed it before
	case when == "":
		return time.Time{}, nil
	}
	zone, err := d.ZoneOf(ctx, req.User)
	if err != nil {
		return time.Time{}, bot.Refuse("zone.unknown", "Not now: Slack does not tell in which time zone you are. Give a duration, such as %s, or try again in a minute.",
			bot.Code("for 2h"))
	}
	at, err := clock.ParseMoment(when, req.At, zone)
	if err != nil {
		return time.Time{}, bot.Refuse("end.unclear", "Not done: %s.", err)
	}
	return at, nil
}
