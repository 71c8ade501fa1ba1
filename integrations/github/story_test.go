package github

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
)

// stage is a whole GitHub with acme/shop in it, and a client.
type stage struct {
	*githubtest.Server
	c     *Client
	clock *clock.Manual
	repo  *githubtest.Repo
	shas  []string // of the default branch, oldest first
}

func newStage(t *testing.T, o githubtest.Options) *stage {
	t.Helper()
	s := &stage{clock: clock.NewManual(noon)}
	o.Clock = s.clock
	s.Server = githubtest.New(o)
	t.Cleanup(func() {
		s.Close()
		if p := s.Problems(); len(p) > 0 {
			t.Errorf("GitHub would not know: %v", p)
		}
	})
	s.AddUser(githubtest.User{Login: "ana", Name: "Ana A.", Email: "ana@acme.example"})
	s.AddUser(githubtest.User{Login: "ben", Name: "Ben B.", Email: "ben@acme.example"})
	s.repo = s.AddRepo("acme/shop")
	s.commit("main", "ana", "First light", githubtest.Files{".github/workflows/deploy.yml": ExampleWorkflow, "a.txt": "1"})
	s.c = s.client(t, Config{Token: githubtest.DefaultToken})
	return s
}

func (s *stage) client(t *testing.T, cfg Config) *Client {
	t.Helper()
	cfg.APIURL, cfg.Clock, cfg.Timeout = s.URL()+cfg.APIURL, s.clock, 5*time.Second
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.pauses = []time.Duration{time.Millisecond, time.Millisecond}
	return c
}

func (s *stage) commit(branch, who, message string, files githubtest.Files) string {
	sha := s.repo.Commit(branch, who, message, files)
	if branch == "main" {
		s.shas = append(s.shas, sha)
	}
	return sha
}

func (s *stage) dispatch() Dispatch {
	return Dispatch{Repo: "acme/shop", Workflow: "deploy.yml", Ref: "main", CorrelationID: "d-20261120-7",
		Inputs: map[string]string{InputSHA: s.shas[0], InputEnvironment: "staging"}}
}

// A deploy from the ref to the end of the run.
func TestDeploy(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	ctx := t.Context()
	commit, err := s.c.Resolve(ctx, "acme/shop", "")
	if err != nil || commit.SHA != s.shas[0] || commit.Subject != "First light" || commit.Author != "ana" || commit.Branch != "main" || commit.URL == "" {
		t.Fatalf("%+v, %v", commit, err)
	}
	w, err := s.c.Workflow(ctx, "acme/shop", "deploy.yml", commit.Branch)
	if err != nil || len(w.Mistakes()) != 0 {
		t.Fatalf("%v, %v", w.Mistakes(), err)
	}
	run, err := s.c.EnsureRun(ctx, s.dispatch())
	if err != nil || run.ID == 0 {
		t.Fatalf("%+v, %v", run, err)
	}
	run, err = s.c.Run(ctx, "acme/shop", run.ID)
	if err != nil || run.Done() || run.Title != "Deploy to staging [d-20261120-7]" || run.HeadSHA != s.shas[0] || run.Attempt != 1 {
		t.Fatalf("%+v, %v", run, err)
	}
	s.clock.Advance(time.Hour)
	run, err = s.c.Run(ctx, "acme/shop", run.ID)
	if err != nil || !run.Succeeded() || len(run.Jobs) != 1 || run.Jobs[0].Name != "deploy" || run.Jobs[0].CompletedAt.IsZero() || len(run.Jobs[0].Steps) < 3 {
		t.Fatalf("%+v, %v", run, err)
	}
	again := s.dispatch()
	again.Attempted = noon
	if found, err := s.c.EnsureRun(ctx, again); err != nil || found.ID != run.ID || len(s.Dispatches("acme/shop")) != 1 {
		t.Errorf("asked again: %+v, %v", found, err)
	}
	runs, err := s.c.WorkflowRuns(ctx, "acme/shop", s.shas[0])
	if err != nil || len(runs) != 1 || len(runs[0].Jobs) != 1 {
		t.Errorf("runs of the commit: %+v, %v", runs, err)
	}
}

// Whatever happens to the dispatch and its answer, and whether or not the server names the run: exactly one run, given
// that it appears within the window.
func TestExactlyOneRun(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		for _, when := range []githubtest.Phase{githubtest.Before, githubtest.After} {
			for _, kind := range []githubtest.Kind{githubtest.Status500, githubtest.Status502, githubtest.Status503, githubtest.Reset, githubtest.Truncate, githubtest.HangUp,
				githubtest.PrimaryLimit, githubtest.SecondaryLimit403, githubtest.SecondaryLimit429} {
				limit := kind == githubtest.PrimaryLimit || kind == githubtest.SecondaryLimit403 || kind == githubtest.SecondaryLimit429
				if when == githubtest.After && limit {
					continue // a limit is met before anything is done
				}
				t.Run(fmt.Sprint(kind, " ", when, ", old server: ", old), func(t *testing.T) {
					t.Parallel()
					s := newStage(t, githubtest.Options{OldServer: old, RunAppears: 20 * time.Second})
					s.c.timeout = 300 * time.Millisecond
					s.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: when, Kind: kind})
					run := s.persist(t)
					if n := len(s.Dispatches("acme/shop")); n != 1 || s.Runs("acme/shop")[0].ID != run.ID {
						t.Errorf("%d dispatches, run %+v", n, run)
					}
				})
			}
		}
	}
}

// persist does what a caller has to: writes down first, comes back until it knows.
func (s *stage) persist(t *testing.T) Run {
	t.Helper()
	d := s.dispatch()
	attempted := s.clock.Now()
	d.Resend = func(_ context.Context, at time.Time) error { d.Resent = at; return nil }
	for range 1500 {
		run, err := s.c.EnsureRun(t.Context(), d)
		if err == nil {
			return run
		}
		var e *Error
		if !errors.Is(err, ErrNotYet) && !errors.As(err, &e) {
			t.Fatal(err)
		}
		d.Attempted = attempted
		s.clock.Advance(5 * time.Second)
	}
	t.Fatal("no run, and no word of it")
	return Run{}
}

// What changed between two deploys, with pull requests merged in both ways.
func TestChangelog(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	merge := func(branch, title, file string, squash bool) {
		s.repo.Branch(branch, "main")
		s.commit(branch, "ben", "wip on "+branch, githubtest.Files{file: "x"})
		n := s.repo.OpenPR(githubtest.PR{Title: title, Body: "why", Author: "ben", Head: branch})
		if squash {
			s.repo.SquashPR(n, "ana")
		} else {
			s.repo.MergePR(n, "ana")
		}
	}
	merge("tax", "Add tax", "tax.txt", true)
	merge("rounding", "Round it", "round.txt", false)
	direct := s.commit("main", "ana", "Straight to main", githubtest.Files{"d.txt": "1"})

	got, err := s.c.Compare(t.Context(), "acme/shop", s.shas[0], direct)
	if err != nil || got.Status != "ahead" || got.Ahead != 4 || got.Truncated {
		t.Fatalf("%+v, %v", got, err)
	}
	var pulls []string
	for _, p := range got.PullRequests {
		pulls = append(pulls, fmt.Sprintf("#%d %s by %s (%s) %s", p.Number, p.Title, p.Author, p.State, p.Body))
	}
	if strings.Join(pulls, ", ") != "#1 Add tax by ben (merged) why, #2 Round it by ben (merged) why" {
		t.Errorf("got %v", pulls)
	}
	back, err := s.c.Compare(t.Context(), "acme/shop", direct, s.shas[0])
	if err != nil || back.Status != "behind" || back.Behind != 4 || len(back.Commits) != 0 {
		t.Errorf("back: %+v, %v", back, err)
	}
	if p, err := s.c.PullRequest(t.Context(), "acme/shop", 2); err != nil || p.Title != "Round it" || p.State != "merged" || p.Base != "main" || p.Head != "rounding" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := s.c.PullRequest(t.Context(), "acme/shop", 9); !IsNotFound(err) {
		t.Errorf("#9: %v", err)
	}
}

func TestRefs(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	first := s.shas[0]
	second := s.commit("main", "ana", "Second", githubtest.Files{"a.txt": "2"})
	for _, name := range []string{"feature/größe", "feature/tax", "both"} {
		s.repo.Branch(name, second)
	}
	s.repo.Tag("v1.0.0", first)
	s.repo.Tag("both", first)
	for ask, want := range map[string]string{"": second, "main": second, "feature/größe": second, "v1.0.0": first, "both": second, "refs/tags/both": first,
		first: first, first[:7]: first, strings.ToUpper(second[:12]): second} {
		if got, err := s.c.Resolve(t.Context(), "acme/shop", ask); err != nil || got.SHA != want {
			t.Errorf("%q: %s, %v", ask, got.SHA, err)
		}
	}
	_, err := s.c.Resolve(t.Context(), "acme/shop", "feature/tex")
	var missing *RefNotFound
	if !errors.As(err, &missing) || len(missing.Near) == 0 || missing.Near[0] != "feature/tax" {
		t.Errorf("feature/tex: %v, near %v", err, missing)
	}
	if _, err := s.c.Resolve(t.Context(), "acme/nowhere", "main"); !IsNotFound(err) || errors.As(err, &missing) && missing.Repo == "acme/nowhere" {
		t.Errorf("no such repository: %v", err)
	}
	if names, err := s.c.Branches(t.Context(), "acme/shop", "feat", 10); err != nil || len(names) != 2 {
		t.Errorf("feat…: %v, %v", names, err)
	}
	if names, err := s.c.Branches(t.Context(), "acme/shop", "feature/", 1); err != nil || len(names) != 1 || !strings.HasPrefix(names[0], "feature/") {
		t.Errorf("first of feature/: %v, %v", names, err)
	}
	if names, err := s.c.Branches(t.Context(), "acme/shop", "", 2); err != nil || len(names) != 2 {
		t.Errorf("first two: %v, %v", names, err)
	}
}

// A failed deploy: its log, cancelling what has ended, running it again.
func TestFailedDeploy(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "pushing image", "token ghp_abcdefghijklmnop1234 is wrong"))
	started, err := s.c.EnsureRun(t.Context(), s.dispatch())
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Hour)
	run, err := s.c.EnsureCancelled(t.Context(), "acme/shop", started.ID)
	if err != nil || !run.Done() || run.Conclusion != "failure" {
		t.Fatalf("cancelling what has ended: %+v, %v", run, err)
	}
	job, found := run.FailedJob()
	if step, _ := job.FailedStep(); !found || step.Name != "Deploy" {
		t.Fatalf("%+v", run.Jobs)
	}
	lines, err := s.c.LogTail(t.Context(), "acme/shop", job.ID, 3)
	if err != nil || strings.Join(lines, "\n") != "pushing image\ntoken *** is wrong\nerror: Process completed with exit code 1." {
		t.Errorf("log %q, %v", lines, err)
	}
	for range 2 {
		run, err = s.c.RerunFailed(t.Context(), "acme/shop", started.ID, 1)
		if err != nil || run.Attempt != 2 {
			t.Errorf("again: %+v, %v", run, err)
		}
	}
	s.clock.Advance(time.Hour)
	if run, err = s.c.Run(t.Context(), "acme/shop", started.ID); err != nil || !run.Succeeded() || run.Attempt != 2 {
		t.Errorf("%+v, %v", run, err)
	}
}

func TestCancelDeploy(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Script("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	started, err := s.c.EnsureRun(t.Context(), s.dispatch())
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	for range 2 {
		if run, err := s.c.EnsureCancelled(t.Context(), "acme/shop", started.ID); err != nil || run.ID != started.ID {
			t.Fatalf("%+v, %v", run, err)
		}
	}
	s.clock.Advance(time.Minute)
	if run, err := s.c.EnsureCancelled(t.Context(), "acme/shop", started.ID); err != nil || run.Conclusion != "cancelled" {
		t.Errorf("%+v, %v", run, err)
	}
}

// Statuses, check runs of an App and of Actions, and what the branch requires, together.
func TestPipeline(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	sha := s.commit("main", "ana", "With CI", githubtest.Files{".github/workflows/ci.yml": "name: CI\non: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"})
	s.repo.SetStatus("main", "ci/lint", "pending", "", "")
	s.repo.SetCheckRun("main", githubtest.CheckRun{Name: "e2e", Status: "completed", Conclusion: "success"})
	s.repo.RequireByRuleset("main", "build", "ci/licence")
	states := func() string {
		got, err := s.c.Checks(t.Context(), "acme/shop", sha, "main")
		if err != nil {
			t.Fatal(err)
		}
		byName := map[string]string{}
		for _, c := range got.All {
			byName[c.Name] = fmt.Sprint(c.Source, " ", c.State, " ", c.Required)
		}
		return fmt.Sprint(byName, " ", got.RequiredKnown, " ", got.Verdict())
	}
	if got := states(); got != "map[build:Actions queued true ci/licence: expected true ci/lint:status running false e2e:check run success false] true running" {
		t.Error(got)
	}
	s.clock.Advance(time.Hour)
	s.repo.SetStatus("main", "ci/lint", "failure", "", "")
	if got := states(); got != "map[build:Actions success true ci/licence: expected true ci/lint:status failure false e2e:check run success false] true failure" {
		t.Error(got)
	}
}

func TestWhatRuns(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	second := s.commit("main", "ana", "Second", githubtest.Files{"a.txt": "2"})
	if _, found, err := s.c.LatestDeployment(t.Context(), "acme/shop", "production"); found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
	s.repo.At(noon.Add(-2*time.Hour)).SetDeployment(s.shas[0], "production", "ana", "in_progress", "success")
	s.repo.At(noon.Add(-time.Hour)).SetDeployment(second, "production", "ben", "in_progress", "failure")
	s.repo.SetDeployment(second, "staging", "ben", "success")
	got, found, err := s.c.LatestDeployment(t.Context(), "acme/shop", "production")
	if err != nil || !found || got.SHA != s.shas[0] || got.Creator != "ana" || !got.At.Equal(noon.Add(-2*time.Hour)) {
		t.Errorf("%+v, %v, %v", got, found, err)
	}
}

func TestTeams(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.AddUser(githubtest.User{Login: "cyd"})
	org := s.AddOrg("acme")
	org.AddTeam("payments", "Payments").Add("ana")
	org.AddTeam("payments-eu", "Payments EU").Under("payments").Add("ben")
	org.AddTeam("payments", "Payments").Invite("cyd")
	got, err := s.c.TeamMembers(t.Context(), "acme", "payments")
	if err != nil || strings.Join(got, " ") != "ana ben" {
		t.Errorf("%v, %v", got, err)
	}
}

// The same story as an App, below the address of GitHub Enterprise Server.
func TestDeployAsAnApp(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	pemKey := testKey(t)
	block, _ := pem.Decode(pemKey)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s.AddApp(githubtest.App{ID: 11, Slug: "shipmate", Installation: 22, Org: "acme", Key: &key.PublicKey,
		Permissions: map[string]string{"actions": "write", "contents": "read", "metadata": "read"}})
	c := s.client(t, Config{APIURL: "api/v3", App: App{ID: 11, InstallationID: 22, PrivateKeyPEM: pemKey}})
	if run, err := c.EnsureRun(t.Context(), s.dispatch()); err != nil || run.ID == 0 {
		t.Errorf("%+v, %v", run, err)
	}
	_, _, err = c.LatestDeployment(t.Context(), "acme/shop", "staging")
	var e *Error
	if !errors.As(err, &e) || e.Status != 403 || !strings.Contains(e.UserMessage(), "deployments=read") {
		t.Errorf("without the permission: %v", err)
	}
}

// Watching a run that does not move costs nothing of the hourly budget.
func TestWatchingIsFree(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Script("deploy.yml", githubtest.Script{NeverStarts: true})
	run, err := s.c.EnsureRun(t.Context(), s.dispatch())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.c.Run(t.Context(), "acme/shop", run.ID); err != nil {
		t.Fatal(err)
	}
	before := s.c.Rate()
	for range 20 {
		s.clock.Advance(5 * time.Second)
		if _, err := s.c.Run(t.Context(), "acme/shop", run.ID); err != nil {
			t.Fatal(err)
		}
	}
	if after := s.c.Rate(); before.Limit != 5000 || after.Remaining != before.Remaining {
		t.Errorf("%+v became %+v", before, after)
	}
}
