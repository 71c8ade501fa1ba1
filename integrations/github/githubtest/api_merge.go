package githubtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// merging is how a pull request is merged; empty texts are GitHub's own.
type merging struct {
	method         string // merge, squash, rebase
	title, message string
}

// mergeable tells how a pull request stands to its base: mergeable_state, and mergeable, which is null when it is over.
func (q *request) mergeable(i *issue) (state string, can any) {
	switch {
	case i.State != "open":
		return "unknown", nil
	case q.repo.clashes(i):
		return "dirty", false
	case i.PR.Draft:
		return "draft", true
	case len(q.unmetRules(i)) > 0:
		return "blocked", true
	}
	return "clean", true
}

func (d *repo) clashes(i *issue) bool {
	base := d.Git.Refs["refs/heads/"+i.PR.BaseRef]
	mb := d.Git.mergeBase(base, i.PR.HeadSHA)
	return mb == "" || d.conflict(mb, base, i.PR.HeadSHA)
}

// unmetRules are the required contexts that are not success on the pull request's head.
func (q *request) unmetRules(i *issue) []obj {
	required := slices.Concat(q.repo.Protection[i.PR.BaseRef], q.repo.Rulesets[i.PR.BaseRef])
	if len(required) == 0 {
		return nil
	}
	return q.unmet(i.PR.HeadSHA, &required)
}

// mergePull merges, unless the head is not the one asked for or something stands against it.
func mergePull(q *request) reply {
	var in struct {
		Title   string `json:"commit_title"`
		Message string `json:"commit_message"`
		SHA     string
		Method  string `json:"merge_method"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	in.Method = cmp.Or(in.Method, "merge")
	switch {
	case !slices.Contains([]string{"merge", "squash", "rebase"}, in.Method):
		return q.invalid("PullRequest", "merge_method", "invalid")
	case i.State != "open":
		return q.fail(405, "Pull Request is not mergeable")
	case in.SHA != "" && in.SHA != i.PR.HeadSHA:
		return q.fail(409, "Head branch was modified. Review and try the merge again.")
	case i.PR.Draft:
		return q.fail(405, "Pull Request is still a draft")
	case q.repo.clashes(i):
		return q.fail(405, "Pull Request has merge conflicts")
	}
	if bad := q.unmetRules(i); len(bad) > 0 {
		return q.fail(405, fmt.Sprintf("Required status check %q is expected.", bad[0]["context"]))
	}
	sha := q.s.mergePR(q.repo, i, q.s.mustAccount(q.who.login), merging{in.Method, in.Title, in.Message}, q.now)
	return ok(obj{"sha": sha, "merged": true, "message": "Pull Request successfully merged"})
}

// mergePR merges an open pull request and lets GitHub react.
func (s *Server) mergePR(d *repo, i *issue, by *account, how merging, at time.Time) string {
	base, head := d.Git.Refs["refs/heads/"+i.PR.BaseRef], i.PR.HeadSHA
	sha := s.mergeCommit(d, i, by, how, at)
	for _, brought := range d.Git.only(sha, base) {
		i.PR.Commits = append(i.PR.Commits, brought.SHA)
	}
	i.PR.BaseSHA, i.PR.HeadSHA = base, head
	i.PR.Merged, i.PR.MergedBy, i.PR.MergeSHA = &at, by.Login, sha
	i.shut("", at)
	if i.PR.BaseRef == d.DefaultBranch {
		d.close(i.Body, "", at)
	}
	s.pushed(d, "refs/heads/"+i.PR.BaseRef, sha, by.Login, at)
	if d.TidiesUp && i.PR.Fork == "" {
		d.deleteRef("refs/heads/"+i.PR.HeadRef, at)
	}
	return sha
}

// mergeCommit makes the commit, or with rebase the commits, and returns the newest.
func (s *Server) mergeCommit(d *repo, i *issue, by *account, how merging, at time.Time) string {
	base, head := d.Git.Refs["refs/heads/"+i.PR.BaseRef], i.PR.HeadSHA
	if how.method == "rebase" {
		return d.replay(base, head, by.signature(at))
	}
	c := gitCommit{Tree: d.Git.build(d.mergedFiles(base, head)), Parents: []string{base, head}, Author: by.signature(at), Committer: by.signature(at)}
	title := fmt.Sprintf("Merge pull request #%d from %s/%s", i.Number, cmp.Or(i.PR.Fork, d.Owner), i.PR.HeadRef)
	message := i.Title
	if how.method == "squash" {
		c.Parents, c.Author = []string{base}, s.accountOrGhost(i.User).signature(at)
		title, message = fmt.Sprintf("%s (#%d)", i.Title, i.Number), ""
	}
	c.Message = cmp.Or(how.title, title)
	if message = cmp.Or(how.message, message); message != "" {
		c.Message += "\n\n" + message
	}
	return d.Git.putCommit(c)
}

// replay puts the commits that head has and base has not on top of base, merges left out.
func (d *repo) replay(base, head string, by signature) string {
	g, top := &d.Git, base
	for _, c := range g.only(head, base) {
		if len(c.Parents) != 1 {
			continue
		}
		files, theirs := g.flatten(g.Commits[top].Tree), g.flatten(c.Tree)
		for _, ch := range g.diff(g.Commits[c.Parents[0]].Tree, c.Tree) {
			if ch.Status == "removed" {
				delete(files, ch.Path)
			} else {
				files[ch.Path] = theirs[ch.Path]
			}
		}
		top = g.putCommit(gitCommit{Tree: g.build(files), Parents: []string{top}, Author: c.Author, Committer: by, Message: c.Message})
	}
	return top
}
