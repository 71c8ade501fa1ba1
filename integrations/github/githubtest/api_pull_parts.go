package githubtest

import "slices"

// updatePull changes what a pull request says, where it goes and whether it is open.
func updatePull(q *request) reply {
	var in struct{ Title, Body, State, Base *string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	switch {
	case in.Title != nil && tooLong(*in.Title, maxTitle):
		return q.tooLong("PullRequest", "title", maxTitle)
	case in.Body != nil && tooLong(*in.Body, maxBody):
		return q.tooLong("PullRequest", "body", maxBody)
	case in.Base != nil && q.repo.Git.Refs["refs/heads/"+*in.Base] == "":
		return q.invalid("PullRequest", "base", "invalid")
	case in.State != nil && *in.State == "open" && i.State == "closed" && (i.PR.Merged != nil || i.PR.Fork == "" && q.repo.Git.Refs["refs/heads/"+i.PR.HeadRef] == ""):
		return q.invalid("PullRequest", "state", "invalid")
	}
	if in.Base != nil {
		i.PR.BaseRef, i.PR.BaseSHA = *in.Base, q.repo.Git.Refs["refs/heads/"+*in.Base]
	}
	i.edit(q, in.Title, in.Body, in.State, nil)
	return ok(q.fullPull(i))
}

// edit changes what is given of an issue or pull request.
func (i *issue) edit(q *request, title, body, state, reason *string) {
	if title != nil {
		i.Title = *title
	}
	if body != nil {
		i.Body = *body
	}
	i.Updated = q.now
	switch {
	case state == nil || *state == i.State:
	case *state == "open":
		i.reopen(q.now)
	case i.PR != nil:
		i.shut("", q.now)
	case reason != nil:
		i.shut(*reason, q.now)
	default:
		i.shut("completed", q.now)
	}
}

// maxPullFiles is how many files of a pull request are listed ("GitHub REST: List pull requests files").
const maxPullFiles = 3000

// listPullFiles lists what a pull request changes, by path.
func listPullFiles(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	g, base := &q.repo.Git, q.pull(i)["base"].(obj)["sha"].(string)
	mb := g.mergeBase(base, i.PR.HeadSHA)
	if mb == "" {
		return listed(q, nil, func(c change) obj { return q.file(c, i.PR.HeadSHA) })
	}
	changes := g.diff(g.Commits[mb].Tree, g.Commits[i.PR.HeadSHA].Tree)
	return listed(q, changes[:min(len(changes), maxPullFiles)], func(c change) obj { return q.file(c, i.PR.HeadSHA) })
}

// maxPullCommits is how many commits of a pull request are listed ("GitHub REST: List commits on a pull request").
const maxPullCommits = 250

// listPullCommits lists what a pull request brings, oldest first, also after it was merged.
func listPullCommits(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	base := q.pull(i)["base"].(obj)["sha"].(string)
	brings := q.repo.Git.only(i.PR.HeadSHA, base)
	return listed(q, slices.Clip(brings[:min(len(brings), maxPullCommits)]), func(c *gitCommit) obj { return q.commit(c.SHA) })
}
