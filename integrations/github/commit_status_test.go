package github

import (
	"errors"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func saying(sha string) CommitStatus {
	return CommitStatus{Repo: "acme/decisions", SHA: sha, Context: "shipmate/decision", State: "pending", Description: "1 of 2 approvals", URL: "https://acme.slack.com/archives/C1/p1"}
}

// Whatever happens, what is newest in the end is what was to be said, and it is not said again when it stands there.
func TestCommitStatusWhateverFails(t *testing.T) {
	t.Parallel()
	for _, op := range []string{githubtest.OpCreateStatus, "repos/get-combined-status-for-ref"} {
		for _, f := range faults() {
			s := library(t, githubtest.Options{})
			f.Match, f.Times = op, 3
			if op == githubtest.OpCreateStatus {
				f.Times = 1
			}
			s.Fault(f)
			want := saying(s.repo.Head("main"))
			s.untilDone(t, func(c *Client) error { return c.EnsureCommitStatus(t.Context(), want) })
			got := s.repo.Statuses("main")
			if len(got) != 1 || got[0] != (githubtest.Status{Context: want.Context, State: want.State, Description: want.Description, URL: want.URL, Creator: githubtest.DefaultLogin}) {
				t.Errorf("%s %s %s: %+v", op, f.Kind, f.When, got)
			}
		}
	}
}

func TestCommitStatusIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	say := func(change func(*CommitStatus)) int {
		t.Helper()
		one := saying(s.repo.Head("main"))
		change(&one)
		if err := s.c.EnsureCommitStatus(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		return len(s.repo.Statuses("main"))
	}
	long := func(c *CommitStatus) { c.Description = strings.Repeat("a 😀\n", 100) }
	for i, step := range []struct {
		change func(*CommitStatus)
		want   int
	}{
		{func(*CommitStatus) {}, 1},
		{func(*CommitStatus) {}, 1},
		{func(c *CommitStatus) { c.Context = "Shipmate/Decision" }, 1}, // GitHub sees one name
		{func(c *CommitStatus) { c.State = "success" }, 2},
		{func(c *CommitStatus) { c.State = "success" }, 2},
		{func(*CommitStatus) {}, 3}, // it is the newest that counts
		{func(c *CommitStatus) { c.Description = "" }, 4},
		{func(c *CommitStatus) { c.URL = "" }, 5},
		{func(c *CommitStatus) { c.URL = "" }, 5},
		{func(c *CommitStatus) { c.Context = "shipmate/other" }, 6},
		{long, 7},
		{long, 7},
	} {
		if got := say(step.change); got != step.want {
			t.Errorf("step %d: %d statuses, not %d", i, got, step.want)
		}
	}
	all := s.repo.Statuses("main")
	if last := all[len(all)-1].Description; units(last) > 140 || units(last) < 130 || !strings.HasSuffix(last, "…") || strings.Contains(last, "\n") {
		t.Errorf("%q", last)
	}
}

func TestCommitStatusThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	var e *Error
	want := saying(s.repo.Head("main"))
	for range 1000 {
		s.repo.SetStatus("main", "SHIPMATE/decision", "pending", "", "")
	}
	if err := s.c.EnsureCommitStatus(t.Context(), want); !errors.As(err, &e) || e.Unclear || e.Status != 422 || !strings.Contains(e.UserMessage(), "it has a thousand") {
		t.Errorf("one too many: %v", err)
	}
	if err := s.c.EnsureCommitStatus(t.Context(), saying(shaA)); !errors.As(err, &e) || e.Unclear {
		t.Errorf("no such commit: %v", err)
	}
	want.Context = "shipmate/other"
	app := s.asApp(t, map[string]string{"statuses": "read"})
	if err := app.EnsureCommitStatus(t.Context(), want); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Commit statuses: read and write") {
		t.Errorf("an App that may only read: %v", err)
	}
	for name, change := range map[string]func(*CommitStatus){
		"a branch":       func(c *CommitStatus) { c.SHA = "main" },
		"no name":        func(c *CommitStatus) { c.Context = "" },
		"two lines":      func(c *CommitStatus) { c.Context = "a\nb" },
		"no state":       func(c *CommitStatus) { c.State = "green" },
		"a script":       func(c *CommitStatus) { c.URL = "javascript:alert(1)" },
		"no address":     func(c *CommitStatus) { c.URL = "https://" },
		"no repository":  func(c *CommitStatus) { c.Repo = "acme" },
		"a broken place": func(c *CommitStatus) { c.URL = "https://a b/%zz" },
	} {
		one := want
		change(&one)
		if err := s.c.EnsureCommitStatus(t.Context(), one); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%s: %v", name, err)
		}
	}
}
