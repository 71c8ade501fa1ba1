package githubtest

import (
	"slices"
	"strings"
)

func (q *request) noIssues() reply { return q.fail(410, "Issues are disabled for this repo") }

// mayPush tells whether the asker may set what only people with write access may: labels and assignees. What others give of
// them is dropped in silence ("GitHub REST: Create an issue").
func (q *request) mayPush() bool {
	if q.who.app != nil {
		return q.who.app.Permissions["issues"] == "write" || q.who.app.Permissions["pull_requests"] == "write"
	}
	return slices.Index(levels, q.s.level(q.repo, q.who.login)) >= slices.Index(levels, "push")
}

// assignable tells whether an issue of the repository can be given to somebody.
func (q *request) assignable(login string) bool {
	return q.s.w.Accounts[strings.ToLower(login)] != nil && q.s.level(q.repo, login) != ""
}

func createIssue(q *request) reply {
	var in struct {
		Title, Body       string
		Labels, Assignees []string
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	switch {
	case q.repo.NoIssues:
		return q.noIssues()
	case in.Title == "":
		return q.invalid("Issue", "title", "missing_field")
	case tooLong(in.Title, maxTitle):
		return q.tooLong("Issue", "title", maxTitle)
	case tooLong(in.Body, maxBody):
		return q.tooLong("Issue", "body", maxBody)
	}
	if !q.mayPush() {
		in.Labels, in.Assignees = nil, nil
	}
	for _, login := range in.Assignees {
		if !q.assignable(login) {
			return q.fail(422, "Validation Failed", obj{"value": login, "resource": "Issue", "field": "assignees", "code": "invalid"})
		}
	}
	i := q.s.openIssue(q.repo, in.Title, in.Body, q.who.login, in.Labels, q.now)
	i.assign(q.s, in.Assignees)
	return created(q.asIssue(i)).with("Location", q.of("issues/%d", i.Number))
}

// assign gives an issue to people.
func (i *issue) assign(s *Server, logins []string) {
	for _, login := range logins {
		if !containsFold(i.Assigned, login) {
			i.Assigned = append(i.Assigned, s.mustAccount(login).Login)
		}
	}
}

func updateIssue(q *request) reply {
	var in struct {
		Title, Body, State *string
		Reason             *string `json:"state_reason"`
		Labels, Assignees  *[]string
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	switch {
	case i == nil:
		return q.notFound()
	case q.repo.NoIssues && i.PR == nil:
		return q.noIssues()
	case in.Title != nil && tooLong(*in.Title, maxTitle):
		return q.tooLong("Issue", "title", maxTitle)
	case in.Body != nil && tooLong(*in.Body, maxBody):
		return q.tooLong("Issue", "body", maxBody)
	}
	i.edit(q, in.Title, in.Body, in.State, in.Reason)
	if in.Labels != nil && q.mayPush() {
		i.Labels = *in.Labels
	}
	if in.Assignees != nil && q.mayPush() {
		i.Assigned = nil
		i.assign(q.s, slices.DeleteFunc(*in.Assignees, func(login string) bool { return !q.assignable(login) }))
	}
	return ok(q.asIssue(i))
}

// addLabels puts labels on an issue or pull request and answers with all it has; a label that is new is created.
func addLabels(q *request) reply {
	var in struct{ Labels []string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	switch {
	case i == nil:
		return q.notFound()
	case !q.mayPush():
		return q.fail(403, "Must have admin rights to Repository.")
	}
	i.label(in.Labels)
	i.Updated = q.now
	return ok(each(i.Labels, q.label))
}

func (i *issue) label(names []string) {
	for _, name := range names {
		if !containsFold(i.Labels, name) {
			i.Labels = append(i.Labels, name)
		}
	}
}

// addAssignees gives an issue to people; those who cannot have it are left out in silence.
func addAssignees(q *request) reply {
	var in struct{ Assignees []string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	i := q.repo.issue(int(q.num("number")))
	if i == nil {
		return q.notFound()
	}
	if q.mayPush() {
		i.assign(q.s, slices.DeleteFunc(in.Assignees, func(login string) bool { return !q.assignable(login) }))
		i.Updated = q.now
	}
	return created(q.asIssue(i))
}
