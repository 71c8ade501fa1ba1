package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/delivery"
)

// checkPolicy tries the cases of a file on a configuration and tells of those that do not go as they say.
func checkPolicy(out io.Writer, cfg *config.Config, path string) error {
	policy, mistakes := config.LoadPolicy(path, cfg, delivery.GateCodes())
	for _, m := range mistakes {
		fmt.Fprintln(out, m)
	}
	if n := len(mistakes); n > 0 {
		fmt.Fprintln(out, counted(n, "mistake"))
		return toldError{errors.New("the cases have mistakes")}
	}
	failed := 0
	for _, c := range policy.Cases {
		if t := delivery.Try(cfg, c); !t.Passed() {
			failed++
			tellCase(out, c, t)
		}
	}
	if failed > 0 {
		fmt.Fprintf(out, "%d of %s failed.\n", failed, counted(len(policy.Cases), "case"))
		return toldError{errors.New("cases failed")}
	}
	fmt.Fprintf(out, "%s: %s as expected.\n", path, counted(len(policy.Cases), "case"))
	return nil
}

// tellCase says what a case expects and what there is, and of each gate that it does not expect what that says.
func tellCase(out io.Writer, c config.Case, t delivery.Tried) {
	var codes []string
	for _, g := range t.Open {
		codes = append(codes, string(g.Code))
	}
	fmt.Fprintf(out, "%s: %s: expected [%s], got [%s]\n", c.At, c.Name, strings.Join(c.Expect, ", "), strings.Join(codes, ", "))
	screen := bot.Terminal{Zone: c.When.Location()}
	for _, g := range t.Unexpected {
		said := commands.Said(g, c.What.Service, c.What.Environment)
		fmt.Fprintf(out, "    %s: %s", g.Code, screen.Text(bot.Join(" ", said.Says, said.Clears)))
		if g.At != "" {
			fmt.Fprintf(out, " (%s)", g.At)
		}
		fmt.Fprintln(out)
	}
}
