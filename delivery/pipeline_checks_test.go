package delivery

import (
	"testing"
	"time"

	"shipmate/integrations/github"
)

var nine = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// taken is the pipeline that these checks and runs make.
func taken(checks github.Checks, runs ...github.Run) *Pipeline {
	p := &Pipeline{Service: "checkout"}
	p.take(checks, runs, nine)
	return p
}

// What runs tell and no check does is not overlooked: neither one that has no job yet, nor one that never got any.
func TestRunsWithoutChecksCount(t *testing.T) {
	t.Parallel()
	lint := github.Check{Name: "lint", State: github.Success, Source: github.SourceStatus}
	build := github.Check{ID: 7, Name: "build", State: github.Success, Source: github.SourceActions}
	job := func(id int64, status, conclusion string) github.Job {
		return github.Job{ID: id, Name: "job", Status: status, Conclusion: conclusion}
	}
	for name, c := range map[string]struct {
		run         github.Run
		want        Tally
		ended, good bool
	}{
		"queued without jobs":     {github.Run{Status: "queued"}, Tally{Total: 3, Passed: 2, Queued: 1}, false, false},
		"never started":           {github.Run{Status: "completed", Conclusion: "startup_failure"}, Tally{Total: 3, Passed: 2, Failed: 1}, true, false},
		"waits for somebody":      {github.Run{Status: "completed", Conclusion: "action_required"}, Tally{Total: 3, Passed: 2, Unpassed: 1}, true, false},
		"skipped as a whole":      {github.Run{Status: "completed", Conclusion: "skipped"}, Tally{Total: 2, Passed: 2}, true, true},
		"between two jobs":        {github.Run{Status: "in_progress", Jobs: []github.Job{job(7, "completed", "success")}}, Tally{Total: 2, Passed: 2}, false, false},
		"a job without its check": {github.Run{Status: "in_progress", Jobs: []github.Job{job(7, "completed", "success"), job(8, "in_progress", "")}}, Tally{Total: 3, Passed: 2, Running: 1}, false, false},
		"all done":                {github.Run{Status: "completed", Conclusion: "success", Jobs: []github.Job{job(7, "completed", "success")}}, Tally{Total: 2, Passed: 2}, true, true},
	} {
		p := taken(github.Checks{All: []github.Check{lint, build}}, c.run)
		if p.Tally != c.want || p.Ended() != c.ended || p.Good() != c.good {
			t.Errorf("%s: %+v, ended %v, good %v", name, p.Tally, p.Ended(), p.Good())
		}
	}
}

// A check of another App that happens to have a job's number is not that job.
func TestOnlyActionsChecksAreJobs(t *testing.T) {
	t.Parallel()
	run := github.Run{Workflow: "CI", Status: "completed", Conclusion: "success", Jobs: []github.Job{{ID: 7, Name: "build", Status: "completed", Conclusion: "success"}}}
	p := taken(github.Checks{All: []github.Check{{ID: 7, Name: "sonar", State: github.Success, Source: github.SourceCheckRun}}}, run)
	if p.Checks[0].Title() != "sonar" {
		t.Errorf("%+v", p.Checks)
	}
}

func TestTruncatedListsAreMarkedAndBounded(t *testing.T) {
	t.Parallel()
	checks := github.Checks{Truncated: true}
	for range 200 {
		checks.All = append(checks.All, github.Check{Name: "ok", State: github.Success})
	}
	checks.All = append(checks.All, github.Check{Name: "bad", State: github.Failure})
	p := taken(checks, make([]github.Run, maxRuns)...)
	if !p.Truncated || !p.MoreRuns || p.Good() || len(p.Checks) != maxChecks || p.Tally.Passed != 200 || p.Checks[0].Name != "bad" {
		t.Errorf("%+v of %d", p.Tally, len(p.Checks))
	}
}

// Until GitHub's lists show the new attempt, what they show is of before, and the watch is not over.
func TestRerunIsNotOverBeforeItShows(t *testing.T) {
	t.Parallel()
	failed := github.Run{ID: 1, Attempt: 1, Event: "push", Status: "completed", Conclusion: "failure",
		Jobs: []github.Job{{ID: 7, Status: "completed", Conclusion: "failure"}}}
	seen := taken(github.Checks{All: []github.Check{{ID: 7, Name: "test", State: github.Failure, Source: github.SourceActions}}}, failed)
	w := &Watch{State: Watching, Begun: nine, Seen: *seen, Rerun: &Rerun{Runs: []Again{{Saw: Attempt{1, 1}, Fate: AgainStarted, Now: 2}}}}
	if w.over(nine) || len(w.Offered(FailedJobs)) != 0 {
		t.Error("over, or to be run again, before the new attempt shows")
	}
	if !w.over(nine.Add(beginsWithin)) {
		t.Error("it waits for ever for an attempt that does not show")
	}
	w.Seen.Runs[0].Attempt = 2
	if !w.over(nine) || len(w.Offered(FailedJobs)) != 1 {
		t.Error("the new attempt has ended, and it goes on")
	}
}
