package githubtest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"shipmate/integrations/github/githubtest"
)

// jobs tells the state of a run's jobs as "name:status/conclusion".
func (s *stage) jobs(run int64) string {
	s.t.Helper()
	list, _, err := s.gh.Actions.ListWorkflowJobs(context.Background(), "acme", "checkout", run, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, j := range list.Jobs {
		out = append(out, strings.TrimSuffix(j.GetName()+":"+j.GetStatus()+"/"+j.GetConclusion(), "/"))
	}
	return strings.Join(out, " ")
}

func (s *stage) run(id int64) *github.WorkflowRun {
	s.t.Helper()
	run, _, err := s.gh.Actions.GetWorkflowRunByID(context.Background(), "acme", "checkout", id)
	if err != nil {
		s.t.Fatal(err)
	}
	return run
}

// sees checks the run's state after the clock has moved.
func (s *stage) sees(after time.Duration, id int64, state, jobs string) {
	s.t.Helper()
	s.clock.Advance(after)
	run := s.run(id)
	if got := strings.TrimSuffix(run.GetStatus()+"/"+run.GetConclusion(), "/"); got != state {
		s.t.Errorf("after %v the run is %s, want %s", s.clock.Now().Sub(start), got, state)
	}
	if got := s.jobs(id); got != jobs {
		s.t.Errorf("after %v the jobs are\n %s, want\n %s", s.clock.Now().Sub(start), got, jobs)
	}
}

func TestRunProgressesByTheClock(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	id := s.dispatch()
	s.sees(0, id, "queued", "Build staging:queued")
	s.sees(2*time.Second, id, "in_progress", "Build staging:in_progress")
	s.sees(11*time.Second, id, "in_progress", "Build staging:completed/success release:queued")
	s.sees(2*time.Second, id, "in_progress", "Build staging:completed/success release:in_progress")
	s.sees(6*time.Second, id, "completed/success", "Build staging:completed/success release:completed/success report:completed/skipped")
	run := s.run(id)
	if want := "deploy staging abc [C1]"; run.GetDisplayTitle() != want {
		t.Errorf("title %q, want %q", run.GetDisplayTitle(), want)
	}
	if run.GetHeadSHA() != s.repo.Head("main") || !run.GetUpdatedAt().Time.Equal(start.Add(21*time.Second)) {
		t.Errorf("head %s, updated %v", run.GetHeadSHA(), run.GetUpdatedAt())
	}
}

func TestRunFailsWithLog(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("release", "Roll out", "error: deployment exceeded its progress deadline"))
	id := s.dispatch()
	s.sees(5*time.Minute, id, "completed/failure", "Build staging:completed/success release:completed/failure report:completed/success")
	list, _, err := s.gh.Actions.ListWorkflowJobs(context.Background(), "acme", "checkout", id, nil)
	if err != nil {
		t.Fatal(err)
	}
	release := list.Jobs[1]
	if got := release.Steps[1]; got.GetName() != "Roll out" || got.GetConclusion() != "failure" {
		t.Errorf("step %v", got)
	}
	to := s.wants(302, "GET", fmt.Sprintf("%s/actions/jobs/%d/logs", r, release.GetID()), "").header.Get("Location")
	if !strings.HasPrefix(to, "http://localhost:") {
		t.Errorf("the log is on the API's own host: %s", to)
	}
	path := to[strings.Index(to, "_logs"):]
	log := string(s.wants(200, "GET", path, "", "Authorization", "").body)
	for _, want := range []string{"2026-11-20T09:00:16.", "##[group]Run ./deploy.sh", "error: deployment exceeded its progress deadline", "##[error]Process completed with exit code 1."} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	s.wants(401, "GET", path, "")
	if p := s.Problems(); len(p) != 1 {
		t.Errorf("sending the token to the log's host is a problem: %v", p)
	}
	id = s.dispatch()
	s.sees(5*time.Minute, id, "completed/success", "Build staging:completed/success release:completed/success report:completed/skipped")
}

func TestNeverStartsAndHangs(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Script("deploy.yml", githubtest.Script{NeverStarts: true})
	id := s.dispatch()
	s.sees(24*time.Hour, id, "queued", "Build staging:queued")
	s.wants(202, "POST", fmt.Sprintf("%s/actions/runs/%d/cancel", r, id), "")
	s.sees(0, id, "completed/cancelled", "Build staging:completed/cancelled release:completed/skipped report:completed/skipped")

	s.repo.Script("deploy.yml", githubtest.HangAt("build", "Compile"))
	id = s.dispatch()
	s.sees(24*time.Hour, id, "in_progress", "Build staging:in_progress")
	s.FinishRun("acme/checkout", id, "success")
	s.sees(0, id, "in_progress", "Build staging:completed/success release:queued")
	s.FinishRun("acme/checkout", id, "failure")
	s.sees(time.Minute, id, "completed/failure", "Build staging:completed/success release:completed/failure report:completed/success")
}

func TestCancelTakesAWhile(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	id := s.dispatch()
	s.clock.Advance(5 * time.Second)
	cancel := fmt.Sprintf("%s/actions/runs/%d/cancel", r, id)
	s.wants(202, "POST", cancel, "")
	s.sees(time.Second, id, "in_progress", "Build staging:in_progress")
	s.sees(time.Second, id, "completed/cancelled", "Build staging:completed/cancelled release:completed/skipped report:completed/skipped")
	s.wants(409, "POST", cancel, "")

	s.repo.Script("deploy.yml", githubtest.Script{IgnoresCancel: true, Step: time.Hour})
	id = s.dispatch()
	s.clock.Advance(5 * time.Second)
	s.wants(202, "POST", fmt.Sprintf("%s/actions/runs/%d/cancel", r, id), "")
	s.sees(time.Minute, id, "in_progress", "Build staging:in_progress")
	s.wants(202, "POST", fmt.Sprintf("%s/actions/runs/%d/force-cancel", r, id), "")
	s.sees(0, id, "completed/cancelled", "Build staging:completed/cancelled release:completed/skipped report:completed/skipped")
}

// A cancel that comes as the last running job ends well still ends the run as cancelled, since what was next did not run.
func TestCancelBetweenTwoJobs(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	id := s.dispatch()
	s.clock.Advance(12 * time.Second)
	s.wants(202, "POST", fmt.Sprintf("%s/actions/runs/%d/cancel", r, id), "")
	s.sees(time.Minute, id, "completed/cancelled", "Build staging:completed/success release:completed/skipped report:completed/skipped")

	id = s.dispatch() // here all that is left is a job that its own condition skips
	s.clock.Advance(20 * time.Second)
	s.wants(202, "POST", fmt.Sprintf("%s/actions/runs/%d/cancel", r, id), "")
	s.sees(time.Minute, id, "completed/success", "Build staging:completed/success release:completed/success report:completed/skipped")
}

func TestRerunFailedKeepsWhatSucceeded(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("release", "Roll out"))
	id := s.dispatch()
	s.clock.Advance(5 * time.Minute)
	s.wants(201, "POST", fmt.Sprintf("%s/actions/runs/%d/rerun-failed-jobs", r, id), "")
	s.sees(0, id, "in_progress", "Build staging:completed/success release:queued")
	s.sees(time.Minute, id, "completed/success", "Build staging:completed/success release:completed/success report:completed/skipped")
	if a := s.run(id).GetRunAttempt(); a != 2 {
		t.Errorf("attempt %d", a)
	}
	s.wants(403, "POST", fmt.Sprintf("%s/actions/runs/%d/rerun-failed-jobs", r, id), "")
	all := s.wants(200, "GET", fmt.Sprintf("%s/actions/runs/%d/jobs?filter=all", r, id), "").json(t)
	if all["total_count"].(float64) != 6 {
		t.Errorf("all attempts have %v jobs", all["total_count"])
	}
}

func TestConcurrencyGroup(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	first, second := s.dispatch(), s.dispatch()
	if st := s.run(second).GetStatus(); st != "pending" {
		t.Errorf("the second of a group is %s", st)
	}
	third := s.dispatch()
	if c := s.run(second).GetConclusion(); c != "cancelled" {
		t.Errorf("the waiting one is %q when a newer comes", c)
	}
	s.sees(21*time.Second, first, "completed/success", "Build staging:completed/success release:completed/success report:completed/skipped")
	s.sees(0, third, "queued", "Build staging:queued")
	s.sees(2*time.Second, third, "in_progress", "Build staging:in_progress")
	s.repo.Script("deploy.yml", githubtest.Script{NeverStarts: true})
	other := s.wants(200, "POST", r+"/actions/workflows/deploy.yml/dispatches", `{"ref":"main","return_run_details":true,
		"inputs":{"sha":"abc","correlation_id":"C1","environment":"production"}}`).json(t)["workflow_run_id"].(float64)
	s.sees(0, int64(other), "queued", "Build production:queued")
}

func TestDispatchIsChecked(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Branch("bare", "main").Commit("main", "ana", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciYAML})
	s.repo.Commit("bare", "ana", "Remove", githubtest.Files{".github/workflows/deploy.yml": githubtest.Deleted})
	var many strings.Builder
	for i := range 26 {
		fmt.Fprintf(&many, `,"i%d":"x"`, i)
	}
	for body, want := range map[string]string{
		`{"inputs":{}}`:                         `"ref" wasn't supplied`,
		`{"ref":"nowhere"}`:                     "No ref found for: nowhere",
		`{"ref":"` + s.repo.Head("main") + `"}`: "No ref found for: " + s.repo.Head("main"),
		`{"ref":"bare"}`:                        "Workflow does not have 'workflow_dispatch' trigger",
		`{"ref":"main"}`:                        "Required input 'sha' not provided",
		`{"ref":"main","inputs":{"sha":"a","correlation_id":"b","environment":"moon"}}`:              "Provided value 'moon' for input 'environment' not in the list of allowed values",
		`{"ref":"main","inputs":{"sha":"a","correlation_id":"b","environment":"staging","who":"x"}}`: `Unexpected inputs provided: ["who"]`,
		`{"ref":"main","inputs":{` + many.String()[1:] + `}}`:                                        "up to 25",
		`{"ref":"main","wait":true}`: `"wait" is not a permitted key`,
	} {
		a := s.wants(422, "POST", r+"/actions/workflows/deploy.yml/dispatches", body)
		if msg := a.json(t)["message"].(string); !strings.Contains(msg, want) {
			t.Errorf("%s: %q, want %q", body, msg, want)
		}
	}
	s.wants(404, "POST", r+"/actions/workflows/none.yml/dispatches", `{"ref":"main"}`)
	s.wants(422, "POST", r+"/actions/workflows/ci.yml/dispatches", `{"ref":"main"}`)
	if d := s.Dispatches(""); len(d) != 0 {
		t.Errorf("refused dispatches were accepted: %v", d)
	}
	s.wants(204, "POST", r+"/actions/workflows/deploy.yml/dispatches", `{"ref":"refs/heads/main",`+deployInputs+`}`)
	d := s.Dispatches("acme/checkout")
	if len(d) != 1 || d[0].Inputs["dry_run"] != "false" || d[0].Ref != "main" || d[0].Actor != githubtest.DefaultLogin {
		t.Errorf("dispatches %+v", d)
	}
}

func TestOldServerRefusesRunDetails(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{OldServer: true})
	dispatches := r + "/actions/workflows/deploy.yml/dispatches"
	s.wants(422, "POST", dispatches, `{"ref":"main","return_run_details":true,`+deployInputs+`}`)
	s.wants(204, "POST", dispatches, `{"ref":"main",`+deployInputs+`}`)
}

func TestRunAppearsLate(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{RunAppears: 10 * time.Second})
	id := s.dispatch()
	run := fmt.Sprintf("%s/actions/runs/%d", r, id)
	count := func() float64 {
		return s.wants(200, "GET", r+"/actions/runs", "").json(t)["total_count"].(float64)
	}
	s.wants(404, "GET", run, "")
	if count() != 0 || len(s.Runs("acme/checkout")) != 1 {
		t.Error("the run shows before its time")
	}
	s.clock.Advance(10 * time.Second)
	s.wants(200, "GET", run, "")
	if count() != 1 {
		t.Error("the run does not show")
	}
}

func TestRunFilters(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Commit("main", "ana", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciYAML})
	sha := s.repo.Head("main")
	s.clock.Advance(time.Hour)
	s.dispatch()
	for query, want := range map[string]float64{"": 2, "event=push": 1, "event=workflow_dispatch": 1, "branch=main": 2, "branch=dev": 0, "actor=ana": 1,
		"head_sha=" + sha: 2, "status=queued": 1, "status=success": 1, "status=completed": 1, "created=%3E2026-11-20T09:30:00Z": 1,
		"created=%3C%3D2026-11-20T09:30:00Z": 1, "created=2026-11-20": 2, "created=2026-11-19..2026-11-20T09:00:00Z": 1, "created=2026-11-21": 0,
		"created=yesterday": 0} {
		if got := s.wants(200, "GET", r+"/actions/runs?"+query, "").json(t)["total_count"]; got != want {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
	}
}

func TestJobsAreChecksAndDeployments(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.dispatch()
	s.clock.Advance(5 * time.Second)
	checks, _, err := s.gh.Checks.ListCheckRunsForRef(context.Background(), "acme", "checkout", "main", nil)
	if err != nil || checks.GetTotal() != 1 || checks.CheckRuns[0].GetName() != "Build staging" || checks.CheckRuns[0].GetStatus() != "in_progress" || checks.CheckRuns[0].App.GetSlug() != "github-actions" {
		t.Errorf("checks %+v, %v", checks, err)
	}
	states := func() string {
		ds, _, err := s.gh.Repositories.ListDeployments(context.Background(), "acme", "checkout", &github.DeploymentsListOptions{Environment: "staging"})
		if err != nil || len(ds) != 1 {
			return fmt.Sprint(len(ds), err)
		}
		sts, _, err := s.gh.Repositories.ListDeploymentStatuses(context.Background(), "acme", "checkout", ds[0].GetID(), nil)
		out := ""
		for _, st := range sts {
			out += st.GetState() + " "
		}
		return fmt.Sprint(out, err)
	}
	if got := states(); got != "0 <nil>" {
		t.Errorf("before its job a deployment is there: %s", got)
	}
	s.clock.Advance(10 * time.Second)
	if got := states(); got != "in_progress <nil>" {
		t.Errorf("while its job runs: %s", got)
	}
	s.clock.Advance(time.Minute)
	if got := states(); got != "success in_progress <nil>" {
		t.Errorf("after its job: %s", got)
	}
}
