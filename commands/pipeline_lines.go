package commands

import (
	"fmt"
	"slices"

	"shipmate/bot"
	"shipmate/delivery"
)

// unfolded is up to how many checks are all listed; of more, those that matter are, and the rest is counted.
const unfolded = 12

// group is how checks are folded, in the order they are shown.
type group struct {
	states []delivery.CheckState
	most   int // listed when folded
	rest   string
	of     func(delivery.Tally) int
}

var groups = []group{
	{[]delivery.CheckState{delivery.CheckFailure, delivery.CheckTimedOut}, 10, "failed", func(t delivery.Tally) int { return t.Failed }},
	{[]delivery.CheckState{delivery.CheckCancelled, delivery.CheckActionRequired, delivery.CheckStale}, 5, "did not pass", func(t delivery.Tally) int { return t.Unpassed }},
	{[]delivery.CheckState{delivery.CheckRunning}, 5, "running", func(t delivery.Tally) int { return t.Running }},
	{[]delivery.CheckState{delivery.CheckExpected}, 5, "required and not reported yet", func(t delivery.Tally) int { return t.Expected }},
	{[]delivery.CheckState{delivery.CheckQueued}, 0, "queued", func(t delivery.Tally) int { return t.Queued }},
	{[]delivery.CheckState{delivery.CheckSuccess}, 0, "passed", func(t delivery.Tally) int { return t.Passed }},
	{[]delivery.CheckState{delivery.CheckSkipped, delivery.CheckNeutral}, 0, "skipped", func(t delivery.Tally) int { return t.Skipped }},
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

func (g group) has(s delivery.CheckState) bool { return slices.Contains(g.states, s) }

// checkLine says since when a check runs rather than for how long, which would be wrong a moment later.
func checkLine(c delivery.Check) bot.Text {
	line := bot.Textf("%s %s", stateIcon(c.State), bot.Link(c.URL, c.Title()))
	if words := stateOf(c); words != "" {
		line = bot.Textf("%s: %s", line, words)
	}
	if c.State == delivery.CheckRunning && !c.Started.IsZero() {
		line = bot.Textf("%s · since %s", line, bot.Clock(c.Started))
	}
	if c.State.Ended() && c.State != delivery.CheckSkipped {
		line = bot.Textf("%s%s", line, after(" · ", c.Started, c.Ended))
	}
	if c.Required && c.State != delivery.CheckExpected {
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
	case delivery.CheckSuccess:
		return ""
	case delivery.CheckExpected:
		return "required, not reported yet"
	case delivery.CheckActionRequired:
		return "waits for somebody on GitHub"
	case delivery.CheckStale:
		return "stale, GitHub stopped waiting for it"
	case delivery.CheckRunning:
		if step != "" {
			return step
		}
		return "running"
	case delivery.CheckFailure:
		if step != "" {
			return "failed in " + step
		}
		return "failed"
	case delivery.CheckTimedOut:
		if step != "" {
			return "timed out in " + step
		}
	}
	return string(c.State)
}
