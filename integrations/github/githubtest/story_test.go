package githubtest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

func TestLogHasOneLinePerCallAndNoToken(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := newStage(t, githubtest.Options{HTMLURL: "http://stage.example/", Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	body := s.wants(200, "GET", r, "").json(t)
	s.Close()
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "op=repos/get") || strings.Contains(got, githubtest.DefaultToken) {
		t.Errorf("log %s", got)
	}
	if body["html_url"] != "http://stage.example/acme/checkout" {
		t.Errorf("html_url %v", body["html_url"])
	}
}

func TestBranchesComeAndGo(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Branch("a", "main").Branch("b", "main").DeleteBranch("a")
	if got := strings.Join(s.repo.Branches(), " "); got != "b main" || s.repo.Name() != "acme/checkout" {
		t.Errorf("%s has %s", s.repo.Name(), got)
	}
	s.wants(404, "GET", r+"/branches/a", "")
	for range 40 {
		s.repo.Branch(fmt.Sprint("many/", len(s.repo.Branches())), "main")
	}
	if refs := s.wants(200, "GET", r+"/git/matching-refs/heads/many/", ""); bytes.Count(refs.body, []byte(`"ref"`)) != 40 {
		t.Errorf("matching refs come without pages: %.200s", refs.body)
	}
}

func TestRequiredChecks(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Grant(githubtest.DefaultLogin, "admin")
	s.wants(404, "GET", r+"/branches/main/protection/required_status_checks", "")
	s.repo.Require("main", "ci/build").RequireByRuleset("main", "ci/test")
	if a := s.wants(200, "GET", r+"/branches/main/protection/required_status_checks", ""); !strings.Contains(string(a.body), `"contexts":["ci/build"]`) {
		t.Errorf("%s", a.body)
	}
	if a := s.wants(200, "GET", r+"/rules/branches/main", ""); !strings.Contains(string(a.body), `"context":"ci/test"`) {
		t.Errorf("%s", a.body)
	}
	if a := s.wants(200, "GET", r+"/rules/branches/other", ""); string(a.body) != "[]" {
		t.Errorf("%s", a.body)
	}
}

func TestIssuesAndPullsShareNumbers(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.AddEnvironment("production", "qa").Branch("topic", "main")
	s.repo.Commit("topic", "ana", "Work", githubtest.Files{"a": "1"})
	issue := s.repo.OpenIssue("ben", "Slow", "It is slow", "bug")
	pr := s.repo.OpenPR(githubtest.PR{Title: "Faster", Author: "ana", Head: "topic", Draft: true})
	if issue != 1 || pr != 2 {
		t.Errorf("numbers %d, %d", issue, pr)
	}
	s.wants(404, "GET", r+"/pulls/1", "")
	s.repo.ClosePR(pr)
	if p := s.wants(200, "GET", r+"/pulls/2", "").json(t); p["state"] != "closed" || p["merged"] != false || p["draft"] != true {
		t.Errorf("closed: %v %v %v", p["state"], p["merged"], p["draft"])
	}
	if a := s.wants(200, "GET", r+"/environments", "").json(t); a["total_count"] != 2.0 {
		t.Errorf("environments %v", a)
	}
}

func TestScriptTimes(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Script("deploy.yml", githubtest.Script{Queue: 10 * time.Second, Step: time.Minute, Jobs: map[string]githubtest.JobScript{
		"build":   {Queue: time.Second, Steps: map[string]githubtest.StepScript{"Compile": {Duration: 4 * time.Second}}},
		"release": {NeverStarts: true}}})
	id := s.dispatch()
	s.sees(time.Second, id, "in_progress", "Build staging:in_progress")
	s.sees(64*time.Second, id, "in_progress", "Build staging:in_progress")
	s.sees(time.Second, id, "in_progress", "Build staging:completed/success release:queued")
	s.sees(24*time.Hour, id, "in_progress", "Build staging:completed/success release:queued")
}

func TestWrongStoriesPanic(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	for name, tell := range map[string]func(){
		"unknown branch": func() { s.repo.Commit("none", "ana", "x", githubtest.Files{"a": "b"}) },
		"unknown user":   func() { s.repo.Commit("main", "none", "x", githubtest.Files{"a": "b"}) },
		"unknown ref":    func() { s.repo.Tag("v1", "none") },
		"unknown pull":   func() { s.repo.MergePR(1, "ana") },
		"unknown run":    func() { s.FinishRun("acme/checkout", 1, "success") },
		"no clock":       func() { githubtest.New(githubtest.Options{}) },
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "githubtest: ") {
					t.Errorf("%s: %s", name, p)
				}
			}()
			tell()
		}()
	}
	s.wants(200, "GET", r, "") // and the server lives on
}
