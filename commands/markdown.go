package commands

import (
	"fmt"
	"strings"

	"shipmate/bot"
)

// Markdown is docs/commands.md: every command with its usage, what it does, who may use it and examples.
func Markdown(all []bot.Command) string {
	all = typed(all)
	var b strings.Builder
	b.WriteString("# Commands\n\n")
	b.WriteString("Written by `go test ./commands -update` from the table of commands; changes go there.\n\n")
	b.WriteString("Every line works as a slash command, as a mention of the bot (`@shipmate deploy …`, also in threads, where Slack " +
		"knows no slash commands) and in a direct message without either. `<…>` must be there, `[…]` may be left out, `…|…` are " +
		"words to choose from.\n\n")
	b.WriteString("| Command | What it does |\n|---|---|\n")
	for _, c := range all {
		fmt.Fprintf(&b, "| [`/%s`](#%s) | %s |\n", c.Name, anchor(c.Name), c.Short)
	}
	for _, c := range all {
		section(&b, c)
	}
	return b.String()
}

// anchor is how GitHub names the heading "/deploy cancel".
func anchor(name string) string { return strings.ReplaceAll(name, " ", "-") }

func section(b *strings.Builder, c bot.Command) {
	fmt.Fprintf(b, "\n## /%s\n\n%s.", c.Name, c.Short)
	if c.Long != "" {
		fmt.Fprintf(b, " %s", c.Long)
	}
	b.WriteString("\n\n```\n")
	for _, form := range usages(c) {
		fmt.Fprintf(b, "%s\n", form)
	}
	b.WriteString("```\n\n")
	if c.Form != nil {
		fmt.Fprintf(b, "`/%s` alone opens a form.\n\n", c.Name)
	}
	if len(c.Also) > 0 {
		fmt.Fprintf(b, "Also: %s.\n\n", also(c))
	}
	if len(c.Examples) > 0 {
		var examples []string
		for _, example := range c.Examples {
			examples = append(examples, "`/"+example+"`")
		}
		fmt.Fprintf(b, "Examples: %s.\n\n", strings.Join(examples, ", "))
	}
	fmt.Fprintf(b, "Who may: %s.\n", c.Who.String())
}
