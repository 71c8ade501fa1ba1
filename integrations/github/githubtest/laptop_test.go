package githubtest_test

import (
	"slices"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func TestPullRequestFromALaptop(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.TidyUp()
	own := githubtest.LaptopPR{Author: "ana", Title: "By hand", Body: "Why", Files: githubtest.Files{"own.md": "1"}}
	first, second := s.repo.OpenFromLaptop(own), s.repo.OpenFromLaptop(own)
	named := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "Named", Branch: "topic", Draft: true, Files: githubtest.Files{"README.md": "2"}})
	if got := s.repo.Branches(); !slices.Equal(got, []string{"ana-patch-1", "ana-patch-2", "main", "topic"}) {
		t.Errorf("%v", got)
	}
	pulls := s.Pulls("acme/checkout")
	if p := pulls[first-1]; p.Title != "By hand" || p.Body != "Why" || p.Author != "ana" || p.Pull.Head != "ana-patch-1" || p.Pull.HeadSHA != s.repo.Head("ana-patch-1") || p.Pull.Base != "main" || p.Pull.Fork != "" {
		t.Errorf("%+v %+v", p, p.Pull)
	}
	if p := pulls[named-1]; !p.Pull.Draft || p.Pull.Head != "topic" || second != first+1 {
		t.Errorf("%+v %+v", p, p.Pull)
	}
	if log := s.repo.Log("main", "ana-patch-1"); len(log) != 1 || log[0].Author != "Ana Souza <ana@acme.example>" || log[0].Message != "By hand" {
		t.Errorf("%+v", log)
	}
}

// A copy has branches of its own: those of the same name here are others.
func TestPullRequestFromACopy(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.TidyUp().Branch("topic", "main")
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "From afar", Branch: "topic", Fork: true, Files: githubtest.Files{"afar.md": "1"}})
	s.repo.Commit("topic", "ana", "Another one", githubtest.Files{"here.md": "1"})
	sha := s.repo.PushTo(n, "ben", "More", githubtest.Files{"afar.md": "2"})
	p := s.Pulls("acme/checkout")[n-1]
	if p.Pull.HeadSHA != sha || p.Pull.Fork != "ben" || p.State != "open" || sha == s.repo.Head("topic") {
		t.Errorf("%+v", p.Pull)
	}
	head := s.wants(200, "GET", r+"/pulls/1", "").json(t)["head"].(map[string]any)
	if head["label"] != "ben:topic" || head["repo"].(map[string]any)["full_name"] != "ben/checkout" {
		t.Errorf("%v", head["label"])
	}
	merge := s.repo.MergePR(n, "ana")
	if got := s.repo.Branches(); !slices.Contains(got, "topic") {
		t.Errorf("another branch went with it: %v", got)
	}
	log := s.repo.Log("", "main")
	if content, _ := s.repo.File("main", "afar.md"); content != "2" || log[len(log)-1].SHA != merge || log[len(log)-1].Message != "Merge pull request #1 from ben/topic\n\nFrom afar" {
		t.Errorf("%q, %+v", content, log[len(log)-1])
	}
	s.repo.DeleteBranch("topic")
	other := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "Again", Branch: "topic", Fork: true, Files: githubtest.Files{"again.md": "1"}})
	s.repo.Branch("topic", "main").DeleteBranch("topic")
	if p := s.Pulls("acme/checkout")[other-1]; p.State != "open" {
		t.Error("it was closed with another branch")
	}
}
