package commands

import (
	"context"
	"slices"
	"strings"

	"shipmate/bot"
)

func help(all func() []bot.Command) bot.Command {
	return bot.Command{
		Name:     "shipmate help",
		Args:     "[<command>...]",
		Short:    "Say what Shipmate can do, or how one command works",
		Examples: []string{"shipmate help", "shipmate help deploy cancel"},
		Who:      bot.Everyone,
		Run: func(_ context.Context, req bot.Request) (bot.Reply, error) {
			asked := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(req.Arg("command")), "/"))
			if asked == "" {
				return bot.Reply{Message: overview(all())}, nil
			}
			found := named(all(), asked)
			if len(found) == 0 {
				m := text("There is no command %s. Here is what there is.", bot.Code(asked))
				m.Parts = overview(all()).Parts
				return bot.Reply{Message: m}, nil
			}
			return bot.Reply{Message: explained(found)}, nil
		},
	}
}

// named are the command of that name and those that begin with it.
func named(all []bot.Command, name string) []bot.Command {
	var out []bot.Command
	for _, c := range typed(all) {
		if c.Name == name || slices.Contains(c.Also, name) || strings.HasPrefix(c.Name, name+" ") {
			out = append(out, c)
		}
	}
	return out
}

// typed are the commands that can be typed; the others come by an event alone.
func typed(all []bot.Command) []bot.Command {
	return slices.DeleteFunc(slices.Clone(all), func(c bot.Command) bool { return c.On != 0 && c.On&bot.Typed == 0 })
}

// overview is one line per command.
func overview(all []bot.Command) bot.Message {
	m := text("What I can do. %s tells more about one.", bot.Code("/shipmate help <command>"))
	var lines []bot.Text
	for _, c := range typed(all) {
		lines = append(lines, bot.Textf("%s %s", usage(c), c.Short))
	}
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", lines...)),
		bot.Small("It works as a slash command, as a mention (also in threads), and in a direct message without either.")}
	return m
}

func usage(c bot.Command) bot.Text {
	var forms []bot.Text
	for _, form := range usages(c) {
		forms = append(forms, bot.Code(form))
	}
	return bot.Join(" or ", forms...)
}

// usages are the ways to type a command.
func usages(c bot.Command) []string {
	var out []string
	for _, form := range strings.Split(bot.ShownArgs(c), " | ") {
		out = append(out, strings.TrimSpace("/"+c.Name+" "+strings.TrimSpace(form)))
	}
	return out
}

// explained is all there is to say about some commands, the one asked for first.
func explained(found []bot.Command) bot.Message {
	c := found[0]
	m := text("%s: %s.", bot.Bold("/"+c.Name), c.Short)
	lines := []bot.Text{bot.Textf("Usage: %s", usage(c))}
	if c.Long != "" {
		lines = append(lines, bot.Plain(c.Long))
	}
	if len(c.Also) > 0 {
		lines = append(lines, bot.Textf("Also: %s.", also(c)))
	}
	for _, example := range c.Examples {
		lines = append(lines, bot.Textf("• %s", bot.Code("/"+example)))
	}
	lines = append(lines, bot.Textf("Who may: %s.", c.Who.String()))
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", lines...))}
	if len(found) > 1 {
		var more []bot.Text
		for _, sub := range found[1:] {
			more = append(more, bot.Textf("%s %s", usage(sub), sub.Short))
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", more...)))
	}
	return m
}

// also are the other ways to begin the line.
func also(c bot.Command) bot.Text {
	var out []bot.Text
	for _, name := range c.Also {
		out = append(out, bot.Code(name))
	}
	return listed(out, "and")
}
