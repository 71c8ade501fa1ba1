package main

import (
	"context"
	"fmt"
	"path/filepath"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/work"
)

// maxTold is how many findings of one sort are listed; the rest is counted.
const maxTold = 5

// checks are what `/shipmate doctor` looks at. They run when the app is built, which they are a part of.
func (a *app) checks(p parts, gh *github.Client) []commands.Check {
	return []commands.Check{
		{Name: "Slack", Find: func(ctx context.Context) []bot.Finding { return a.bot.Diagnose(ctx) }},
		{Name: "GitHub", Find: func(ctx context.Context) []bot.Finding { return checkGitHub(ctx, gh, a.live.Current()) }},
		{Name: "PagerDuty", Find: func(ctx context.Context) []bot.Finding {
			return onCallDoctor{a.pager, a.incidents, a.clock, a.live.Current(), a.environ}.find(ctx)
		}},
		{Name: "the configuration", Find: func(context.Context) []bot.Finding { return checkConfig(p.Config) }},
		{Name: "what was given up", Find: a.checkGivenUp},
		{Name: "the store", Find: a.checkStore},
	}
}

// checkConfig reads the file as it is now, which need not be what is in force.
func checkConfig(path string) []bot.Finding {
	_, mistakes, warnings := config.Load(path, configOptions())
	var out []bot.Finding
	for _, m := range mistakes[:min(len(mistakes), maxTold)] {
		out = append(out, bot.Finding{Level: bot.Problem, Text: bot.Plain(m.String()),
			Mend: "The configuration from before stays in force until that is mended."})
	}
	out = append(out, andMore(bot.Problem, len(mistakes), "mistake", "Run shipmate check to see them all.")...)
	for _, w := range warnings[:min(len(warnings), maxTold)] {
		out = append(out, bot.Finding{Level: bot.Warning, Text: bot.Plain(w.String())})
	}
	out = append(out, andMore(bot.Warning, len(warnings), "warning", "Run shipmate check to see them all.")...)
	if out == nil {
		return []bot.Finding{{Level: bot.Fine, Text: bot.Textf("%s is in order.", filepath.Base(path))}}
	}
	return out
}

func andMore(level bot.Level, n int, what string, mend bot.Text) []bot.Finding {
	if n <= maxTold {
		return nil
	}
	return []bot.Finding{{Level: level, Text: bot.Textf("And %s.", counted(n-maxTold, "more "+what)), Mend: mend}}
}

// checkGivenUp lists the records whose steps failed too often.
func (a *app) checkGivenUp(ctx context.Context) []bot.Finding {
	var out []bot.Finding
	n := 0
	for _, domain := range a.domains() {
		parked, err := work.ListParked(ctx, a.db, domain.Name)
		if err != nil {
			return []bot.Finding{{Level: bot.Problem, Text: "The store does not tell what was given up.", Mend: bot.Plain(err.Error())}}
		}
		for _, one := range parked {
			if n++; n > maxTold {
				continue
			}
			out = append(out, bot.Finding{Level: bot.Warning, Text: bot.Textf("%s was given up at %s after %d tries: %s.",
				bot.Code(one.Domain+" "+one.ID), bot.Time(one.Since), one.Tries, one.Error), Mend: "Whoever does something with it starts it again."})
		}
	}
	return append(out, andMore(bot.Warning, n, "given up", "The log has them.")...)
}

func (a *app) checkStore(ctx context.Context) []bot.Finding {
	s, err := a.db.Stats(ctx)
	if err != nil {
		return []bot.Finding{{Level: bot.Problem, Text: "The store cannot be examined.", Mend: bot.Plain(err.Error())}}
	}
	return []bot.Finding{{Level: bot.Fine, Text: bot.Textf("The store holds %s in %s, of which %s are free.",
		counted(s.Keys, "record"), sized(s.Size), sized(s.Free))}}
}

// sized says a size as people do.
func sized(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
