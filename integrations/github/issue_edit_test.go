package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

// Whatever happens to any of the calls, applied or not: it is assigned once, and closed once, for the reason.
func TestIssueEditsWhateverFails(t *testing.T) {
	t.Parallel()
	for _, op := range []string{githubtest.OpAddAssignees, githubtest.OpUpdateIssue, "issues/get"} {
		for _, f := range faults() {
			t.Run(fmt.Sprint(op, " ", f.Kind, " ", f.When), func(t *testing.T) {
				t.Parallel()
				s := library(t, githubtest.Options{})
				n := s.repo.OpenIssue("ben", "Two clocks", "")
				f.Match, f.Times = op, 1
				s.Fault(f)
				s.untilDone(t, func(c *Client) error {
					_, err := c.EnsureAssignee(t.Context(), "acme/decisions", n, "ana")
					return err
				})
				s.untilDone(t, func(c *Client) error {
					_, err := c.EnsureIssueClosed(t.Context(), "acme/decisions", n, NotPlanned)
					return err
				})
				i := s.Issues("acme/decisions")[0]
				if i.State != "closed" || i.Reason != NotPlanned || !slices.Equal(i.Assignees, []string{"ana"}) {
					t.Errorf("%+v", i)
				}
			})
		}
	}
}

func TestIssueEdits(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	ctx, repo := t.Context(), "acme/decisions"
	n := s.repo.OpenIssue("ben", "Two clocks", "Cost: high")
	s.clock.Advance(time.Hour)
	got, err := s.c.EnsureAssignee(ctx, repo, n, "Ana")
	if err != nil || !slices.Equal(got.Assignees, []string{"ana"}) || got.Body != "Cost: high" || !got.UpdatedAt.Equal(got.CreatedAt.Add(time.Hour)) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = s.c.EnsureAssignee(ctx, repo, n, "ben"); err != nil || !slices.Equal(got.Assignees, []string{"ana", "ben"}) {
		t.Errorf("%+v, %v", got, err)
	}
	var e *Error
	if _, err = s.c.EnsureAssignee(ctx, repo, n, "nobody"); !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), "does not give #1 of acme/decisions to nobody") {
		t.Errorf("dropped in silence: %v", err)
	}
	if _, err = s.c.EnsureIssueClosed(ctx, repo, n, "whim"); err == nil {
		t.Error("closed for no reason")
	}
	if got, err = s.c.EnsureIssueClosed(ctx, repo, n, Completed); err != nil || got.State != "closed" || got.StateReason != Completed {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = s.c.EnsureIssueClosed(ctx, repo, n, NotPlanned); err != nil || got.StateReason != Completed {
		t.Errorf("%+v, %v: one that is closed stays as it is", got, err)
	}
	if got, err = s.c.EnsureAssignee(ctx, repo, n, "cy"); err != nil || got.State != "closed" || len(got.Assignees) != 2 {
		t.Errorf("%+v, %v: one that is closed stays as it is", got, err)
	}
	reads := s.asApp(t, map[string]string{"issues": "read", "metadata": "read"})
	m := s.repo.OpenIssue("ben", "Another", "")
	for _, do := range []func() error{
		func() error { _, err := reads.EnsureAssignee(ctx, repo, m, "ana"); return err },
		func() error { _, err := reads.EnsureIssueClosed(ctx, repo, m, NotPlanned); return err },
	} {
		if err := do(); !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), "Issues: read and write") {
			t.Errorf("%v", err)
		}
	}
}
