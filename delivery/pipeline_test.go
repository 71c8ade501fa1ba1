package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

const ciWorkflow = `
name: CI
on:
  push: {branches: [main]}
  pull_request:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - name: Compile
        run: make
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Fetch
        run: make fetch
      - name: Unit tests
        run: make test
`

// ci pushes a commit that CI runs on, as the scripts say.
func (s *stage) ci(scripts ...githubtest.Script) string {
	s.repo.ScriptNext("ci.yml", scripts...)
	return s.repo.Commit("main", "ana", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciWorkflow, "at": s.clock.Now().String()})
}

// sees reads a pipeline.
func (s *stage) sees(l delivery.Look) *delivery.Pipeline {
	s.Helper()
	if l.Service == "" {
		l.Service = "checkout"
	}
	p, err := s.Pipeline(context.Background(), l)
	if err != nil {
		s.Fatalf("reading the pipeline: %v", err)
	}
	return p
}

func TestPipelineJoinsAllThatJudgesACommit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.ci(githubtest.FailAt("test", "Unit tests", "expected 3 <got> 4"))
	s.repo.Require("main", "build", "security/scan", "lint")
	s.repo.SetStatus(sha, "lint", "success", "", "https://ci.example/lint")
	s.repo.SetCheckRun(sha, githubtest.CheckRun{Name: "preview", Status: "in_progress"})
	s.clock.Advance(time.Minute)
	p := s.sees(delivery.Look{})
	want := delivery.Tally{Total: 5, Failed: 1, Running: 1, Expected: 1, Passed: 2, Required: 3}
	if p.Tally != want {
		t.Fatalf("counted %+v, want %+v: %+v", p.Tally, want, p.Checks)
	}
	var order []string
	for _, c := range p.Checks {
		order = append(order, c.Title()+" "+string(c.State))
	}
	if got := strings.Join(order, ", "); got != "CI / test failure, preview running, security/scan expected, lint success, CI / build success" {
		t.Errorf("in order: %s", got)
	}
	failed := p.Checks[0]
	if failed.Step != "Unit tests" || failed.StepNumber != 3 || failed.Steps < 3 || failed.Required {
		t.Errorf("the failed check: %+v", failed)
	}
	if p.Failure == nil || p.Failure.Job != "CI / test" || p.Failure.Step != "Unit tests" || !strings.Contains(strings.Join(p.Failure.Log, "\n"), "expected 3 <got> 4") {
		t.Errorf("the first failure: %+v", p.Failure)
	}
	if len(p.Runs) != 1 || p.Runs[0].Workflow != "CI" || p.Runs[0].Failed != 1 || p.Runs[0].Jobs != 2 || !p.Runs[0].Ended.After(p.Runs[0].Started) {
		t.Errorf("the runs: %+v", p.Runs)
	}
	if p.Branch != "main" || !p.RequiredKnown || p.Ended() || p.Good() || p.Commit.SHA != sha {
		t.Errorf("%+v", p)
	}
}

// A deployment runs on the branch's newest commit whatever commit it deploys: how it ends says nothing about that commit.
func TestDeploymentIsNoCheckOfTheCommitItRanOn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no such host"))
	d := s.deploys()
	s.until(d.ID, delivery.Failed)
	s.clock.Advance(time.Minute)
	p := s.sees(delivery.Look{})
	if !p.Good() || p.Others != 1 || p.Tally.Total != 2 || len(p.Runs) != 1 {
		t.Fatalf("a failed deployment counts: %+v %+v", p.Tally, p.Checks)
	}
	s.repo.Require("main", "deploy")
	if p := s.sees(delivery.Look{}); p.Tally.Failed != 1 {
		t.Errorf("a required check counts whoever started it: %+v", p.Tally)
	}
}

func TestPendingIsNoSuccess(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	for range 10 {
		p := s.sees(delivery.Look{})
		if p.Good() {
			if p.Tally.Passed != 2 || len(p.Under()) > 0 {
				t.Fatalf("called good: %+v", p)
			}
			return
		}
		if p.Tally.Pending() == 0 && len(p.Under()) == 0 {
			t.Fatalf("nothing is pending, and yet it is not good: %+v", p)
		}
		s.clock.Advance(3 * time.Second)
	}
	t.Fatal("it never ended")
}

func TestNoChecksAtAll(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.sees(delivery.Look{})
	if p.Tally.Total != 0 || p.Ended() || p.Good() || p.Failure != nil {
		t.Fatalf("%+v", p)
	}
}

func TestPipelineOfAPullRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	s.repo.Branch("release", "main").Branch("fix", "main").Require("release", "legal")
	sha := s.repo.Commit("fix", "ana", "Fix it", githubtest.Files{"b": "c"})
	n := s.repo.OpenPR(githubtest.PR{Author: "ana", Title: "Fix <it>", Head: "fix", Base: "release"})
	p := s.sees(delivery.Look{Pull: n})
	if p.Commit.SHA != sha || p.Pull == nil || p.Pull.Title != "Fix <it>" || p.Branch != "release" || p.Tally.Expected != 1 {
		t.Fatalf("%+v, %+v", p, p.Pull)
	}
	for what, l := range map[string]delivery.Look{
		"no pull request #99": {Service: "checkout", Pull: 99},
		"no branch":           {Service: "checkout", Ref: "nope"},
		"GitHub does not":     {Service: "billing"},
	} {
		_, err := s.Pipeline(context.Background(), l)
		var user interface{ UserMessage() string }
		if !errors.As(err, &user) || !strings.Contains(user.UserMessage(), what) {
			t.Errorf("%+v: %v", l, err)
		}
	}
	_, err := s.Pipeline(context.Background(), delivery.Look{Service: "nothing"})
	s.refuses(delivery.NoService, err)
}

// What the token may not see is said, and takes nothing else away.
func TestPipelineWithoutTheRightToSeeAll(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *githubtest.Options) { o.Wrap = hiding("/rules/branches/", "/actions/runs") })
	s.ci()
	s.clock.Advance(time.Minute)
	p := s.sees(delivery.Look{})
	if p.RequiredKnown || p.RunsHidden == "" || p.Tally.Passed != 2 || len(p.Runs) != 0 {
		t.Fatalf("%+v", p)
	}
}

func TestRerunnable(t *testing.T) {
	t.Parallel()
	run := func(id int64, status, event string, failed int) delivery.PipelineRun {
		return delivery.PipelineRun{ID: id, Attempt: 2, Status: status, Event: event, Jobs: 3, Failed: failed}
	}
	empty := run(9, "completed", "push", 0)
	empty.Jobs = 0
	for name, c := range map[string]struct {
		runs        []delivery.PipelineRun
		failed, all []int64
	}{
		"none":            {},
		"passed":          {[]delivery.PipelineRun{run(1, "completed", "push", 0)}, nil, []int64{1}},
		"failed":          {[]delivery.PipelineRun{run(1, "completed", "push", 1), run(2, "completed", "pull_request", 0)}, []int64{1}, []int64{1, 2}},
		"one goes on":     {[]delivery.PipelineRun{run(1, "completed", "push", 1), run(2, "in_progress", "push", 1)}, []int64{1}, nil},
		"deployments":     {[]delivery.PipelineRun{run(1, "completed", "workflow_dispatch", 1), run(2, "in_progress", "deployment", 1)}, nil, nil},
		"beside a deploy": {[]delivery.PipelineRun{run(1, "in_progress", "workflow_dispatch", 0), run(2, "completed", "push", 1)}, []int64{2}, []int64{2}},
		"never started":   {[]delivery.PipelineRun{empty}, nil, nil},
	} {
		p := &delivery.Pipeline{Runs: c.runs}
		for jobs, want := range map[delivery.Jobs][]int64{delivery.FailedJobs: c.failed, delivery.AllJobs: c.all} {
			got := p.Rerunnable(jobs)
			ok := len(got) == len(want)
			for i := range got {
				ok = ok && got[i] == delivery.Attempt{Run: want[i], Attempt: 2}
			}
			if !ok {
				t.Errorf("%s, %s: %+v, want %v", name, jobs, got, want)
			}
		}
	}
	var many delivery.Pipeline
	for i := range 20 {
		many.Runs = append(many.Runs, run(int64(i), "completed", "push", 1))
	}
	if n := len(many.Rerunnable(delivery.AllJobs)); n != 6 {
		t.Errorf("%d at once", n)
	}
}
