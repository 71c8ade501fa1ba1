package githubtest_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/google/go-github/v60/github"

	"shipmate/integrations/github/githubtest"
)

func TestDeploymentWantsItsContexts(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.SetStatus("main", "ci/build", "pending", "running", "")
	s.repo.SetCheckRun("main", githubtest.CheckRun{Name: "scan", Status: "completed", Conclusion: "skipped"})
	body := func(contexts string) string { return `{"ref":"main","auto_merge":false` + contexts + `}` }
	a := s.wants(409, "POST", r+"/deployments", body(""))
	for _, want := range []string{"Conflict: Commit status checks failed for main.", `{"context":"ci/build","state":"pending"}`, `{"context":"scan","state":"skipped"}`} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("%s lacks %s", a.body, want)
		}
	}
	s.repo.SetStatus("main", "ci/build", "success", "", "")
	s.wants(409, "POST", r+"/deployments", body(`,"required_contexts":["ci/build","ci/none"]`))
	s.wants(201, "POST", r+"/deployments", body(`,"required_contexts":["ci/build"]`))
	s.wants(201, "POST", r+"/deployments", body(`,"required_contexts":[]`))
	s.wants(422, "POST", r+"/deployments", `{"ref":"none"}`)
}

func TestDeploymentMergesUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Branch("topic", "main").Branch("clash", "main")
	s.repo.Commit("clash", "ana", "Mine", githubtest.Files{"README.md": "mine\n"})
	s.repo.Commit("main", "ben", "Yours", githubtest.Files{"README.md": "yours\n"})
	a := s.wants(202, "POST", r+"/deployments", `{"ref":"topic"}`)
	if !strings.Contains(string(a.body), "Auto-merged main into topic") || len(s.wants(200, "GET", r+"/deployments", "").body) != len("[]") {
		t.Errorf("merged, and deployed as well: %s", a.body)
	}
	s.wants(201, "POST", r+"/deployments", `{"ref":"topic"}`)
	if a := s.wants(409, "POST", r+"/deployments", `{"ref":"clash"}`); !strings.Contains(string(a.body), "Conflict merging main into clash.") {
		t.Errorf("%s", a.body)
	}
	s.wants(201, "POST", r+"/deployments", `{"ref":"clash","auto_merge":false}`)
}

func TestSuccessDeactivatesOlder(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	deploy := func(environment string) string {
		id := s.wants(201, "POST", r+"/deployments", `{"ref":"main","required_contexts":[],"environment":"`+environment+`"}`).json(t)["id"].(float64)
		at := fmt.Sprintf("%s/deployments/%d/statuses", r, int64(id))
		s.wants(201, "POST", at, `{"state":"success"}`)
		s.clock.Advance(time.Minute)
		return at
	}
	state := func(at string) string { return string(s.wants(200, "GET", at+"?per_page=1", "").body) }
	staging, production := deploy("staging"), deploy("production")
	deploy("staging")
	deploy("production")
	if !strings.Contains(state(staging), `"inactive"`) || strings.Contains(state(production), `"inactive"`) {
		t.Errorf("staging %.300s\nproduction %.300s", state(staging), state(production))
	}
	s.wants(422, "POST", staging, `{"state":"done"}`)
	s.wants(422, "POST", staging, `{"state":"failure","description":"`+strings.Repeat("x", 141)+`"}`)
}

func TestCombinedStatus(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	state := func() string {
		st, _, err := s.gh.Repositories.GetCombinedStatus(context.Background(), "acme", "checkout", "main", nil)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(st.GetState(), " ", st.GetTotalCount())
	}
	for _, step := range []struct{ context, state, want string }{
		{"", "", "pending 0"}, {"a", "success", "success 1"}, {"b", "pending", "pending 2"}, {"c", "error", "failure 3"}, {"c", "success", "pending 3"}, {"b", "success", "success 3"},
	} {
		if step.context != "" {
			s.repo.SetStatus("main", step.context, step.state, "", "")
		}
		if got := state(); got != step.want {
			t.Errorf("after %s %s: %s, want %s", step.context, step.state, got, step.want)
		}
	}
	s.repo.SetCheckRun("main", githubtest.CheckRun{Name: "scan", Status: "in_progress"})
	s.repo.SetCheckRun("main", githubtest.CheckRun{Name: "scan", Status: "completed", Conclusion: "failure"})
	list := s.wants(200, "GET", r+"/commits/main/check-runs", "").json(t)["check_runs"].([]any)
	scan := fmt.Sprintf("%s/check-runs/%.0f", r, list[0].(map[string]any)["id"])
	if c := s.wants(200, "GET", scan, "").json(t); c["conclusion"] != "failure" {
		t.Errorf("check run %v", c)
	}
	s.wants(404, "GET", r+"/check-runs/1", "")
	for filter, want := range map[string]float64{"latest": 1, "all": 2} {
		if n := s.wants(200, "GET", r+"/commits/main/check-runs?filter="+filter, "").json(t)["total_count"]; n != want {
			t.Errorf("%s: %v check runs", filter, n)
		}
	}
}

func TestPushAndPullRequestStartWorkflows(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.Commit("main", "ana", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciYAML})
	s.repo.Branch("topic", "main")
	s.repo.Commit("topic", "ben", "Work", githubtest.Files{"a": "1"})
	n := s.repo.OpenPR(githubtest.PR{Title: "My topic", Author: "ben", Head: "topic"})
	s.repo.Commit("topic", "ben", "More work", githubtest.Files{"a": "2"})
	s.repo.MergePR(n, "ana")
	got := ""
	for _, run := range s.Runs("acme/checkout") {
		got += fmt.Sprintf("%d %s %s %s;", run.Number, run.Event, run.Branch, run.Title)
	}
	if got != "1 push main Add CI;2 pull_request topic My topic;3 pull_request topic My topic;4 push main Merge pull request #1 from acme/topic;" {
		t.Errorf("runs %s", got)
	}
}

func TestTeams(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	ctx := context.Background()
	s.AddUser(githubtest.User{Login: "cem"})
	s.AddOrg("acme").AddTeam("cards", "Cards").Under("payments").Add("cem")
	members := func() string {
		list, _, err := s.gh.Teams.ListTeamMembersBySlug(ctx, "acme", "payments", nil)
		out := ""
		for _, u := range list {
			out += u.GetLogin() + " "
		}
		if err != nil {
			return err.Error()
		}
		return out
	}
	if got := members(); got != "ana cem " {
		t.Errorf("members %s: those of teams below, not those only invited", got)
	}
	m, _, err := s.gh.Teams.GetTeamMembershipBySlug(ctx, "acme", "payments", "ben")
	if err != nil || m.GetState() != "pending" || m.GetRole() != "member" {
		t.Errorf("membership %v %v", m, err)
	}
	s.AddOrg("acme").AddTeam("payments", "Payments").Remove("ben").Add("ben")
	if got := members(); got != "ana ben cem " {
		t.Errorf("members %s", got)
	}
	for login, want := range map[string]string{"ana": "write", "ben": "write", "cem": "write", githubtest.DefaultLogin: "write", "github-actions[bot]": "none"} {
		p, _, err := s.gh.Repositories.GetPermissionLevel(ctx, "acme", "checkout", login)
		if err != nil || p.GetPermission() != want {
			t.Errorf("%s may %s, want %s, %v", login, p.GetPermission(), want, err)
		}
	}
	s.wants(404, "GET", "orgs/acme/teams/payments/memberships/nobody", "")
}

func TestAppTokens(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.AddApp(githubtest.App{ID: 7, Slug: "ship", Installation: 8, Org: "acme", Key: &key.PublicKey, Permissions: map[string]string{"actions": "read", "members": "read"}})
	claims := func(issuer string, life time.Duration) jwt.RegisteredClaims {
		return jwt.RegisteredClaims{Issuer: issuer, ExpiresAt: jwt.NewNumericDate(s.clock.Now().Add(life))}
	}
	for name, bearer := range map[string]string{
		"a foreign key": signed(t, other, claims("7", time.Minute)), "another app": signed(t, key, claims("9", time.Minute)),
		"expired": signed(t, key, claims("7", -time.Minute)), "too long": signed(t, key, claims("7", time.Hour)), "a user's token": githubtest.DefaultToken,
	} {
		if a := s.call("POST", "app/installations/8/access_tokens", "", "Authorization", "Bearer "+bearer); a.status != 401 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	bearer := "Bearer " + signed(t, key, claims("7", 5*time.Minute))
	s.wants(404, "POST", "app/installations/9/access_tokens", "", "Authorization", bearer)
	s.wants(404, "GET", r, "", "Authorization", bearer)
	made := s.wants(201, "POST", "app/installations/8/access_tokens", "", "Authorization", bearer).json(t)
	if made["expires_at"] != start.Add(time.Hour).Format(time.RFC3339) {
		t.Errorf("expires %v", made["expires_at"])
	}
	token := "token " + made["token"].(string)
	s.wants(200, "GET", r+"/actions/runs", "", "Authorization", token)
	s.wants(200, "GET", "orgs/acme/teams", "", "Authorization", token)
	s.wants(403, "GET", "user", "", "Authorization", token)
	if a := s.wants(403, "POST", r+"/actions/workflows/deploy.yml/dispatches", `{"ref":"main"}`, "Authorization", token); a.json(t)["message"] != "Resource not accessible by integration" {
		t.Errorf("%s", a.body)
	}
	gh := github.NewClient(nil).WithAuthToken(made["token"].(string))
	gh.BaseURL = s.gh.BaseURL
	s.clock.Advance(time.Hour)
	if _, resp, err := gh.Repositories.Get(context.Background(), "acme", "checkout"); err == nil || resp.StatusCode != 401 {
		t.Errorf("an hour later: %v", err)
	}
}
