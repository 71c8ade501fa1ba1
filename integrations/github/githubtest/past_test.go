package githubtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"shipmate/integrations/github/githubtest"
)

// panics tells what a story that cannot be is answered with.
func panics(tell func()) (said string) {
	defer func() { said = fmt.Sprint(recover()) }()
	tell()
	return ""
}

func TestRunsThatAreAdded(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Script("deploy.yml", githubtest.Script{Step: time.Second}).ScriptNext("deploy.yml", githubtest.Script{NeverStarts: true})
	ago := func(d time.Duration) *githubtest.Repo { return s.repo.At(start.Add(-d)) }
	for _, c := range []struct {
		attempts []string
		want     string
	}{
		{[]string{"in_progress"}, "1 in_progress "}, // none of the others waits for it
		{[]string{"success", "in_progress"}, "2 in_progress "},
		{nil, "1 completed success"},
		{[]string{"failure"}, "1 completed failure"},
		{[]string{"cancelled"}, "1 completed cancelled"},
		{[]string{"failure", "cancelled", "success"}, "3 completed success"},
	} {
		id := ago(5 * time.Hour).AddRun(githubtest.PastRun{File: "deploy.yml", Event: "schedule", Actor: "ana", Attempts: c.attempts})
		one := s.run(id)
		if got := fmt.Sprintf("%d %s %s", one.GetRunAttempt(), one.GetStatus(), one.GetConclusion()); got != c.want {
			t.Errorf("%v: %s", c.attempts, got)
		}
		if one.GetEvent() != "schedule" || one.GetActor().GetLogin() != "ana" || one.GetHeadBranch() != "main" || !one.GetCreatedAt().Time.Equal(start.Add(-5*time.Hour)) {
			t.Errorf("%+v", one)
		}
		for n, how := range c.attempts {
			one := s.wants(200, "GET", fmt.Sprintf("%s/actions/runs/%d/attempts/%d", r, id, n+1), "").json(t)
			if one["conclusion"] != how && !(how == "in_progress" && one["conclusion"] == nil) {
				t.Errorf("attempt %d of %v: %v", n+1, c.attempts, one["conclusion"])
			}
		}
	}
	id := s.dispatch()
	s.clock.Advance(time.Minute)
	if s.run(id).GetStatus() != "queued" {
		t.Error("what was scripted for the next run went to one that was added")
	}
	for says, p := range map[string]githubtest.PastRun{
		`no workflow "none.yml"`:   {File: "none.yml"},
		`no attempt goes "great"`:  {File: "deploy.yml", Attempts: []string{"great"}},
		"attempt 2 of a run of":    {File: "deploy.yml", Attempts: []string{"in_progress", "success"}},
		`there is no user "nobody`: {File: "deploy.yml", Actor: "nobody"},
	} {
		if said := panics(func() { ago(time.Hour).AddRun(p) }); !strings.Contains(said, says) {
			t.Errorf("%+v: %q", p, said)
		}
	}
	if said := panics(func() { ago(-time.Hour).AddRun(githubtest.PastRun{File: "deploy.yml"}) }); !strings.Contains(said, "would begin only at") {
		t.Errorf("in the future: %q", said)
	}
}

// Also a filter that leaves nothing out reaches back to a thousand runs only.
func TestFilteredRunsEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	for n := range 1001 {
		s.repo.At(start.Add(-time.Duration(n+1) * time.Minute)).AddRun(githubtest.PastRun{File: "deploy.yml"})
	}
	for query, want := range map[string]float64{"": 1001, "exclude_pull_requests=true": 1001, "branch=main": 1000, "created=%3E%3D2026-11-01": 1000, "status=failure": 0} {
		a := s.wants(200, "GET", r+"/actions/runs?per_page=1&"+query, "")
		if got := a.json(t)["total_count"]; got != want {
			t.Errorf("%q: %v of %v", query, got, want)
		}
	}
}

// A run shows the open pull requests of its branch or commit, whatever started it.
func TestRunsShowPullRequests(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Branch("topic", "main").Branch("same", "main").Commit("topic", "ana", "Go on", githubtest.Files{"a.txt": "1"})
	s.repo.OpenPR(githubtest.PR{Title: "Go on", Author: "ana", Head: "topic"})
	s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "From afar", Fork: true, Branch: "topic", Files: githubtest.Files{"b.txt": "1"}})
	past := s.repo.At(start.Add(-time.Hour))
	past.AddRun(githubtest.PastRun{File: "deploy.yml", Branch: "topic"})
	numbers := func(query string) (out []float64) {
		for _, one := range s.wants(200, "GET", r+"/actions/runs?branch=topic"+query, "").json(t)["workflow_runs"].([]any) {
			for _, p := range one.(map[string]any)["pull_requests"].([]any) {
				out = append(out, p.(map[string]any)["number"].(float64))
			}
		}
		return out
	}
	if got := numbers(""); !slices.Equal(got, []float64{1}) {
		t.Errorf("%v", got)
	}
	if got := numbers("&exclude_pull_requests=true"); len(got) != 0 {
		t.Errorf("although they are not wanted: %v", got)
	}
	s.repo.ClosePR(1)
	if got := numbers(""); len(got) != 0 {
		t.Errorf("although it is closed: %v", got)
	}
}

// awaited are the people and teams that a pull request waits for.
func (s *stage) awaited(n int) string {
	p := s.wants(200, "GET", fmt.Sprintf("%s/pulls/%d", r, n), "").json(s.t)
	var out []string
	for field, name := range map[string]string{"requested_reviewers": "login", "requested_teams": "slug"} {
		for _, one := range p[field].([]any) {
			out = append(out, one.(map[string]any)[name].(string))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestReviewsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.AddUser(githubtest.User{Login: "cy"})
	org := s.AddOrg("acme")
	org.AddTeam("core", "Core").Under("payments").Add("cy")
	org.AddTeam("authors", "Authors").Add("ben")
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "Look", Files: githubtest.Files{"a.txt": "1"}})
	s.repo.AskReview(n, "ANA", "cy", "ana")
	s.repo.AskTeam(n, "payments", "authors", "core")
	for _, step := range []struct {
		does func()
		want string
	}{
		{func() {}, "ana authors core cy payments"},
		{func() { s.repo.Review(n, "ben", "COMMENTED", "What I meant") }, "ana authors core cy payments"},
		{func() { s.repo.Review(n, "ana", "COMMENTED", "Hm") }, "authors core cy"},
		{func() { s.repo.AskReview(n, "ana"); s.repo.AskTeam(n, "payments") }, "ana authors core cy payments"},
		{func() { s.repo.Review(n, "cy", "APPROVED", "") }, "ana authors"},
		{func() { s.DeleteUser("ana") }, "authors"},
	} {
		step.does()
		if got := s.awaited(n); got != step.want {
			t.Errorf("%q, want %q", got, step.want)
		}
	}
	if said := panics(func() { s.repo.AskReview(n, "ben") }); !strings.Contains(said, "cannot review it") {
		t.Error(said)
	}
	if said := panics(func() { s.repo.AskTeam(n, "none") }); !strings.Contains(said, `no team "none"`) {
		t.Error(said)
	}
}

// An account that is gone is nobody in a list, has no access, and what it wrote can still be merged.
func TestAnAccountThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.AddUser(githubtest.User{Login: "leaver"})
	s.AddOrg("acme").AddTeam("payments", "Payments").Add("leaver")
	s.repo.Grant("leaver", "push")
	s.AddToken("leaver-token", "leaver", "repo")
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "leaver", Title: "My last", Files: githubtest.Files{"a.txt": "1"}})
	s.wants(200, "GET", r, "", "Authorization", "Bearer leaver-token")
	issue := int(s.wants(201, "POST", r+"/issues", `{"title":"Mine","assignees":["leaver","ana"]}`).json(t)["number"].(float64))
	s.DeleteUser("leaver")
	if one := s.wants(200, "GET", fmt.Sprintf("%s/issues/%d", r, issue), "").json(t); len(one["assignees"].([]any)) != 1 {
		t.Errorf("%v", one["assignees"])
	}
	s.wants(401, "GET", r, "", "Authorization", "Bearer leaver-token")
	s.wants(404, "GET", "users/leaver", "")
	if a := s.wants(200, "GET", r+"/pulls", ""); !strings.Contains(string(a.body), `"user":null`) || strings.Contains(string(a.body), `"login":"leaver"`) {
		t.Errorf("%s", a.body)
	}
	if p := s.wants(200, "GET", fmt.Sprintf("%s/pulls/%d", r, n), "").json(t); p["user"].(map[string]any)["login"] != "ghost" {
		t.Errorf("%v", p["user"])
	}
	if a := s.wants(200, "GET", "orgs/acme/teams/payments/members", ""); strings.Contains(string(a.body), "leaver") {
		t.Errorf("%s", a.body)
	}
	s.repo.SquashPR(n, "ana")
	if said := panics(func() { s.DeleteUser("leaver") }); !strings.Contains(said, "there is no user") {
		t.Error(said)
	}
	s.AddUser(githubtest.User{Login: "leaver"}) // somebody else, who took the name
	s.AddToken("another-token", "leaver", "repo")
	s.wants(404, "GET", r, "", "Authorization", "Bearer another-token")
}

// Lists of pull requests go by when they were opened, whatever their numbers.
func TestPullRequestsByAge(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	for n := range 3 {
		s.repo.At(start.Add(-time.Duration(n) * time.Hour)).OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "One", Files: githubtest.Files{"a.txt": fmt.Sprint(n)}})
	}
	for query, want := range map[string]string{"": "1 2 3", "?direction=asc": "3 2 1", "?sort=created&direction=desc": "1 2 3"} {
		var page []*github.PullRequest
		req, _ := s.gh.NewRequest("GET", r+"/pulls"+query, nil)
		_, err := s.gh.Do(t.Context(), req, &page)
		var got []string
		for _, p := range page {
			got = append(got, fmt.Sprint(p.GetNumber()))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, %v", query, got, err)
		}
	}
}
