package githubtest

import (
	"slices"
	"strings"
	"time"
)

// reaction is what somebody shows of an issue or a pull request; one of each content per person.
type reaction struct {
	ID      int64
	User    string // "" when the account is gone
	Content string // +1, -1, laugh, confused, heart, hooray, rocket, eyes
	At      time.Time
}

var reactionContents = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

func (q *request) reaction(v *reaction) obj {
	return obj{"id": v.ID, "node_id": nodeID("REA", v.ID), "user": q.user(v.User), "content": v.Content, "created_at": stamp(v.At)}
}

// listIssueReactions lists them oldest first, all or those of one content.
func listIssueReactions(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil {
		return q.notFound()
	}
	content := q.query.Get("content")
	return listed(q, slices.DeleteFunc(slices.Clone(i.Reactions), func(v *reaction) bool { return content != "" && v.Content != content }), q.reaction)
}

// React has somebody react to an issue or pull request: content is +1, -1, laugh, confused, heart, hooray, rocket or eyes. A
// second one of the same content is none.
func (r *Repo) React(number int, by, content string) {
	if !slices.Contains(reactionContents, content) {
		panic("githubtest: there is no reaction " + content)
	}
	r.change(func(d *repo) {
		i, login := d.mustIssue(number), r.s.mustAccount(by).Login
		if !slices.ContainsFunc(i.Reactions, func(v *reaction) bool { return v.User == login && v.Content == content }) {
			i.Reactions = append(i.Reactions, &reaction{ID: r.s.w.id(), User: login, Content: content, At: r.when()})
		}
	})
}

// Unreact takes a person's reaction back.
func (r *Repo) Unreact(number int, by, content string) {
	r.change(func(d *repo) {
		i := d.mustIssue(number)
		i.Reactions = slices.DeleteFunc(i.Reactions, func(v *reaction) bool { return strings.EqualFold(v.User, by) && v.Content == content })
	})
}
