package commands

import (
	"context"
	"errors"
	"slices"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/schedule"
)

// digestKind is the kind of digests' cards.
const digestKind = schedule.DigestDomain

func digestStatus(d Deps) bot.Command {
	return bot.Command{
		Name:     "digest",
		Also:     []string{"digest status"},
		Args:     "[<team>]",
		Short:    "Say when each team's digest last came and comes next, and why one did not come",
		Examples: []string{"digest", "digest status payments"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			names := req.Config.TeamNames()
			if name := req.Arg("team"); name != "" {
				names = []string{name}
			}
			m, err := digestsMessage(ctx, d, req, names)
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return bot.Reply{Message: m}, nil
		},
	}
}

func digestPreview(d Deps) bot.Command {
	return bot.Command{
		Name:     "digest preview",
		Args:     "[<team>]",
		Short:    "Show what a team's digest would say now, only to you",
		Examples: []string{"digest preview payments"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			team, err := teamMeant(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			one, err := d.Schedules.PreviewDigest(ctx, team)
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			m := digestMessage(one)
			m.Buttons = nil
			for _, r := range digestDetails(one) {
				m.Parts = append(m.Parts, bot.Divider())
				m.Parts = append(m.Parts, r.Message.Parts...)
			}
			return bot.Reply{Message: m}, nil
		},
	}
}

func digestNow(d Deps) bot.Command {
	return digestChange{name: "now", args: "[<team>]", short: "Have a team's digest come at once, beside its times", said: "📰 %s comes now, asked for by %s.",
		do: func(ctx context.Context, _ bot.Request, w schedule.ChangeWant) (*schedule.Schedule, error) {
			return d.Schedules.RunNow(ctx, w)
		}}.command(d)
}

func digestMute(d Deps) bot.Command {
	return digestChange{name: "mute", args: "[<team>] [for <duration>]", short: "Keep a team's digest from coming, until it is unmuted or for a while",
		long: "The next one tells of the time since the last.", said: "🔕 %s is muted by %s.",
		do: func(ctx context.Context, req bot.Request, w schedule.ChangeWant) (*schedule.Schedule, error) {
			until, err := untilOf(req)
			if err != nil {
				return nil, err
			}
			return d.Schedules.Pause(ctx, w, until)
		}}.command(d)
}

func digestUnmute(d Deps) bot.Command {
	return digestChange{name: "unmute", args: "[<team>]", short: "Have a team's digest come again", said: "🔔 %s comes again, says %s.",
		do: func(ctx context.Context, _ bot.Request, w schedule.ChangeWant) (*schedule.Schedule, error) {
			return d.Schedules.Resume(ctx, w)
		}}.command(d)
}

// digestChange is a command that changes when a team's digest comes.
type digestChange struct {
	name, args, short, long string
	said                    string // of the digest and who did it
	do                      func(context.Context, bot.Request, schedule.ChangeWant) (*schedule.Schedule, error)
}

func (c digestChange) command(d Deps) bot.Command {
	reply := func(req bot.Request, one *schedule.Schedule) bot.Reply {
		return changedSchedule(d.Schedules, req, one, c.said)
	}
	return bot.Command{
		Name: "digest " + c.name, Args: c.args, Short: c.short, Long: c.long, Examples: []string{"digest " + c.name + " payments"},
		Who: keepersOfDigest(d),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			team, err := teamMeant(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			if err := onlyTeams(ctx, d, req, team); err != nil {
				return bot.Reply{}, err
			}
			if req.Config.Teams[team].Digest == "" {
				return bot.Reply{}, noDigest(team)
			}
			one, err := c.do(ctx, req, schedule.ChangeWant{Request: req.ID, At: req.At, By: req.User, ID: schedule.DigestOf(team)})
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return reply(req, one), nil
		},
		Made: madeSchedule(d, reply),
	}
}

func noDigest(team string) error {
	return bot.Refuse("digest.none", "%s has no digest: %s in the configuration says when it comes.", bot.Bold(team), bot.Code("teams."+team+".digest"))
}

// digestShown puts a digest's details into its thread, for everybody.
func digestShown(d Deps) bot.Command {
	return bot.Command{
		Name:  "digest details",
		Args:  "<digest>",
		Short: "Have the details of a digest said in its thread",
		Who:   bot.Everyone,
		On:    bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if _, err := d.Schedules.ShowDetails(ctx, req.Arg("digest")); err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return bot.Say("The details are in the thread."), nil
		},
	}
}

// teamMeant is the team that the line names, or else whose channel it was asked in, or the only one that somebody is in.
func teamMeant(ctx context.Context, d Deps, req bot.Request) (string, error) {
	if name := req.Arg("team"); name != "" {
		return name, nil
	}
	if team := teamOfChannel(ctx, d, req.Config, req.Channel); team != nil {
		return team.Name, nil
	}
	if teams, err := d.TeamsOf(ctx, req.User); err == nil && len(teams) == 1 {
		return teams[0], nil
	}
	return "", bot.Refuse("team.missing", "Which team? There is %s.", codes(req.Config.TeamNames()))
}

// keepersOfDigest admits a team, and administrators.
func keepersOfDigest(d Deps) bot.Audience {
	return bot.Principals("the team, and admins", func(r bot.Request) []config.Principal {
		out := slices.Clone(r.Config.Slack.Admins)
		team, err := teamMeant(context.Background(), d, r)
		if err != nil {
			return append(out, config.Principal(r.User)) // the command says that a team is missing
		}
		return append(out, config.Principal(team))
	})
}

// digestsMessage says of each team how its digest does.
func digestsMessage(ctx context.Context, d Deps, req bot.Request, names []string) (bot.Message, error) {
	var lines []bot.Text
	for _, name := range names {
		line, err := digestLine(ctx, d, req, name)
		if err != nil {
			return bot.Message{}, err
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		if name := req.Arg("team"); name != "" {
			return bot.Message{}, noDigest(name)
		}
		return text("No team has a digest; %s in the configuration says when one comes.", bot.Code("teams.<team>.digest")), nil
	}
	m := text("📰 %s", count(len(lines), "digest"))
	for _, line := range lines[:min(len(lines), maxSchedules)] {
		m.Parts = append(m.Parts, bot.Section(line))
	}
	if more := len(lines) - maxSchedules; more > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("and %d more; %s says of one", more, bot.Code("/digest status <team>"))))
	}
	return m, nil
}

// digestLine says when a team's digest comes, what became of the last, and why it did not come.
func digestLine(ctx context.Context, d Deps, req bot.Request, name string) (bot.Text, error) {
	one, err := d.Schedules.Schedule(ctx, schedule.DigestOf(name))
	switch {
	case errors.Is(err, schedule.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case one.State == schedule.Removed:
		return "", nil
	}
	head := bot.Textf("%s %s in %s: %s · %s", scheduleIcon(one), bot.Bold(name), bot.Channel(one.Channel), whenText(one), nextText(d.Schedules, one))
	was, err := d.Schedules.Happened(ctx, one.ID, 3)
	if err != nil {
		return "", err
	}
	lines := []bot.Text{head}
	for _, h := range was {
		if h.Fate != schedule.Done {
			lines = append(lines, happenedText(h))
			continue
		}
		line, err := digestCame(ctx, d, h)
		if err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	return bot.Join("\n", lines...), nil
}

// digestCame says what became of a digest that was due.
func digestCame(ctx context.Context, d Deps, h *schedule.Happening) (bot.Text, error) {
	one, err := d.Schedules.Digest(ctx, h.ID)
	if errors.Is(err, schedule.ErrNotFound) {
		return bot.Textf("✅ %s", bot.Time(h.At)), nil
	}
	if err != nil {
		return "", err
	}
	line := bot.Textf("✅ %s: it came", bot.Time(h.At))
	switch one.State {
	case schedule.Gathering:
		line = bot.Textf("⏳ %s: it is being written", bot.Time(h.At))
	case schedule.Kept:
		line = bot.Textf("✅ %s: nothing happened, so it did not come", bot.Time(h.At))
	case schedule.Told:
		channel, ts, stands, err := d.CardAt(ctx, digestKind, one.ID)
		switch {
		case err != nil:
			return "", err
		case channel == "":
			line = bot.Textf("❌ %s: I could not post in %s", bot.Time(h.At), bot.Channel(one.Channel))
		case !stands:
			line = bot.Textf("⏳ %s: it is on its way", bot.Time(h.At))
		default:
			if link, err := d.Permalink(ctx, channel, ts); err == nil {
				line = bot.Textf("✅ %s: %s", bot.Time(h.At), bot.Link(link, "it came"))
			}
		}
	}
	if late := h.LateBy(); late > 0 {
		line = bot.Textf("%s, %s late", line, took(late))
	}
	if missing := missingText(one); missing != "" {
		line = bot.Textf("%s\n    %s", line, bot.Text(strings.ReplaceAll(string(missing), "\n", "\n    ")))
	}
	return line, nil
}
