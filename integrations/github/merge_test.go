package github

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

// open proposes a decision and returns its number and head.
func (s *stage) open(t *testing.T) (n int, head string) {
	t.Helper()
	p := proposal()
	p.Reviewers = []string{"ana", "ben", "acme/writers"}
	got, err := s.c.EnsurePullRequest(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return got.Number, got.Head
}

func TestStateOfAPullRequest(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n, head := s.open(t)
	read := func() PullState {
		t.Helper()
		got, err := s.c.PullRequestState(t.Context(), "acme/decisions", n)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(); got.State != "open" || got.Merged || got.MergeSHA != "" || got.Head != head || got.Branch != "postmortem/inc-7" || got.Base != "main" || got.Author != githubtest.DefaultLogin ||
		got.Title != "Post-mortem of inc-7" || got.Mergeable != "clean" || got.Decision() != "" || !slices.Equal(got.Awaited, []string{"ana", "ben", "acme/writers"}) {
		t.Errorf("%+v", got)
	}
	s.clock.Advance(time.Minute)
	s.repo.Review(n, "ana", "CHANGES_REQUESTED", "No")
	s.repo.Review(n, "ben", "APPROVED", "Yes")
	s.repo.Review(n, githubtest.DefaultLogin, "APPROVED", "My own")
	if got := read(); got.Decision() != "changes_requested" || len(got.Objecting) != 1 || got.Objecting[0].Login != "ana" || len(got.Approvals) != 1 || got.Approvals[0].Login != "ben" ||
		got.Approvals[0].SHA != head || !got.Approvals[0].At.Equal(noon.Add(time.Minute)) || len(got.Awaited) != 0 { // ben is one of the writers
		t.Errorf("%+v", got)
	}
	s.repo.Review(n, "ana", "DISMISSED", "Never mind")
	s.repo.Review(n, "ben", "COMMENTED", "Still yes")
	s.edit(n)
	if got := read(); got.Decision() != "approved" || len(got.Objecting) != 0 || len(got.Approvals) != 1 || got.Approvals[0].SHA == got.Head {
		t.Errorf("%+v", got)
	}
	left := s.c.Rate().Remaining
	if read(); s.c.Rate().Remaining != left {
		t.Error("reading what does not change costs something")
	}
	sha := s.repo.SquashPR(n, "ana")
	if got := read(); got.State != "closed" || !got.Merged || got.MergeSHA != sha || got.MergedBy != "ana" || !got.MergedAt.Equal(s.clock.Now()) || !got.ClosedAt.Equal(s.clock.Now()) {
		t.Errorf("%+v", got)
	}
	var e *Error
	if _, err := s.c.PullRequestState(t.Context(), "acme/decisions", 99); !IsNotFound(err) || !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "no pull request #99") {
		t.Error(err)
	}
}

func TestMergeWhateverFails(t *testing.T) {
	t.Parallel()
	for _, method := range mergeMethods {
		for _, f := range faults() {
			s := library(t, githubtest.Options{})
			n, head := s.open(t)
			before := s.repo.Head("main")
			f.Match, f.Times = githubtest.OpMergePull, 1
			s.Fault(f)
			s.untilDone(t, func(c *Client) error { return c.MergePullRequest(t.Context(), "acme/decisions", n, head, method) })
			commits := map[string]int{"merge": 2, "squash": 1, "rebase": 1}[method]
			if log := s.repo.Log(before, "main"); len(log) != commits || !s.Pulls("acme/decisions")[0].Pull.Merged {
				t.Errorf("%s, %s %s: %+v", method, f.Kind, f.When, log)
			}
			if content, _ := s.repo.File("main", "postmortems/inc-7.md"); content != "# Inc 7\n" {
				t.Errorf("%s: %q", method, content)
			}
		}
	}
}

func TestMergeThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*stage, int){
		"still a draft": func(s *stage, n int) {},
		"has merge conflicts": func(s *stage, n int) {
			s.repo.Commit("main", "ben", "Mine", githubtest.Files{"postmortems/inc-7.md": "x"})
		},
		`"words" is expected`: func(s *stage, n int) { s.repo.Require("main", "words") },
		"it is closed":        func(s *stage, n int) { s.repo.ClosePR(n) },
	} {
		s := library(t, githubtest.Options{})
		p := proposal()
		p.Draft = says == "still a draft"
		got, err := s.c.EnsurePullRequest(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		change(s, got.Number)
		var no *NotMergeable
		if err := s.c.MergePullRequest(t.Context(), p.Repo, got.Number, got.Head, "squash"); !errors.As(err, &no) || !strings.Contains(no.UserMessage(), says) || no.Number != got.Number {
			t.Errorf("%s: %v", says, err)
		}
	}
	s := library(t, githubtest.Options{})
	n, head := s.open(t)
	s.edit(n)
	var changed *Changed
	if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, head, "squash"); !errors.As(err, &changed) || changed.Seen != head || changed.Now != s.repo.Head("postmortem/inc-7") {
		t.Errorf("pushed to: %v", err)
	}
	var e *Error
	for _, wrong := range [][2]string{{"main", "squash"}, {head, ""}, {head, "octopus"}} {
		if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, wrong[0], wrong[1]); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	app := s.asApp(t, map[string]string{"contents": "read", "pull_requests": "write"})
	if err := app.MergePullRequest(t.Context(), "acme/decisions", n, s.repo.Head("postmortem/inc-7"), "squash"); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Contents: read and write") {
		t.Error(err)
	}
}

// While the merge is sent somebody pushes, or merges.
func TestMergeInARace(t *testing.T) {
	t.Parallel()
	var s *stage
	var faster func()
	s = library(t, githubtest.Options{OnCall: func(call githubtest.Call) {
		if call.Op == githubtest.OpMergePull && call.Phase == githubtest.Before && faster != nil {
			do := faster
			faster = nil
			do()
		}
	}})
	n, head := s.open(t)
	faster = func() { s.edit(n) }
	var changed *Changed
	if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, head, "merge"); !errors.As(err, &changed) {
		t.Error(err)
	}
	faster = func() { s.repo.MergePR(n, "ana") }
	if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, s.repo.Head("postmortem/inc-7"), "merge"); err != nil {
		t.Error(err)
	}
}
