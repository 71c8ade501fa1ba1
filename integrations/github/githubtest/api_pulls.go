package githubtest

import (
	"cmp"
	"slices"
	"strings"
)

// side shows one end of a pull request.
func (q *request) side(ref, sha string) obj {
	return obj{"label": q.repo.Owner + ":" + ref, "ref": ref, "sha": sha, "user": q.user(q.repo.Owner), "repo": q.fullRepository()}
}

// headSide shows where a pull request comes from: this repository, or somebody's copy of it.
func (q *request) headSide(p *pull) obj {
	o := q.side(p.HeadRef, p.HeadSHA)
	if p.Fork == "" {
		return o
	}
	repo := o["repo"].(obj)
	repo["full_name"], repo["owner"], repo["fork"] = p.Fork+"/"+q.repo.Name, q.actor(p.Fork), true
	o["label"], o["user"] = p.Fork+":"+p.HeadRef, q.user(p.Fork)
	return o
}

func (q *request) label(name string) obj {
	return obj{"id": int64(len(name)) + q.repo.ID, "node_id": nodeID("LA", name), "url": q.of("labels/%s", name), "name": name, "color": "ededed",
		"default": false, "description": ""}
}

// pull shows a pull request as lists do.
func (q *request) pull(i *issue) obj {
	p, at := i.PR, q.of("pulls/%d", i.Number)
	html, issueURL := q.page("pull/%d", i.Number), q.of("issues/%d", i.Number)
	link := func(u string) obj { return obj{"href": u} }
	base := p.BaseSHA
	if i.State == "open" {
		base = cmp.Or(q.repo.Git.Refs["refs/heads/"+p.BaseRef], base)
	}
	return obj{"id": p.ID, "node_id": nodeID("PR", p.ID), "url": at, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch",
		"issue_url": issueURL, "commits_url": at + "/commits", "review_comments_url": at + "/comments",
		"review_comment_url": q.of("pulls/comments{/number}"), "comments_url": issueURL + "/comments", "statuses_url": q.of("statuses/%s", p.HeadSHA),
		"number": i.Number, "state": i.State, "locked": false, "active_lock_reason": nil, "title": i.Title, "user": q.user(i.User),
		"body": orNil(i.Body), "labels": each(i.Labels, q.label), "milestone": nil, "assignee": q.firstAssigned(i), "assignees": q.assigned(i),
		"requested_reviewers": each(p.Asked, q.mustUser), "requested_teams": q.askedTeams(p), "created_at": stamp(i.Created), "updated_at": stamp(i.Updated),
		"closed_at": stampOrNil(i.Closed), "merged_at": stampOrNil(p.Merged), "merge_commit_sha": orNil(cmp.Or(p.MergeSHA, p.trial(i, base))), "draft": p.Draft,
		"head": q.headSide(p), "base": q.side(p.BaseRef, base), "author_association": q.association(i.User), "auto_merge": nil,
		"_links": obj{"self": link(at), "html": link(html), "issue": link(issueURL), "comments": link(issueURL + "/comments"),
			"review_comments": link(at + "/comments"), "review_comment": link(q.of("pulls/comments{/number}")), "commits": link(at + "/commits"),
			"statuses": link(q.of("statuses/%s", p.HeadSHA))}}
}

// trial is the SHA of the commit by which GitHub tries out whether an open pull request can be merged.
func (p *pull) trial(i *issue, base string) string {
	if i.State != "open" {
		return ""
	}
	return objectSHA("commit", []byte("trial of "+p.HeadSHA+" into "+base))
}

func (q *request) association(login string) string {
	if o := q.s.w.Orgs[strings.ToLower(q.repo.Owner)]; o != nil && slices.Contains(o.Members, login) {
		return "MEMBER"
	}
	if _, granted := q.repo.Grants[login]; granted {
		return "COLLABORATOR"
	}
	return "NONE"
}

// fullPull shows a pull request on its own.
func (q *request) fullPull(i *issue) obj {
	p, g, o := i.PR, &q.repo.Git, q.pull(i)
	base := o["base"].(obj)["sha"].(string)
	commits := g.only(p.HeadSHA, base)
	add, del := 0, 0
	var changes []change
	if mb := g.mergeBase(base, p.HeadSHA); mb != "" {
		changes = g.diff(g.Commits[mb].Tree, g.Commits[p.HeadSHA].Tree)
	}
	for _, c := range changes {
		add, del = add+c.Additions, del+c.Deletions
	}
	o["user"], o["head"].(obj)["user"] = q.actor(i.User), q.actor(cmp.Or(p.Fork, q.repo.Owner)) // a list has nobody where the account is gone
	state, mergeable := q.mergeable(i)
	for k, v := range map[string]any{"merged": p.Merged != nil, "mergeable": mergeable, "rebaseable": mergeable, "mergeable_state": state,
		"merged_by": q.user(p.MergedBy), "comments": len(i.Comments), "review_comments": 0, "maintainer_can_modify": false,
		"commits": len(commits), "additions": add, "deletions": del, "changed_files": len(changes)} {
		o[k] = v
	}
	return o
}

func (d *repo) pulls() []*issue {
	var out []*issue
	for _, i := range d.Issues {
		if i.PR != nil {
			out = append(out, i)
		}
	}
	return out
}

// listPulls lists the open ones, newest first, unless asked otherwise.
func listPulls(q *request) reply {
	state, by := cmp.Or(q.query.Get("state"), "open"), q.query.Get("sort")
	all := slices.DeleteFunc(q.repo.pulls(), func(i *issue) bool {
		owner, head, _ := strings.Cut(q.query.Get("head"), ":")
		return state != "all" && i.State != state ||
			head != "" && (head != i.PR.HeadRef || !strings.EqualFold(owner, cmp.Or(i.PR.Fork, q.repo.Owner))) ||
			q.query.Get("base") != "" && q.query.Get("base") != i.PR.BaseRef
	})
	slices.SortStableFunc(all, func(a, b *issue) int {
		if by == "updated" {
			return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.Number, b.Number))
		}
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Number, b.Number))
	})
	if dir := q.query.Get("direction"); dir == "desc" || dir == "" && (by == "" || by == "created") {
		slices.Reverse(all)
	}
	return listed(q, all, q.pull)
}

func getPull(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	return ok(q.fullPull(i))
}

func createPull(q *request) reply {
	var in struct {
		Title, Body, Head, Base string
		Draft                   bool
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	head := ownBranch(q, in.Head)
	g := &q.repo.Git
	switch {
	case in.Title == "":
		return q.invalid("PullRequest", "title", "missing_field")
	case tooLong(in.Title, maxTitle):
		return q.tooLong("PullRequest", "title", maxTitle)
	case tooLong(in.Body, maxBody):
		return q.tooLong("PullRequest", "body", maxBody)
	case in.Draft && q.repo.NoDrafts:
		return q.fail(422, "Draft pull requests are not supported in this repository.")
	case g.Refs["refs/heads/"+in.Base] == "":
		return q.invalid("PullRequest", "base", "invalid")
	case g.Refs["refs/heads/"+head] == "":
		return q.invalid("PullRequest", "head", "invalid")
	}
	for _, i := range q.repo.pulls() {
		if i.State == "open" && i.PR.from(head) && i.PR.BaseRef == in.Base {
			return q.custom("PullRequest", "A pull request already exists for "+q.repo.Owner+":"+head+".")
		}
	}
	if len(g.only(g.Refs["refs/heads/"+head], g.Refs["refs/heads/"+in.Base])) == 0 {
		return q.custom("PullRequest", "No commits between "+in.Base+" and "+head)
	}
	i := q.s.openPR(q.repo, PR{Title: in.Title, Body: in.Body, Author: q.who.login, Head: head, Base: in.Base, Draft: in.Draft}, q.now)
	return created(q.fullPull(i)).with("Location", q.of("pulls/%d", i.Number))
}

// listPullsOfCommit lists the merged pull request that brought a commit to the default branch; for one that is not there
// yet, the open and merged ones it is part of.
func listPullsOfCommit(q *request) reply {
	g := &q.repo.Git
	sha := g.resolve(q.vars["sha"])
	if sha == "" {
		return q.fail(422, "No commit found for SHA: "+q.vars["sha"])
	}
	onDefault := g.ancestors(g.resolve(q.repo.DefaultBranch))[sha]
	found := slices.DeleteFunc(q.repo.pulls(), func(i *issue) bool {
		if i.PR.Merged != nil {
			return !slices.Contains(i.PR.Commits, sha) && (onDefault || i.PR.HeadSHA != sha)
		}
		open := slices.ContainsFunc(g.only(i.PR.HeadSHA, g.Refs["refs/heads/"+i.PR.BaseRef]), func(c *gitCommit) bool { return c.SHA == sha })
		return onDefault || i.State != "open" || !open
	})
	return listed(q, found, q.pull)
}

// comment finds a comment and what it is below; nil when there is none.
func (d *repo) comment(id int64) (*issue, *comment) {
	for _, i := range d.Issues {
		for _, c := range i.Comments {
			if c.ID == id {
				return i, c
			}
		}
	}
	return nil, nil
}

func (q *request) comment(i *issue, c *comment) obj {
	return obj{"id": c.ID, "node_id": nodeID("IC", c.ID), "url": q.of("issues/comments/%d", c.ID), "body": c.Body, "user": q.user(c.User),
		"html_url": q.page("issues/%d#issuecomment-%d", i.Number, c.ID), "issue_url": q.of("issues/%d", i.Number),
		"created_at": stamp(c.Created), "updated_at": stamp(c.Updated), "author_association": q.association(c.User)}
}

func listComments(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil {
		return q.notFound()
	}
	return listed(q, i.Comments, func(c *comment) obj { return q.comment(i, c) })
}

func createComment(q *request) reply {
	var in struct{ Body string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	switch {
	case i == nil:
		return q.notFound()
	case in.Body == "":
		return q.invalid("IssueComment", "body", "missing_field")
	case tooLong(in.Body, maxBody):
		return q.tooLong("IssueComment", "body", maxBody)
	}
	c := &comment{ID: q.s.w.id(), User: q.who.login, Body: in.Body, Created: q.now, Updated: q.now}
	i.Comments, i.Updated = append(i.Comments, c), q.now
	return created(q.comment(i, c)).with("Location", q.of("issues/comments/%d", c.ID))
}

func updateComment(q *request) reply {
	var in struct{ Body string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i, c := q.repo.comment(q.num("id"))
	switch {
	case c == nil:
		return q.notFound()
	case tooLong(in.Body, maxBody):
		return q.tooLong("IssueComment", "body", maxBody)
	}
	c.Body, c.Updated = in.Body, q.now
	return ok(q.comment(i, c))
}
