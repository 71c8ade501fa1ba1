package commands

import (
	"context"
	"errors"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/schedule"
)

func digestSettings(d Deps) bot.Command {
	return bot.Command{
		Name:     "digest settings",
		Args:     "[<team>]",
		Short:    "Choose what a team's digest tells of, and what it says when nothing happened",
		Long:     "It holds from the next digest on. When the digest comes stands in the configuration.",
		Examples: []string{"digest settings payments"},
		Who:      keepersOfDigest(d),
		On:       bot.Typed | bot.Press | bot.Submit,
		Form:     func(r bot.FormRequest) bot.Form { return digestForm(d, r) },
		Fill:     func(a bot.Args) bool { return a["sections"] == "" },
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			team, err := teamMeant(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			if err := onlyTeams(ctx, d, req, team); err != nil {
				return bot.Reply{}, err
			}
			c, err := d.Schedules.Choose(ctx, team, schedule.Choice{Sections: sectionsOf(req.Args), Quiet: req.Arg("quiet"), Details: req.Arg("details"), By: req.User, At: req.At,
				Request: req.ID})
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return chosenReply(req, team, c), nil
		},
		Made: func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
			team, err := teamMeant(ctx, d, req)
			if err != nil {
				return bot.Reply{}, false, nil
			}
			c, err := d.Schedules.Chosen(ctx, team, req.ID)
			if errors.Is(err, schedule.ErrNotFound) {
				return bot.Reply{}, false, nil
			}
			if err != nil {
				return bot.Reply{}, false, err
			}
			return chosenReply(req, team, c), true, nil
		},
	}
}

func sectionsOf(a bot.Args) []config.DigestSection {
	var out []config.DigestSection
	for _, word := range a.List("sections") {
		out = append(out, config.DigestSection(word))
	}
	return out
}

// digestForm asks what a team's digest tells of, filled in with what holds now.
func digestForm(d Deps, r bot.FormRequest) bot.Form {
	f := bot.Form{Title: "Digest settings", Submit: "Save"}
	name := r.Args["team"]
	if name == "" {
		if team := teamOfChannel(context.Background(), d, r.Config, r.Channel); team != nil {
			name = team.Name
		}
	}
	all := r.Config.Digest.WithDefaults()
	c := schedule.Choice{Sections: all.Sections, Quiet: all.Quiet, Details: all.Details}
	if name != "" {
		f.Intro = bot.Textf("The digest of %s, from the next one on.", bot.Bold(name))
		if chosen, err := d.Schedules.Choice(context.Background(), name); err == nil {
			c = chosen
		}
	} else {
		var teams []bot.Option
		for _, one := range r.Config.TeamNames() {
			teams = append(teams, bot.Option{Value: one})
		}
		f.Fields = append(f.Fields, bot.Input{Name: "team", Label: "Team", Options: teams})
	}
	var options []bot.Option
	var chosen []string
	for _, section := range config.DigestSections {
		words := sectionWords[section]
		options = append(options, bot.Option{Value: string(section), Label: strings.ToUpper(words[:1]) + words[1:]})
	}
	for _, section := range c.Sections {
		chosen = append(chosen, string(section))
	}
	f.Fields = append(f.Fields,
		bot.Input{Name: "sections", Label: "It tells of", Options: options, Several: len(options), Initial: strings.Join(chosen, ",")},
		bot.Input{Name: "quiet", Label: "When nothing happened and nothing waits", Initial: c.Quiet, Options: []bot.Option{
			{Value: config.QuietLine, Label: "Say so in one line"}, {Value: config.QuietNothing, Label: "Say nothing"}}},
		bot.Input{Name: "details", Label: "Long lists", Initial: c.Details, Options: []bot.Option{
			{Value: config.DetailsInThread, Label: "Go into the thread"}, {Value: config.DetailsByButton, Label: "Go there when somebody asks"}}})
	return f
}

func chosenReply(req bot.Request, team string, c schedule.Choice) bot.Reply {
	var words []string
	for _, section := range c.Sections {
		words = append(words, sectionWords[section])
	}
	m := text("📰 The digest of %s tells of %s, says %s.", bot.Bold(team), strings.Join(words, ", "), bot.User(req.User))
	quiet := "On a quiet day it says so in one line."
	if c.Quiet == config.QuietNothing {
		quiet = "On a quiet day it does not come."
	}
	m.Parts = []bot.Part{bot.Small(bot.Text(quiet + " It holds from the next one on."))}
	return bot.Reply{Message: m, Public: true}
}
