package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/integrations/github"
)

// seen is a pipeline of checks, changed by fns.
func seen(checks []delivery.Check, fns ...func(*delivery.Pipeline)) *delivery.Pipeline {
	p := &delivery.Pipeline{Service: "checkout", Repo: "acme/checkout", Ref: "main", Branch: "main", RequiredKnown: true, Checks: checks,
		Commit: delivery.Commit{SHA: newSHA, Subject: "Add <a> basket", Author: "ana", URL: "https://github.com/acme/checkout/commit/" + newSHA}}
	for _, c := range checks {
		tallied(&p.Tally, c)
	}
	for _, fn := range fns {
		fn(p)
	}
	return p
}

func tallied(t *delivery.Tally, c delivery.Check) {
	n := map[github.State]*int{github.Failure: &t.Failed, github.TimedOut: &t.Failed, github.Cancelled: &t.Unpassed, github.Stale: &t.Unpassed,
		github.ActionRequired: &t.Unpassed, github.Running: &t.Running, github.Expected: &t.Expected, github.Queued: &t.Queued,
		github.Success: &t.Passed, github.Skipped: &t.Skipped, github.Neutral: &t.Skipped}[c.State]
	*n++
	t.Total++
	if c.Required {
		t.Required++
		if c.State.Ended() && !c.State.Good() {
			t.RequiredBad++
		}
	}
}

// check is one of a workflow, as it stands n jobs into it.
func check(name string, s github.State) delivery.Check {
	c := delivery.Check{Name: name, Workflow: "CI", State: s, URL: runURL + "/job/" + name}
	if s != github.Queued && s != github.Expected {
		c.Started = nine
	}
	if s.Ended() {
		c.Ended = nine.Add(95 * time.Second)
	}
	switch s {
	case github.Failure, github.TimedOut:
		c.Step, c.StepNumber, c.Steps = "Unit tests", 3, 5
	case github.Running:
		c.Step, c.StepNumber, c.Steps = "Compile", 2, 5
	case github.Expected:
		c.Workflow, c.URL, c.Required = "", "", true
	}
	return c
}

func required(c delivery.Check) delivery.Check {
	c.Required = true
	return c
}

func run(status, conclusion string, failed int) func(*delivery.Pipeline) {
	return func(p *delivery.Pipeline) {
		r := delivery.PipelineRun{ID: 12345678901, Attempt: 1, Workflow: "CI", Event: "push", Status: status, Conclusion: conclusion,
			URL: runURL, Started: nine, Jobs: 2, Failed: failed}
		if status == "completed" {
			r.Ended = nine.Add(2 * time.Minute)
		}
		p.Runs = append(p.Runs, r)
	}
}

func failing(p *delivery.Pipeline) {
	p.Failure = &delivery.Failure{Job: "CI / test", Step: "Unit tests", URL: runURL + "/job/test", Log: []string{"--- FAIL: TestTotal", "expected 3 <got> 4"}}
}

// sixty is a pipeline too big to be listed.
func sixty() *delivery.Pipeline {
	var all []delivery.Check
	add := func(n int, s github.State) {
		for i := range n {
			all = append(all, check(fmt.Sprintf("%s %d", s, i+1), s))
		}
	}
	add(12, github.Failure)
	add(1, github.Cancelled)
	add(7, github.Running)
	all = append(all, check("security/scan", github.Expected))
	add(4, github.Queued)
	all = append(all, required(check("build", github.Success)))
	add(40, github.Success)
	add(3, github.Skipped)
	p := seen(all, run("in_progress", "", 12), failing)
	p.Checks = p.Checks[:60]
	for i := range 8 {
		p.Runs = append(p.Runs, delivery.PipelineRun{ID: int64(i), Attempt: 1, Workflow: fmt.Sprintf("Nightly %d", i), Event: "schedule", Status: "completed", Conclusion: "success"})
	}
	return p
}

func pipelinesShown() map[string]*delivery.Pipeline {
	all := func(s github.State) []delivery.Check { return []delivery.Check{check("build", s), check("test", s)} }
	return map[string]*delivery.Pipeline{
		"passed":       seen(all(github.Success), run("completed", "success", 0)),
		"passed one":   seen([]delivery.Check{{Name: "lint", State: github.Success, URL: "https://ci.example", Started: nine, Ended: nine}}),
		"passed twice": seen(all(github.Success), run("completed", "success", 0), func(p *delivery.Pipeline) { p.Runs[0].Attempt = 2 }),
		"failed": seen([]delivery.Check{check("test", github.Failure), check("lint", github.TimedOut), required(check("build", github.Success)), check("docs", github.Skipped)},
			run("completed", "failure", 2), failing),
		"failed required":     seen([]delivery.Check{required(check("test", github.Failure)), required(check("build", github.Success))}, run("completed", "failure", 1), failing),
		"failed and going on": seen([]delivery.Check{check("test", github.Failure), check("build", github.Running)}, run("in_progress", "", 1), failing),
		"failed outside":      seen([]delivery.Check{{Name: "sonar", State: github.Failure, URL: "https://sonar.example"}}, func(p *delivery.Pipeline) { p.Failure = &delivery.Failure{Job: "sonar", URL: "https://sonar.example"} }),
		"failed without log": seen([]delivery.Check{check("test", github.Failure)}, run("completed", "failure", 1), failing, func(p *delivery.Pipeline) {
			p.Failure.Log, p.Failure.Why = nil, "The log could not be read: GitHub answers slowly; nothing was changed."
		}),
		"cancelled":    seen([]delivery.Check{check("test", github.Cancelled), check("build", github.Success)}, run("completed", "cancelled", 1)),
		"unpassed":     seen([]delivery.Check{check("review", github.ActionRequired), check("old", github.Stale)}),
		"running":      seen([]delivery.Check{check("test", github.Running), check("build", github.Queued), check("lint", github.Success)}, run("in_progress", "", 0)),
		"queued":       seen(all(github.Queued), run("queued", "", 0)),
		"waiting":      seen(all(github.Queued), run("waiting", "", 0)),
		"expected":     seen([]delivery.Check{check("security/scan", github.Expected), required(check("build", github.Success))}, run("completed", "success", 0)),
		"between jobs": seen(all(github.Success), run("in_progress", "", 0)),
		"skipped":      seen([]delivery.Check{check("docs", github.Skipped), check("lint", github.Neutral)}, run("completed", "skipped", 0)),
		"passed or skipped": seen([]delivery.Check{check("build", github.Success), check("docs", github.Skipped)},
			run("completed", "success", 0)),
		"nothing": seen(nil),
		"rules unknown": seen(all(github.Success), run("completed", "success", 0), func(p *delivery.Pipeline) {
			p.RequiredKnown = false
		}),
		"truncated": seen(all(github.Success), run("completed", "success", 0), func(p *delivery.Pipeline) { p.Truncated, p.MoreRuns = true, true }),
		"runs hidden": seen(all(github.Success), func(p *delivery.Pipeline) {
			p.RunsHidden = "GitHub does not let Shipmate do this with acme/checkout: Resource not accessible."
		}),
		"pull request": seen(all(github.Success), run("completed", "success", 0), func(p *delivery.Pipeline) {
			p.Pull = &delivery.Pull{PullRequest: delivery.PullRequest{Number: 12, Title: "Add <a> basket", Author: "ana", URL: "https://github.com/acme/checkout/pull/12"}, State: "open", Base: "main"}
		}),
		"sixty": sixty(),
	}
}

func TestPipelineAnswers(t *testing.T) {
	t.Parallel()
	for name, p := range pipelinesShown() {
		golden(t, "testdata/pipeline/"+strings.ReplaceAll(name, " ", "-")+".json", readable(t, pipelineMessage(p)))
	}
}

// Nothing but a whole success has the sign of one.
func TestOnlySuccessLooksLikeOne(t *testing.T) {
	t.Parallel()
	for name, p := range pipelinesShown() {
		if got := strings.HasPrefix(string(pipelineHeadline(p)), "✅"); got != (p.Good() && p.Tally.Passed > 0) {
			t.Errorf("%s: %s", name, pipelineHeadline(p))
		}
	}
}

func TestBigPipelineFolds(t *testing.T) {
	t.Parallel()
	got := string(checkLines(sixty()))
	lines := strings.Split(got, "\n")
	if len(lines) != 10+1+5+1+1 || !strings.HasPrefix(lines[0], "❌") || !strings.HasPrefix(lines[11], "▶️") {
		t.Errorf("%d lines:\n%s", len(lines), got)
	}
	if want := "2 more failed · 2 more running · 4 queued · 41 passed · 3 skipped"; lines[len(lines)-1] != want {
		t.Errorf("folded to %q, want %q", lines[len(lines)-1], want)
	}
}

// watching is a watch of p, changed by fns.
func watching(p *delivery.Pipeline, fns ...func(*delivery.Watch)) *delivery.Watch {
	w := &delivery.Watch{ID: "w-4kq7x2m5wz", Request: "r", State: delivery.Watching, Stage: 3, By: "U0ANA", Channel: "C0PAY", Home: "#payments",
		Created: nine, Round: 1, Begun: nine, Until: nine.Add(delivery.WatchFor), Seen: *p}
	for _, fn := range fns {
		fn(w)
	}
	return w
}

func isOver(s delivery.WatchState, after time.Duration) func(*delivery.Watch) {
	return func(w *delivery.Watch) { w.State, w.Ended = s, nine.Add(after) }
}

func again(f delivery.Fate, fn ...func(*delivery.Again)) func(*delivery.Watch) {
	return func(w *delivery.Watch) {
		one := delivery.Again{Saw: delivery.Attempt{Run: 12345678901, Attempt: 1}, Workflow: "CI", Fate: f}
		if f == delivery.AgainStarted || f == delivery.AgainBefore {
			one.Now = 2
		}
		for _, f := range fn {
			f(&one)
		}
		w.Round = 2
		w.Rerun = &delivery.Rerun{Request: "r2", By: "U0BEN", At: nine.Add(5 * time.Minute), Jobs: delivery.FailedJobs, Runs: []delivery.Again{one}}
	}
}

func watches() map[string]*delivery.Watch {
	all := pipelinesShown()
	unread := func(w *delivery.Watch) {
		w.Unread = &delivery.Trouble{Since: nine, Why: "GitHub has a problem of its own (503); nothing was changed.", Tries: 2}
	}
	return map[string]*delivery.Watch{
		"running":               watching(all["running"]),
		"running unread":        watching(all["running"], unread),
		"failed and going on":   watching(all["failed and going on"]),
		"passed":                watching(all["passed"], isOver(delivery.Over, 10*time.Minute)),
		"passed before":         watching(all["passed"], isOver(delivery.Over, 0), func(w *delivery.Watch) { w.Round = 0 }),
		"failed":                watching(all["failed"], isOver(delivery.Over, 10*time.Minute)),
		"nothing":               watching(all["nothing"], isOver(delivery.Over, 2*time.Minute)),
		"given up":              watching(all["running"], isOver(delivery.GivenUp, delivery.WatchFor)),
		"given up unread":       watching(all["running"], isOver(delivery.GivenUp, delivery.WatchFor), unread),
		"pull request":          watching(all["pull request"], isOver(delivery.Over, time.Minute)),
		"rerun wanted":          watching(all["failed"], again(delivery.AgainWanted)),
		"rerun started":         watching(all["failed"], again(delivery.AgainStarted)),
		"rerun running":         watching(all["running"], again(delivery.AgainStarted)),
		"rerun passed":          watching(all["passed twice"], again(delivery.AgainStarted), isOver(delivery.Over, 10*time.Minute)),
		"rerun before":          watching(all["passed twice"], again(delivery.AgainBefore), isOver(delivery.Over, 10*time.Minute)),
		"rerun all of failed":   watching(all["failed"], again(delivery.AgainWanted), func(w *delivery.Watch) { w.Rerun.Jobs = delivery.AllJobs }),
		"rerun refused":         watching(all["failed"], isOver(delivery.Over, 6*time.Minute), again(delivery.AgainRefused, func(a *delivery.Again) { a.Why = "GitHub refused: <no>." })),
		"rerun by the watching": watching(all["passed twice"], again(delivery.AgainStarted), isOver(delivery.Over, 10*time.Minute), func(w *delivery.Watch) { w.By = "U0BEN" }),
	}
}

func TestWatchCards(t *testing.T) {
	t.Parallel()
	for name, w := range watches() {
		golden(t, "testdata/watches/"+strings.ReplaceAll(name, " ", "-")+".json", readable(t, watchView(w)))
	}
}

// The asker is told once a round that it is over, and not of what had ended when they asked.
func TestEndIsToldOnceARound(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for name, w := range watches() {
		told := 0
		for _, r := range watchReplies(w) {
			if strings.HasPrefix(r.Key, "over-") || strings.HasPrefix(r.Key, "given-up-") {
				told++
				keys[r.Key] = true
			}
		}
		want := 0
		if w.State != delivery.Watching && w.Round > 0 {
			want = 1
		}
		if told != want {
			t.Errorf("%s: told %d times, want %d", name, told, want)
		}
	}
	if !keys["over-1"] || !keys["over-2"] || !keys["given-up-1"] {
		t.Errorf("%v", keys)
	}
}

func TestPipelinesEscapeWhatOthersWrote(t *testing.T) {
	t.Parallel()
	const evil = "<!channel> <https://evil.example|ok> & `x` *y*"
	p := seen([]delivery.Check{check("test", github.Failure), required(check("lint", github.Running))}, run("completed", "failure", 1), failing)
	p.Commit.Subject, p.Commit.Author, p.Ref, p.Branch, p.RunsHidden, p.Checks[0].URL = evil, evil, evil, evil, evil, "javascript:alert(1)"
	p.Failure = &delivery.Failure{Job: evil, Step: evil, Log: []string{evil}, Why: evil, URL: "javascript:alert(2)"}
	p.RequiredKnown = false
	for i := range p.Checks {
		p.Checks[i].Name, p.Checks[i].Workflow, p.Checks[i].Step = evil, evil, evil
	}
	p.Runs[0].Workflow, p.Runs[0].Event = evil, evil
	p.Pull = &delivery.Pull{PullRequest: delivery.PullRequest{Number: 1, Title: evil, Author: evil}, State: evil}
	w := watching(p, isOver(delivery.Over, time.Minute), again(delivery.AgainRefused, func(a *delivery.Again) { a.Workflow, a.Why = evil, evil }))
	folded := sixty()
	for i := range folded.Checks {
		folded.Checks[i].Name, folded.Checks[i].Required = evil, true
	}
	got := string(readable(t, watchView(w))) + string(readable(t, pipelineMessage(p))) + string(readable(t, pipelineMessage(folded)))
	for _, forged := range []string{"<!channel>", "<https://evil", "<javascript:"} {
		if strings.Contains(got, forged) {
			t.Errorf("%s got through:\n%s", forged, got)
		}
	}
}

// Whatever a button says can be typed: each line of every message is understood by the command it names.
func TestPipelineLinesFit(t *testing.T) {
	t.Parallel()
	for name, m := range messagesWithButtons() {
		for _, b := range m.Buttons {
			if len(b.Line) > maxLine || b.Line == "" && b.URL == "" {
				t.Errorf("%s: %q", name, b.Line)
			}
		}
	}
	many := seen([]delivery.Check{check("test", github.Failure)})
	for i := range 6 {
		run("completed", "failure", 1)(many)
		many.Runs[i].ID += int64(i)
	}
	if line := rerunLine(many, delivery.FailedJobs); !strings.HasSuffix(line, ".1") || len(line) > maxLine {
		t.Errorf("six runs: %q", line)
	}
	many.Service = strings.Repeat("x", 150)
	if line := rerunLine(many, delivery.FailedJobs); line != "" {
		t.Errorf("too long, and yet %q", line)
	}
}

func messagesWithButtons() map[string]bot.Message {
	out := map[string]bot.Message{}
	for name, p := range pipelinesShown() {
		out[name] = pipelineMessage(p)
	}
	for name, w := range watches() {
		out["watch "+name] = watchView(w).Message
	}
	return out
}

func TestRunsAreReadAsWritten(t *testing.T) {
	t.Parallel()
	all := []delivery.Attempt{{Run: 12345678901, Attempt: 1}, {Run: 2, Attempt: 30}}
	got, err := runsOf(attempts(all))
	if err != nil || len(got) != 2 || got[0] != all[0] || got[1] != all[1] {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range []string{"1", "1.", ".1", "1.2,", "1.2 3.4", "x.1", "-1.1", "99999999999999999999.1"} {
		if _, err := parseRuns(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
	for _, c := range []struct{ kind, word, want string }{
		{"pr", "12", "12"}, {"pr", "0", ""}, {"pr", "x", ""}, {"pr", "-1", ""},
		{"sha", "1A2B3C4", "1a2b3c4"}, {"sha", "1a2b3c", ""}, {"sha", "checkout", ""}, {"sha", strings.Repeat("a", 41), ""},
		{"watch", "W-4KQ7X2M5WZ", "w-4kq7x2m5wz"}, {"watch", "d-4kq7x2m5wz", ""},
	} {
		got, err := Kinds()[c.kind].Parse(c.word)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %q: %q, %v", c.kind, c.word, got, err)
		}
	}
}

// Whoever may deploy a service anywhere may run its pipelines again, and nobody else.
func TestWhoMayRunAgain(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {t: {channel: "#t", slack_group: g}, ops: {channel: "#o", slack_group: o}}
services:
  a: {repo: o/a, team: t, environments: [one, two]}
  b: {repo: o/b, team: t, environments: [one]}
environments: {one: {}, two: {deployers: [ops, U0ANA00001, t]}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for service, want := range map[string]string{"a": "[t ops U0ANA00001]", "b": "[t]", "c": "[]"} {
		if got := fmt.Sprint(ownersOf(cfg, service)); got != want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
	if got := fmt.Sprint(everyOwner(cfg)); got != "[t ops U0ANA00001]" {
		t.Errorf("all: %s", got)
	}
}
