package commands

import (
	"fmt"
	"time"

	"shipmate/bot"
	"shipmate/delivery"
)

// pipelineHeadline is the decisive fact: "❌ checkout a1b2c3d: 2 of 14 checks failed".
func pipelineHeadline(p *delivery.Pipeline) bot.Text {
	icon, words := pipelineVerdict(p)
	return bot.Textf("%s %s: %s", icon, pipelineName(p), words)
}

func pipelineName(p *delivery.Pipeline) bot.Text {
	if p.Pull != nil {
		return bot.Textf("%s %s %s", bot.Bold(p.Service), bot.Link(p.Pull.URL, "#"+itoa(p.Pull.Number)), bot.Code(p.Commit.Short()))
	}
	return bot.Textf("%s %s", bot.Bold(p.Service), bot.Code(p.Commit.Short()))
}

// pipelineVerdict sums a pipeline up. What has not ended is never called a success.
func pipelineVerdict(p *delivery.Pipeline) (icon string, words bot.Text) {
	t := p.Tally
	switch {
	case t.Total == 0:
		return "⚪", "no checks at all"
	case t.Failed > 0:
		return "❌", bot.Textf("%s failed%s%s", ofChecks(t.Failed, t), requiredOf(p), goesOn(t))
	case t.Unpassed > 0:
		return "❌", bot.Textf("%s did not pass%s%s", ofChecks(t.Unpassed, t), requiredOf(p), goesOn(t))
	case t.Pending() > 0 && t.Pending() == t.Expected:
		return "⏳", bot.Textf("%s %s required and not reported yet", ofChecks(t.Expected, t), verb(t.Expected, "is", "are"))
	case t.Pending() > 0:
		return "⏳", bot.Textf("%s %s not ended yet", ofChecks(t.Pending(), t), verb(t.Pending(), "has", "have"))
	case len(p.Under()) > 0:
		return "⏳", bot.Textf("nothing failed so far, and %s goes on", p.Under()[0].Workflow)
	case p.Truncated:
		return "⏳", bot.Textf("the %s that I read ended well, but there are more", count(t.Total, "check"))
	case t.Passed == 0:
		return "⚪", bot.Textf("nothing failed, but %s %s skipped", everyCheck(t.Skipped), verb(t.Skipped, "was", "were"))
	case t.Skipped > 0:
		return "✅", bot.Textf("%s passed, %d %s skipped", count(t.Passed, "check"), t.Skipped, verb(t.Skipped, "was", "were"))
	}
	return "✅", bot.Textf("%s passed", everyCheck(t.Passed))
}

func ofChecks(n int, t delivery.Tally) string {
	if n == t.Total {
		return everyCheck(n)
	}
	return fmt.Sprintf("%d of %d checks", n, t.Total)
}

func everyCheck(n int) string {
	switch n {
	case 1:
		return "the only check"
	case 2:
		return "both checks"
	}
	return fmt.Sprintf("all %d checks", n)
}

func verb(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// requiredOf says how many of the bad ones matter for merging.
func requiredOf(p *delivery.Pipeline) string {
	switch {
	case !p.RequiredKnown || p.Tally.Required == 0:
		return ""
	case p.Tally.RequiredBad == 0:
		return ", none required"
	case p.Tally.Bad() == 1:
		return ", a required one"
	}
	return fmt.Sprintf(", %d required", p.Tally.RequiredBad)
}

func goesOn(t delivery.Tally) string {
	if t.Pending() == 0 {
		return ""
	}
	return fmt.Sprintf(", %d not ended", t.Pending())
}

// pipelineParts is everything below the headline.
func pipelineParts(p *delivery.Pipeline) []bot.Part {
	var parts []bot.Part
	for _, t := range []bot.Text{pipelineCommit(p), checkLines(p), failureText(p.Failure), pipelineNotes(p)} {
		if t != "" {
			parts = append(parts, bot.Section(t))
		}
	}
	for _, t := range []bot.Text{requiredLine(p), runLines(p)} {
		if t != "" {
			parts = append(parts, bot.Small(t))
		}
	}
	return parts
}

func pipelineCommit(p *delivery.Pipeline) bot.Text {
	line := commitLine(p.Commit)
	if p.Pull == nil {
		return line
	}
	pull := bot.Textf("%s %s", bot.Link(p.Pull.URL, "#"+itoa(p.Pull.Number)), p.Pull.Title)
	if p.Pull.Author != "" {
		pull = bot.Textf("%s (%s)", pull, p.Pull.Author)
	}
	if p.Pull.State != "" {
		pull = bot.Textf("%s · %s", pull, p.Pull.State)
	}
	return bot.Join("\n", pull, bot.Textf("newest commit %s", line))
}

// pipelineNotes are what one has to know to read the rest rightly.
func pipelineNotes(p *delivery.Pipeline) bot.Text {
	var notes []bot.Text
	if p.Tally.Total == 0 {
		note := bot.Text("GitHub has neither a check run nor a commit status of it.")
		if p.RequiredKnown {
			note = bot.Textf("%s %s requires none.", note, bot.Code(p.Branch))
		}
		notes = append(notes, note)
	}
	if !p.RequiredKnown {
		notes = append(notes, bot.Textf("Which are required is not known to me: the token may not read the rules of %s.", bot.Code(p.Branch)))
	}
	if p.Truncated {
		notes = append(notes, "GitHub has more checks of it than I read, so one that failed may be missing here.")
	}
	if p.MoreRuns {
		notes = append(notes, "Older workflow runs of it were not read.")
	}
	if p.Others > 0 {
		notes = append(notes, bot.Textf("Left out: what was started by hand or for a deployment (%d), since that says nothing about this commit.", p.Others))
	}
	if p.RunsHidden != "" {
		notes = append(notes, bot.Textf("Workflow runs and their steps could not be read: %s", p.RunsHidden))
	}
	return bot.Join("\n", notes...)
}

// failureText is what failed first, with the end of its log; "" when there is no more to say than the list of checks does.
func failureText(f *delivery.Failure) bot.Text {
	if f == nil || f.Step == "" && f.Why == "" && len(f.Log) == 0 {
		return ""
	}
	head := bot.Textf("First to fail: %s", bot.Link(f.URL, f.Job))
	if f.Step != "" {
		head = bot.Textf("%s, step %s", head, bot.Bold(f.Step))
	}
	lines := []bot.Text{head}
	if f.Why != "" {
		lines = append(lines, bot.Plain(f.Why))
	}
	if len(f.Log) > 0 {
		lines = append(lines, bot.Block(f.Log...))
	}
	return bot.Join("\n", lines...)
}

// requiredLine says which checks the branch requires, when they are not all listed above, or that it requires none.
func requiredLine(p *delivery.Pipeline) bot.Text {
	switch {
	case !p.RequiredKnown || p.Tally.Total == 0:
		return ""
	case p.Tally.Required == 0:
		return bot.Textf("%s requires none of them.", bot.Code(p.Branch))
	case p.Tally.Total <= unfolded:
		return ""
	}
	var names []bot.Text
	for _, c := range p.Checks {
		if c.Required && len(names) < maxRequired {
			names = append(names, bot.Textf("%s %s", stateIcon(c.State), c.Name))
		}
	}
	line := bot.Textf("Required by %s: %s", bot.Code(p.Branch), bot.Join(" · ", names...))
	if more := p.Tally.Required - len(names); more > 0 {
		line = bot.Textf("%s and %d more", line, more)
	}
	return line
}

const (
	// maxRequired is how many required checks are named when the list is folded.
	maxRequired = 10
	// maxRunLines is how many workflow runs are named.
	maxRunLines = 6
)

// runLines is one line per workflow run.
func runLines(p *delivery.Pipeline) bot.Text {
	var lines []bot.Text
	for _, r := range p.Runs[:min(len(p.Runs), maxRunLines)] {
		lines = append(lines, runLine(r))
	}
	if more := len(p.Runs) - len(lines); more > 0 {
		lines = append(lines, bot.Textf("and %d more %s", more, verb(more, "run", "runs")))
	}
	return bot.Join("\n", lines...)
}

func runLine(r delivery.PipelineRun) bot.Text {
	line := bot.Textf("%s (%s)", bot.Link(r.URL, r.Workflow), r.Event)
	switch {
	case r.Done():
		line = bot.Textf("%s %s: %s%s", conclusionIcon(r.Conclusion), line, runWords(r.Conclusion), after(" after ", r.Started, r.Ended))
	case r.Status == "in_progress":
		line = bot.Textf("▶️ %s: running since %s", line, bot.Clock(r.Started))
	case r.Status == "waiting":
		line = bot.Textf("▫️ %s: waiting for an approval on GitHub", line)
	default:
		line = bot.Textf("▫️ %s: %s", line, r.Status)
	}
	if r.Attempt > 1 {
		line = bot.Textf("%s · attempt %d", line, r.Attempt)
	}
	return line
}

// runWords puts GitHub's word for how a run ended into ours.
func runWords(conclusion string) string {
	if conclusion == "success" {
		return "passed"
	}
	return conclusionWords(delivery.Job{Conclusion: conclusion})
}

// after is how long something took, "" when that is not known.
func after(word string, from, to time.Time) string {
	if from.IsZero() || !to.After(from) {
		return ""
	}
	return word + took(to.Sub(from))
}

func stateIcon(s delivery.CheckState) string {
	switch s {
	case delivery.CheckSuccess:
		return "✅"
	case delivery.CheckFailure, delivery.CheckTimedOut, delivery.CheckStale:
		return "❌"
	case delivery.CheckCancelled:
		return "⛔"
	case delivery.CheckActionRequired:
		return "✋"
	case delivery.CheckRunning:
		return "▶️"
	}
	return "▫️"
}
