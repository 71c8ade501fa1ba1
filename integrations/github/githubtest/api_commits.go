package githubtest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a comparison shows at most ("GitHub REST: Compare two commits").
const (
	maxCompareCommits = 250
	maxCompareFiles   = 300
)

func (s signature) json() obj {
	return obj{"name": s.Name, "email": s.Email, "date": stamp(s.Date)}
}

var unsigned = obj{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}

// authorOf finds the account a signature belongs to; null when no account has the address.
func (q *request) authorOf(s signature) any {
	for _, a := range q.s.w.Accounts {
		if strings.EqualFold(a.Email, s.Email) {
			return q.account(a)
		}
	}
	return nil
}

// commit shows a commit as lists do.
func (q *request) commit(sha string) obj {
	c := q.repo.Git.Commits[sha]
	return obj{"sha": sha, "node_id": nodeID("C", sha), "url": q.of("commits/%s", sha), "html_url": q.page("commit/%s", sha),
		"comments_url": q.of("commits/%s/comments", sha), "author": q.authorOf(c.Author), "committer": q.authorOf(c.Committer),
		"commit": obj{"author": c.Author.json(), "committer": c.Committer.json(), "message": c.Message, "url": q.of("git/commits/%s", sha),
			"comment_count": 0, "tree": obj{"sha": c.Tree, "url": q.of("git/trees/%s", c.Tree)}, "verification": unsigned},
		"parents": each(c.Parents, func(p string) obj {
			return obj{"sha": p, "url": q.of("commits/%s", p), "html_url": q.page("commit/%s", p)}
		})}
}

// file shows a changed file.
func (q *request) file(c change, at string) obj {
	return obj{"sha": c.SHA, "filename": c.Path, "status": c.Status, "additions": c.Additions, "deletions": c.Deletions,
		"changes": c.Additions + c.Deletions, "blob_url": q.page("blob/%s/%s", at, c.Path), "raw_url": q.page("raw/%s/%s", at, c.Path),
		"contents_url": q.of("contents/%s?ref=%s", c.Path, at)}
}

func (q *request) files(changes []change, at string) []obj {
	return each(changes[:min(len(changes), maxCompareFiles)], func(c change) obj { return q.file(c, at) })
}

// resolve finds the commit a ref means, or the answer for there being none.
func (q *request) resolve(ref string) (string, *reply) {
	if len(q.repo.Git.Refs) == 0 {
		return "", refuse(q.fail(409, "Git Repository is empty."))
	}
	if sha := q.repo.Git.resolve(ref); sha != "" {
		return sha, nil
	}
	return "", refuse(q.fail(422, "No commit found for SHA: "+ref))
}

func getCommit(q *request) reply {
	sha, refusal := q.resolve(q.vars["ref"])
	if refusal != nil {
		return *refusal
	}
	accept := q.Header.Get("Accept")
	if strings.Contains(accept, "application/vnd.github.sha") || strings.Contains(accept, "application/vnd.github.v3.sha") {
		return reply{status: 200, raw: []byte(sha)}.with("Content-Type", "application/vnd.github.sha; charset=utf-8")
	}
	c := q.repo.Git.Commits[sha]
	before := ""
	if len(c.Parents) > 0 {
		before = q.repo.Git.Commits[c.Parents[0]].Tree
	}
	changes := q.repo.Git.diff(before, c.Tree)
	add, del := 0, 0
	for _, ch := range changes {
		add, del = add+ch.Additions, del+ch.Deletions
	}
	o := q.commit(sha)
	o["stats"] = obj{"total": add + del, "additions": add, "deletions": del}
	o["files"] = q.files(changes, sha)
	return ok(o)
}

func listCommits(q *request) reply {
	from := q.query.Get("sha")
	if from == "" {
		from = q.repo.DefaultBranch
	}
	if len(q.repo.Git.Refs) == 0 {
		return q.fail(409, "Git Repository is empty.")
	}
	sha := q.repo.Git.resolve(from)
	if sha == "" {
		return q.notFound()
	}
	log := slices.DeleteFunc(q.repo.Git.log(q.repo.Git.ancestors(sha)), func(c *gitCommit) bool { return !q.wanted(c) })
	return listed(q, log, func(c *gitCommit) obj { return q.commit(c.SHA) })
}

// wanted applies the filters of a list of commits.
func (q *request) wanted(c *gitCommit) bool {
	if t, err := time.Parse(time.RFC3339, q.query.Get("since")); err == nil && c.Committer.Date.Before(t) {
		return false
	}
	if t, err := time.Parse(time.RFC3339, q.query.Get("until")); err == nil && c.Committer.Date.After(t) {
		return false
	}
	if who := q.query.Get("author"); who != "" {
		a := q.s.w.Accounts[strings.ToLower(who)]
		if !strings.EqualFold(c.Author.Email, who) && (a == nil || !strings.EqualFold(c.Author.Email, a.Email)) {
			return false
		}
	}
	path := q.query.Get("path")
	if path == "" {
		return true
	}
	before := ""
	if len(c.Parents) > 0 {
		before = q.repo.Git.Commits[c.Parents[0]].Tree
	}
	return slices.ContainsFunc(q.repo.Git.diff(before, c.Tree), func(ch change) bool {
		return ch.Path == path || strings.HasPrefix(ch.Path, strings.TrimSuffix(path, "/")+"/")
	})
}

// compare shows what head has that base has not. Without paging it shows the last 250 commits, all files on page 1 only.
func compare(q *request) reply {
	from, to, found := strings.Cut(q.vars["basehead"], "...")
	if !found {
		return q.notFound()
	}
	g := &q.repo.Git
	base, head := g.resolve(ownBranch(q, from)), g.resolve(ownBranch(q, to))
	if base == "" || head == "" {
		return q.notFound()
	}
	mb := g.mergeBase(base, head)
	if mb == "" {
		return q.fail(404, "No common ancestor between "+from+" and "+to+".")
	}
	ahead, behind := g.only(head, base), g.only(base, head)
	status := "diverged"
	switch {
	case base == head:
		status = "identical"
	case len(behind) == 0:
		status = "ahead"
	case len(ahead) == 0:
		status = "behind"
	}
	at := q.page("compare/%s...%s", from, to)
	o := obj{"url": q.of("compare/%s...%s", from, to), "html_url": at, "permalink_url": q.page("compare/%s...%s", base, head), "diff_url": at + ".diff",
		"patch_url": at + ".patch", "base_commit": q.commit(base), "merge_base_commit": q.commit(mb), "status": status,
		"ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead)}
	shown, links := ahead[max(0, len(ahead)-maxCompareCommits):], ""
	if q.query.Has("page") || q.query.Has("per_page") {
		shown, links = paged(q, ahead)
	}
	o["commits"] = each(shown, func(c *gitCommit) obj { return q.commit(c.SHA) })
	if page, _ := strconv.Atoi(q.query.Get("page")); page <= 1 {
		o["files"] = q.files(g.diff(g.Commits[mb].Tree, g.Commits[head].Tree), head)
	}
	return ok(o).linked(links)
}

// ownBranch takes the owner off "owner:branch".
func ownBranch(q *request, ref string) string {
	if owner, branch, ok := strings.Cut(ref, ":"); ok && strings.EqualFold(owner, q.repo.Owner) {
		return branch
	}
	return ref
}

// simpleCommit shows a commit inside runs and check suites.
func (q *request) simpleCommit(sha string) obj {
	c := q.repo.Git.Commits[sha]
	return obj{"id": sha, "tree_id": c.Tree, "message": c.Message, "timestamp": stamp(c.Committer.Date),
		"author": obj{"name": c.Author.Name, "email": c.Author.Email}, "committer": obj{"name": c.Committer.Name, "email": c.Committer.Email}}
}
