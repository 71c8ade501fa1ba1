package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
)

// acme is the sample company's GitHub on a clock of its own.
func acme(t *testing.T) (*githubtest.Server, *clock.Manual, *director) {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	g := githubtest.New(githubtest.Options{Clock: c})
	t.Cleanup(g.Close)
	seedGitHub(g, c.Now())
	return g, c, newDirector(g)
}

// dispatch starts a deploy run as the bot does.
func dispatch(t *testing.T, g *githubtest.Server, repo string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"ref": "main", "inputs": map[string]string{"sha": g.Repo(repo).Head("main"), "environment": "staging", "correlation_id": "c-1"}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, g.URL()+"repos/"+repo+"/actions/workflows/deploy.yml/dispatches", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+githubtest.DefaultToken)
	req.Header.Set("User-Agent", "test")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("dispatching: %s", res.Status)
	}
}

func last(g *githubtest.Server, repo string) githubtest.Run {
	runs := g.Runs(repo)
	return runs[len(runs)-1]
}

func TestAcmesWorkflowCanBeDispatched(t *testing.T) {
	t.Parallel()
	g, c, _ := acme(t)
	for _, s := range services {
		if s.flaky > 0 {
			continue
		}
		dispatch(t, g, s.repo())
		started := c.Now()
		c.Advance(5 * time.Second)
		if got := last(g, s.repo()); got.Status != "in_progress" || got.Title != "Deploy "+got.Inputs["sha"]+" to staging [c-1]" {
			t.Errorf("%s: %+v", s.name, got)
		}
		c.Advance(100 * time.Second)
		got := last(g, s.repo())
		took := got.Updated.Sub(started)
		if got.Conclusion != "success" || took < 15*time.Second || took > 75*time.Second {
			t.Errorf("%s ended %q after %s", s.name, got.Conclusion, took)
		}
	}
}

func TestAMoodHitsOneDeploy(t *testing.T) {
	t.Parallel()
	g, c, d := acme(t)
	d.set(moodFail)
	dispatch(t, g, "acme/catalog")
	d.next()
	dispatch(t, g, "acme/catalog")
	c.Advance(3 * time.Minute)
	runs := g.Runs("acme/catalog")
	if first, second := runs[len(runs)-2], runs[len(runs)-1]; first.Conclusion != "failure" || second.Conclusion != "success" {
		t.Errorf("the runs ended %q and %q", first.Conclusion, second.Conclusion)
	}
	if d.now() != moodUsual {
		t.Errorf("the next deploy will be %q again", d.now())
	}
}

func TestOtherMoods(t *testing.T) {
	t.Parallel()
	g, c, d := acme(t)
	d.set(moodNever)
	dispatch(t, g, "acme/ledger")
	d.next()
	d.set(moodSlow)
	dispatch(t, g, "acme/gateway")
	c.Advance(time.Minute)
	if got := last(g, "acme/ledger").Status; got != "queued" {
		t.Errorf("a run that never starts is %s", got)
	}
	if got := last(g, "acme/gateway").Status; got != "in_progress" {
		t.Errorf("a slow run is %s after a minute", got)
	}
}

func TestSearchUIFailsOften(t *testing.T) {
	t.Parallel()
	s, _ := serviceNamed("search-ui")
	failed := 0
	for n := range 10 {
		if scriptOf(s, moodUsual, n).Jobs["test"].Steps["End-to-end tests"].Outcome == githubtest.Failure {
			failed++
		}
	}
	if failed < 3 || failed > 7 {
		t.Errorf("%d of 10 deploys fail", failed)
	}
}

func TestTheStoryOfTheRepositories(t *testing.T) {
	t.Parallel()
	g, c, _ := acme(t)
	for _, s := range services {
		if n := len(g.Runs(s.repo())); n < 3 {
			t.Errorf("%s has %d workflow runs", s.name, n)
		}
		for _, r := range g.Runs(s.repo()) {
			if r.Created.After(c.Now()) {
				t.Errorf("%s has a run of the future", s.name)
			}
			if c.Now().Sub(r.Created) > time.Hour && r.Status != "completed" {
				t.Errorf("%s has a run that is %s since %s", s.name, r.Status, r.Created)
			}
		}
		if got := refs(g, s); len(got) != 1+len(s.open)+len(s.tags) {
			t.Errorf("%s has refs %v", s.name, got)
		}
	}
}

// What comes next to production closes an issue somewhere, so that diff and where have something to show.
func TestPullRequestsCloseIssues(t *testing.T) {
	t.Parallel()
	g, _, _ := acme(t)
	type issue struct {
		PullRequest *struct{} `json:"pull_request"`
	}
	for _, name := range []string{"checkout", "ledger", "catalog"} {
		req, err := http.NewRequest(http.MethodGet, g.URL()+"repos/"+owner+"/"+name+"/issues?state=closed", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+githubtest.DefaultToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var closed []issue
		if err := json.NewDecoder(resp.Body).Decode(&closed); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(closed, func(i issue) bool { return i.PullRequest == nil }) {
			t.Errorf("no issue of %s was closed", name)
		}
	}
}

func TestWhatRunsWhereIsKnown(t *testing.T) {
	t.Parallel()
	g, _, _ := acme(t)
	for _, s := range services {
		main := g.Repo(s.repo()).Head("main")
		for tag := range s.tags {
			if g.Repo(s.repo()).Head(tag) == main {
				t.Errorf("%s %s is what was merged last", s.name, tag)
			}
		}
		req, err := http.NewRequest(http.MethodGet, g.URL()+"repos/"+s.repo()+"/deployments", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+githubtest.DefaultToken)
		req.Header.Set("User-Agent", "test")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var deployments []struct{ SHA, Environment string }
		err = json.NewDecoder(res.Body).Decode(&deployments)
		res.Body.Close()
		if err != nil || len(deployments) != 2 {
			t.Fatalf("%s has deployments %v, %v", s.name, deployments, err)
		}
		for _, d := range deployments {
			if d.SHA == main {
				t.Errorf("%s has nothing new for %s", s.name, d.Environment)
			}
		}
	}
}
