package commands

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
)

// Check finds out about one thing Shipmate stands on. Find returns soon after its context ends, with what it knows then.
type Check struct {
	Name string // as people read it: "GitHub"
	Find func(context.Context) []bot.Finding
}

// How long a check may take, of the time on the wall, and how much later it is no longer waited for.
const (
	checkTime  = 4 * time.Second
	checkGrace = time.Second
)

func doctor(d Deps) bot.Command {
	return bot.Command{
		Name:  "shipmate doctor",
		Short: "Examine everything Shipmate stands on and say how to mend it",
		Long: "It looks at the connections to Slack, the app's scopes, channels and user groups, GitHub with the permissions " +
			"in up to ten repositories and their workflow files, PagerDuty with what the configuration names there and times ahead when nobody is on " +
			"call, the configuration, the store and what was given up. The worst comes first.",
		Examples: []string{"shipmate doctor"},
		Who:      bot.Admins,
		Run: func(ctx context.Context, _ bot.Request) (bot.Reply, error) {
			found := append(examine(ctx, d.Checks), bot.Finding{Level: bot.Fine, Text: bot.Textf("This is Shipmate %s.", bot.Code(d.Version))})
			return bot.Reply{Message: diagnosis(found)}, nil
		},
	}
}

// examine makes all checks side by side. What does not come back in time is itself a finding.
func examine(ctx context.Context, checks []Check) []bot.Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	results := make([]chan []bot.Finding, len(checks))
	for i, c := range checks {
		results[i] = make(chan []bot.Finding, 1)
		go func() { results[i] <- c.find(ctx) }()
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), checkTime+checkGrace)
	defer stop()
	var out []bot.Finding
	for i, c := range checks {
		out = append(out, c.await(late, results[i])...)
	}
	return out
}

// await waits for a check's findings until late ends; what came by then counts.
func (c Check) await(late context.Context, result <-chan []bot.Finding) []bot.Finding {
	select {
	case found := <-result:
		return found
	case <-late.Done():
	}
	select {
	case found := <-result:
		return found
	default:
		return []bot.Finding{{Level: bot.Problem, Text: bot.Textf("Looking at %s took more than %d s and was given up.", c.Name, int(checkTime.Seconds())),
			Mend: "Ask again; if it stays so, look at the log."}}
	}
}

// find is Find; a panic in it is a finding, not the end of the process.
func (c Check) find(ctx context.Context) (found []bot.Finding) {
	defer func() {
		if p := recover(); p != nil {
			found = []bot.Finding{{Level: bot.Problem, Text: bot.Textf("Looking at %s broke on my side.", c.Name), Mend: "Please report it; restarting does not help."}}
		}
	}()
	return c.Find(ctx)
}

// diagnosis shows the findings, the worst first.
func diagnosis(found []bot.Finding) bot.Message {
	slices.SortStableFunc(found, func(a, b bot.Finding) int { return cmp.Compare(b.Level, a.Level) })
	m := bot.Message{Text: findingsInAll(found)}
	for part := range slices.Chunk(found, perPart) {
		var lines []bot.Text
		for _, f := range part {
			lines = append(lines, findingLine(f))
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
	}
	return m
}

func findingsInAll(found []bot.Finding) bot.Text {
	counts := map[bot.Level]int{}
	for _, f := range found {
		counts[f.Level]++
	}
	var parts []string
	for _, level := range []bot.Level{bot.Problem, bot.Warning} {
		if n := counts[level]; n > 0 {
			parts = append(parts, count(n, level.String()))
		}
	}
	if len(parts) == 0 {
		return "All is well."
	}
	return bot.Textf("%s", strings.Join(parts, " and "))
}

func findingLine(f bot.Finding) bot.Text {
	line := bot.Text(fmt.Sprintf("%s %s", levelIcon(f.Level), f.Text))
	if f.Mend != "" {
		line += " → " + f.Mend
	}
	return line
}

func levelIcon(l bot.Level) string {
	switch l {
	case bot.Problem:
		return "❌"
	case bot.Warning:
		return "⚠️"
	case bot.Notice:
		return "💬"
	}
	return "✅"
}
