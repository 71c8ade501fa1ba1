package githubtest

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	// closing are the words by which a pull request's description or a commit's message closes an issue of the same repository
	// ("Linking a pull request to an issue").
	closing = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +#(\d{1,9})\b`)
	mention = regexp.MustCompile(`(?:^|[^\w/])#(\d{1,9})\b`)
)

// close closes the issues that a text says it closes, when it reaches the default branch; sha is that of a commit's message.
func (d *repo) close(text, sha string, at time.Time) {
	for _, m := range closing.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		if i := d.issue(n); i != nil && i.PR == nil && i.State == "open" {
			i.shut("completed", at)
			i.ClosedBy = sha
		}
	}
}

// shut closes an issue or pull request.
func (i *issue) shut(reason string, at time.Time) {
	i.State, i.Reason, i.Closed, i.Updated = "closed", reason, &at, at
}

func (q *request) mustUser(login string) obj { return q.account(q.s.mustAccount(login)) }

func (q *request) assigned(i *issue) []obj { return each(i.Assigned, q.mustUser) }

// firstAssigned is the older field, for one.
func (q *request) firstAssigned(i *issue) any {
	if len(i.Assigned) == 0 {
		return nil
	}
	return q.mustUser(i.Assigned[0])
}

// asIssue shows an issue, or a pull request as one.
func (q *request) asIssue(i *issue) obj {
	at, html := q.of("issues/%d", i.Number), q.page("issues/%d", i.Number)
	o := obj{"id": i.ID, "node_id": nodeID("I", i.ID), "url": at, "repository_url": q.api("repos/%s", q.repo.full()), "labels_url": at + "/labels{/name}",
		"comments_url": at + "/comments", "events_url": at + "/events", "html_url": html, "number": i.Number, "state": i.State, "state_reason": orNil(i.Reason),
		"title": i.Title, "body": orNil(i.Body), "user": q.user(i.User), "labels": each(i.Labels, q.label), "assignee": q.firstAssigned(i), "assignees": q.assigned(i),
		"milestone": nil, "locked": false, "active_lock_reason": nil, "comments": len(i.Comments), "created_at": stamp(i.Created),
		"updated_at": stamp(i.Updated), "closed_at": stampOrNil(i.Closed), "author_association": q.association(i.User)}
	if i.PR != nil {
		page := q.page("pull/%d", i.Number)
		o["html_url"] = page
		o["pull_request"] = obj{"url": q.of("pulls/%d", i.Number), "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
			"merged_at": stampOrNil(i.PR.Merged)}
	}
	return o
}

// listIssues lists the newest first, open ones unless asked otherwise, and pull requests among them as GitHub does.
func listIssues(q *request) reply {
	all := slices.DeleteFunc(slices.Clone(q.repo.Issues), func(i *issue) bool { return !q.asked(i) || i.PR == nil && q.repo.NoIssues })
	slices.SortStableFunc(all, func(a, b *issue) int {
		if q.query.Get("sort") == "updated" {
			return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.Number, b.Number))
		}
		return cmp.Compare(a.Number, b.Number)
	})
	if q.query.Get("direction") != "asc" {
		slices.Reverse(all)
	}
	return listed(q, all, q.asIssue)
}

// asked tells whether an issue is among those that the query of a list is for.
func (q *request) asked(i *issue) bool {
	is := func(filter string, match func(string) bool) bool {
		v := q.query.Get(filter)
		return v == "" || match(v)
	}
	since, err := time.Parse(time.RFC3339, q.query.Get("since"))
	return is("state", func(v string) bool { return v == "all" || i.State == v }) && (q.query.Get("state") != "" || i.State == "open") &&
		is("creator", func(v string) bool { return strings.EqualFold(v, i.User) }) &&
		is("assignee", func(v string) bool {
			return v == "*" && len(i.Assigned) > 0 || v == "none" && len(i.Assigned) == 0 || containsFold(i.Assigned, v)
		}) &&
		is("labels", func(v string) bool {
			return !slices.ContainsFunc(strings.Split(v, ","), func(l string) bool { return !containsFold(i.Labels, strings.TrimSpace(l)) })
		}) && (err != nil || !i.Updated.Before(since))
}

func containsFold(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

func getIssue(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	switch {
	case i == nil:
		return q.notFound()
	case i.PR == nil && q.repo.NoIssues:
		return q.noIssues()
	}
	return ok(q.asIssue(i))
}

// listTimeline lists who mentions an issue in an issue or a pull request of the same repository, and its closing, oldest first.
func listTimeline(q *request) reply {
	about := q.repo.issue(int(q.num("number")))
	if about == nil {
		return q.notFound()
	}
	type event struct {
		at   time.Time
		show obj
	}
	var all []event
	for _, i := range q.repo.Issues {
		mentions := slices.ContainsFunc(mention.FindAllStringSubmatch(i.Body, -1), func(m []string) bool { return m[1] == strconv.Itoa(about.Number) })
		if i != about && mentions {
			all = append(all, event{i.Created, obj{"event": "cross-referenced", "actor": q.actor(i.User), "created_at": stamp(i.Created),
				"updated_at": stamp(i.Created), "source": obj{"type": "issue", "issue": q.asIssue(i)}}})
		}
	}
	if about.Closed != nil {
		id := about.ID + 1
		show := obj{"id": id, "node_id": nodeID("CE", id), "url": q.of("issues/events/%d", id), "actor": q.actor(about.User), "event": "closed",
			"commit_id": orNil(about.ClosedBy), "commit_url": nil, "created_at": stamp(*about.Closed), "performed_via_github_app": nil, "state_reason": nil}
		if about.ClosedBy != "" {
			show["commit_url"] = q.of("commits/%s", about.ClosedBy)
		}
		all = append(all, event{*about.Closed, show})
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	return listed(q, all, func(e event) obj { return e.show })
}
