package github

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func TestPullRequestIsClosed(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"pulls/get", githubtest.OpUpdatePull} {
		for _, f := range faults() {
			s := library(t, githubtest.Options{})
			n, _ := s.open(t)
			f.Match, f.Times = op, 3
			if op == githubtest.OpUpdatePull {
				f.Times = 1
			}
			s.Fault(f)
			var got PullRequest
			s.untilDone(t, func(c *Client) (err error) {
				got, err = c.ClosePullRequest(t.Context(), "acme/decisions", n)
				return err
			})
			if got.Number != n || got.State != "closed" || s.Pulls("acme/decisions")[0].State != "closed" {
				t.Errorf("%s %s %s: %+v", op, f.Kind, f.When, got)
			}
		}
	}
}

// Merged before, and merged in the moment between looking and closing: it is told.
func TestPullRequestThatWasMergedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, between := range []bool{false, true} {
		var s *stage
		n := 0
		s = library(t, githubtest.Options{OnCall: func(call githubtest.Call) {
			if between && call.Op == githubtest.OpUpdatePull && call.Phase == githubtest.Before {
				s.repo.SquashPR(n, "ana")
			}
		}})
		n, _ = s.open(t)
		if !between {
			s.repo.SquashPR(n, "ana")
		}
		if got, err := s.c.ClosePullRequest(t.Context(), "acme/decisions", n); err != nil || got.State != "merged" || got.MergeSHA != s.repo.Head("main") {
			t.Errorf("between %v: %+v, %v", between, got, err)
		}
	}
}

func TestPullRequestIsEdited(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		s := library(t, githubtest.Options{})
		n, _ := s.open(t)
		f.Match, f.Times = githubtest.OpUpdatePull, 1
		s.Fault(f)
		edit := PullRequestEdit{"acme/decisions", n, " Better\ntitle ", "Better body <!-- shipmate-request: not-this-one -->", proposal().Request}
		s.untilDone(t, func(c *Client) error { return c.EditPullRequest(t.Context(), edit) })
		p := s.Pulls("acme/decisions")[0]
		if p.Title != "Better title" || p.Body != "Better body <!-- quoted shipmate-request: not-this-one -->\n\n<!-- shipmate-request: inc-7/postmortem -->\n" {
			t.Errorf("%s %s: %+v", f.Kind, f.When, p)
		}
		again := proposal()
		again.Retry = true
		if found, err := s.c.EnsurePullRequest(t.Context(), again); err != nil || found.Number != n {
			t.Errorf("it is not found again: %+v, %v", found, err)
		}
	}
}

func TestEditThatChangesNothing(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n, _ := s.open(t)
	edit := PullRequestEdit{"acme/decisions", n, "Post-mortem of inc-7", "What happened.", proposal().Request}
	s.repo.Describes(n, "What happened.\r\n\r\n<!-- shipmate-request: inc-7/postmortem -->")
	if err := s.c.EditPullRequest(t.Context(), edit); err != nil || s.writes(githubtest.OpUpdatePull) {
		t.Errorf("it was sent: %v", err)
	}
	var e *Error
	if err := s.asApp(t, map[string]string{"pull_requests": "read"}).EditPullRequest(t.Context(), PullRequestEdit{"acme/decisions", n, "A", "B", "request-1"}); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Pull requests: read and write") {
		t.Error(err)
	}
	if _, err := s.c.ClosePullRequest(t.Context(), "acme/decisions", 99); !IsNotFound(err) {
		t.Error(err)
	}
	for _, wrong := range []PullRequestEdit{{"acme", 1, "A", "", "request-1"}, {"acme/decisions", n, " ", "", "request-1"}, {"acme/decisions", n, "A", "", "short"}} {
		if err := s.c.EditPullRequest(t.Context(), wrong); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestBranchIsGone(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"git/get-ref", githubtest.OpDeleteRef} {
		for _, f := range faults() {
			s := library(t, githubtest.Options{})
			n, head := s.open(t)
			f.Match, f.Times = op, 3
			if op == githubtest.OpDeleteRef {
				f.Times = 1
			}
			s.Fault(f)
			s.untilDone(t, func(c *Client) error {
				return c.EnsureBranchGone(t.Context(), "acme/decisions", "postmortem/inc-7", head)
			})
			if !slices.Equal(s.repo.Branches(), []string{"main"}) || s.Pulls("acme/decisions")[n-1].State != "closed" {
				t.Errorf("%s %s %s: %v", op, f.Kind, f.When, s.repo.Branches())
			}
		}
	}
}

func TestBranchThatStays(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n, head := s.open(t)
	s.edit(n)
	var changed *Changed
	if err := s.c.EnsureBranchGone(t.Context(), "acme/decisions", "postmortem/inc-7", head); !errors.As(err, &changed) || changed.Seen != head || changed.Now != s.repo.Head("postmortem/inc-7") ||
		!strings.Contains(changed.UserMessage(), "the branch postmortem/inc-7 of acme/decisions") {
		t.Errorf("others have built on it: %v", err)
	}
	head = changed.Now
	var e *Error
	s.repo.PullRequestsOnly("postmortem/inc-7")
	for branch, at := range map[string]string{"postmortem/inc-7": head, "main": s.repo.Head("main")} {
		if err := s.c.EnsureBranchGone(t.Context(), "acme/decisions", branch, at); !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), "do not let Shipmate change the branch "+branch) {
			t.Errorf("%s is kept: %v", branch, err)
		}
	}
	if err := s.asApp(t, map[string]string{"contents": "read"}).EnsureBranchGone(t.Context(), "acme/decisions", "postmortem/inc-7", head); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Contents: read and write") {
		t.Error(err)
	}
	if err := s.c.EnsureBranchGone(t.Context(), "acme/none", "adr/1", head); !IsNotFound(err) {
		t.Errorf("a repository that is not seen has no branch either: %v", err)
	}
	for _, wrong := range [][2]string{{"", head}, {"refs/heads/a", head}, {"a", "main"}} {
		if err := s.c.EnsureBranchGone(t.Context(), "acme/decisions", wrong[0], wrong[1]); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if len(s.repo.Branches()) != 2 {
		t.Errorf("%v", s.repo.Branches())
	}
}
