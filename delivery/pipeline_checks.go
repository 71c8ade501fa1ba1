package delivery

import (
	"cmp"
	"slices"
	"time"

	"shipmate/integrations/github"
)

const (
	// maxRuns is how many runs of a commit are read (see github.Client.WorkflowRuns).
	maxRuns = 20
	// maxChecks is how many checks a pipeline keeps; all are counted.
	maxChecks = 60
	// maxReruns is how many runs one wish runs again, so that they fit into a button.
	maxReruns = 6
)

// take puts together what GitHub says of a commit.
func (p *Pipeline) take(checks github.Checks, runs []github.Run, now time.Time) {
	p.RequiredKnown, p.Truncated, p.MoreRuns = checks.RequiredKnown, checks.Truncated, len(runs) >= maxRuns
	p.Others = leaveOutOthers(&checks, &runs)
	all := join(checks, runs)
	slices.SortStableFunc(all, func(a, b Check) int { return cmp.Compare(rank(a.State), rank(b.State)) })
	p.Tally = tally(all)
	p.Checks = all[:min(len(all), maxChecks)]
	p.Runs = nil
	for _, r := range runs {
		p.Runs = append(p.Runs, runOf(r, now))
	}
}

// leaveOutOthers takes out the runs that people or deployments started on the commit, with their checks, and returns how
// many runs that were: a deployment runs on the newest commit of a branch whatever commit it deploys, so how it ended says
// nothing about this one. A check that is required counts whoever started it, as it does for GitHub.
func leaveOutOthers(checks *github.Checks, runs *[]github.Run) int {
	others := map[int64]bool{} // jobs
	left := slices.DeleteFunc(slices.Clone(*runs), func(r github.Run) bool {
		if !byHand(r.Event) {
			return false
		}
		for _, j := range r.Jobs {
			others[j.ID] = true
		}
		return true
	})
	n := len(*runs) - len(left)
	*runs = left
	checks.All = slices.DeleteFunc(slices.Clone(checks.All), func(c github.Check) bool {
		return c.Source == github.SourceActions && others[c.ID] && !c.Required
	})
	return n
}

// join lists the checks, those of Actions with their workflow and step, and what runs have begun without any check yet.
func join(checks github.Checks, runs []github.Run) []Check {
	type place struct {
		run github.Run
		job github.Job
	}
	jobs := map[int64]place{}
	for _, r := range runs {
		for _, j := range r.Jobs {
			jobs[j.ID] = place{r, j}
		}
	}
	var all []Check
	for _, c := range checks.All {
		one := Check{Name: cut(c.Name), State: c.State, Required: c.Required, URL: c.URL, Started: c.StartedAt, Ended: c.CompletedAt}
		if at, ok := jobs[c.ID]; ok && c.Source == github.SourceActions {
			one.in(at.run, at.job)
			delete(jobs, c.ID)
		}
		all = append(all, one)
	}
	for _, r := range runs {
		all = append(all, unreported(r, func(j github.Job) bool { _, left := jobs[j.ID]; return left })...)
	}
	return all
}

// in takes over what only the job knows.
func (c *Check) in(r github.Run, j github.Job) {
	c.Workflow, c.Steps, c.job = cut(r.Workflow), len(j.Steps), j.ID
	i := slices.IndexFunc(j.Steps, func(s github.Step) bool { return s.Status == "in_progress" })
	if failed, ok := j.FailedStep(); ok {
		i = slices.IndexFunc(j.Steps, func(s github.Step) bool { return s.Number == failed.Number })
	}
	if i >= 0 {
		c.Step, c.StepNumber = cut(j.Steps[i].Name), i+1
	}
}

// unreported is what a run adds to the checks: jobs that no check tells of yet, and the run itself while it has no jobs or
// when it ended badly without any.
func unreported(r github.Run, missing func(github.Job) bool) []Check {
	if len(r.Jobs) == 0 {
		state := github.Queued
		if r.Done() {
			state = ending(r.Conclusion)
		}
		if r.Done() && state.Good() {
			return nil
		}
		return []Check{{Name: cut(r.Workflow), State: state, URL: r.URL}}
	}
	var out []Check
	for _, j := range r.Jobs {
		if r.Done() || !missing(j) {
			continue
		}
		one := Check{Name: cut(j.Name), State: stateOf(j), URL: j.URL, Started: j.StartedAt, Ended: j.CompletedAt}
		one.in(r, j)
		out = append(out, one)
	}
	return out
}

func stateOf(j github.Job) github.State {
	switch j.Status {
	case "completed":
		return ending(j.Conclusion)
	case "in_progress":
		return github.Running
	}
	return github.Queued
}

// ending is GitHub's conclusion as the state of a check; what it may add later is not good.
func ending(conclusion string) github.State {
	switch conclusion {
	case "success", "cancelled", "skipped", "neutral", "stale":
		return github.State(conclusion)
	case "timed_out":
		return github.TimedOut
	case "action_required":
		return github.ActionRequired
	}
	return github.Failure
}

// rank orders checks by how much they matter to whoever waits.
func rank(s github.State) int {
	switch s {
	case github.Failure, github.TimedOut:
		return 0
	case github.Cancelled, github.ActionRequired, github.Stale:
		return 1
	case github.Running:
		return 2
	case github.Expected:
		return 3
	case github.Queued:
		return 4
	case github.Success:
		return 5
	}
	return 6
}

func tally(all []Check) Tally {
	t := Tally{Total: len(all)}
	counts := []*int{&t.Failed, &t.Unpassed, &t.Running, &t.Expected, &t.Queued, &t.Passed, &t.Skipped}
	for _, c := range all {
		*counts[rank(c.State)]++
		if !c.Required {
			continue
		}
		t.Required++
		if c.State.Ended() && !c.State.Good() {
			t.RequiredBad++
		}
	}
	return t
}

func runOf(r github.Run, now time.Time) PipelineRun {
	out := PipelineRun{ID: r.ID, Attempt: r.Attempt, Workflow: cut(r.Workflow), Event: r.Event, Status: r.Status,
		Conclusion: r.Conclusion, URL: r.URL, Started: r.StartedAt, Jobs: len(r.Jobs)}
	if r.Done() {
		out.Ended = lastEnd(r, now)
	}
	for _, j := range r.Jobs {
		if s := stateOf(j); s == github.Failure || s == github.TimedOut || s == github.Cancelled {
			out.Failed++
		}
	}
	return out
}
