package githubtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Files are a commit's changes: path → content. Deleted removes the file.
type Files map[string]string

// Deleted as a content in Files removes that file.
const Deleted = "\x00deleted"

// Repo is a handle on a repository; its methods do what people do with git and the web page. They panic on what cannot
// be (an unknown branch, an unknown user), since then the story told is wrong.
type Repo struct {
	s    *Server
	name string // owner/name
	at   *time.Time
}

// AddRepo adds a private repository owner/name, empty, with the default branch main; the owner is added as an
// organisation when there is none. It returns the existing one if there is.
func (s *Server) AddRepo(name string) *Repo {
	owner, short, _ := strings.Cut(name, "/")
	s.mu.Lock()
	known := s.w.Accounts[strings.ToLower(owner)] != nil
	s.mu.Unlock()
	if !known {
		s.AddOrg(owner)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w.Repos[strings.ToLower(name)] == nil {
		s.w.Repos[strings.ToLower(name)] = &repo{ID: s.w.id(), Owner: owner, Name: short, Private: true, DefaultBranch: "main",
			Created: s.now(), Pushed: s.now(), Grants: map[string]string{DefaultLogin: "push"}, TeamGrants: map[string]string{},
			Git: newGit(), Protection: map[string][]string{}, Rulesets: map[string][]string{}}
		s.touch()
	}
	return &Repo{s: s, name: name}
}

// Repo returns the repository owner/name, nil when there is none.
func (s *Server) Repo(name string) *Repo {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w.Repos[strings.ToLower(name)] == nil {
		return nil
	}
	return &Repo{s: s, name: name}
}

// At returns a handle whose doings are dated t instead of now: for a past that is already there when the stage opens.
func (r *Repo) At(t time.Time) *Repo {
	t = t.UTC()
	return &Repo{r.s, r.name, &t}
}

// Name is owner/name.
func (r *Repo) Name() string { return r.name }

func (r *Repo) change(fn func(*repo)) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	fn(r.s.w.Repos[strings.ToLower(r.name)])
	r.s.touch()
}

func (r *Repo) when() time.Time {
	if r.at != nil {
		return *r.at
	}
	return r.s.now()
}

// Describe sets the description and whether the repository is public.
func (r *Repo) Describe(description string, public bool) *Repo {
	r.change(func(d *repo) { d.Description, d.Private = description, !public })
	return r
}

// Grant gives a user pull, triage, push, maintain or admin; "" takes it away.
func (r *Repo) Grant(login, permission string) *Repo {
	r.change(func(d *repo) {
		r.s.mustAccount(login)
		delete(d.Grants, login)
		if permission != "" {
			d.Grants[login] = permission
		}
	})
	return r
}

// GrantTeam gives a team of the owning organisation pull, triage, push, maintain or admin.
func (r *Repo) GrantTeam(slug, permission string) *Repo {
	r.change(func(d *repo) { d.TeamGrants[strings.ToLower(slug)] = permission })
	return r
}

// Commit adds a commit by a user to a branch and returns its SHA. The first commit of a repository creates its branch.
// Workflows with `on: push` for the branch start.
func (r *Repo) Commit(branch, author, message string, files Files) string {
	var sha string
	r.change(func(d *repo) {
		ref := "refs/heads/" + branch
		parent, ok := d.Git.Refs[ref]
		if !ok && len(d.Git.Refs) > 0 {
			panic(fmt.Sprintf("githubtest: %s has no branch %q", r.name, branch))
		}
		sha = r.s.commitFiles(d, parent, r.s.mustAccount(author), message, files, r.when())
		r.s.pushed(d, ref, sha, author, r.when())
	})
	return sha
}

// commitFiles makes a commit on top of parent ("" for the first) and returns its SHA; no ref moves.
func (s *Server) commitFiles(d *repo, parent string, by *account, message string, files Files, at time.Time) string {
	all, parents := map[string]treeEntry{}, []string{}
	if parent != "" {
		parent = d.Git.peel(parent)
		all, parents = d.Git.flatten(d.Git.Commits[parent].Tree), []string{parent}
	}
	for path, content := range files {
		if content == Deleted {
			delete(all, path)
			continue
		}
		mode := "100644"
		if was, ok := all[path]; ok {
			mode = was.Mode
		}
		all[path] = treeEntry{Mode: mode, SHA: d.Git.putBlob([]byte(content))}
	}
	who := by.signature(at)
	return d.Git.putCommit(gitCommit{Tree: d.Git.build(all), Parents: parents, Author: who, Committer: who, Message: message})
}

func (a *account) signature(at time.Time) signature {
	name := a.Name
	if name == "" {
		name = a.Login
	}
	return signature{name, a.Email, at.Truncate(time.Second)}
}

// pushed moves a ref and lets GitHub react: pull requests follow their head, workflows start.
func (s *Server) pushed(d *repo, ref, sha, by string, at time.Time) {
	d.Git.Refs[ref] = sha
	if c := d.Git.Commits[sha]; c != nil && ref == "refs/heads/"+d.DefaultBranch {
		d.close(c.Message, sha, at)
	}
	if at.After(d.Pushed) {
		d.Pushed = at
	}
	branch, ok := strings.CutPrefix(ref, "refs/heads/")
	if ok {
		for _, i := range d.Issues {
			if i.PR != nil && i.State == "open" && i.PR.from(branch) {
				s.advance(d, i, sha, by, at)
			}
		}
	}
	s.syncWorkflows(d, at)
	s.startRuns(d, trigger{event: "push", branch: strings.TrimPrefix(branch, "refs/tags/"), tag: !ok, sha: d.Git.peel(sha), actor: by, at: at})
}

// advance moves a pull request to a commit that was pushed.
func (s *Server) advance(d *repo, i *issue, sha, by string, at time.Time) {
	i.PR.HeadSHA, i.Updated = sha, at
	s.startRuns(d, trigger{event: "pull_request", branch: i.PR.HeadRef, base: i.PR.BaseRef, sha: sha, actor: by, pull: i.Number, at: at})
}

// Branch creates a branch where another ref or commit stands.
func (r *Repo) Branch(name, from string) *Repo {
	r.change(func(d *repo) { d.Git.Refs["refs/heads/"+name] = d.must(from) })
	return r
}

// DeleteBranch removes a branch, which closes the open pull requests that come from it.
func (r *Repo) DeleteBranch(name string) *Repo {
	r.change(func(d *repo) { d.deleteRef("refs/heads/"+name, r.when()) })
	return r
}

// deleteRef removes a ref; the open pull requests that came from it are closed, as GitHub closes them.
func (d *repo) deleteRef(name string, at time.Time) {
	delete(d.Git.Refs, name)
	for _, i := range d.pulls() {
		if i.State == "open" && i.PR.from(strings.TrimPrefix(name, "refs/heads/")) {
			i.shut("", at)
		}
	}
}

// TidyUp makes GitHub delete the branch of each pull request that is merged.
func (r *Repo) TidyUp() *Repo {
	r.change(func(d *repo) { d.TidiesUp = true })
	return r
}

// WithoutIssues switches the repository's issues off.
func (r *Repo) WithoutIssues() *Repo {
	r.change(func(d *repo) { d.NoIssues = true })
	return r
}

// WithoutDrafts makes it a repository whose plan has no draft pull requests.
func (r *Repo) WithoutDrafts() *Repo {
	r.change(func(d *repo) { d.NoDrafts = true })
	return r
}

// Tag creates a lightweight tag where a ref or commit stands.
func (r *Repo) Tag(name, at string) *Repo {
	r.change(func(d *repo) { d.Git.Refs["refs/tags/"+name] = d.must(at) })
	return r
}

// AnnotatedTag creates a tag object and its ref, and returns the object's SHA.
func (r *Repo) AnnotatedTag(name, at, tagger, message string) string {
	var sha string
	r.change(func(d *repo) {
		sha = d.Git.putTag(gitTag{Name: name, Object: d.must(at), Tagger: r.s.mustAccount(tagger).signature(r.when()), Message: message})
		d.Git.Refs["refs/tags/"+name] = sha
	})
	return sha
}

// Head is the full SHA a branch, tag or abbreviation stands for.
func (r *Repo) Head(ref string) string {
	var sha string
	r.change(func(d *repo) { sha = d.must(ref) })
	return sha
}

func (d *repo) must(ref string) string {
	sha := d.Git.resolve(ref)
	if sha == "" {
		panic(fmt.Sprintf("githubtest: %s has no %q", d.full(), ref))
	}
	return sha
}

// Branches lists the names of all branches, sorted.
func (r *Repo) Branches() []string {
	var names []string
	r.change(func(d *repo) {
		for _, ref := range slices.Sorted(maps.Keys(d.Git.Refs)) {
			if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
				names = append(names, name)
			}
		}
	})
	return names
}

// Require makes contexts required before merging into a branch, by classic branch protection.
func (r *Repo) Require(branch string, contexts ...string) *Repo {
	r.change(func(d *repo) { d.Protection[branch] = contexts })
	return r
}

// RequireByRuleset makes contexts required on a branch by a repository ruleset.
func (r *Repo) RequireByRuleset(branch string, contexts ...string) *Repo {
	r.change(func(d *repo) { d.Rulesets[branch] = contexts })
	return r
}

// PullRequestsOnly lets branches change and go by pull requests only, by a repository ruleset: calls that push to them are refused.
// What people do by this handle is not.
func (r *Repo) PullRequestsOnly(branches ...string) *Repo {
	r.change(func(d *repo) { d.PullsOnly = branches })
	return r
}

// AddEnvironment adds deployment environments.
func (r *Repo) AddEnvironment(names ...string) *Repo {
	r.change(func(d *repo) {
		for _, name := range names {
			r.s.environment(d, name, r.when())
		}
	})
	return r
}

// environment finds an environment or creates it, as naming a new one in a deployment does.
func (s *Server) environment(d *repo, name string, at time.Time) {
	if !slices.ContainsFunc(d.Environments, func(e *environment) bool { return strings.EqualFold(e.Name, name) }) {
		d.Environments = append(d.Environments, &environment{ID: s.w.id(), Name: name, Created: at})
	}
}
