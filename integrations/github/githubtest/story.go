package githubtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PR is a pull request to open.
type PR struct {
	Title  string
	Body   string
	Author string
	Head   string // branch of the same repository
	Base   string // the default branch when empty
	Labels []string
	Draft  bool
}

// OpenPR opens a pull request and returns its number. Workflows with `on: pull_request` start.
func (r *Repo) OpenPR(p PR) int {
	var n int
	r.change(func(d *repo) {
		r.s.mustAccount(p.Author)
		d.must(p.Head)
		if p.Base == "" {
			p.Base = d.DefaultBranch
		}
		n = r.s.openPR(d, p, r.when()).Number
	})
	return n
}

func (s *Server) openPR(d *repo, p PR, at time.Time) *issue {
	return s.openPull(d, p.Title, p.Body, p.Author, p.Labels, &pull{ID: s.w.id(), HeadRef: p.Head, HeadSHA: d.Git.resolve(p.Head), BaseRef: p.Base,
		BaseSHA: d.Git.resolve(p.Base), Draft: p.Draft}, at)
}

func (s *Server) openPull(d *repo, title, body, by string, labels []string, p *pull, at time.Time) *issue {
	i := s.openIssue(d, title, body, by, labels, at)
	i.PR = p
	s.startRuns(d, trigger{event: "pull_request", branch: p.HeadRef, base: p.BaseRef, sha: p.HeadSHA, actor: by, pull: i.Number, at: at})
	return i
}

// OpenIssue opens an issue and returns its number.
func (r *Repo) OpenIssue(author, title, body string, labels ...string) int {
	var n int
	r.change(func(d *repo) {
		r.s.mustAccount(author)
		n = r.s.openIssue(d, title, body, author, labels, r.when()).Number
	})
	return n
}

func (s *Server) openIssue(d *repo, title, body, by string, labels []string, at time.Time) *issue {
	i := &issue{ID: s.w.id(), Number: len(d.Issues) + 1, Title: title, Body: body, User: by, State: "open", Labels: labels, Created: at, Updated: at}
	d.Issues = append(d.Issues, i)
	return i
}

// MergePR merges an open pull request with a merge commit, deletes nothing, and returns the merge commit's SHA.
func (r *Repo) MergePR(number int, by string) string { return r.merge(number, by, "merge") }

// SquashPR merges an open pull request as one commit titled "title (#number)" and returns its SHA.
func (r *Repo) SquashPR(number int, by string) string { return r.merge(number, by, "squash") }

func (r *Repo) merge(number int, by, method string) string {
	var sha string
	r.change(func(d *repo) {
		i := d.issue(number)
		if i == nil || i.PR == nil || i.State != "open" {
			panic(fmt.Sprintf("githubtest: %s has no open pull request #%d", r.name, number))
		}
		sha = r.s.mergePR(d, i, r.s.mustAccount(by), merging{method: method}, r.when())
	})
	return sha
}

// mergedFiles applies what head changed since the merge base to base; where both changed a file, head wins.
func (d *repo) mergedFiles(base, head string) map[string]treeEntry {
	g := &d.Git
	files, theirs := g.flatten(g.Commits[base].Tree), g.flatten(g.Commits[head].Tree)
	old := ""
	if mb := g.mergeBase(base, head); mb != "" {
		old = g.Commits[mb].Tree
	}
	for _, c := range g.diff(old, g.Commits[head].Tree) {
		if c.Status == "removed" {
			delete(files, c.Path)
		} else {
			files[c.Path] = theirs[c.Path]
		}
	}
	return files
}

// ClosePR closes a pull request or an issue without merging.
func (r *Repo) ClosePR(number int) {
	r.change(func(d *repo) {
		at := r.when()
		d.mustIssue(number).shut("", at)
	})
}

func (d *repo) issue(number int) *issue {
	if number < 1 || number > len(d.Issues) {
		return nil
	}
	return d.Issues[number-1]
}

// SetStatus reports a commit status, as a CI outside GitHub does: state is error, failure, pending or success.
func (r *Repo) SetStatus(ref, context, state, description, targetURL string) {
	r.change(func(d *repo) {
		st := &status{ID: r.s.w.id(), SHA: d.must(ref), Context: context, State: state, Creator: DefaultLogin, Created: r.when()}
		if description != "" {
			st.Description = &description
		}
		if targetURL != "" {
			st.TargetURL = &targetURL
		}
		d.Statuses = append(d.Statuses, st)
	})
}

// CheckRun is a check run by an App other than GitHub Actions.
type CheckRun struct {
	App        string // slug; "buildkite" when empty
	Name       string
	Status     string // queued, in_progress, completed
	Conclusion string // with completed: success, failure, neutral, cancelled, skipped, timed_out, action_required
	DetailsURL string
	Title      string
	Summary    string
}

// SetCheckRun reports a check run on a commit. A second one of the same App and name replaces the first in lists of the
// latest.
func (r *Repo) SetCheckRun(ref string, c CheckRun) {
	r.change(func(d *repo) {
		if c.App == "" {
			c.App = "buildkite"
		}
		at := r.when()
		cr := &checkRun{ID: r.s.w.id(), SHA: d.must(ref), Started: at, CheckRun: c}
		if c.Status == "completed" {
			cr.Completed = &at
		}
		i := slices.IndexFunc(d.CheckRuns, func(o *checkRun) bool { return o.SHA == cr.SHA && o.App == c.App })
		if i >= 0 {
			cr.Suite = d.CheckRuns[i].Suite
		} else {
			cr.Suite = r.s.w.id()
		}
		d.CheckRuns = append(d.CheckRuns, cr)
	})
}

// SetDeployment records a deployment made by something else, with its states in order, each dated as the handle is.
func (r *Repo) SetDeployment(ref, environment, by string, states ...string) int64 {
	var id int64
	r.change(func(d *repo) {
		at := r.when()
		r.s.environment(d, environment, at)
		dep := &deployment{ID: r.s.w.id(), SHA: d.must(ref), Ref: ref, Task: "deploy", Environment: environment, Payload: map[string]any{},
			Production: environment == "production", Creator: r.s.mustAccount(by).Login, Created: at}
		for _, state := range states {
			dep.Statuses = append(dep.Statuses, &deploymentStatus{ID: r.s.w.id(), State: state, Environment: environment, Creator: by, Created: at})
		}
		d.Deployments = append(d.Deployments, dep)
		id = dep.ID
	})
	return id
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
