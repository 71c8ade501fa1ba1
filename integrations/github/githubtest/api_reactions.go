package githubtest

import (
	"slices"
	"strings"
	"time"
)

// reaction is what somebody shows of an issue, a pull request or a comment; one of each content per person.
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

// listReactions lists them oldest first, all or those of one content.
func (q *request) listReactions(all []*reaction) reply {
	content := q.query.Get("content")
	return listed(q, slices.DeleteFunc(slices.Clone(all), func(v *reaction) bool { return content != "" && v.Content != content }), q.reaction)
}

func listIssueReactions(q *request) reply {
	i := q.repo.issue(int(q.num("number")))
	if i == nil {
		return q.notFound()
	}
	return q.listReactions(i.Reactions)
}

func listCommentReactions(q *request) reply {
	_, c := q.repo.comment(q.num("id"))
	if c == nil {
		return q.notFound()
	}
	return q.listReactions(c.Reactions)
}

// comment finds a comment and what it is below.
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

// React has somebody react to an issue or pull request: content is +1, -1, laugh, confused, heart, hooray, rocket or eyes. A
// second one of the same content is none.
func (r *Repo) React(number int, by, content string) {
	r.change(func(d *repo) { r.react(&d.mustIssue(number).Reactions, by, content) })
}

// Unreact takes a person's reaction back.
func (r *Repo) Unreact(number int, by, content string) {
	r.change(func(d *repo) { unreact(&d.mustIssue(number).Reactions, by, content) })
}

// ReactToComment is React for a comment.
func (r *Repo) ReactToComment(id int64, by, content string) {
	r.change(func(d *repo) { r.react(&d.mustComment(id).Reactions, by, content) })
}

// UnreactToComment is Unreact for a comment.
func (r *Repo) UnreactToComment(id int64, by, content string) {
	r.change(func(d *repo) { unreact(&d.mustComment(id).Reactions, by, content) })
}

func (r *Repo) react(all *[]*reaction, by, content string) {
	if !slices.Contains(reactionContents, content) {
		panic("githubtest: there is no reaction " + content)
	}
	login := r.s.mustAccount(by).Login
	if !slices.ContainsFunc(*all, func(v *reaction) bool { return v.User == login && v.Content == content }) {
		*all = append(*all, &reaction{ID: r.s.w.id(), User: login, Content: content, At: r.when()})
	}
}

func unreact(all *[]*reaction, by, content string) {
	*all = slices.DeleteFunc(*all, func(v *reaction) bool { return strings.EqualFold(v.User, by) && v.Content == content })
}

func (d *repo) mustComment(id int64) *comment {
	_, c := d.comment(id)
	if c == nil {
		panic("githubtest: " + d.full() + " has no such comment")
	}
	return c
}

// EditComment replaces what a comment says.
func (r *Repo) EditComment(id int64, body string) {
	r.change(func(d *repo) {
		c := d.mustComment(id)
		c.Body, c.Updated = body, r.when()
	})
}

// DeleteComment takes a comment away.
func (r *Repo) DeleteComment(id int64) {
	r.change(func(d *repo) {
		i, _ := d.comment(id)
		d.mustComment(id)
		i.Comments = slices.DeleteFunc(i.Comments, func(c *comment) bool { return c.ID == id })
	})
}
