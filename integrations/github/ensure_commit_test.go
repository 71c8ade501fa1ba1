package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

// shelf is a repository with a branch of two files, where a commit is to be made.
func shelf(t *testing.T, o githubtest.Options) *stage {
	t.Helper()
	s := library(t, o)
	s.repo.Branch("adr/0042", "main").Commit("adr/0042", "ana", "Begin 42", githubtest.Files{"doc/adr/0042-old.md": "# 42. Old\n", "doc/adr/draft.txt": "x\n"})
	return s
}

func (s *stage) newCommit() NewCommit {
	return NewCommit{Repo: "acme/decisions", Branch: "adr/0042", Head: s.repo.Head("adr/0042"), Message: "Give it another name", Request: "adr-7/rename",
		Author: &Signature{"Ana A.", "ana@acme.example"}, Changes: []FileChange{
			{Path: "doc/adr/0042-new.md", From: "doc/adr/0042-old.md", Content: []byte("# 42. New\n")},
			{Path: "doc/adr/notes/draft.txt", From: "doc/adr/draft.txt"},
			{Path: "doc/adr/graph.png", Content: []byte("\x89PNG\x00\xff")},
			{Path: "README.md", Remove: true},
			{Path: "doc/adr/never-there.md", Remove: true},
		}}
}

func (s *stage) filesOf(t *testing.T, branch string) map[string]string {
	t.Helper()
	all, err := s.c.ListFiles(t.Context(), "acme/decisions", branch, "")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range all {
		out[f.Path], _ = s.repo.File(branch, f.Path)
	}
	return out
}

func TestCommitIsMade(t *testing.T) {
	t.Parallel()
	s := shelf(t, githubtest.Options{})
	n := s.newCommit()
	sha, err := s.c.EnsureCommit(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	log := s.repo.Log("main", "adr/0042")
	if len(log) != 2 || log[1].SHA != sha || log[1].Message != "Give it another name\n\nShipmate-Request: adr-7/rename" || log[1].Author != "Ana A. <ana@acme.example>" || !slices.Equal(log[1].Parents, []string{n.Head}) {
		t.Errorf("%+v", log)
	}
	want := map[string]string{"doc/adr/0042-new.md": "# 42. New\n", "doc/adr/notes/draft.txt": "x\n", "doc/adr/graph.png": "\x89PNG\x00\xff", ".github/workflows/words.yml": checksPR}
	if got := s.filesOf(t, "adr/0042"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
	s.repo.Commit("adr/0042", "ben", "Go on", githubtest.Files{"doc/adr/0042-new.md": "# 42. Newer\n"})
	if again, err := s.c.EnsureCommit(t.Context(), n); err != nil || again != sha {
		t.Errorf("asked again, others have gone on: %s, %v", again, err)
	}
	anew := s.newCommit()
	anew.Changes = []FileChange{{Path: "doc/adr/0042-new.md", Content: []byte("# 42. Newest\n")}}
	if again, err := s.c.EnsureCommit(t.Context(), anew); err != nil || again != sha {
		t.Errorf("asked again with changes made anew: %s, %v", again, err)
	}
	anew.Request = "adr-7/again"
	if more, err := s.c.EnsureCommit(t.Context(), anew); err != nil || more != s.repo.Head("adr/0042") || more == sha {
		t.Errorf("another request: %s, %v", more, err)
	}
}

// A directory can stand where a file was, and what is removed alone makes a commit too.
func TestCommitThatRemoves(t *testing.T) {
	t.Parallel()
	s := shelf(t, githubtest.Options{})
	n := s.newCommit()
	n.Changes = []FileChange{{Path: "README.md/part.md", Content: []byte("1\n")}, {Path: "README.md", Remove: true}}
	if _, err := s.c.EnsureCommit(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	n = s.newCommit()
	n.Request, n.Changes = "adr-7/remove", []FileChange{{Path: "doc/adr/draft.txt", Remove: true}}
	if _, err := s.c.EnsureCommit(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"doc/adr/0042-old.md": "# 42. Old\n", "README.md/part.md": "1\n", ".github/workflows/words.yml": checksPR}
	if got := s.filesOf(t, "adr/0042"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
}

// Where all is so already there is no commit.
func TestCommitOfNothing(t *testing.T) {
	t.Parallel()
	s := shelf(t, githubtest.Options{})
	for _, changes := range [][]FileChange{
		{{Path: "doc/adr/draft.txt", Content: []byte("x\n")}},
		{{Path: "doc/adr/never-there.md", Remove: true}, {Path: "no/dir/at/all.md", Remove: true}},
	} {
		n := s.newCommit()
		n.Changes = changes
		if sha, err := s.c.EnsureCommit(t.Context(), n); err != nil || sha != n.Head || s.repo.Head("adr/0042") != n.Head {
			t.Errorf("%+v: %s, %v", changes, sha, err)
		}
	}
}

// Whatever happens to any of the calls, applied or not, and whoever goes on: one commit.
func TestCommitWhateverFails(t *testing.T) {
	t.Parallel()
	whole := shelf(t, githubtest.Options{})
	if _, err := whole.c.EnsureCommit(t.Context(), whole.newCommit()); err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, call := range whole.Calls() {
		if !slices.Contains(ops, call.Op) {
			ops = append(ops, call.Op)
		}
	}
	if len(ops) != 8 {
		t.Errorf("it takes %v", ops)
	}
	for _, op := range ops {
		for _, f := range faults() {
			t.Run(fmt.Sprint(op, " ", f.Kind, " ", f.When), func(t *testing.T) {
				t.Parallel()
				s := shelf(t, githubtest.Options{})
				f.Match, f.Times = op, 3 // a read is tried three times
				if whole.writes(op) {
					f.Times = 1
				}
				s.Fault(f)
				n, got := s.newCommit(), ""
				s.untilDone(t, func(c *Client) (err error) {
					got, err = c.EnsureCommit(t.Context(), n)
					var e *Error
					if errors.As(err, &e) && e.Unclear && op != githubtest.OpUpdateRef {
						t.Errorf("nothing can have happened: %v", err)
					}
					return err
				})
				if log := s.repo.Log("main", "adr/0042"); len(log) != 2 || log[1].SHA != got {
					t.Errorf("%s: %+v", got, log)
				}
			})
		}
	}
}

// Somebody pushes, or takes the branch away, before it is looked at or in the moment before it moves: nothing of theirs is lost.
func TestCommitOnABranchThatMoved(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		for _, late := range []bool{false, true} {
			var s *stage
			meanwhile := func() {
				if gone {
					s.repo.DeleteBranch("adr/0042")
				} else {
					s.repo.Commit("adr/0042", "ben", "Mine", githubtest.Files{"doc/adr/0042-old.md": "# 42. Ben's\n"})
				}
			}
			s = shelf(t, githubtest.Options{OnCall: func(call githubtest.Call) {
				if late && call.Op == githubtest.OpUpdateRef && call.Phase == githubtest.Before {
					meanwhile()
				}
			}})
			n := s.newCommit()
			if !late {
				meanwhile()
			}
			_, err := s.c.EnsureCommit(t.Context(), n)
			now := ""
			if !gone {
				now = s.repo.Head("adr/0042")
			}
			var changed *Changed
			if !errors.As(err, &changed) || changed.Seen != n.Head || changed.Now != now || changed.What != "the branch adr/0042" {
				t.Errorf("gone %v, late %v: %v", gone, late, err)
			}
			if content, _ := s.repo.File("main", "README.md"); content == "" || !gone && len(s.repo.Log("main", "adr/0042")) != 2 {
				t.Errorf("gone %v, late %v: it was written", gone, late)
			}
		}
	}
}

func TestCommitThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	s := shelf(t, githubtest.Options{})
	var e *Error
	n := s.newCommit()
	n.Changes = []FileChange{{Path: "a.md", From: "doc/adr/nowhere.md"}}
	if _, err := s.c.EnsureCommit(t.Context(), n); !IsNotFound(err) || !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "no file doc/adr/nowhere.md on adr/0042") {
		t.Errorf("a move from nowhere: %v", err)
	}
	if _, err := s.asApp(t, map[string]string{"contents": "read"}).EnsureCommit(t.Context(), s.newCommit()); !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), "Contents: read and write") {
		t.Errorf("who may only read: %v", err)
	}
	s.repo.PullRequestsOnly("adr/0042")
	if _, err := s.c.EnsureCommit(t.Context(), s.newCommit()); !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), "do not let Shipmate change the branch adr/0042") {
		t.Errorf("the rules keep it: %v", err)
	}
	many := make([]FileChange, 101)
	for i := range many {
		many[i] = FileChange{Path: fmt.Sprint(i), Remove: true}
	}
	for name, change := range map[string]func(*NewCommit){
		"no repository":       func(n *NewCommit) { n.Repo = "acme" },
		"no request":          func(n *NewCommit) { n.Request = "x" },
		"no branch":           func(n *NewCommit) { n.Branch = "refs/heads/a" },
		"no head":             func(n *NewCommit) { n.Head = "main" },
		"no message":          func(n *NewCommit) { n.Message = " " },
		"no author":           func(n *NewCommit) { n.Author.Email = "ana" },
		"nothing":             func(n *NewCommit) { n.Changes = nil },
		"too much":            func(n *NewCommit) { n.Changes = many },
		"one path twice":      func(n *NewCommit) { n.Changes[1].Path = "doc/adr/0042-old.md" },
		"out of it":           func(n *NewCommit) { n.Changes[0].Path = "../a" },
		"from out of it":      func(n *NewCommit) { n.Changes[0].From = "/a" },
		"written and removed": func(n *NewCommit) { n.Changes[3].Content = []byte("x") },
		"no path":             func(n *NewCommit) { n.Changes[3].Path = "" },
		"file and directory":  func(n *NewCommit) { n.Changes[1].Path = "doc/adr/graph.png/x" },
	} {
		n := s.newCommit()
		change(&n)
		if _, err := s.c.EnsureCommit(t.Context(), n); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%s: %v", name, err)
		}
	}
}
