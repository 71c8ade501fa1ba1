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

func newIssue() NewIssue {
	return NewIssue{Repo: "acme/decisions", Title: "Write the post-mortem of inc-7", Body: "By Friday.", Labels: []string{"postmortem"}, Assignees: []string{"ana"}, Request: "inc-7/action-1"}
}

// Whatever happens to any of the calls, applied or not, and whoever goes on: one issue.
func TestIssueWhateverFails(t *testing.T) {
	t.Parallel()
	for _, op := range []string{githubtest.OpCreateIssue, "issues/list-for-repo"} {
		for _, f := range faults() {
			t.Run(fmt.Sprint(op, " ", f.Kind, " ", f.When), func(t *testing.T) {
				t.Parallel()
				s := library(t, githubtest.Options{})
				f.Match, f.Times = op, 1
				if op != githubtest.OpCreateIssue {
					f.Times = 3 // a read is tried three times
					s.Fault(githubtest.Fault{Match: githubtest.OpCreateIssue, When: githubtest.After, Kind: githubtest.Reset, Times: 1})
				}
				s.Fault(f)
				n := newIssue()
				n.Since = s.clock.Now()
				var got Issue
				s.untilDone(t, func(c *Client) (err error) {
					got, err = c.EnsureIssue(t.Context(), n)
					n.Retry = true
					return err
				})
				all := s.Issues("acme/decisions")
				if len(all) != 1 || all[0].Number != got.Number || len(got.Problems) != 0 || !slices.Equal(all[0].Labels, n.Labels) || !slices.Equal(all[0].Assignees, n.Assignees) {
					t.Errorf("%+v: %+v", got, all)
				}
			})
		}
	}
}

func TestIssueIsFound(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	ctx, n := t.Context(), newIssue()
	n.Since = s.clock.Now()
	s.repo.OpenIssue("ben", "Before", "")
	s.repo.Branch("other", "main").Commit("other", "ben", "Other", githubtest.Files{"o.md": "1"})
	s.repo.OpenPR(githubtest.PR{Title: "No issue", Body: requestMarker(n.Request), Author: "ben", Head: "other"})
	first, err := s.c.EnsureIssue(ctx, n)
	if err != nil || first.State != "open" || first.Title != n.Title || first.Author != githubtest.DefaultLogin || !first.CreatedAt.Equal(noon) || !strings.HasSuffix(first.URL, fmt.Sprint("/issues/", first.Number)) {
		t.Fatalf("%+v, %v", first, err)
	}
	body := s.Issues(n.Repo)[1].Body
	if body != "By Friday.\n\n<!-- shipmate-request: inc-7/action-1 -->\n" {
		t.Errorf("%q", body)
	}
	s.clock.Advance(time.Hour)
	s.repo.OpenIssue("ben", "Copied, with what is hidden in it", body)
	for range 120 {
		s.repo.OpenIssue("ben", "After", "")
	}
	s.repo.Unlabel(first.Number, "postmortem")
	n.Retry = true
	if got, err := s.c.EnsureIssue(ctx, n); err != nil || got.Number != first.Number || len(got.Problems) != 1 || !strings.Contains(got.Problems[0], "without the label postmortem") {
		t.Errorf("%+v, %v", got, err)
	}
	s.repo.CloseIssue(first.Number, "not_planned")
	if got, err := s.c.EnsureIssue(ctx, n); err != nil || got.Number != first.Number || got.State != "closed" || got.StateReason != "not_planned" || got.Problems != nil || !got.ClosedAt.Equal(s.clock.Now()) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.c.Issue(ctx, n.Repo, first.Number); err != nil || got.StateReason != "not_planned" || !slices.Equal(got.Assignees, []string{"ana"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// In a retry nothing is sent as long as what was sent may still appear.
func TestIssueWaitsBeforeItIsSentAgain(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n := newIssue()
	n.Since, n.Retry = s.clock.Now(), true
	for _, step := range []struct {
		after  time.Duration
		latest time.Time
		opened bool
	}{{20 * time.Second, time.Time{}, false}, {15 * time.Second, noon.Add(30 * time.Second), false}, {30 * time.Second, noon.Add(30 * time.Second), true}} {
		s.clock.Advance(step.after)
		n.Latest = step.latest
		if _, err := s.c.EnsureIssue(t.Context(), n); errors.Is(err, ErrNotYet) == step.opened || len(s.Issues(n.Repo)) == 1 != step.opened {
			t.Errorf("at %s: %v", s.clock.Now(), err)
		}
	}
}

func TestIssueWithoutSomeOfIt(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n := newIssue()
	n.Assignees = []string{"Ana", "nobody"}
	got, err := s.c.EnsureIssue(t.Context(), n)
	if err != nil || len(got.Problems) != 1 || !strings.Contains(got.Problems[0], "not assigned to nobody") || !slices.Equal(got.Assignees, []string{"ana"}) || len(s.Issues(n.Repo)) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	s.AddUser(githubtest.User{Login: "reader"})
	s.repo.Grant("reader", "pull")
	s.AddToken("ghp_reader0000000000000000000000000000000", "reader", "repo")
	n.Request, n.Assignees = "inc-7/action-2", []string{"ana"}
	got, err = s.client(t, Config{Token: "ghp_reader0000000000000000000000000000000"}).EnsureIssue(t.Context(), n)
	if err != nil || len(got.Problems) != 2 || !strings.Contains(got.Problems[0], "write access") || !strings.Contains(got.Problems[1], "not assigned to ana") {
		t.Errorf("dropped in silence: %+v, %v", got, err)
	}
}

func TestIssueThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	s.AddRepo("acme/closed").WithoutIssues().Commit("main", "ana", "Begin", githubtest.Files{"a": "1"})
	for says, one := range map[string]struct {
		c      *Client
		change func(*NewIssue)
	}{
		"Issues are switched off in acme/closed": {s.c, func(n *NewIssue) { n.Repo = "acme/closed" }},
		"Issues: read and write":                 {s.asApp(t, map[string]string{"issues": "read", "metadata": "read"}), func(*NewIssue) {}},
		"acme/none: its token":                   {s.c, func(n *NewIssue) { n.Repo = "acme/none" }},
		"needs a title":                          {s.c, func(n *NewIssue) { n.Title = "\n" }},
		"cannot be found again":                  {s.c, func(n *NewIssue) { n.Request = "x" }},
		"time of the first attempt":              {s.c, func(n *NewIssue) { n.Retry = true }},
	} {
		n := newIssue()
		one.change(&n)
		_, err := one.c.EnsureIssue(t.Context(), n)
		var e *Error
		if !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestListIssues(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	ctx := t.Context()
	old := s.repo.OpenIssue("ben", "Old", "", "tech-debt", "api")
	s.clock.Advance(24 * time.Hour)
	var many []int
	for range 101 {
		many = append(many, s.repo.OpenIssue("ana", "Owed", "", "tech-debt"))
	}
	s.repo.OpenIssue("ana", "Other", "")
	s.repo.Branch("b", "main").Commit("b", "ana", "B", githubtest.Files{"b": "1"})
	s.repo.Label(s.repo.OpenPR(githubtest.PR{Title: "Pay", Author: "ana", Head: "b"}), "tech-debt")
	s.repo.CloseIssue(many[0], "completed")
	numbers := func(q IssueQuery) []int {
		t.Helper()
		all, truncated, err := s.c.ListIssues(ctx, "acme/decisions", q)
		if err != nil || truncated {
			t.Fatal(truncated, err)
		}
		var out []int
		for _, i := range all {
			out = append(out, i.Number)
		}
		return out
	}
	for name, one := range map[string]struct {
		q    IssueQuery
		want []int
	}{
		"open":        {IssueQuery{Labels: []string{"tech-debt"}}, append([]int{old}, many[1:]...)},
		"both labels": {IssueQuery{Labels: []string{"tech-debt", "api"}}, []int{old}},
		"closed":      {IssueQuery{State: "closed"}, many[:1]},
		"since":       {IssueQuery{Labels: []string{"tech-debt"}, State: "all", Since: noon.Add(time.Hour)}, many},
		"none":        {IssueQuery{Labels: []string{"nothing"}}, nil},
	} {
		if got := numbers(one.q); !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
	for range 1000 {
		s.repo.OpenIssue("ana", "More", "")
	}
	if all, truncated, err := s.c.ListIssues(ctx, "acme/decisions", IssueQuery{}); err != nil || !truncated || len(all) < 990 {
		t.Errorf("%d, %v, %v", len(all), truncated, err)
	}
	for _, q := range []IssueQuery{{State: "merged"}, {Labels: []string{"a,b"}}, {Labels: []string{""}}} {
		if _, _, err := s.c.ListIssues(ctx, "acme/decisions", q); err == nil {
			t.Errorf("%+v was asked for", q)
		}
	}
}

func TestCommentIsWrittenOnce(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	ctx := t.Context()
	n := s.repo.OpenIssue("ben", "Old", "")
	for range 130 {
		s.repo.Comment(n, "ben", "Talk <!-- shipmate-comment: tally-0 -->")
	}
	s.Fault(githubtest.Fault{Match: githubtest.OpCreateComment, When: githubtest.After, Kind: githubtest.Reset, Times: 1})
	if _, err := s.c.EnsureComment(ctx, "acme/decisions", n, "One of two.", "tally-0042"); !IsUnclear(err) {
		t.Fatal(err)
	}
	comments := func() []string { return s.Issues("acme/decisions")[0].Comments[130:] }
	first, err := s.c.EnsureComment(ctx, "acme/decisions", n, "One of two.", "tally-0042")
	if err != nil || first.ID == 0 || !strings.Contains(first.URL, "#issuecomment-") || len(comments()) != 1 {
		t.Fatalf("%+v, %v, %v", first, err, comments())
	}
	writes := func() (n int) {
		for _, call := range s.Calls() {
			if call.Method != "GET" {
				n++
			}
		}
		return n
	}
	before := writes()
	if again, err := s.c.EnsureComment(ctx, "acme/decisions", n, "One of two.", "tally-0042"); err != nil || again != first || writes() != before {
		t.Errorf("%+v, %v", again, err)
	}
	if again, err := s.c.EnsureComment(ctx, "acme/decisions", n, "Two of two.", "tally-0042"); err != nil || again.ID != first.ID || again.URL != first.URL || !slices.Equal(comments(), []string{"Two of two.\n\n<!-- shipmate-comment: tally-0042 -->\n"}) {
		t.Errorf("%+v, %v, %q", again, err, comments())
	}
	if _, err := s.c.EnsureComment(ctx, "acme/decisions", n, "Another.", "tally-0043"); err != nil || len(comments()) != 2 {
		t.Errorf("%v, %q", err, comments())
	}
	var e *Error
	if _, err := s.c.EnsureComment(ctx, "acme/decisions", 4711, "x", "tally-0042"); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "comment on #4711") {
		t.Error(err)
	}
	if _, err := s.c.EnsureComment(ctx, "acme/decisions", n, "x", "short"); !errors.As(err, &e) || e.kind != kindInput {
		t.Error(err)
	}
}
