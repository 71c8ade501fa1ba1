package githubtest_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

// says checks a refusal's status and words.
func (s *stage) says(status int, words, method, path, body string) {
	s.t.Helper()
	if a := s.wants(status, method, path, body); !strings.Contains(string(a.body), words) {
		s.t.Errorf("%s %s: %s, want %s", method, path, a.body, words)
	}
}

func TestRefusedWrites(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	head := s.repo.Head("main")
	s.repo.Branch("adr", "main").Branch("a/b/c", "main").Branch("same", "main")
	ref := func(name string) string { return `{"ref":"refs/heads/` + name + `","sha":"` + head + `"}` }
	s.says(422, "Reference already exists", "POST", r+"/git/refs", ref("adr"))
	s.says(422, "Reference update failed", "POST", r+"/git/refs", ref("adr/0042"))
	s.says(422, "Reference update failed", "POST", r+"/git/refs", ref("a/b"))
	s.says(422, "malformed path component", "POST", r+"/git/trees", `{"tree":[{"path":"a/../b","mode":"100644","type":"blob","content":"x"}]}`)
	s.says(422, "No commits between main and same", "POST", r+"/pulls", `{"title":"T","head":"same","base":"main"}`)
	s.repo.Commit("same", "ana", "More", githubtest.Files{"a.txt": "1"})
	s.repo.WithoutDrafts()
	s.says(422, "Draft pull requests are not supported in this repository.", "POST", r+"/pulls", `{"title":"T","head":"same","base":"main","draft":true}`)
	s.says(422, "body is too long (maximum is 65536 characters)", "POST", r+"/pulls", `{"title":"T","head":"same","base":"main","body":"`+strings.Repeat("x", 65537)+`"}`)
	s.says(422, "title is too long (maximum is 256 characters)", "POST", r+"/issues", `{"title":"`+strings.Repeat("x", 257)+`"}`)
	s.wants(201, "POST", r+"/pulls", `{"title":"T","head":"same","base":"main"}`)
	s.says(422, "A pull request already exists for acme:same.", "POST", r+"/pulls", `{"title":"T","head":"same","base":"main"}`)
	s.says(422, `"field":"head"`, "POST", r+"/pulls", `{"title":"T","head":"none","base":"main"}`)
	s.AddRepo("acme/empty")
	s.says(409, "Git Repository is empty.", "GET", "repos/acme/empty/git/ref/heads/main", "")
	s.says(409, "Git Repository is empty.", "POST", "repos/acme/empty/git/refs", ref("x"))
}

// A file of more than a mebibyte is shown without what is in it, and the blob has it.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{TreeLimit: 3})
	large := strings.Repeat("x", 1<<20+1)
	s.repo.Commit("main", "ana", "Large", githubtest.Files{"large.txt": large})
	shown := s.wants(200, "GET", r+"/contents/large.txt", "").json(t)
	if shown["content"] != "" || shown["encoding"] != "none" || shown["size"] != float64(len(large)) {
		t.Errorf("encoding %v, size %v", shown["encoding"], shown["size"])
	}
	s.wants(200, "GET", r+"/git/blobs/"+shown["sha"].(string), "")
	tree := s.wants(200, "GET", r+"/git/trees/main?recursive=1", "").json(t)
	if tree["truncated"] != true || len(tree["tree"].([]any)) != 3 {
		t.Errorf("%v", tree)
	}
}

// A branch that goes takes its open pull requests with it, and with TidyUp a merge takes the branch.
func TestBranchesThatGo(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	for _, name := range []string{"one", "two", "three"} {
		s.repo.Branch(name, "main").Commit(name, "ana", name, githubtest.Files{name: "1"})
		s.repo.OpenPR(githubtest.PR{Title: name, Author: "ana", Head: name})
	}
	s.repo.DeleteBranch("one")
	s.wants(204, "DELETE", r+"/git/refs/heads/two", "")
	s.repo.TidyUp()
	s.wants(200, "PUT", r+"/pulls/3/merge", `{"merge_method":"squash","commit_title":"Three","commit_message":"Because"}`)
	var states []string
	for _, p := range s.Pulls("acme/checkout") {
		states = append(states, fmt.Sprint(p.State, " ", p.Pull.Merged))
	}
	if !slices.Equal(states, []string{"closed false", "closed false", "closed true"}) || !slices.Equal(s.repo.Branches(), []string{"main"}) {
		t.Errorf("%v, %v", states, s.repo.Branches())
	}
	log := s.repo.Log("", "main")
	if last := log[len(log)-1]; last.Message != "Three\n\nBecause" || last.SHA != s.Pulls("acme/checkout")[2].Pull.MergeSHA {
		t.Errorf("%+v", last)
	}
	s.says(422, `"field":"state"`, "PATCH", r+"/pulls/1", `{"state":"open"}`)
	s.says(405, "not mergeable", "PUT", r+"/pulls/3/merge", "")
}

// A rebase makes the commits anew on top of the base, by their authors.
func TestRebase(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Branch("topic", "main").Commit("topic", "ana", "First", githubtest.Files{"a": "1", "src/main.go": githubtest.Deleted})
	s.repo.Commit("topic", "ana", "Second", githubtest.Files{"a": "2"})
	before := s.repo.Commit("main", "ben", "Meanwhile", githubtest.Files{"b": "1"})
	n := s.repo.OpenPR(githubtest.PR{Title: "Topic", Author: "ana", Head: "topic"})
	s.wants(200, "PUT", fmt.Sprintf("%s/pulls/%d/merge", r, n), `{"merge_method":"rebase"}`)
	log := s.repo.Log(before, "main")
	if len(log) != 2 || log[0].Message != "First" || log[1].Message != "Second" || log[1].Author != "Ana Souza <ana@acme.example>" || !strings.HasPrefix(log[1].Committer, "Shipmate <") ||
		!slices.Equal(log[0].Parents, []string{before}) {
		t.Errorf("%+v", log)
	}
	_, kept := s.repo.File("main", "src/main.go")
	if a, _ := s.repo.File("main", "a"); a != "2" || kept {
		t.Errorf("%q, %v", a, kept)
	}
}

// What people do to issues and pull requests is kept over a restart of the stage.
func TestPeopleWork(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	n := s.repo.OpenIssue("ana", "Write it down", "Soon", "docs")
	s.repo.Label(n, "docs", "late")
	s.repo.Unlabel(n, "docs")
	s.repo.Assign(n, "ana", "ben", "ana")
	s.repo.Comment(n, "ben", "On it")
	s.repo.Describes(n, "Now")
	s.repo.Branch("topic", "main").Commit("topic", "ana", "Topic", githubtest.Files{"a": "1"})
	pull := s.repo.OpenPR(githubtest.PR{Title: "Topic", Author: "ana", Head: "topic"})
	s.wants(201, "POST", fmt.Sprintf("%s/pulls/%d/requested_reviewers", r, pull), `{"team_reviewers":["payments"]}`)
	s.repo.PushTo(pull, "ben", "Better", githubtest.Files{"a": "2"})
	s.repo.Review(pull, "ben", "APPROVED", "Good")
	s.clock.Advance(time.Minute)
	s.repo.CloseIssue(n, "completed")
	var kept bytes.Buffer
	if err := s.Save(&kept); err != nil {
		t.Fatal(err)
	}
	again := newStage(t, githubtest.Options{})
	if err := again.Restore(&kept); err != nil {
		t.Fatal(err)
	}
	i, p := again.Issues("acme/checkout")[0], again.Pulls("acme/checkout")[0]
	if i.State != "closed" || i.Reason != "completed" || i.Body != "Now" || !slices.Equal(i.Labels, []string{"late"}) || !slices.Equal(i.Assignees, []string{"ana", "ben"}) || !slices.Equal(i.Comments, []string{"On it"}) {
		t.Errorf("%+v", i)
	}
	if p.Pull.HeadSHA != again.repo.Head("topic") || !slices.Equal(p.Pull.Reviewers, []string{"payments"}) || len(again.wants(200, "GET", fmt.Sprintf("%s/pulls/%d/reviews", r, pull), "").body) < 100 {
		t.Errorf("%+v", p.Pull)
	}
	again.repo.Reopen(n)
	if i := again.Issues("acme/checkout")[0]; i.State != "open" || i.Reason != "reopened" {
		t.Errorf("%+v", i)
	}
	for name, wrong := range map[string]func(){
		"unknown issue": func() { again.repo.CloseIssue(99, "completed") },
		"an issue":      func() { again.repo.Review(n, "ben", "APPROVED", "") },
		"unknown user":  func() { again.repo.Comment(n, "nobody", "x") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no word", name)
				}
			}()
			wrong()
		}()
	}
}
