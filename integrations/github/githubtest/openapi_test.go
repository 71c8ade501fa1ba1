package githubtest_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"

	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/github/githubtest/openapi"
)

// description is loaded once for all tests, since it takes seconds.
var description = sync.OnceValues(func() (*openapi.Spec, error) { return openapi.Load(os.Getenv(openapi.Variable)) })

// TestEveryOperationAsDescribed plays every operation through GitHub's description of it, in success and refusal. Without
// the description it still checks that every operation is played and answers as the play says.
func TestEveryOperationAsDescribed(t *testing.T) {
	t.Parallel()
	var o githubtest.Options
	var spec *openapi.Spec
	var mu sync.Mutex
	var findings []string
	if os.Getenv(openapi.Variable) == "" {
		t.Logf("nothing to compare with: %s is not set", openapi.Variable)
	} else {
		var err error
		if spec, err = description(); err != nil {
			t.Fatal(err)
		}
		o.Wrap = spec.Validate(func(f openapi.Finding) {
			mu.Lock()
			defer mu.Unlock()
			findings = append(findings, f.Error())
		})
	}
	s := newStage(t, o)
	s.playReads()
	s.playGit()
	s.playPulls()
	s.playReviews()
	s.playIssues()
	s.playActions()
	s.playDeployments()
	s.playApps()
	s.playRefusals()

	for _, f := range findings {
		t.Errorf("not as GitHub describes it: %.1500s", f)
	}
	played := map[string]int{}
	for _, c := range s.Calls() {
		if c.Applied {
			played[c.Op]++
		}
	}
	for _, op := range s.Operations() {
		if played[op] == 0 {
			t.Errorf("%s was never played with success", op)
		}
		if spec != nil && !spec.Has(op) {
			t.Errorf("%s is no operation of GitHub's", op)
		}
	}
	if p := s.Problems(); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
	if spec != nil {
		answers := 0
		for _, n := range spec.Seen() {
			answers += n
		}
		t.Logf("validated %d operations, %d requests with their answers", len(spec.Seen()), answers)
		if len(spec.Seen()) < len(s.Operations()) {
			t.Errorf("%d operations validated, the server has %d", len(spec.Seen()), len(s.Operations()))
		}
	}
}

const r = "repos/acme/checkout"

func (s *stage) playReads() {
	sha := s.repo.Head("main")
	s.repo.Tag("v1.0", "main").Branch("release/1", "main").RequireByRuleset("main", "ci/build").Require("release/1", "ci/build").Grant(githubtest.DefaultLogin, "admin")
	s.repo.AnnotatedTag("v1.1", "main", "ana", "The first")
	for _, path := range []string{"user", "users/ana", "users/acme", "rate_limit", "meta", "orgs/acme/teams", "orgs/acme/teams/payments",
		"orgs/acme/teams/payments/members", "orgs/acme/teams/payments/members?role=maintainer", "orgs/acme/teams/payments/memberships/ana",
		"orgs/acme/teams/payments/memberships/ben", r, r + "/collaborators/ana/permission", r + "/collaborators/ben/permission",
		r + "/rules/branches/main", r + "/branches", r + "/branches?protected=true", r + "/branches/main", r + "/branches/release/1",
		r + "/branches/release%2F1/protection/required_status_checks", r + "/tags", r + "/commits", r + "/commits?path=README.md&author=ana&per_page=1",
		r + "/commits/main", r + "/commits/v1.1", r + "/commits/" + sha[:8], r + "/contents/README.md", r + "/contents/src?ref=v1.0", r + "/contents/",
		r + "/git/ref/heads/main", r + "/git/ref/tags/v1.1", r + "/git/matching-refs/heads/rel", r + "/git/trees/main?recursive=1",
		r + "/git/commits/" + sha} {
		s.wants(200, "GET", path, "")
	}
	tag := s.wants(200, "GET", r+"/git/ref/tags/v1.1", "").json(s.t)["object"].(map[string]any)
	if tag["type"] != "tag" {
		s.t.Errorf("an annotated tag's ref leads to a %v", tag["type"])
	}
	s.wants(200, "GET", r+"/git/tags/"+tag["sha"].(string), "")
	a := s.wants(200, "GET", r+"/commits/main", "", "Accept", "application/vnd.github.sha")
	if string(a.body) != sha {
		s.t.Errorf("the SHA alone is %q", a.body)
	}
}

func (s *stage) playGit() {
	head := s.repo.Head("main")
	s.wants(201, "POST", r+"/git/refs", `{"ref":"refs/heads/topic","sha":"`+head+`"}`)
	blob := s.wants(201, "POST", r+"/git/blobs", `{"content":"aGk=","encoding":"base64"}`).json(s.t)["sha"].(string)
	s.wants(200, "GET", r+"/git/blobs/"+blob, "")
	tree := s.wants(201, "POST", r+"/git/trees", fmt.Sprintf(`{"base_tree":%q,"tree":[{"path":"hi.txt","mode":"100644","type":"blob","sha":%q},
		{"path":"docs/a.md","mode":"100644","type":"blob","content":"A"},{"path":"src/main.go","mode":"100644","type":"blob","sha":null}]}`, head, blob)).json(s.t)["sha"].(string)
	commit := s.wants(201, "POST", r+"/git/commits", fmt.Sprintf(`{"message":"By hand","tree":%q,"parents":[%q]}`, tree, head)).json(s.t)["sha"].(string)
	s.wants(200, "PATCH", r+"/git/refs/heads/topic", `{"sha":"`+commit+`","force":false}`)
	s.wants(422, "PATCH", r+"/git/refs/heads/topic", `{"sha":"`+head+`"}`)
	s.wants(201, "PUT", r+"/contents/docs/b.md", `{"message":"Add b","content":"Yg==","branch":"topic"}`)
	cmp, _, err := s.gh.Repositories.CompareCommits(context.Background(), "acme", "checkout", "main", "topic", nil)
	if err != nil || cmp.GetStatus() != "ahead" || cmp.GetAheadBy() != 2 || len(cmp.Files) != 4 {
		s.t.Errorf("compare: %v %v %d files, %v", cmp.GetStatus(), cmp.GetAheadBy(), len(cmp.Files), err)
	}
	s.wants(201, "POST", r+"/git/refs", `{"ref":"refs/heads/gone","sha":"`+head+`"}`)
	s.wants(204, "DELETE", r+"/git/refs/heads/gone", "")
	s.wants(422, "DELETE", r+"/git/refs/heads/gone", "")
	s.wants(422, "DELETE", r+"/git/refs/heads/main", "")
	s.repo.Branch("kept", "main").PullRequestsOnly("kept")
	s.wants(422, "PATCH", r+"/git/refs/heads/kept", `{"sha":"`+commit+`"}`)
	s.wants(422, "DELETE", r+"/git/refs/heads/kept", "")
	s.wants(409, "PUT", r+"/contents/docs/c.md", `{"message":"Add c","content":"Yw==","branch":"kept"}`)
	s.repo.PullRequestsOnly().DeleteBranch("kept")
	s.wants(201, "POST", r+"/git/refs", `{"ref":"refs/heads/later","sha":"`+head+`"}`)
	s.wants(201, "POST", r+"/merges", `{"base":"later","head":"topic","commit_message":"Catch up"}`)
	s.wants(204, "POST", r+"/merges", `{"base":"later","head":"topic"}`)
	s.wants(404, "POST", r+"/merges", `{"base":"later","head":"nothing"}`)
	s.wants(404, "POST", r+"/merges", `{"base":"nothing","head":"topic"}`)
	s.repo.Commit("later", "ana", "Say it so", githubtest.Files{"docs/b.md": "so"})
	s.repo.Commit("topic", "ana", "Say it otherwise", githubtest.Files{"docs/b.md": "otherwise"})
	s.wants(409, "POST", r+"/merges", `{"base":"later","head":"topic"}`)
	s.repo.DeleteBranch("later")
	s.wants(302, "GET", r+"/tarball/"+head, "")
	s.wants(302, "GET", r+"/tarball/release/1", "")
	s.wants(422, "POST", r+"/git/trees", fmt.Sprintf(`{"base_tree":%q,"tree":[{"path":"never-there.md","mode":"100644","type":"blob","sha":null}]}`, head))
}

func (s *stage) playPulls() {
	n := s.wants(201, "POST", r+"/pulls", `{"title":"Topic","body":"Because","head":"topic","base":"main"}`).json(s.t)["number"].(float64)
	pull := fmt.Sprintf("%s/pulls/%d", r, int(n))
	for _, path := range []string{pull, r + "/pulls", r + "/pulls?state=all&sort=updated&direction=desc&head=acme:topic&base=main"} {
		s.wants(200, "GET", path, "")
	}
	s.wants(422, "POST", r+"/pulls", `{"title":"Again","head":"topic","base":"main"}`)
	c := s.wants(201, "POST", fmt.Sprintf("%s/issues/%d/comments", r, int(n)), `{"body":"Looks good"}`).json(s.t)["id"].(float64)
	s.wants(200, "PATCH", fmt.Sprintf("%s/issues/comments/%d", r, int64(c)), `{"body":"Looks very good"}`)
	s.wants(200, "GET", fmt.Sprintf("%s/issues/%d/comments", r, int(n)), "")
	s.repo.React(int(n), "ana", "+1")
	s.repo.React(int(n), "ben", "heart")
	s.wants(200, "GET", fmt.Sprintf("%s/issues/%d/reactions?content=%%2B1", r, int(n)), "")
	s.wants(404, "GET", r+"/issues/999/reactions", "")
	fork := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "From afar", Fork: true, Files: githubtest.Files{"afar.txt": "1"}})
	s.repo.PushTo(fork, "ben", "More", githubtest.Files{"afar.txt": "2"})
	for _, path := range []string{"", "/files", "/commits"} {
		s.wants(200, "GET", fmt.Sprintf("%s/pulls/%d%s", r, fork, path), "")
	}
	s.wants(200, "GET", r+"/pulls?head=ben:patch-1", "")
	s.repo.MergePR(fork, "ana")
	merge := s.repo.MergePR(int(n), "ana")
	s.wants(200, "GET", r+"/commits/"+merge+"/pulls", "")
	issue := s.repo.OpenIssue("ana", "Slow", "", "bug")
	s.repo.Branch("faster", "main").Commit("faster", "ana", "Faster", githubtest.Files{"faster.txt": "1"})
	closes := s.repo.OpenPR(githubtest.PR{Title: "Faster", Body: fmt.Sprintf("Fixes #%d", issue), Author: "ana", Head: "faster"})
	s.repo.SquashPR(closes, "ana")
	byHand := s.repo.OpenIssue("ana", "Slower", "")
	s.repo.Commit("main", "ana", fmt.Sprintf("Faster still\n\ncloses #%d", byHand), githubtest.Files{"faster.txt": "2"})
	for _, path := range []string{r + "/issues", r + "/issues?state=all", fmt.Sprintf("%s/issues/%d", r, issue), fmt.Sprintf("%s/issues/%d", r, closes), fmt.Sprintf("%s/issues/%d/timeline", r, issue),
		fmt.Sprintf("%s/issues/%d/timeline?per_page=100", r, byHand)} {
		s.wants(200, "GET", path, "")
	}
	s.wants(404, "GET", r+"/issues/999", "")
	s.wants(200, "GET", pull, "")
}

func (s *stage) playReviews() {
	s.repo.Branch("reviewed", "main").Commit("reviewed", "ana", "Review me", githubtest.Files{"reviewed.txt": "1\n"})
	n := int(s.wants(201, "POST", r+"/pulls", `{"title":"Review me","head":"reviewed","base":"main","draft":true}`).json(s.t)["number"].(float64))
	pull, issue := fmt.Sprintf("%s/pulls/%d", r, n), fmt.Sprintf("%s/issues/%d", r, n)
	s.wants(201, "POST", pull+"/requested_reviewers", `{"reviewers":["ana"],"team_reviewers":["payments"]}`)
	s.wants(422, "POST", pull+"/requested_reviewers", `{"reviewers":["nobody"]}`)
	s.wants(422, "POST", pull+"/requested_reviewers", `{"reviewers":["`+githubtest.DefaultLogin+`"]}`)
	s.wants(200, "POST", issue+"/labels", `{"labels":["docs"]}`)
	s.repo.Review(n, "ana", "APPROVED", "Fine")
	s.wants(405, "PUT", pull+"/merge", `{"merge_method":"squash"}`)
	for _, path := range []string{pull, pull + "/files", pull + "/commits", pull + "/reviews", issue, r + "/pulls?head=acme:reviewed&state=all"} {
		s.wants(200, "GET", path, "")
	}
	s.wants(200, "PATCH", pull, `{"title":"Reviewed","body":"Better","state":"closed"}`)
	s.wants(405, "PUT", pull+"/merge", `{}`)
	s.wants(422, "PATCH", pull, `{"base":"none"}`)

	s.repo.PushTo(n, "ana", "More", githubtest.Files{"more.txt": "1\n"})
	n = int(s.wants(201, "POST", r+"/pulls", `{"title":"Ready","head":"reviewed","base":"main"}`).json(s.t)["number"].(float64))
	pull = fmt.Sprintf("%s/pulls/%d", r, n)
	s.repo.SetStatus("reviewed", "ci/build", "success", "", "")
	s.wants(409, "PUT", pull+"/merge", `{"sha":"`+s.repo.Head("main")+`"}`)
	s.wants(422, "PUT", pull+"/merge", `{"merge_method":"octopus"}`)
	s.wants(200, "PUT", pull+"/merge", `{"sha":"`+s.repo.Head("reviewed")+`","merge_method":"rebase"}`)
	s.wants(200, "GET", pull+"/commits", "")
}

func (s *stage) playIssues() {
	n := int(s.wants(201, "POST", r+"/issues", `{"title":"Write it down","body":"What happened","labels":["postmortem"],"assignees":["ana"]}`).json(s.t)["number"].(float64))
	issue := fmt.Sprintf("%s/issues/%d", r, n)
	s.wants(201, "POST", issue+"/assignees", `{"assignees":["nobody","ana"]}`)
	s.wants(200, "PATCH", issue, `{"state":"closed","state_reason":"not_planned","labels":["postmortem","done"],"assignees":[]}`)
	for _, path := range []string{issue, r + "/issues?state=all&labels=done&since=2026-11-20T08:00:00Z&sort=updated&direction=asc&creator=" + githubtest.DefaultLogin, r + "/issues?assignee=ana"} {
		s.wants(200, "GET", path, "")
	}
	s.wants(422, "POST", r+"/issues", `{"title":"Whose","assignees":["nobody"]}`)
	s.wants(422, "POST", r+"/issues", `{"title":"Long","body":"`+strings.Repeat("x", 65537)+`"}`)
	s.AddRepo("acme/closed").WithoutIssues()
	s.wants(410, "POST", "repos/acme/closed/issues", `{"title":"No"}`)
}

func (s *stage) playActions() {
	s.repo.Commit("main", "ana", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciYAML})
	head := s.repo.Head("main")
	s.wants(201, "POST", r+"/statuses/"+head, `{"state":"success","context":"ci/build","description":"fine","target_url":"https://ci.example/1"}`)
	s.repo.SetCheckRun("main", githubtest.CheckRun{Name: "scan", Status: "completed", Conclusion: "neutral"})
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("release", "Roll out", "rollout timed out"))
	id := s.dispatch()
	run := fmt.Sprintf("%s/actions/runs/%d", r, id)
	s.repo.Branch("topic-2", "main").Commit("topic-2", "ana", "Go on", githubtest.Files{"topic-2.txt": "1"})
	s.AddUser(githubtest.User{Login: "leaver"})
	s.repo.Grant("leaver", "push")
	left := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "leaver", Title: "My last", Branch: "main", Fork: true, Files: githubtest.Files{"last.txt": "1"}})
	s.repo.AskReview(left, "ana")
	s.repo.AskTeam(left, "payments")
	s.repo.OpenPR(githubtest.PR{Title: "Go on", Author: "ana", Head: "topic-2", Labels: []string{"bug"}})
	s.repo.At(start.Add(-time.Hour)).AddRun(githubtest.PastRun{File: "ci.yml", Event: "schedule", Actor: "leaver", Attempts: []string{"failure", "cancelled", "success"}})
	s.DeleteUser("leaver")
	look := func() {
		for _, path := range []string{run, run + "/jobs", run + "/jobs?filter=all", run + "/attempts/1", run + "/attempts/1/jobs", r + "/actions/runs?status=in_progress",
			r + "/actions/runs", r + "/actions/runs?branch=main&exclude_pull_requests=true&per_page=100", r + "/pulls?state=open&sort=created&direction=asc&per_page=100", fmt.Sprintf("%s/pulls/%d", r, left),
			r + "/actions/workflows", r + "/actions/workflows/ci.yml", r + "/actions/workflows/deploy.yml/runs?event=workflow_dispatch&branch=main",
			r + "/commits/main/status", r + "/commits/main/statuses", r + "/commits/main/check-runs?filter=all", r + "/commits/main/check-suites",
			r + "/deployments?environment=staging", r + "/environments"} {
			s.wants(200, "GET", path, "")
		}
	}
	look()
	s.clock.Advance(10 * time.Second)
	look()
	s.clock.Advance(5 * time.Minute)
	look()
	jobs, _, err := s.gh.Actions.ListWorkflowJobs(context.Background(), "acme", "checkout", id, nil)
	if err != nil || len(jobs.Jobs) != 3 || jobs.Jobs[1].GetConclusion() != "failure" {
		s.t.Fatalf("jobs: %v %v", jobs, err)
	}
	job := fmt.Sprintf("%s/actions/jobs/%d", r, jobs.Jobs[1].GetID())
	s.wants(200, "GET", job, "")
	s.wants(200, "GET", fmt.Sprintf("%s/check-runs/%d", r, jobs.Jobs[1].GetID()), "")
	s.wants(302, "GET", job+"/logs", "")
	s.wants(302, "GET", run+"/logs", "")
	s.wants(409, "POST", run+"/cancel", "")
	s.wants(201, "POST", run+"/rerun-failed-jobs", "")
	s.clock.Advance(4 * time.Second)
	s.wants(202, "POST", run+"/cancel", "")
	s.wants(202, "POST", run+"/force-cancel", "")
	s.wants(201, "POST", run+"/rerun", "")
	s.clock.Advance(5 * time.Minute)
	last, _, err := s.gh.Actions.ListWorkflowJobs(context.Background(), "acme", "checkout", id, nil)
	if err != nil || len(last.Jobs) != 3 {
		s.t.Fatalf("jobs of the last attempt: %v %v", last, err)
	}
	s.wants(201, "POST", fmt.Sprintf("%s/actions/jobs/%d/rerun", r, last.Jobs[0].GetID()), "")
	s.wants(204, "POST", r+"/actions/workflows/deploy.yml/dispatches", `{"ref":"main",`+deployInputs+`}`)
}

func (s *stage) playDeployments() {
	id := s.wants(201, "POST", r+"/deployments", `{"ref":"`+s.repo.Head("main")+`","auto_merge":false,"required_contexts":[],
		"environment":"staging","payload":{"shipmate":"D1"},"description":"A deploy"}`).json(s.t)["id"].(float64)
	at := fmt.Sprintf("%s/deployments/%d", r, int64(id))
	for _, state := range []string{"queued", "in_progress", "success"} {
		s.wants(201, "POST", at+"/statuses", `{"state":"`+state+`","description":"now","log_url":"https://ci.example/1","auto_inactive":true}`)
	}
	for _, path := range []string{at, at + "/statuses", r + "/deployments", r + "/environments/staging"} {
		s.wants(200, "GET", path, "")
	}
	s.wants(409, "POST", r+"/deployments", `{"ref":"main","auto_merge":false}`)
	s.repo.Branch("behind", "v1.0")
	s.wants(202, "POST", r+"/deployments", `{"ref":"behind"}`)
}

func (s *stage) playApps() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		s.t.Fatal(err)
	}
	s.AddApp(githubtest.App{ID: 77, Slug: "shipmate", Installation: 88, Org: "acme", Key: &key.PublicKey,
		Permissions: map[string]string{"actions": "write", "contents": "read", "metadata": "read"}})
	bearer := "Bearer " + signed(s.t, key, jwt.RegisteredClaims{Issuer: "77", ExpiresAt: jwt.NewNumericDate(s.clock.Now().Add(5 * time.Minute))})
	s.wants(200, "GET", r+"/installation", "", "Authorization", bearer)
	s.wants(200, "GET", "app/installations/88", "", "Authorization", bearer)
	s.wants(404, "GET", "app/installations/89", "", "Authorization", bearer)
	token := s.wants(201, "POST", "app/installations/88/access_tokens", "", "Authorization", bearer).json(s.t)["token"].(string)
	s.wants(200, "GET", r+"/actions/runs", "", "Authorization", "token "+token)
	s.wants(403, "POST", r+"/deployments", `{"ref":"main"}`, "Authorization", "token "+token)
	s.clock.Advance(time.Hour)
	s.wants(401, "GET", r+"/actions/runs", "", "Authorization", "token "+token)
}

func signed(t *testing.T, key *rsa.PrivateKey, claims jwt.RegisteredClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *stage) playRefusals() {
	etag := s.wants(200, "GET", r, "").header.Get("ETag")
	s.wants(304, "GET", r, "", "If-None-Match", etag)
	for path, status := range map[string]int{r + "/branches/none": 404, r + "/commits/none": 422, r + "/compare/main...none": 404,
		r + "/contents/none": 404, r + "/pulls/999": 404, r + "/actions/runs/1": 404, "repos/acme/none": 404, "orgs/none/teams": 404} {
		s.wants(status, "GET", path, "")
	}
	s.wants(401, "GET", "user", "", "Authorization", "Bearer wrong")
	s.wants(422, "POST", r+"/actions/workflows/deploy.yml/dispatches", `{"ref":"none"}`)
	s.wants(422, "POST", r+"/git/refs", `{"ref":"refs/heads/topic","sha":"`+s.repo.Head("main")+`"}`)
	s.wants(422, "POST", r+"/statuses/"+s.repo.Head("main"), `{"state":"wrong"}`)
	s.wants(409, "PUT", r+"/contents/README.md", `{"message":"x","content":"eA==","sha":"stale"}`)
	for _, k := range []githubtest.Kind{githubtest.Status500, githubtest.Status503, githubtest.PrimaryLimit, githubtest.SecondaryLimit403, githubtest.SecondaryLimit429} {
		s.Fault(githubtest.Fault{Match: "repos/get", Times: 1, Kind: k})
		if a := s.call("GET", r, ""); a.status < 400 {
			s.t.Errorf("%s answered %d", k, a.status)
		}
	}
}

// TestDescriptionCatchesLies gives the validator a server that answers nonsense: it must notice, or it proves nothing.
func TestDescriptionCatchesLies(t *testing.T) {
	t.Parallel()
	lies := map[string]http.HandlerFunc{
		"a missing field":        func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":1}`) },
		"an undescribed status":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418); fmt.Fprint(w, `{}`) },
		"an error without words": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409); fmt.Fprint(w, `{"message":7}`) },
	}
	if os.Getenv(openapi.Variable) == "" {
		t.Logf("nothing to compare with: %s is not set", openapi.Variable)
		if _, err := openapi.Load("does-not-exist.json"); err == nil || !strings.Contains(err.Error(), "does-not-exist.json") {
			t.Errorf("loading what is not there: %v", err)
		}
		return
	}
	spec, err := description()
	if err != nil {
		t.Fatal(err)
	}
	for name, lie := range lies {
		var found []openapi.Finding
		s := newStage(t, githubtest.Options{Wrap: func(http.Handler) http.Handler {
			return spec.Validate(func(f openapi.Finding) { found = append(found, f) })(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				lie(w, r)
			}))
		}})
		s.call("GET", r, "")
		if len(found) != 1 || found[0].Operation != "repos/get" {
			t.Errorf("%s: found %v", name, found)
		}
	}
	var found []string
	s := newStage(t, githubtest.Options{Wrap: spec.Validate(func(f openapi.Finding) { found = append(found, f.Where+f.Err.Error()) })})
	s.call("GET", r+"/deployments?enviroment=staging", "")
	s.call("POST", r+"/git/blobs", `{"content":"a","encodign":"utf-8"}`)
	if len(found) != 2 || !strings.Contains(found[0], "enviroment") || !strings.Contains(found[1], "encodign") {
		t.Errorf("misspelt parameters: %v", found)
	}
}

// TestOperationsAreGitHubs keeps the names that faults are matched by.
func TestOperationsAreGitHubs(t *testing.T) {
	t.Parallel()
	ops := newStage(t, githubtest.Options{}).Operations()
	for _, op := range []string{githubtest.OpDispatch, githubtest.OpListRuns, githubtest.OpListRepoRuns, githubtest.OpGetRun, githubtest.OpListJobs, githubtest.OpCancelRun,
		githubtest.OpCreateDeployment, githubtest.OpCreateDeploymentStatus, githubtest.OpCompare, githubtest.OpGetCommit,
		githubtest.OpCreateRef, githubtest.OpPutFile, githubtest.OpCreatePull, githubtest.OpMergePull, githubtest.OpMergeBranch, githubtest.OpCreateIssue, githubtest.OpUpdateIssue, githubtest.OpListIssues, githubtest.OpAddAssignees, githubtest.OpCreateComment,
		githubtest.OpCreateStatus, githubtest.OpUpdatePull, githubtest.OpUpdateRef, githubtest.OpDeleteRef, githubtest.OpListPulls, githubtest.OpListPullFiles, githubtest.OpTarball} {
		if !slices.Contains(ops, op) {
			t.Errorf("%s is not served", op)
		}
	}
}
