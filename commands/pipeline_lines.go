package commands

import (
	"fmt"
	"slices"

	"shipmate/bot"
	"shipmate/delivery"
	"shipmate/integrations/github"
)

// unfolded is up to how many checks are all listed; of more, those that matter are, and the rest is counted.
const unfolded = 12

// group is how checks are folded, in the order they are shown.
type group struct {
	states []github.State
	most   int // listed when folded
	rest   string
	of     func(delivery.Tally) int
}

var groups = []group{
	{[]github.State{github.Failure, github.TimedOut}, 10, "failed", func(t delivery.Tally) int { return t.Failed }},
	{[]github.State{github.Cancelled, github.ActionRequired, github.Stale}, 5, "did not pass", func(t delivery.Tally) int { return t.Unpassed }},
	{[]github.State{github.Running}, 5, "running", func(t delivery.Tally) int { return t.Running }},
	{[]github.State{github.Expected}, 5, "required and not reported yet", func(t delivery.Tally) int { return t.Expected }},
	{[]github.State{github.Queued}, 0, "queued", func(t delivery.Tally) int { return t.Queued }},
	{[]github.State{github.Success}, 0, "passed", func(t delivery.Tally) int { return t.Passed }},
	{[]github.State{github.Skipped, github.Neutral}, 0, "skipped", func(t delivery.Tally) int { return t.Skipped }},
}

// checkLines lists the checks: what failed first, then what goes on, and the rest as counts when there are many.
func checkLines(p *delivery.Pipeline) bot.Text {
	var lines, rest []bot.Text
	for _, g := range groups {
		listed := 0
		for _, c := range p.Checks {
			if g.has(c.State) && (p.Tally.Total <= unfolded || listed < g.most) {
				lines = append(lines, checkLine(c))
				listed++
			}
		}
		switch left := g.of(p.Tally) - listed; {
		case left > 0 && listed > 0:
			rest = append(rest, bot.Textf("%d more %s", left, g.rest))
		case left > 0:
			rest = append(rest, bot.Textf("%d %s", left, g.rest))
		}
	}
	return bot.Join("\n", append(lines, bot.Join(" · ", rest...))...)
}

func (g group) has(s github.State) bool { return slices.Contains(g.states, s) }

// checkLine says since when a check runs rather than for how long, which would be wrong a moment later.
func checkLine(c delivery.Check) bot.Text {
	line := bot.Textf("%s %s", stateIcon(c.State), bot.Link(c.URL, c.Title()))
	if words := stateOf(c); words != "" {
		line = bot.Textf("%s: %s", line, words)
	}
	if c.State == github.Running && !c.Started.IsZero() {
		line = bot.Textf("%s · since %s", line, bot.Clock(c.Started))
	}
	if c.State.Ended() && c.State != github.Skipped {
		line = bot.Textf("%s%s", line, after(" · ", c.Started, c.Ended))
	}
	if c.Required && c.State != github.Expected {
		line = bot.Textf("%s · required", line)
	}
	return line
}

// stateOf is how a check stands, in words; "" for a success.
func stateOf(c delivery.Check) string {
	step := ""
	if c.Step != "" {
		step = fmt.Sprintf("%s (step %d of %d)", c.Step, c.StepNumber, c.Steps)
	}
	switch c.State {
	case github.Success:
		return ""
	case github.Expected:
		return "required, not reported yet"
	case github.ActionRequired:
		return "waits for somebody on GitHub"
	case github.Stale:
		return "stale, GitHub stopped waiting for it"
	case github.Running:
		if step != "" {
			return step
		}
		return "running"
	case github.Failure:
		if step != "" {
			return "failed in " + step
		}
		return "failed"
	case github.TimedOut:
		if step != "" {
			return "timed out in " + step
		}
	}
	return string(c.State)
}
