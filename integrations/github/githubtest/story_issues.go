package githubtest

import (
	"fmt"
	"slices"
	"time"
)

// mustIssue is an issue or pull request that is there.
func (d *repo) mustIssue(number int) *issue {
	i := d.issue(number)
	if i == nil {
		panic(fmt.Sprintf("githubtest: %s has no #%d", d.full(), number))
	}
	return i
}

func (d *repo) mustPull(number int) *issue {
	i := d.mustIssue(number)
	if i.PR == nil {
		panic(fmt.Sprintf("githubtest: %s has no pull request #%d", d.full(), number))
	}
	return i
}

func (i *issue) reopen(at time.Time) {
	i.State, i.Reason, i.Closed, i.ClosedBy, i.Updated = "open", "reopened", nil, "", at
	if i.PR != nil {
		i.Reason = ""
	}
}

// CloseIssue closes an issue; reason is completed or not_planned.
func (r *Repo) CloseIssue(number int, reason string) {
	r.change(func(d *repo) { d.mustIssue(number).shut(reason, r.when()) })
}

// Reopen opens an issue or a pull request again.
func (r *Repo) Reopen(number int) {
	r.change(func(d *repo) { d.mustIssue(number).reopen(r.when()) })
}

// Describes replaces the description of an issue or pull request, as whoever edits it does.
func (r *Repo) Describes(number int, body string) {
	r.change(func(d *repo) {
		i := d.mustIssue(number)
		i.Body, i.Updated = body, r.when()
	})
}

// Label puts labels on an issue or pull request.
func (r *Repo) Label(number int, labels ...string) {
	r.change(func(d *repo) {
		i := d.mustIssue(number)
		i.label(labels)
		i.Updated = r.when()
	})
}

// Unlabel takes labels off an issue or pull request.
func (r *Repo) Unlabel(number int, labels ...string) {
	r.change(func(d *repo) {
		i := d.mustIssue(number)
		i.Labels = slices.DeleteFunc(i.Labels, func(l string) bool { return containsFold(labels, l) })
		i.Updated = r.when()
	})
}

// Assign gives an issue to people.
func (r *Repo) Assign(number int, logins ...string) {
	r.change(func(d *repo) {
		i := d.mustIssue(number)
		i.assign(r.s, logins)
		i.Updated = r.when()
	})
}

// Comment has somebody say something below an issue or pull request, and returns the comment's ID.
func (r *Repo) Comment(number int, by, body string) int64 {
	var id int64
	r.change(func(d *repo) {
		i, at := d.mustIssue(number), r.when()
		id = r.s.w.id()
		i.Comments = append(i.Comments, &comment{ID: id, User: r.s.mustAccount(by).Login, Body: body, Created: at, Updated: at})
		i.Updated = at
	})
	return id
}
