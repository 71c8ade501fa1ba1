package githubtest

import (
	"fmt"
	"slices"
	"strings"
)

// AskReview awaits a review by people, as somebody asks them to on the pull request's page. Whoever is asked already stays where they are.
func (r *Repo) AskReview(number int, logins ...string) {
	r.change(func(d *repo) {
		i := d.mustPull(number)
		for _, login := range logins {
			if login = r.s.mustAccount(login).Login; strings.EqualFold(login, i.User) {
				panic(fmt.Sprintf("githubtest: #%d of %s is by %s, who cannot review it", number, r.name, login))
			}
			i.PR.ask(login)
		}
		i.Updated = r.when()
	})
}

// AskTeam awaits a review by teams of the owning organisation, likewise.
func (r *Repo) AskTeam(number int, slugs ...string) {
	r.change(func(d *repo) {
		i, o := d.mustPull(number), r.s.w.Orgs[strings.ToLower(d.Owner)]
		for _, slug := range slugs {
			t := o.team(slug)
			if t == nil {
				panic(fmt.Sprintf("githubtest: %s has no team %q; add it first", d.Owner, slug))
			}
			i.PR.askTeam(t.Slug)
		}
		i.Updated = r.when()
	})
}

// Review has somebody review a pull request: state is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED. Whoever has reviewed is
// no longer asked to, and neither is a team of theirs.
func (r *Repo) Review(number int, by, state, body string) {
	r.change(func(d *repo) {
		i := d.mustPull(number)
		login := r.s.mustAccount(by).Login
		i.PR.Reviews = append(i.PR.Reviews, &review{ID: r.s.w.id(), User: login, State: state, Body: body, SHA: i.PR.HeadSHA, At: r.when()})
		if !strings.EqualFold(login, i.User) {
			i.PR.answered(login, r.s.w.Orgs[strings.ToLower(d.Owner)])
		}
		i.Updated = r.when()
	})
}

func (p *pull) ask(login string) {
	if !containsFold(p.Asked, login) {
		p.Asked = append(p.Asked, login)
	}
}

func (p *pull) askTeam(slug string) {
	if !containsFold(p.Teams, slug) {
		p.Teams = append(p.Teams, slug)
	}
}

// answered takes back what a review answers: the request to its author, and those to the author's teams.
func (p *pull) answered(login string, o *org) {
	p.Asked = slices.DeleteFunc(p.Asked, func(asked string) bool { return strings.EqualFold(asked, login) })
	p.Teams = slices.DeleteFunc(p.Teams, func(slug string) bool {
		m := o.member(o.team(slug), login)
		return m != nil && m.State == "active"
	})
}
