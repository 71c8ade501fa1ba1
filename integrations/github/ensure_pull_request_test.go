package github

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

// checksPR is a workflow that runs for every pull request.
const checksPR = "on: pull_request\njobs:\n  words:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ./words\n"

// library is a stage with a repository for documents.
func library(t *testing.T, o githubtest.Options) *stage {
	t.Helper()
	s := newStage(t, o)
	s.AddOrg("acme").AddTeam("writers", "Writers").Add("ben")
	s.repo = s.AddRepo("acme/decisions").GrantTeam("writers", "push").Grant("ana", "push")
	s.repo.Commit("main", "ana", "Begin", githubtest.Files{"README.md": "# Decisions\n", ".github/workflows/words.yml": checksPR})
	return s
}

func proposal() Proposal {
	return Proposal{Repo: "acme/decisions", Branch: "postmortem/inc-7", Title: "Post-mortem of inc-7", Body: "What happened.", Message: "Add the post-mortem of inc-7",
		Files:   []File{{"postmortems/inc-7.md", []byte("# Inc 7\n")}, {"postmortems/graph.png", []byte("\x89PNG\x00\xff")}},
		Request: "inc-7/postmortem", Labels: []string{"postmortem"}, Reviewers: []string{"ana", "acme/writers"}, Author: &Signature{"Ana A.", "ana@acme.example"}}
}

func TestPullRequestIsProposed(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	got, err := s.c.EnsurePullRequest(t.Context(), proposal())
	if err != nil || len(got.Problems) != 0 || got.Merged || got.Closed {
		t.Fatalf("%+v, %v", got, err)
	}
	log := s.repo.Log("main", "postmortem/inc-7")
	if len(log) != 1 || log[0].Message != "Add the post-mortem of inc-7\n\nShipmate-Request: inc-7/postmortem" || log[0].Author != "Ana A. <ana@acme.example>" || log[0].SHA != got.Head {
		t.Errorf("%+v", log)
	}
	for path, want := range map[string]string{"postmortems/inc-7.md": "# Inc 7\n", "postmortems/graph.png": "\x89PNG\x00\xff", "README.md": "# Decisions\n"} {
		if content, _ := s.repo.File("postmortem/inc-7", path); content != want {
			t.Errorf("%s: %q", path, content)
		}
	}
	pulls := s.Pulls("acme/decisions")
	if len(pulls) != 1 {
		t.Fatalf("%+v", pulls)
	}
	p := pulls[0]
	if p.Number != got.Number || !strings.HasSuffix(got.URL, fmt.Sprint("/pull/", p.Number)) || p.Title != "Post-mortem of inc-7" || p.Pull.Base != "main" || p.Pull.Draft ||
		p.Body != "What happened.\n\n<!-- shipmate-request: inc-7/postmortem -->\n" || !slices.Equal(p.Labels, []string{"postmortem"}) || !slices.Equal(p.Pull.Reviewers, []string{"ana", "writers"}) {
		t.Errorf("%+v %+v", p, p.Pull)
	}
	if runs := s.Runs("acme/decisions"); len(runs) == 0 || runs[len(runs)-1].SHA != got.Head {
		t.Errorf("no checks run: %+v", runs)
	}
	again := proposal()
	again.Retry = true
	again.Files[0].Content = []byte("# Other words\n")
	if found, err := s.c.EnsurePullRequest(t.Context(), again); err != nil || found.Number != got.Number || found.Head != got.Head || len(found.Problems) != 0 {
		t.Errorf("asked again: %+v, %v", found, err)
	}
}

// Whatever happens to any of the calls, applied or not, and whoever goes on: one commit, one branch, one pull request.
func TestPullRequestWhateverFails(t *testing.T) {
	t.Parallel()
	whole := library(t, githubtest.Options{})
	if _, err := whole.c.EnsurePullRequest(t.Context(), proposal()); err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, call := range whole.Calls() {
		if !slices.Contains(ops, call.Op) {
			ops = append(ops, call.Op)
		}
	}
	if len(ops) != 10 {
		t.Errorf("it takes %v", ops)
	}
	for _, op := range ops {
		for _, f := range faults() {
			t.Run(fmt.Sprint(op, " ", f.Kind, " ", f.When), func(t *testing.T) {
				t.Parallel()
				s := library(t, githubtest.Options{})
				f.Match, f.Times = op, 3 // a read is tried three times
				if whole.writes(op) {
					f.Times = 1
				}
				s.Fault(f)
				p := proposal()
				var got Proposed
				s.untilDone(t, func(c *Client) (err error) {
					got, err = c.EnsurePullRequest(t.Context(), p)
					p.Retry = true
					return err
				})
				pulls, log := s.Pulls("acme/decisions"), s.repo.Log("main", "postmortem/inc-7")
				if len(pulls) != 1 || pulls[0].Number != got.Number || len(log) != 1 || log[0].SHA != got.Head || !slices.Equal(s.repo.Branches(), []string{"main", "postmortem/inc-7"}) {
					t.Errorf("%+v: %+v, %+v", got, pulls, log)
				}
				if complete := len(pulls[0].Labels) == 1 && len(pulls[0].Pull.Reviewers) == 2; !complete && len(got.Problems) == 0 {
					t.Errorf("nothing is told of what it lacks: %+v", pulls[0])
				}
			})
		}
	}
}

// faults are all ways a call can fail.
func faults() []githubtest.Fault {
	var out []githubtest.Fault
	for _, kind := range []githubtest.Kind{githubtest.Status500, githubtest.Status503, githubtest.Reset, githubtest.Truncate} {
		for _, when := range []githubtest.Phase{githubtest.Before, githubtest.After} {
			out = append(out, githubtest.Fault{Kind: kind, When: when})
		}
	}
	return append(out, githubtest.Fault{Kind: githubtest.PrimaryLimit}, githubtest.Fault{Kind: githubtest.SecondaryLimit429, RetryAfter: time.Minute})
}

func (s *stage) writes(op string) bool {
	return slices.ContainsFunc(s.Calls(), func(c githubtest.Call) bool { return c.Op == op && c.Method != "GET" })
}

// untilDone asks until it is done, each time as a bot that was just started.
func (s *stage) untilDone(t *testing.T, ask func(*Client) error) {
	t.Helper()
	for range 8 {
		err := ask(s.client(t, Config{Token: githubtest.DefaultToken}))
		if err == nil {
			return
		}
		var e *Error
		if !errors.Is(err, ErrNotYet) && !errors.As(err, &e) {
			t.Fatal(err)
		}
		s.clock.Advance(11 * time.Minute)
	}
	t.Fatal("it never comes to an end")
}

// Two requests want the same branch: one has it, the other is told whose it is. The same request asked twice at once is one.
func TestBranchHasOneOwner(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		s := library(t, githubtest.Options{})
		var wg sync.WaitGroup
		var mu sync.Mutex
		won, taken := map[string]int{}, 0
		for i := range 6 {
			wg.Go(func() {
				p := proposal()
				p.Branch, p.Request = "adr/0042", fmt.Sprint("adr-request-", i%2)
				p.Files = []File{{fmt.Sprintf("doc/adr/0042-%d.md", i%2), []byte("x")}}
				got, err := s.client(t, Config{Token: githubtest.DefaultToken}).EnsurePullRequest(t.Context(), p)
				mu.Lock()
				defer mu.Unlock()
				var other *BranchTaken
				switch {
				case err == nil:
					won[p.Request] = got.Number
				case errors.As(err, &other) && other.Author == "Ana A." && strings.Contains(other.UserMessage(), "a commit of Ana A.") && fullSHA.MatchString(other.SHA):
					taken++
				default:
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 || taken != 3 || len(s.Pulls("acme/decisions")) != 1 || len(s.repo.Log("main", "adr/0042")) != 1 {
			t.Errorf("round %d: %v, %d turned away, %+v", round, won, taken, s.Pulls("acme/decisions"))
		}
	}
}

// What has become of the pull request by the time it is asked for again.
func TestPullRequestIsFoundAsItStands(t *testing.T) {
	t.Parallel()
	type end struct{ merged, closed bool }
	for name, one := range map[string]struct {
		do   func(s *stage, n int)
		want end
	}{
		"merged, branch gone":            {func(s *stage, n int) { s.repo.TidyUp().MergePR(n, "ana") }, end{merged: true}},
		"squashed, branch kept":          {func(s *stage, n int) { s.repo.SquashPR(n, "ana") }, end{merged: true}},
		"closed":                         {func(s *stage, n int) { s.repo.ClosePR(n) }, end{closed: true}},
		"branch deleted":                 {func(s *stage, _ int) { s.repo.DeleteBranch("postmortem/inc-7") }, end{closed: true}},
		"described anew":                 {func(s *stage, n int) { s.repo.Describes(n, "Better words.") }, end{}},
		"described anew and worked on":   {func(s *stage, n int) { s.repo.Describes(n, ""); s.edit(n) }, end{}},
		"described anew and merged":      {func(s *stage, n int) { s.repo.Describes(n, ""); s.edit(n); s.repo.TidyUp().SquashPR(n, "ana") }, end{merged: true}},
		"the branch is used for another": {func(s *stage, n int) { s.repo.ClosePR(n); s.reuse() }, end{closed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := library(t, githubtest.Options{})
			p := proposal()
			first, err := s.c.EnsurePullRequest(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			one.do(s, first.Number)
			over := one.want.merged || one.want.closed
			s.repo.Unlabel(first.Number, "postmortem")
			before, branches := len(s.Pulls(p.Repo)), s.repo.Branches()
			p.Retry = true
			got, err := s.c.EnsurePullRequest(t.Context(), p)
			if err != nil || got.Number != first.Number || got.Merged != one.want.merged || got.Closed != one.want.closed {
				t.Errorf("%+v, %v", got, err)
			}
			if labels := s.Pulls(p.Repo)[first.Number-1].Labels; len(labels) == 0 != over {
				t.Errorf("labels %v", labels)
			}
			if len(s.Pulls(p.Repo)) != before || !slices.Equal(s.repo.Branches(), branches) {
				t.Errorf("something was opened: %+v, %v", s.Pulls(p.Repo), s.repo.Branches())
			}
		})
	}
}

// Of several that carry the commit, as when somebody has closed one and opened another from the branch, the open one is it.
func TestOpenPullRequestGoesFirst(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	p := proposal()
	first, err := s.c.EnsurePullRequest(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	s.repo.ClosePR(first.Number)
	second := s.repo.OpenPR(githubtest.PR{Title: "Once more", Author: "ana", Head: p.Branch})
	p.Retry = true
	if got, err := s.c.EnsurePullRequest(t.Context(), p); err != nil || got.Number != second || got.Closed {
		t.Errorf("%+v, %v", got, err)
	}
	s.repo.ClosePR(second)
	s.repo.Reopen(first.Number)
	if got, err := s.c.EnsurePullRequest(t.Context(), p); err != nil || got.Number != first.Number {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is made before the branch nobody sees, so that a failure there leaves nothing unclear.
func TestObjectsLeaveNothingUnclear(t *testing.T) {
	t.Parallel()
	for op, unclear := range map[string]bool{"git/create-blob": false, "git/create-tree": false, "git/create-commit": false, githubtest.OpCreateRef: true, githubtest.OpCreatePull: true} {
		s := library(t, githubtest.Options{})
		s.Fault(githubtest.Fault{Match: op, When: githubtest.After, Kind: githubtest.Reset, Times: 1})
		if _, err := s.c.EnsurePullRequest(t.Context(), proposal()); err == nil || IsUnclear(err) != unclear {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func (s *stage) edit(n int) {
	s.repo.PushTo(n, "ben", "Better words", githubtest.Files{"postmortems/inc-7.md": "# Incident 7\n"})
}

// reuse has a person take the name of the branch for something else.
func (s *stage) reuse() {
	s.repo.DeleteBranch("postmortem/inc-7").Branch("postmortem/inc-7", "main").Commit("postmortem/inc-7", "ben", "Mine", githubtest.Files{"mine.md": "1"})
	s.repo.OpenPR(githubtest.PR{Title: "Mine", Author: "ben", Head: "postmortem/inc-7"})
}

// A branch that others have built on is still ours, and one that only has the name is not.
func TestBranchThatIsThere(t *testing.T) {
	t.Parallel()
	for _, retry := range []bool{false, true} {
		s := library(t, githubtest.Options{})
		s.Fault(githubtest.Fault{Match: githubtest.OpCreatePull, Kind: githubtest.Status500, Times: 1})
		p := proposal()
		if _, err := s.c.EnsurePullRequest(t.Context(), p); !IsUnclear(err) {
			t.Fatal(err)
		}
		s.repo.Commit("postmortem/inc-7", "ben", "Better words\n\nShipmate-Request: something-else", githubtest.Files{"postmortems/inc-7.md": "# Incident 7\n"})
		s.repo.Commit("main", "ben", "Meanwhile", githubtest.Files{"b.txt": "1"})
		p.Retry = retry
		if got, err := s.c.EnsurePullRequest(t.Context(), p); err != nil || got.Head != s.repo.Head("postmortem/inc-7") || len(s.Pulls(p.Repo)) != 1 {
			t.Errorf("retry %v: %+v, %v", retry, got, err)
		}
		p.Request = "something-else"
		var taken *BranchTaken
		p.Branch, p.Retry = "postmortem/inc-8", retry
		s.repo.Branch("postmortem/inc-8", "main")
		if _, err := s.c.EnsurePullRequest(t.Context(), p); !errors.As(err, &taken) || taken.Branch != "postmortem/inc-8" {
			t.Errorf("retry %v: %v", retry, err)
		}
	}
}

func TestProposalThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*stage, *Proposal){
		"is empty: it needs a first commit":     func(s *stage, p *Proposal) { p.Repo = s.AddRepo("acme/empty").Name() },
		"has no branch next that Shipmate":      func(_ *stage, p *Proposal) { p.Base = "next" },
		"has a branch adr, and git has no room": func(s *stage, p *Proposal) { s.repo.Branch("adr", "main"); p.Branch = "adr/0042" },
		"has a branch a/b/c, and git has no":    func(s *stage, p *Proposal) { s.repo.Branch("a/b/c", "main"); p.Branch = "a/b" },
		"main of acme/decisions has all of":     func(_ *stage, p *Proposal) { p.Files = []File{{"README.md", []byte("# Decisions\n")}} },
		"other of acme/decisions brings nothing": func(s *stage, p *Proposal) {
			s.Fault(githubtest.Fault{Match: githubtest.OpCreatePull, Kind: githubtest.Status500, Times: 1})
			_, _ = s.c.EnsurePullRequest(t.Context(), *p)
			s.repo.SquashPR(s.repo.OpenPR(githubtest.PR{Title: "By hand", Author: "ana", Head: p.Branch}), "ana")
			s.repo.Branch("other", p.Branch)
			p.Branch, p.Base = "other", "postmortem/inc-7"
		},
	} {
		s := library(t, githubtest.Options{})
		p := proposal()
		change(s, &p)
		p.Retry = p.Branch == "other"
		_, err := s.c.EnsurePullRequest(t.Context(), p)
		var e *Error
		if !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	for says, may := range map[string]map[string]string{
		"Contents: read and write":      {"contents": "read", "pull_requests": "write"},
		"Pull requests: read and write": {"contents": "write", "pull_requests": "read"},
	} {
		s := library(t, githubtest.Options{})
		_, err := s.asApp(t, may).EnsurePullRequest(t.Context(), proposal())
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.UserMessage(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// asApp is a client with an App's permissions.
func (s *stage) asApp(t *testing.T, may map[string]string) *Client {
	t.Helper()
	pemKey := testKey(t)
	block, _ := pem.Decode(pemKey)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s.AddApp(githubtest.App{ID: 11, Slug: "shipmate", Installation: 22, Org: "acme", Key: &key.PublicKey, Permissions: may})
	return s.client(t, Config{App: App{ID: 11, InstallationID: 22, PrivateKeyPEM: pemKey}})
}

func TestProposalsThatAreNone(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	for name, change := range map[string]func(*Proposal){
		"no repository":   func(p *Proposal) { p.Repo = "acme" },
		"short request":   func(p *Proposal) { p.Request = "inc-7" },
		"request in two":  func(p *Proposal) { p.Request = "inc-7 postmortem" },
		"ends a comment":  func(p *Proposal) { p.Request = "inc-7-->hello" },
		"no branch":       func(p *Proposal) { p.Branch = "" },
		"a SHA":           func(p *Proposal) { p.Branch = shaA },
		"a full ref":      func(p *Proposal) { p.Branch = "refs/heads/x" },
		"the base itself": func(p *Proposal) { p.Branch = "main" },
		"no title":        func(p *Proposal) { p.Title = " " },
		"no files":        func(p *Proposal) { p.Files = nil },
		"out of it":       func(p *Proposal) { p.Files = []File{{"../x", nil}} },
		"absolute":        func(p *Proposal) { p.Files = []File{{"/etc/x", nil}} },
		"git's own":       func(p *Proposal) { p.Files = []File{{"a/.Git/config", nil}} },
		"empty part":      func(p *Proposal) { p.Files = []File{{"a//b", nil}} },
		"two lines":       func(p *Proposal) { p.Files = []File{{"a\nb", nil}} },
		"twice":           func(p *Proposal) { p.Files = []File{{"a", nil}, {"a", nil}} },
		"file in a file":  func(p *Proposal) { p.Files = []File{{"a/b", nil}, {"a/b/c", nil}} },
		"too much":        func(p *Proposal) { p.Files = []File{{"a", make([]byte, maxFileBytes+1)}} },
		"too many images": func(p *Proposal) {
			for i := range maxBinaries + 1 {
				p.Files = append(p.Files, File{fmt.Sprint(i, ".png"), []byte{0xff}})
			}
		},
		"too many files": func(p *Proposal) {
			for i := range maxProposedFiles {
				p.Files = append(p.Files, File{fmt.Sprint(i, ".md"), nil})
			}
		},
		"author's name":  func(p *Proposal) { p.Author = &Signature{"", "ana@acme.example"} },
		"author's lines": func(p *Proposal) { p.Author = &Signature{"Ana\nB", "ana@acme.example"} },
		"author nowhere": func(p *Proposal) { p.Author = &Signature{"Ana", "somewhere"} },
	} {
		p := proposal()
		change(&p)
		_, err := s.c.EnsurePullRequest(t.Context(), p)
		var e *Error
		if !errors.As(err, &e) || e.kind != kindInput || e.UserMessage() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.writes(githubtest.OpCreateRef) || len(s.repo.Branches()) != 1 {
		t.Error("something was written")
	}
}

// Labels and reviewers that cannot be had do not keep a pull request from being opened, and what can be had is there.
func TestProposalWithoutSomeOfIt(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	s.repo.WithoutDrafts()
	p := proposal()
	p.Draft, p.Reviewers = true, []string{"ana", "nobody", githubtest.DefaultLogin, "acme/ghosts"}
	got, err := s.c.EnsurePullRequest(t.Context(), p)
	all := strings.Join(got.Problems, "\n")
	if err != nil || len(got.Problems) != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, want := range []string{"has no draft pull requests", "of nobody: GitHub refused: Reviews may only be requested from collaborators", "of shipmate-bot: ", "of acme/ghosts: "} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not told: %s", want, all)
		}
	}
	pull := s.Pulls(p.Repo)[0]
	if pull.Pull.Draft || !slices.Equal(pull.Pull.Reviewers, []string{"ana"}) || !slices.Equal(pull.Labels, p.Labels) {
		t.Errorf("%+v", pull.Pull)
	}
	s.repo.Review(pull.Number, "ana", "COMMENTED", "Looking")
	s.repo.Unlabel(pull.Number, "postmortem")
	p.Retry, p.Reviewers = true, []string{"Ana"}
	if got, err := s.c.EnsurePullRequest(t.Context(), p); err != nil || len(got.Problems) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if pull := s.Pulls(p.Repo)[0]; len(pull.Pull.Reviewers) != 0 || len(pull.Labels) != 1 {
		t.Errorf("who has reviewed was asked again, or the label is missing: %+v", pull)
	}
	p.Retry, p.Branch, p.Request, p.Draft, p.Reviewers = false, "postmortem/inc-8", "inc-8/postmortem", false, nil
	s.Fault(githubtest.Fault{Match: "issues/add-labels", Kind: githubtest.Status500, Times: 1})
	if got, err := s.c.EnsurePullRequest(t.Context(), p); err != nil || len(got.Problems) != 1 || !strings.Contains(got.Problems[0], "without the label postmortem") {
		t.Errorf("%+v, %v", got, err)
	}
}
