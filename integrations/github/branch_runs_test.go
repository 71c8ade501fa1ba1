package github

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

const ciWorkflow = "name: CI\non:\n  push:\n    branches: [none]\n  pull_request:\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Unit tests\n        run: go test ./...\n"

// factory is a stage with a workflow that only pull requests start by themselves.
func factory(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, githubtest.Options{PointsPerMinute: -1})
	s.commit("main", "ana", "Test it", githubtest.Files{".github/workflows/ci.yml": ciWorkflow})
	return s
}

// ran tells the runs of main since, and how many calls that took.
func (s *stage) ran(t *testing.T, since time.Time) (told []string, truncated bool, calls int) {
	t.Helper()
	before := len(s.Calls())
	runs, truncated, err := s.c.BranchRuns(t.Context(), "acme/shop", "main", since)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		told = append(told, strings.TrimSpace(fmt.Sprintf("%s %d %s %s", r.Event, r.Attempt, r.Status, r.Conclusion)))
	}
	return told, truncated, len(s.Calls()) - before
}

func TestBranchRuns(t *testing.T) {
	t.Parallel()
	s := factory(t)
	since := noon.Add(-24 * time.Hour)
	if told, truncated, calls := s.ran(t, since); len(told) != 0 || truncated || calls != 1 {
		t.Errorf("none: %v, %v, %d calls", told, truncated, calls)
	}
	s.repo.Branch("topic", "main")
	s.AddUser(githubtest.User{Login: "gone"})
	for ago, run := range map[time.Duration]githubtest.PastRun{
		25 * time.Hour:             {Actor: "ana", Event: "too old"},
		24*time.Hour + time.Second: {Event: "a second too old"},
		24 * time.Hour:             {Event: "schedule", Actor: "gone"},
		20 * time.Hour:             {Actor: "ana", Attempts: []string{"failure", "success"}},
		19 * time.Hour:             {Branch: "topic"},
		18 * time.Hour:             {Event: "pull_request_target"},
		16 * time.Hour:             {Attempts: []string{"failure"}},
		15 * time.Hour:             {Event: "merge_group", Attempts: []string{"success", "cancelled"}},
		time.Minute:                {Attempts: []string{"in_progress"}},
	} {
		run.File = "ci.yml"
		s.repo.At(noon.Add(-ago)).AddRun(run)
	}
	s.DeleteUser("gone")
	// From a copy's own main, which GitHub lists with this one's.
	s.repo.At(noon.Add(-17 * time.Hour)).OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "From afar", Fork: true, Branch: "main", Files: githubtest.Files{"d.md": "4"}})
	if runs := s.Runs("acme/shop"); runs[len(runs)-1].Event != "pull_request" || runs[len(runs)-1].Branch != "main" {
		t.Fatalf("no run for the pull request: %+v", runs)
	}

	want := []string{"push 1 in_progress", "merge_group 2 completed cancelled", "push 1 completed failure", "push 2 completed success", "schedule 1 completed success"}
	for _, from := range []time.Time{since, since.Add(time.Second / 2), since.In(time.FixedZone("", 3600))} {
		if told, truncated, calls := s.ran(t, from); !slices.Equal(told, want) || truncated || calls != 1 {
			t.Errorf("since %s: %s, %v, %d calls", from, strings.Join(told, ", "), truncated, calls)
		}
	}
	if told, _, _ := s.ran(t, time.Time{}); len(told) != len(want)+2 {
		t.Errorf("since ever: %v", told)
	}
	runs, _, err := s.c.BranchRuns(t.Context(), "acme/shop", "main", since)
	if err != nil {
		t.Fatal(err)
	}
	if r := runs[3]; r.ID == 0 || r.Workflow != "CI" || r.WorkflowID == 0 || r.Path != ".github/workflows/ci.yml" || r.HeadSHA != s.shas[1] || r.Actor != "ana" ||
		!r.Created.Equal(noon.Add(-20*time.Hour)) || !r.Updated.After(r.Created.Add(time.Minute)) || !strings.HasSuffix(r.URL, fmt.Sprint("/acme/shop/actions/runs/", r.ID)) {
		t.Errorf("%+v", r)
	}
	if r := runs[4]; r.Actor != Ghost {
		t.Errorf("%+v", r)
	}
	rate := s.c.Rate()
	if s.ran(t, since); s.c.Rate().Remaining != rate.Remaining {
		t.Error("the same is paid for again")
	}
}

// One page and no more, of which the newest stand first.
func TestManyBranchRuns(t *testing.T) {
	t.Parallel()
	s := factory(t)
	for n := 1; n <= 101; n++ {
		first := s.repo.At(noon.Add(-time.Duration(n) * time.Hour)).AddRun(githubtest.PastRun{File: "ci.yml"})
		if n < 100 {
			continue
		}
		runs, truncated, err := s.c.BranchRuns(t.Context(), "acme/shop", "main", noon.Add(-200*time.Hour))
		if err != nil || len(runs) != 100 || truncated != (n > 100) || !runs[0].Created.Equal(noon.Add(-time.Hour)) || (runs[99].ID == first) != (n == 100) {
			t.Errorf("of %d: %d, %v, %v", n, len(runs), truncated, err)
		}
	}
}

// What GitHub may leave out or write otherwise.
func TestBranchRunsThatDiffer(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		run := func(id int, at, path, event string) any {
			return map[string]any{"id": id, "created_at": at, "path": path, "event": event, "name": nil, "conclusion": nil, "actor": nil}
		}
		reply(w, 200, map[string]any{"total_count": 7, "workflow_runs": []any{
			run(1, "2026-11-20T09:00:00Z", "Acme/Shop/.github/workflows/ci.yml@refs/heads/main", "push"), run(2, "2026-11-20T10:00:00Z", ".github/workflows/ci.yml@main", "push"),
			run(3, "2026-11-20T10:00:00Z", "acme/rules/.github/workflows/ci.yml@main", "push"), run(4, "2026-11-20T08:00:00Z", "dynamic/pages/pages-build-deployment", "dynamic"),
			run(5, "2026-11-20T11:00:00Z", "", "pull_request_review"), run(6, "2026-11-20T11:00:00Z", "", "pull_request_review_comment"), run(7, "2026-11-20T11:00:00Z", "", "pull_request")}})
	})
	runs, _, err := f.client(t).BranchRuns(t.Context(), "acme/shop", "release/1", noon.Add(-time.Hour).In(time.FixedZone("", 3600)))
	var told []string
	for _, r := range runs {
		told = append(told, fmt.Sprint(r.ID, " ", r.Path, " ", r.Actor))
	}
	want := []string{"3 acme/rules/.github/workflows/ci.yml ghost", "2 .github/workflows/ci.yml ghost", "1 .github/workflows/ci.yml ghost", "4 dynamic/pages/pages-build-deployment ghost"}
	if err != nil || !slices.Equal(told, want) {
		t.Errorf("%s, %v", strings.Join(told, ", "), err)
	}
	if asked := f.requests(); !slices.Equal(asked, []string{"GET /repos/acme/shop/actions/runs?branch=release%2F1&created=%3E%3D2026-11-20T11%3A00%3A00Z&exclude_pull_requests=true&per_page=100"}) {
		t.Errorf("asked %s", asked)
	}
}

func TestBranchRunsInTrouble(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		s := factory(t)
		s.repo.At(noon.Add(-time.Hour)).AddRun(githubtest.PastRun{File: "ci.yml"})
		f.Match, f.Times = githubtest.OpListRepoRuns, 3
		s.Fault(f)
		var got []BranchRun
		s.untilDone(t, func(c *Client) (err error) {
			got, _, err = c.BranchRuns(t.Context(), "acme/shop", "main", time.Time{})
			return err
		})
		if len(got) != 1 || len(s.Faults()) != 0 {
			t.Errorf("%s %s: %+v", f.Kind, f.When, got)
		}
	}
	s := factory(t)
	var e *Error
	if _, _, err := s.asApp(t, map[string]string{"contents": "read"}).BranchRuns(t.Context(), "acme/shop", "main", noon); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Actions: read.") {
		t.Errorf("who may not see them: %v", err)
	}
	for _, wrong := range [][2]string{{"acme", "main"}, {"acme/shop", ""}, {"acme/shop", "a b"}} {
		if _, _, err := s.c.BranchRuns(t.Context(), wrong[0], wrong[1], noon); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
