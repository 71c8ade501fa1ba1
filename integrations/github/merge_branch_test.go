package github

import (
	"errors"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func TestABranchIsMergedIntoAnother(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		s := library(t, githubtest.Options{})
		n, _ := s.open(t)
		branch := proposal().Branch
		parted := s.repo.Head("main")
		s.repo.Commit("main", "ana", "Go on", githubtest.Files{"doc/later.md": "later"})
		if f.Match = githubtest.OpMergeBranch; f.Times == 0 {
			f.Times = 1
		}
		s.Fault(f)
		sha, err := s.c.MergeBase(t.Context(), "acme/decisions", "main", branch)
		if err != nil || sha != parted {
			t.Errorf("parted at %s, %v", sha, err)
		}
		s.untilDone(t, func(c *Client) error {
			_, err := c.MergeBranch(t.Context(), "acme/decisions", branch, "main")
			return err
		})
		again, err := s.c.MergeBranch(t.Context(), "acme/decisions", branch, "main")
		if err != nil || again {
			t.Errorf("%s %s: merged again: %v, %v", f.Kind, f.When, again, err)
		}
		if content, _, err := s.c.ReadFile(t.Context(), "acme/decisions", branch, "doc/later.md"); err != nil || string(content) != "later" {
			t.Errorf("%s %s: %s, %v", f.Kind, f.When, content, err)
		}
		if state, err := s.c.PullRequestState(t.Context(), "acme/decisions", n); err != nil || state.Head != s.repo.Head(branch) {
			t.Errorf("%+v, %v", state, err)
		}
	}
}

func TestABranchThatCannotBeMerged(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Words", Files: githubtest.Files{"README.md": "mine"}})
	s.repo.Commit("main", "ana", "Other words", githubtest.Files{"README.md": "theirs"})
	var conflict *Conflict
	if _, err := s.c.MergeBranch(t.Context(), "acme/decisions", "ana-patch-1", "main"); !errors.As(err, &conflict) || !strings.Contains(conflict.UserMessage(), "ana-patch-1") {
		t.Errorf("%d: %v", n, err)
	}
	if _, err := s.c.MergeBranch(t.Context(), "acme/decisions", "gone", "main"); !IsNotFound(err) {
		t.Errorf("a branch that is gone: %v", err)
	}
	if _, err := s.c.MergeBranch(t.Context(), "acme/decisions", "", "main"); err == nil {
		t.Error("no branch")
	}
	if _, err := s.c.MergeBase(t.Context(), "acme/decisions", "", "main"); err == nil {
		t.Error("nothing to compare")
	}
}
