package githubtest_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"shipmate/integrations/github/githubtest"
)

// TestSHAsAreGits holds objects against what git itself computed for the same content, author and date.
func TestSHAsAreGits(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	repo := s.AddRepo("acme/small")
	sha := repo.At(start).Commit("main", "ana", "Start", githubtest.Files{"README.md": "hello\n", "lib/a/x.txt": "x\n", "lib.txt": "l\n"})
	if sha != "59c65cbe996f167ff7b7e0ab79f54d578d181de5" {
		t.Errorf("commit %s", sha)
	}
	c, _, err := s.gh.Git.GetCommit(context.Background(), "acme", "small", sha)
	if err != nil || c.GetTree().GetSHA() != "e2d5fe30c1e3b6bf8f86caa30ecca609dc68e30e" {
		t.Errorf("tree %s, %v", c.GetTree().GetSHA(), err)
	}
	f, _, _, err := s.gh.Repositories.GetContents(context.Background(), "acme", "small", "README.md", nil)
	if err != nil || f.GetSHA() != "ce013625030ba8dba906f756967f9e9ca394464a" {
		t.Errorf("blob %s, %v", f.GetSHA(), err)
	}
	if text, err := f.GetContent(); err != nil || text != "hello\n" {
		t.Errorf("content %q, %v", text, err)
	}
}

func TestCompareShapes(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	base := s.repo.Head("main")
	s.repo.Branch("feature/x", "main")
	s.repo.Commit("main", "ana", "One", githubtest.Files{"a": "1\n2\n3\n"})
	two := s.repo.Commit("main", "ben", "Two", githubtest.Files{"a": "1\nx\n3\n4\n", "src/main.go": githubtest.Deleted})
	s.repo.Commit("feature/x", "ana", "Aside", githubtest.Files{"b": "1\n"})
	for _, c := range []struct {
		base, head, status string
		ahead, behind      int
		first              string
	}{
		{base, "main", "ahead", 2, 0, "One"}, {"main", base, "behind", 0, 2, ""}, {"main", two[:7], "identical", 0, 0, ""},
		{"main", "feature/x", "diverged", 1, 2, "Aside"}, {"acme:feature/x", "main", "diverged", 2, 1, "One"},
	} {
		cmp, _, err := s.gh.Repositories.CompareCommits(context.Background(), "acme", "checkout", c.base, c.head, nil)
		if err != nil {
			t.Fatal(err)
		}
		first := ""
		if len(cmp.Commits) > 0 {
			first = cmp.Commits[0].GetCommit().GetMessage()
		}
		if cmp.GetStatus() != c.status || cmp.GetAheadBy() != c.ahead || cmp.GetBehindBy() != c.behind || cmp.GetTotalCommits() != c.ahead || first != c.first || cmp.GetMergeBaseCommit().GetSHA() == "" {
			t.Errorf("%s...%s: %s, %d ahead, %d behind, first %q", c.base, c.head, cmp.GetStatus(), cmp.GetAheadBy(), cmp.GetBehindBy(), first)
		}
	}
	cmp, _, err := s.gh.Repositories.CompareCommits(context.Background(), "acme", "checkout", two+"^", "main", nil)
	if err == nil {
		t.Errorf("what GitHub does not resolve was compared: %v", cmp)
	}
	one, _, err := s.gh.Repositories.GetCommit(context.Background(), "acme", "checkout", two, nil)
	if err != nil || len(one.Files) != 2 || one.Files[0].GetAdditions() != 2 || one.Files[0].GetDeletions() != 1 || one.Files[1].GetStatus() != "removed" || one.GetAuthor().GetLogin() != "ben" {
		t.Errorf("commit %v, %v", one.Files, err)
	}
}

func TestCompareIsLimitedUnlessPaged(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	base := s.repo.Head("main")
	files := githubtest.Files{}
	for i := range 310 {
		files[fmt.Sprintf("f%03d", i)] = "x"
	}
	s.repo.Commit("main", "ana", "Many files", files)
	for i := range 259 {
		s.repo.Commit("main", "ana", fmt.Sprint("Commit ", i), githubtest.Files{"counter": fmt.Sprint(i)})
	}
	compare := func(o *github.ListOptions) *github.CommitsComparison {
		cmp, _, err := s.gh.Repositories.CompareCommits(context.Background(), "acme", "checkout", base, "main", o)
		if err != nil {
			t.Fatal(err)
		}
		return cmp
	}
	whole := compare(nil)
	if len(whole.Commits) != 250 || whole.GetTotalCommits() != 260 || len(whole.Files) != 300 || whole.Commits[249].GetCommit().GetMessage() != "Commit 258" {
		t.Errorf("%d commits of %d, %d files", len(whole.Commits), whole.GetTotalCommits(), len(whole.Files))
	}
	second := compare(&github.ListOptions{Page: 2, PerPage: 100})
	if len(second.Commits) != 100 || len(second.Files) != 0 || second.Commits[0].GetCommit().GetMessage() != "Commit 99" {
		t.Errorf("page 2: %d commits, %d files, first %s", len(second.Commits), len(second.Files), second.Commits[0].GetCommit().GetMessage())
	}
}

func TestRefsAreResolved(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	sha := s.repo.Head("main")
	s.repo.Tag("v1", "main").Branch("release/2026.11", "main")
	s.repo.AnnotatedTag("v2", "main", "ana", "Second")
	s.repo.Commit("main", "ana", "Later", githubtest.Files{"a": "b"})
	for _, ref := range []string{"v1", "v2", "release/2026.11", "release%2F2026.11", "heads/release/2026.11", "refs/tags/v2", sha, sha[:7]} {
		if got := string(s.wants(200, "GET", r+"/commits/"+ref, "", "Accept", "application/vnd.github.sha").body); got != sha {
			t.Errorf("%s is %s", ref, got)
		}
	}
	s.wants(422, "GET", r+"/commits/"+sha[:6], "")
	s.AddRepo("acme/empty")
	s.wants(409, "GET", "repos/acme/empty/commits/main", "")
	s.wants(404, "GET", "repos/acme/empty/contents/a", "")
	for body, want := range map[string]string{
		`{"ref":"heads/x","sha":"` + sha + `"}`:                          "must start with 'refs/'",
		`{"ref":"refs/heads/a b","sha":"` + sha + `"}`:                   "not a valid ref name",
		`{"ref":"refs/heads/main","sha":"` + sha + `"}`:                  "Reference already exists",
		`{"ref":"refs/heads/x","sha":"` + strings.Repeat("0", 40) + `"}`: "Object does not exist",
	} {
		if a := s.wants(422, "POST", r+"/git/refs", body); !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}

func TestContentsWantTheOldSHA(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	ctx := context.Background()
	put := func(path, sha string) (*github.RepositoryContentResponse, *github.Response, error) {
		o := &github.RepositoryContentFileOptions{Message: github.String("Write"), Content: []byte("new\n"), Branch: github.String("main")}
		if sha != "" {
			o.SHA = &sha
		}
		return s.gh.Repositories.CreateFile(ctx, "acme", "checkout", path, o)
	}
	_, resp, _ := put("README.md", "")
	if resp.StatusCode != 422 {
		t.Errorf("overwriting without naming: %d", resp.StatusCode)
	}
	_, resp, _ = put("README.md", "0123")
	if resp.StatusCode != 409 {
		t.Errorf("overwriting something else: %d", resp.StatusCode)
	}
	old := s.wants(200, "GET", r+"/contents/README.md", "").json(t)["sha"].(string)
	done, resp, err := put("README.md", old)
	if err != nil || resp.StatusCode != 200 || done.Commit.GetSHA() != s.repo.Head("main") {
		t.Errorf("overwriting: %v %v", resp, err)
	}
	if _, resp, err = put(".github/workflows/new.yml", ""); err != nil || resp.StatusCode != 201 {
		t.Errorf("creating: %v %v", resp, err)
	}
	if wf := s.wants(200, "GET", r+"/actions/workflows", "").json(t)["total_count"]; wf != 2.0 {
		t.Errorf("%v workflows", wf)
	}
	long := strings.Repeat("0123456789", 20)
	s.repo.Commit("main", "ana", "Long", githubtest.Files{"long": long})
	content := s.wants(200, "GET", r+"/contents/long", "").json(t)["content"].(string)
	if plain, err := base64.StdEncoding.DecodeString(content); strings.Index(content, "\n") != 60 || err != nil || string(plain) != long {
		t.Errorf("base64 in lines of 60: %q %v", content, err)
	}
	if raw := s.wants(200, "GET", r+"/contents/long", "", "Accept", "application/vnd.github.raw+json"); string(raw.body) != long {
		t.Errorf("raw: %s", raw.body)
	}
}

func TestPullsOfCommit(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	numbers := func(sha string) string {
		prs, _, err := s.gh.PullRequests.ListPullRequestsWithCommit(context.Background(), "acme", "checkout", sha, nil)
		out := ""
		for _, p := range prs {
			out += fmt.Sprintf("#%d %s %v;", p.GetNumber(), p.GetState(), p.MergedAt != nil)
		}
		if err != nil {
			return err.Error()
		}
		return out
	}
	s.repo.Tag("v0", "main").Branch("a", "main").Branch("b", "main")
	inA := s.repo.Commit("a", "ana", "In a", githubtest.Files{"a": "1"})
	s.repo.Branch("c", "main").Commit("c", "ana", "In c", githubtest.Files{"c": "1"})
	inB := s.repo.Commit("b", "ben", "In b", githubtest.Files{"b": "1"})
	a := s.repo.OpenPR(githubtest.PR{Title: "A", Author: "ana", Head: "a", Labels: []string{"risky"}})
	b := s.repo.OpenPR(githubtest.PR{Title: "B", Author: "ben", Head: "b"})
	if got := numbers(inA); got != "#1 open false;" {
		t.Errorf("before merging: %s", got)
	}
	merge := s.repo.MergePR(a, "ben")
	s.repo.MergePR(s.repo.OpenPR(githubtest.PR{Title: "C", Author: "ana", Head: "c"}), "ben")
	squash := s.repo.SquashPR(b, "ana")
	for sha, want := range map[string]string{inA: "#1 closed true;", merge: "#1 closed true;", squash: "#2 closed true;", inB: "#2 closed true;"} {
		if got := numbers(sha); got != want {
			t.Errorf("%s: %s, want %s", sha[:7], got, want)
		}
	}
	s.repo.Branch("release", "v0").OpenPR(githubtest.PR{Title: "Release", Author: "ana", Head: "main", Base: "release"})
	if got := numbers(inA); got != "#1 closed true;" {
		t.Errorf("an open pull request that carries what is on the default branch is told: %s", got)
	}
	log, _, err := s.gh.Repositories.ListCommits(context.Background(), "acme", "checkout", nil)
	titles := ""
	for _, c := range log {
		first, _, _ := strings.Cut(c.GetCommit().GetMessage(), "\n")
		titles += first + ";"
	}
	if err != nil || titles != "B (#2);Merge pull request #3 from acme/c;Merge pull request #1 from acme/a;In c;In a;Start;" {
		t.Errorf("log %s %v", titles, err)
	}
	for _, path := range []string{"a", "b", "README.md"} {
		s.wants(200, "GET", r+"/contents/"+path, "")
	}
}

func TestPastIsDated(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	past := s.repo.At(start.Add(-48 * time.Hour))
	past.Commit("main", "ana", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciYAML})
	past.SetDeployment("main", "production", "ana", "success")
	run := s.Runs("acme/checkout")[0]
	if run.Status != "completed" || run.Conclusion != "success" || !run.Created.Equal(start.Add(-48*time.Hour)) || run.Event != "push" || run.Title != "Add CI" {
		t.Errorf("run %+v", run)
	}
	ds, _, err := s.gh.Repositories.ListDeployments(context.Background(), "acme", "checkout", nil)
	if err != nil || len(ds) != 1 || !ds[0].GetCreatedAt().Time.Equal(start.Add(-48*time.Hour)) {
		t.Errorf("deployments %v %v", ds, err)
	}
}
