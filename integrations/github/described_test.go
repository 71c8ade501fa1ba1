package github

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/github/githubtest/openapi"
)

// Every request the client makes is one GitHub describes, with the answers it describes. Without the description this
// still walks through all of the client and fails for what the fake would not know.
func TestRequestsAsDescribed(t *testing.T) {
	t.Parallel()
	var o githubtest.Options
	var mu sync.Mutex
	if file := os.Getenv(openapi.Variable); file == "" {
		t.Logf("nothing to compare with: %s is not set", openapi.Variable)
	} else {
		spec, err := openapi.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		o.Wrap = spec.Validate(func(f openapi.Finding) {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(f.Error(), `parameter "created" in query`) {
				return // described as one time by its format, and as a range with >= by its text
			}
			t.Errorf("not as GitHub describes it: %.1500s", f.Error())
		})
	}
	s := newStage(t, o)
	s.AddOrg("acme").AddTeam("payments", "Payments").Add("ana")
	s.repo.Tag("v1", s.shas[0])
	s.repo.SetStatus("main", "ci/lint", "success", "", "")
	s.repo.SetDeployment("main", "staging", "ana", "success")
	broken := githubtest.FailAt("deploy", "Deploy", "it broke")
	s.repo.ScriptNext("deploy.yml", broken, broken)
	second := s.commit("main", "ana", "Second (#1)", githubtest.Files{"a.txt": "2"})
	ctx := t.Context()

	run, err := s.c.EnsureRun(ctx, s.dispatch())
	looked := s.dispatch()
	looked.Attempted = noon
	_, err2 := s.c.EnsureRun(ctx, looked)
	cancelling, err3 := s.c.EnsureCancelled(ctx, "acme/shop", run.ID)
	s.clock.Advance(time.Hour)
	_, err4 := s.c.RerunAll(ctx, "acme/shop", cancelling.ID, 1)
	s.clock.Advance(time.Hour)
	_, err5 := s.c.RerunFailed(ctx, "acme/shop", run.ID, 2)
	s.clock.Advance(time.Hour)
	run, err6 := s.c.Run(ctx, "acme/shop", run.ID)
	if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	for _, fork := range []bool{false, true} {
		s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "By hand", Fork: fork, Files: githubtest.Files{"doc/a.md": "a"}})
	}
	reads := map[string]func() error{
		"LogTail":          func() error { _, err := s.c.LogTail(ctx, "acme/shop", run.Jobs[0].ID, 5); return err },
		"Resolve":          func() error { _, err := s.c.Resolve(ctx, "acme/shop", second[:8]); return err },
		"Branches":         func() error { _, err := s.c.Branches(ctx, "acme/shop", "ma", 5); return err },
		"all branches":     func() error { _, err := s.c.Branches(ctx, "acme/shop", "", 5); return err },
		"Compare":          func() error { _, err := s.c.Compare(ctx, "acme/shop", s.shas[0], second); return err },
		"Workflow":         func() error { _, err := s.c.Workflow(ctx, "acme/shop", "deploy.yml", "main"); return err },
		"Checks":           func() error { _, err := s.c.Checks(ctx, "acme/shop", second, "main"); return err },
		"WorkflowRuns":     func() error { _, err := s.c.WorkflowRuns(ctx, "acme/shop", second); return err },
		"LatestDeployment": func() error { _, _, err := s.c.LatestDeployment(ctx, "acme/shop", "staging"); return err },
		"TeamMembers":      func() error { _, err := s.c.TeamMembers(ctx, "acme", "payments"); return err },
		"Archive":          func() error { _, err := s.c.Archive(ctx, "acme/shop", second, "", nil); return err },
		"OpenPullRequestFiles": func() error {
			got, err := s.c.OpenPullRequestFiles(ctx, "acme/shop", "doc")
			if len(got) != 2 {
				t.Errorf("%+v", got)
			}
			return err
		},
		"OpenPullRequests": func() error {
			got, truncated, err := s.c.OpenPullRequests(ctx, "acme/shop")
			if len(got) != 2 || truncated {
				t.Errorf("%+v, %v", got, truncated)
			}
			return err
		},
		"BranchRuns": func() error {
			got, truncated, err := s.c.BranchRuns(ctx, "acme/shop", "main", noon)
			if len(got) == 0 || truncated {
				t.Errorf("%+v, %v", got, truncated)
			}
			return err
		},
		"Permissions": func() error { _, err := s.c.Permissions(ctx, "acme/shop", false); return err },
	}
	for name, read := range reads {
		if err := read(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	writes := map[string]func() error{
		"EnsurePullRequest": func() error {
			p := Proposal{Repo: "acme/shop", Branch: "adr/0001", Title: "Decide", Files: []File{{"doc/adr/0001-a.md", []byte("# 1\n")}, {"a.png", []byte("\x00\xff")}},
				Request: "adr-request-1", Labels: []string{"adr"}, Reviewers: []string{"ana", "nobody"}, Draft: true, Author: &Signature{"Ana A.", "ana@acme.example"}}
			opened, err := s.c.EnsurePullRequest(ctx, p)
			p.Retry = true
			_, err2 := s.c.EnsurePullRequest(ctx, p)
			p.Request = "adr-request-2"
			if _, err := s.c.EnsurePullRequest(ctx, p); err == nil {
				t.Error("one branch for two requests")
			}
			_, err3 := s.c.PullRequestState(ctx, "acme/shop", opened.Number)
			err4 := s.c.UpdateFile(ctx, FileUpdate{Repo: "acme/shop", Branch: "adr/0001", Path: "doc/adr/0001-a.md", Content: []byte("# One\n"), Message: "Better", Request: "adr-request-3", SeenSHA: BlobSHA([]byte("# 1\n"))})
			files, err5 := s.c.ListFiles(ctx, "acme/shop", "adr/0001", "doc")
			_, _, err6 := s.c.ReadFile(ctx, "acme/shop", "adr/0001", files[0].Path)
			var no *NotMergeable
			if err := s.c.MergePullRequest(ctx, "acme/shop", opened.Number, s.repo.Head("adr/0001"), "squash"); !errors.As(err, &no) {
				t.Errorf("a draft was merged: %v", err)
			}
			return errors.Join(err, err2, err3, err4, err5, err6)
		},
		"MergePullRequest": func() error {
			p := Proposal{Repo: "acme/shop", Branch: "adr/0002", Title: "Decide again", Files: []File{{"doc/adr/0002-b.md", []byte("# 2\n")}}, Request: "adr-request-4"}
			opened, err := s.c.EnsurePullRequest(ctx, p)
			return errors.Join(err, s.c.MergePullRequest(ctx, "acme/shop", opened.Number, opened.Head, "squash"),
				s.c.EnsureBranchGone(ctx, "acme/shop", p.Branch, opened.Head), s.c.EnsureBranchGone(ctx, "acme/shop", p.Branch, opened.Head))
		},
		"ClosePullRequest": func() error {
			p := Proposal{Repo: "acme/shop", Branch: "adr/0003", Title: "Decide for good", Files: []File{{"doc/adr/0003-c.md", []byte("# 3\n")}}, Request: "adr-request-5"}
			opened, err := s.c.EnsurePullRequest(ctx, p)
			err2 := s.c.EditPullRequest(ctx, PullRequestEdit{"acme/shop", opened.Number, "Never mind", "", p.Request})
			_, err3 := s.c.ClosePullRequest(ctx, "acme/shop", opened.Number)
			return errors.Join(err, err2, err3)
		},
		"EnsureCommit": func() error {
			s.repo.Branch("adr/0004", second)
			n := NewCommit{Repo: "acme/shop", Branch: "adr/0004", Head: second, Message: "Move", Request: "adr-request-6",
				Changes: []FileChange{{Path: "b.txt", From: "a.txt"}, {Path: "a.png", Content: []byte("\x00\xff")}, {Path: "c.txt", Content: []byte("3")}, {Path: "d.txt", Remove: true}}}
			_, err := s.c.EnsureCommit(ctx, n)
			_, err2 := s.c.EnsureCommit(ctx, n)
			return errors.Join(err, err2)
		},
		"EnsureIssue": func() error {
			n := NewIssue{Repo: "acme/shop", Title: "Do", Body: "It", Labels: []string{"debt"}, Assignees: []string{"ana", "nobody"}, Request: "issue-request-1", Since: s.clock.Now()}
			opened, err := s.c.EnsureIssue(ctx, n)
			n.Retry = true
			_, err2 := s.c.EnsureIssue(ctx, n)
			_, _, err3 := s.c.ListIssues(ctx, "acme/shop", IssueQuery{Labels: []string{"debt"}, Since: noon})
			_, err4 := s.c.EnsureComment(ctx, "acme/shop", opened.Number, "Done?", "comment-1")
			_, err5 := s.c.EnsureComment(ctx, "acme/shop", opened.Number, "Done.", "comment-1")
			_, err6 := s.c.Issue(ctx, "acme/shop", opened.Number)
			s.repo.React(opened.Number, "ana", "-1")
			_, err7 := s.c.Reactions(ctx, "acme/shop", opened.Number)
			return errors.Join(err, err2, err3, err4, err5, err6, err7)
		},
		"EnsureIssueClosed": func() error {
			n := NewIssue{Repo: "acme/shop", Title: "Do not", Labels: []string{"debt"}, Request: "issue-request-2", Since: s.clock.Now()}
			opened, err := s.c.EnsureIssue(ctx, n)
			_, err2 := s.c.EnsureAssignee(ctx, "acme/shop", opened.Number, "ana")
			_, err3 := s.c.EnsureIssueClosed(ctx, "acme/shop", opened.Number, NotPlanned)
			_, _, err4 := s.c.ListIssues(ctx, "acme/shop", IssueQuery{Labels: []string{"debt"}, State: "closed", Since: noon})
			return errors.Join(err, err2, err3, err4)
		},
		"EnsureCommitStatus": func() error {
			one := saying(second)
			one.Repo = "acme/shop"
			err := s.c.EnsureCommitStatus(ctx, one)
			one.State = "success"
			return errors.Join(err, s.c.EnsureCommitStatus(ctx, one))
		},
	}
	for name, write := range writes {
		s.c = s.client(t, Config{Token: githubtest.DefaultToken}) // with its changes still to spend, so that none has to wait
		if err := write(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var missing *RefNotFound
	if _, err := s.c.Resolve(ctx, "acme/shop", "no-such-branch"); !errors.As(err, &missing) {
		t.Error(err)
	}
}
