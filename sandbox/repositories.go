package sandbox

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/github/githubtest"
)

//go:embed acme/deploy.yml
var deployWorkflow string

//go:embed acme/ci.yml
var ciWorkflow string

// deployFile is the workflow that Acme's services are deployed by.
const deployFile = "deploy.yml"

// seedGitHub tells the story of Acme's repositories up to now.
func seedGitHub(g *githubtest.Server, now time.Time) {
	for _, e := range employees {
		g.AddUser(githubtest.User{Login: e.name, Name: e.real, Email: e.email()})
	}
	g.AddUser(githubtest.User{Login: robot, Name: "Renovate", Bot: true})
	org := g.AddOrg(owner)
	for _, team := range teamNames {
		t := org.AddTeam(team, title(team))
		for _, e := range membersOf(team) {
			t.Add(e.name)
		}
	}
	for i, s := range services {
		seedRepo(g, s, now.Add(-time.Duration(i)*17*time.Minute))
	}
	seedHandbook(g, now)
	seedDecisions(g, now)
}

// handbook is where Acme's post-mortems are written.
const handbook = "handbook"

func seedHandbook(g *githubtest.Server, now time.Time) {
	r := g.AddRepo(owner+"/"+handbook).Describe("How we work, and what we learnt", false)
	for _, team := range teamNames {
		r.GrantTeam(team, "push")
	}
	r.At(now.Add(-200*24*time.Hour)).Commit("main", "farid", "How we work", githubtest.Files{
		"README.md": "# Handbook\n\nHow we work, and what we learnt.\n", "postmortems/README.md": "# Post-mortems\n\nWithout blame.\n"})
}

// seedRepo tells one repository's story: history, then pull requests that were merged, then what is still open.
func seedRepo(g *githubtest.Server, s service, now time.Time) {
	r := g.AddRepo(s.repo()).Describe(s.about, false).GrantTeam(s.team, "push")
	team := membersOf(s.team)
	r.Script(deployFile, steady(s, 0))
	n := len(s.history)
	var main []string // its commits, oldest first
	start := now.Add(-time.Duration(n+2*len(s.pulls)+4) * 13 * time.Hour)
	for i, subject := range s.history {
		files := githubtest.Files{"CHANGES.md": strings.Join(s.history[:i+1], "\n") + "\n"}
		if i == 0 {
			files["README.md"] = fmt.Sprintf("# %s\n\n%s.\n", s.name, s.about)
			if s.records != "" {
				maps.Copy(files, recordsIn(s.records, storefrontDir))
			}
		}
		if i == n-3 {
			files[".github/workflows/"+deployFile] = workflowOf(s)
			files[".github/workflows/ci.yml"] = ciWorkflow
		}
		at := r.At(start.Add(time.Duration(i) * 13 * time.Hour))
		main = append(main, at.Commit("main", team[i%len(team)].name, subject, files))
	}
	at := start.Add(time.Duration(n) * 13 * time.Hour)
	for i, c := range s.pulls {
		pr := propose(r.At(at.Add(time.Duration(i)*26*time.Hour)), s, c, false)
		merged := r.At(at.Add(time.Duration(i)*26*time.Hour + 5*time.Hour))
		main = append(main, merged.SquashPR(pr, team[(i+1)%len(team)].name))
		r.DeleteBranch(c.branch)
	}
	for _, w := range s.open {
		leaveOpen(r.At(now.Add(-w.age)), s, w)
	}
	for _, d := range s.debts {
		n := r.At(now.Add(-d.age)).OpenIssue(d.who, d.title, "", "tech-debt")
		if d.taken != "" {
			r.At(now.Add(-d.age)).Assign(n, d.taken)
		}
	}
	for _, past := range s.runs {
		r.At(now.Add(-past.age)).AddRun(githubtest.PastRun{File: "ci.yml", Branch: "main", Actor: past.who, Attempts: past.attempts})
	}
	deployed(r, s, main, now)
}

// workflowOf is the workflow by which a service is deployed, with what it takes.
func workflowOf(s service) string {
	text := deployWorkflow
	for _, name := range s.inputs {
		text = strings.Replace(text, "\njobs:\n", "      "+name+":\n        type: string\n\njobs:\n", 1)
		text = strings.Replace(text, "make rollout", "make rollout "+strings.ToUpper(name)+"=${{ inputs."+name+" }}", 1)
	}
	return text
}

// leaveOpen opens a pull request that waits.
func leaveOpen(r *githubtest.Repo, s service, w waiting) {
	n := propose(r, s, w.change, w.draft)
	r.AskReview(n, w.asks...)
	if w.team != "" {
		r.AskTeam(n, w.team)
	}
}

// propose opens a pull request, and reports before what it mends.
func propose(r *githubtest.Repo, s service, c change, draft bool) int {
	if c.closes != "" {
		reporter := employees[len(employees)-1].name
		c.body = strings.TrimSpace(fmt.Sprintf("Fixes #%d.\n\n%s", r.OpenIssue(reporter, c.closes, ""), c.body))
	}
	r.Branch(c.branch, "main")
	path := "src/" + strings.NewReplacer("/", "-").Replace(c.branch) + ".txt"
	r.Commit(c.branch, c.who, c.title, githubtest.Files{path: c.title + "\n"})
	return r.OpenPR(githubtest.PR{Title: c.title, Body: c.body, Author: c.who, Head: c.branch, Draft: draft})
}

// deployed records what runs where, and the tags.
func deployed(r *githubtest.Repo, s service, main []string, now time.Time) {
	behind := func(n int) string { return main[len(main)-1-n] }
	for _, env := range []string{"staging", "production"} {
		when := r.At(now.Add(-time.Duration(6+20*s.environment[env]) * time.Hour))
		when.SetDeployment(behind(s.environment[env]), env, githubtest.DefaultLogin, "in_progress", "success")
	}
	for tag, n := range s.tags {
		r.Tag(tag, behind(n))
	}
}

// refs are what one may name of a service's repository: branches, then tags.
func refs(g *githubtest.Server, s service) []ref {
	r := g.Repo(s.repo())
	if r == nil {
		return nil
	}
	var out []ref
	for _, b := range r.Branches() {
		out = append(out, ref{Name: b, Kind: "branch"})
	}
	var tags []ref
	for t := range s.tags {
		tags = append(tags, ref{Name: t, Kind: "tag"})
	}
	slices.SortFunc(tags, func(a, b ref) int { return strings.Compare(b.Name, a.Name) })
	return append(out, tags...)
}

type ref struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
