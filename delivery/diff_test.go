package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// diff asks what would change.
func (s *stage) diff(fn ...func(*delivery.Want)) *delivery.Diff {
	s.Helper()
	d, err := s.Diff(context.Background(), s.want(fn...))
	if err != nil {
		s.Fatal(err)
	}
	return d
}

func TestDiffTellsWhatComes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.github.AddUser(githubtest.User{Login: "ben", Name: "Ben"})
	if d := s.diff(); d.Would.Before.SHA != "" || d.Would.Changes != nil {
		t.Fatalf("of an unknown place: %+v", d)
	}
	old := s.commit("Old")
	s.until(s.deploys().ID, delivery.Succeeded)
	if d := s.diff(); d.Would.Changes.Status != "identical" || d.Files != 0 {
		t.Fatalf("of the same commit: %+v", d)
	}
	s.repo.Branch("basket", "main")
	s.repo.Commit("basket", "ben", "Add a basket", githubtest.Files{"basket.txt": "1\n2\n"})
	n := s.repo.OpenPR(githubtest.PR{Title: "Add a basket", Body: "Closes #41", Author: "ben", Head: "basket"})
	s.repo.SquashPR(n, "ana")
	direct := s.commit("Straight to main\n\nfixes acme/other#7")
	s.commit("Once more")
	d := s.diff(at("main"))
	c := d.Would.Changes
	if c.Status != "ahead" || c.Ahead != 3 || len(c.PullRequests) != 1 || c.PullRequests[0].Title != "Add a basket" || d.Listed != 3 {
		t.Errorf("changes %+v", c)
	}
	if len(d.Direct) != 2 || d.Direct[1].SHA != direct || d.Unread != 0 {
		t.Errorf("direct %+v", d.Direct)
	}
	if len(d.Issues) != 2 || d.Issues[0].Number != 41 || d.Issues[1].Repo != "acme/other" || d.IssuesAtLeast {
		t.Errorf("issues %+v", d.Issues)
	}
	if fmt.Sprint(d.Authors) != "[{ana 2} {ben 1}]" {
		t.Errorf("authors %v", d.Authors)
	}
	if d.Files != 2 || d.Additions == 0 || d.Deletions == 0 || d.AtLeast {
		t.Errorf("size %d files +%d -%d", d.Files, d.Additions, d.Deletions)
	}
	s.until(s.deploys().ID, delivery.Succeeded)
	back := s.diff(at(old))
	if back.Additions != d.Deletions || back.Deletions != d.Additions {
		t.Errorf("going back is +%d -%d, coming was +%d -%d", back.Additions, back.Deletions, d.Additions, d.Deletions)
	}
	if c := back.Would.Changes; c.Status != "behind" || c.Behind != 3 || len(back.Direct) != 2 || len(back.Issues) != 2 || back.Files != 2 {
		t.Errorf("going back: %+v %+v", c, back)
	}
	if back.Under != nil {
		t.Error("nothing is under way")
	}
	under := s.deploys(at(old))
	if d := s.diff(); d.Under == nil || d.Under.ID != under.ID {
		t.Error("what is under way is not told")
	}
	s.runs(2)
}

func TestDiffRefusesAndFails(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, err := s.Diff(context.Background(), s.want(at("mian")))
	s.refuses(delivery.NoRef, err)
	_, err = s.Diff(context.Background(), s.want(to("moon")))
	s.refuses(delivery.NotDeployedThere, err)
	s.until(s.deploys().ID, delivery.Succeeded)
	s.commit("Next")
	s.github.Fault(githubtest.Fault{Match: githubtest.OpCompare, Times: 4, Kind: githubtest.Status503})
	if _, err := s.Diff(context.Background(), s.want()); err == nil {
		t.Error("what GitHub did not tell is told")
	}
}

// A range longer than GitHub lists says so, and how much of it is known.
func TestDiffOfALongRange(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.until(s.deploys().ID, delivery.Succeeded)
	for i := range 260 {
		s.repo.Commit("main", "ana", fmt.Sprintf("Change %d (#%d)", i, 1000+i), githubtest.Files{"app.txt": fmt.Sprint(i)})
	}
	var files = githubtest.Files{".github/workflows/deploy.yml": github.ExampleWorkflow}
	for i := range 310 {
		files[fmt.Sprintf("many/%d.txt", i)] = strings.Repeat("x\n", 3)
	}
	s.repo.Commit("main", "ana", "Many files", files)
	d := s.diff()
	if c := d.Would.Changes; c.Ahead != 261 || !c.AtLeast || d.Listed != 250 || d.Authors[0].Commits != 250 {
		t.Errorf("%+v, %d listed", c, d.Listed)
	}
	if d.Files != 300 || !d.AtLeast || !d.IssuesAtLeast {
		t.Errorf("%d files, at least %v", d.Files, d.AtLeast)
	}
}
