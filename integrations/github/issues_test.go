package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
)

// story is a repository with an issue that a pull request closes, and one that a commit closes.
func story(t *testing.T) (*githubtest.Repo, *Client) {
	t.Helper()
	c := clock.NewManual(noon)
	s := githubtest.New(githubtest.Options{Clock: c})
	t.Cleanup(s.Close)
	t.Cleanup(func() {
		for _, p := range s.Problems() {
			t.Errorf("GitHub does not know: %s", p)
		}
	})
	s.AddUser(githubtest.User{Login: "ana", Name: "Ana"})
	r := s.AddRepo("acme/shop")
	r.Commit("main", "ana", "Begin", githubtest.Files{"a": "1"})
	client, err := New(Config{APIURL: s.URL(), Token: githubtest.DefaultToken, Clock: c, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return r, client
}

func TestClosersOf(t *testing.T) {
	t.Parallel()
	r, c := story(t)
	slow, wrong := r.OpenIssue("ana", "Slow", ""), r.OpenIssue("ana", "Wrong", "")
	for i, body := range []string{"Fixes #1", "See #1", "closes #1 and more"} {
		branch := fmt.Sprint("b", i)
		r.Branch(branch, "main").Commit(branch, "ana", "Work", githubtest.Files{branch: "1"})
		r.OpenPR(githubtest.PR{Title: "Work", Body: body, Author: "ana", Head: branch})
	}
	sha := r.Commit("main", "ana", "Right it\n\nresolves #2", githubtest.Files{"a": "2"})
	got, err := c.ClosersOf(t.Context(), "acme/shop", slow)
	if err != nil || len(got.Pulls) != 2 || got.Pulls[0].Number != 3 || got.Pulls[1].Number != 5 || got.Pulls[0].Repo != "acme/shop" || got.Truncated {
		t.Errorf("slow: %+v, %v", got, err)
	}
	got, err = c.ClosersOf(t.Context(), "acme/shop", wrong)
	if err != nil || len(got.Pulls) != 0 || len(got.Commits) != 1 || got.Commits[0] != sha {
		t.Errorf("wrong: %+v, %v", got, err)
	}
	issue, err := c.Issue(t.Context(), "acme/shop", wrong)
	if err != nil || issue.Title != "Wrong" || issue.State != "closed" || !strings.HasSuffix(issue.URL, "/acme/shop/issues/2") {
		t.Errorf("the issue: %+v, %v", issue, err)
	}
	if _, err = c.Issue(t.Context(), "acme/shop", 99); err == nil || !strings.Contains(userMessage(err), "no pull request and no issue #99 that Shipmate can see") {
		t.Errorf("no such issue: %v", err)
	}
}

func userMessage(err error) string {
	if e, ok := err.(interface{ UserMessage() string }); ok {
		return e.UserMessage()
	}
	return ""
}

// A long timeline is read up to a bound, and it is said that there is more.
func TestClosersOfALongTimeline(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<http://x/y?page=2>; rel="next"`)
		reply(w, 200, []any{map[string]any{"event": "labeled", "commit_id": nil}, map[string]any{"event": "cross-referenced", "source": map[string]any{}},
			map[string]any{"event": "cross-referenced", "source": map[string]any{"issue": map[string]any{"number": 7, "body": "closes #1", "repository_url": "https://x/repos/acme/shop"}}}})
	})
	got, err := f.client(t).ClosersOf(t.Context(), "acme/shop", 1)
	if err != nil || !got.Truncated || len(f.requests()) != closerPages || len(got.Pulls) != 0 { // #7 is an issue
		t.Errorf("%+v, %v after %d calls", got, err, len(f.requests()))
	}
}

func TestContainsAndCommitOf(t *testing.T) {
	t.Parallel()
	r, c := story(t)
	first := r.Head("main")
	second := r.Commit("main", "ana", "Second", githubtest.Files{"a": "2"})
	r.Branch("side", first)
	side := r.Commit("side", "ana", "Aside", githubtest.Files{"b": "1"})
	for _, one := range []struct {
		head, commit string
		want         bool
	}{{second, first, true}, {first, first, true}, {first, second, false}, {side, second, false}, {side, first, true}} {
		got, err := c.Contains(t.Context(), "acme/shop", one.head, one.commit)
		if err != nil || got != one.want {
			t.Errorf("%.7s contains %.7s: %v, %v", one.head, one.commit, got, err)
		}
	}
	if _, err := c.Contains(t.Context(), "acme/shop", first, strings.Repeat("0", 40)); !IsNotFound(err) {
		t.Errorf("of a commit that is not there: %v", err)
	}
	if _, err := c.Contains(t.Context(), "acme/shop", "main", first); err == nil {
		t.Error("a branch was compared")
	}
	if got, found, err := c.CommitOf(t.Context(), "acme/shop", second[:7]); err != nil || !found || got.SHA != second || got.Subject != "Second" {
		t.Errorf("by seven digits: %+v %v %v", got, found, err)
	}
	if _, found, err := c.CommitOf(t.Context(), "acme/shop", strings.Repeat("0", 40)); err != nil || found {
		t.Errorf("one that is not there: %v %v", found, err)
	}
	if _, _, err := c.CommitOf(t.Context(), "acme/none", second); !IsNotFound(err) {
		t.Errorf("in a repository that is not there: %v", err)
	}
	if _, _, err := c.CommitOf(t.Context(), "acme/shop", "main"); err == nil {
		t.Error("a branch was read")
	}
}
