package github

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func adds(pulls []PullRequestFiles) string {
	var out []string
	for _, p := range pulls {
		if len(p.Files) > 0 {
			out = append(out, fmt.Sprint("#", p.Number, " ", strings.Join(p.Files, " ")))
		}
	}
	return strings.Join(out, ", ")
}

func (s *stage) adding(t *testing.T, dir string) (told string, calls int) {
	t.Helper()
	before := len(s.Calls())
	got, err := s.c.OpenPullRequestFiles(t.Context(), "acme/decisions", dir)
	if err != nil {
		t.Fatal(err)
	}
	return adds(got), len(s.Calls()) - before
}

func TestFilesOfOpenPullRequests(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	s.repo.Commit("main", "ana", "Decide", githubtest.Files{"doc/adr/0001-a.md": "1", "doc/adr/0002-b.md": "2"})
	steps := []struct {
		does  func()
		told  string
		calls int
	}{
		{func() {}, "", 1},
		{func() {
			s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Third", Files: githubtest.Files{"doc/adr/0003-c.md": "3", "doc/adr/img/c.png": "x", "doc/adr-old/a.md": "x", "b.md": "x"}})
		}, "#1 doc/adr/0003-c.md doc/adr/img/c.png", 2},
		{func() {
			s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "From afar", Fork: true, Draft: true, Files: githubtest.Files{"doc/adr/0004-d.md": "4"}})
		}, "#1 doc/adr/0003-c.md doc/adr/img/c.png, #2 doc/adr/0004-d.md", 2},
		{func() {
			s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Other words", Files: githubtest.Files{"doc/adr/0001-a.md": "One", "doc/adr/0002-b.md": githubtest.Deleted}})
		}, "#1 doc/adr/0003-c.md doc/adr/img/c.png, #2 doc/adr/0004-d.md", 2},
		{func() {}, "#1 doc/adr/0003-c.md doc/adr/img/c.png, #2 doc/adr/0004-d.md", 1},
		{func() {
			s.repo.PushTo(2, "ben", "Number it anew", githubtest.Files{"doc/adr/0004-d.md": githubtest.Deleted, "doc/adr/0005-d.md": "5"})
		},
			"#1 doc/adr/0003-c.md doc/adr/img/c.png, #2 doc/adr/0005-d.md", 2},
		{func() { s.repo.ClosePR(1) }, "#2 doc/adr/0005-d.md", 1},
		{func() { s.repo.SquashPR(2, "ana") }, "", 1},
	}
	for i, step := range steps {
		step.does()
		if told, calls := s.adding(t, "doc/adr/"); told != step.told || calls != step.calls {
			t.Errorf("step %d: %q with %d calls", i, told, calls)
		}
	}
	s.repo.Reopen(1)
	if told, _ := s.adding(t, ""); told != "#1 b.md doc/adr-old/a.md doc/adr/0003-c.md doc/adr/img/c.png" {
		t.Errorf("everywhere: %q", told)
	}
	s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "All at once", Fork: true, Draft: true, Files: githubtest.Files{
		"doc/adr/0007-g.md": "7", "doc/adr/0001-a.md": "One", "README.md": "x"}})
	got, err := s.c.OpenPullRequestFiles(t.Context(), "acme/decisions", "doc/adr")
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if p := got[0]; p.Title != "Third" || p.Author != "ana" || p.Base != "main" || p.Head != s.repo.Head("ana-patch-1") || !strings.HasSuffix(p.URL, "/pull/1") ||
		p.Fork || p.Draft || p.Branch != "ana-patch-1" || len(p.Changed) != 0 || !slices.Equal(p.Others, []string{"b.md", "doc/adr-old/a.md"}) {
		t.Errorf("%+v", p)
	}
	if p := got[1]; len(p.Files) != 0 || !slices.Equal(p.Changed, []string{"doc/adr/0001-a.md", "doc/adr/0002-b.md"}) {
		t.Errorf("%+v", p)
	}
	if p := got[2]; !p.Fork || !p.Draft || !slices.Equal(p.Files, []string{"doc/adr/0007-g.md"}) || !slices.Equal(p.Changed, []string{"doc/adr/0001-a.md"}) || !slices.Equal(p.Others, []string{"README.md"}) {
		t.Errorf("%+v", p)
	}
	got[0].Files[0] = "scribbled"
	if told, _ := s.adding(t, "doc/adr"); strings.Contains(told, "scribbled") {
		t.Errorf("what is remembered can be written to: %q", told)
	}
}

// One that changes more files than GitHub lists hides nothing.
func TestFilesOfAHugePullRequest(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	s.repo.Commit("main", "ana", "Decide", githubtest.Files{"doc/adr/0001-a.md": "1"})
	files := githubtest.Files{"doc/adr/0001-a.md": "One", "doc/adr/0002-b.md": "2", "z/adr/0003-c.md": "3"}
	for n := range 3000 {
		files[fmt.Sprintf("assets/%04d", n)] = ""
	}
	s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "All at once", Fork: true, Files: files})
	for dir, want := range map[string]string{"doc/adr": "#1 doc/adr/0002-b.md", "z/adr": "#1 z/adr/0003-c.md", "none": ""} {
		if told, _ := s.adding(t, dir); told != want {
			t.Errorf("%s: %q", dir, told)
		}
	}
}

// Files that are moved there have a name there too.
func TestFilesThatAreMoved(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/pulls") {
			reply(w, 200, []any{map[string]any{"number": 7, "head": map[string]any{"sha": shaA}, "base": map[string]any{"ref": "main"}}})
			return
		}
		var files []any
		for _, status := range []string{"modified", "renamed", "copied", "removed", "changed", "unchanged", "added"} {
			files = append(files, map[string]any{"filename": "doc/" + status + ".md", "previous_filename": "doc/old.md", "status": status})
		}
		reply(w, 200, files)
	}).client(t)
	got, err := c.OpenPullRequestFiles(t.Context(), "acme/shop", "doc")
	if err != nil || adds(got) != "#7 doc/added.md doc/copied.md doc/renamed.md" {
		t.Fatalf("%s, %v", adds(got), err)
	}
	if c := strings.Join(got[0].Changed, " "); c != "doc/changed.md doc/modified.md doc/old.md doc/removed.md" {
		t.Errorf("changed: %s", c)
	}
}

func TestFilesOfPullRequestsInTrouble(t *testing.T) {
	t.Parallel()
	for _, op := range []string{githubtest.OpListPulls, githubtest.OpListPullFiles} {
		for _, f := range faults() {
			s := library(t, githubtest.Options{})
			s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "First", Files: githubtest.Files{"doc/adr/0001-a.md": "1"}})
			f.Match, f.Times = op, 3
			s.Fault(f)
			var got []PullRequestFiles
			s.untilDone(t, func(c *Client) (err error) {
				if got, err = c.OpenPullRequestFiles(t.Context(), "acme/decisions", "doc/adr"); err != nil && got != nil {
					t.Errorf("half a list: %v", got)
				}
				return err
			})
			if adds(got) != "#1 doc/adr/0001-a.md" {
				t.Errorf("%s %s %s: %s", op, f.Kind, f.When, adds(got))
			}
		}
	}
	s := library(t, githubtest.Options{})
	var e *Error
	if _, err := s.asApp(t, map[string]string{"contents": "read"}).OpenPullRequestFiles(t.Context(), "acme/decisions", ""); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Pull requests: read") {
		t.Errorf("who may not see them: %v", err)
	}
	for _, wrong := range [][2]string{{"acme", ""}, {"acme/decisions", "../a"}} {
		if _, err := s.c.OpenPullRequestFiles(t.Context(), wrong[0], wrong[1]); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	endless := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<https://api.example/x?page=2>; rel="next"`)
		reply(w, 200, []any{})
	})
	if got, err := endless.client(t).OpenPullRequestFiles(t.Context(), "acme/shop", ""); err == nil || got != nil || len(endless.requests()) != maxOpenPulls/100 {
		t.Errorf("without an end: %v, %v", got, err)
	}
	if first := endless.requests()[0]; first != "GET /repos/acme/shop/pulls?direction=asc&per_page=100&sort=created&state=open" {
		t.Errorf("asked %s", first)
	}
}
