package githubtest

import "strings"

// askedTeams shows the teams a review is awaited of.
func (q *request) askedTeams(p *pull) []obj {
	o := q.s.w.Orgs[strings.ToLower(q.repo.Owner)]
	return each(p.Teams, func(slug string) obj { return q.team(o, o.team(slug)) })
}

// requestReviewers asks people and teams for a review: all of them or, when one cannot be asked, none.
func requestReviewers(q *request) reply {
	var in struct {
		Reviewers []string
		Teams     []string `json:"team_reviewers"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	o := q.s.w.Orgs[strings.ToLower(q.repo.Owner)]
	for _, login := range in.Reviewers {
		switch {
		case strings.EqualFold(login, i.User):
			return q.fail(422, "Review cannot be requested from pull request author.")
		case q.s.w.Accounts[strings.ToLower(login)] == nil || q.s.level(q.repo, login) == "":
			return q.notCollaborators()
		}
	}
	for _, slug := range in.Teams {
		if o.team(slug) == nil || q.repo.TeamGrants[strings.ToLower(slug)] == "" {
			return q.notCollaborators()
		}
	}
	for _, login := range in.Reviewers {
		i.PR.ask(q.s.mustAccount(login).Login)
	}
	for _, slug := range in.Teams {
		i.PR.askTeam(slug)
	}
	i.Updated = q.now
	return created(q.pull(i))
}

func (q *request) notCollaborators() reply {
	return q.fail(422, "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the "+
		q.repo.full()+" repository.")
}

// listReviews lists them oldest first.
func listReviews(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil || i.PR == nil {
		return q.notFound()
	}
	return listed(q, i.PR.Reviews, func(v *review) obj {
		html := q.page("pull/%d#pullrequestreview-%d", i.Number, v.ID)
		at := q.of("pulls/%d", i.Number)
		return obj{"id": v.ID, "node_id": nodeID("PRR", v.ID), "user": q.user(v.User), "body": v.Body, "state": v.State, "html_url": html,
			"pull_request_url": at, "submitted_at": stamp(v.At), "commit_id": v.SHA, "author_association": q.association(v.User),
			"_links": obj{"html": obj{"href": html}, "pull_request": obj{"href": at}}}
	})
}
