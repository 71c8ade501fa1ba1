package githubtest

import (
	"slices"
	"strings"
	"time"
)

// user shows an account as it stands inside other objects; nil when there is none, as after an account was deleted.
func (q *request) user(login string) any {
	a := q.s.w.Accounts[strings.ToLower(login)]
	if a == nil {
		return nil
	}
	return q.account(a)
}

// actor shows an account where GitHub always shows one.
func (q *request) actor(login string) obj { return q.account(q.s.accountOrGhost(login)) }

func (q *request) account(a *account) obj {
	at := func(rest string) string { return q.api("users/%s%s", a.Login, rest) }
	avatar := a.Avatar
	if avatar == "" {
		avatar = "https://avatars.githubusercontent.com/u/" + num(a.ID) + "?v=4"
	}
	kind := a.Type
	if kind == "User" && strings.HasSuffix(a.Login, "[bot]") {
		kind = "Bot"
	}
	return obj{"login": a.Login, "id": a.ID, "node_id": nodeID("U", a.ID), "avatar_url": avatar, "gravatar_id": "", "url": at(""),
		"html_url": q.html("%s", a.Login), "followers_url": at("/followers"), "following_url": at("/following{/other_user}"),
		"gists_url": at("/gists{/gist_id}"), "starred_url": at("/starred{/owner}{/repo}"), "subscriptions_url": at("/subscriptions"),
		"organizations_url": at("/orgs"), "repos_url": at("/repos"), "events_url": at("/events{/privacy}"),
		"received_events_url": at("/received_events"), "type": kind, "site_admin": false, "user_view_type": "public"}
}

// profile is an account on its own.
func (q *request) profile(a *account) obj {
	o := q.account(a)
	joined := stamp(time.Date(2015, 4, 1, 9, 0, 0, 0, time.UTC))
	for k, v := range map[string]any{"name": orNil(a.Name), "company": nil, "blog": "", "location": nil, "email": a.Email, "hireable": nil,
		"bio": nil, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "created_at": joined, "updated_at": joined} {
		o[k] = v
	}
	return o
}

func getUser(q *request) reply {
	if a := q.s.w.Accounts[strings.ToLower(q.vars["username"])]; a != nil {
		return ok(q.profile(a))
	}
	return q.notFound()
}

func getAuthenticated(q *request) reply {
	if q.who.app != nil {
		return q.fail(403, "Resource not accessible by integration")
	}
	return ok(q.profile(q.s.mustAccount(q.who.login)))
}

func getMeta(*request) reply {
	return ok(obj{"verifiable_password_authentication": false, "hooks": []string{"127.0.0.1/32"}, "web": []string{"127.0.0.1/32"},
		"api": []string{"127.0.0.1/32"}, "git": []string{"127.0.0.1/32"}})
}

// org finds the organisation asked about, when the asker may see it.
func (q *request) org() *org {
	o := q.s.w.Orgs[strings.ToLower(q.vars["org"])]
	switch {
	case o == nil:
		return nil
	case q.who.app != nil:
		if strings.EqualFold(q.who.app.Org, o.Login) && q.who.app.Permissions["members"] != "" {
			return o
		}
		return nil
	case slices.Contains(q.who.scopes, "read:org") || slices.Contains(q.who.scopes, "admin:org") || slices.Contains(q.who.scopes, "write:org"):
		return o
	}
	return nil
}

func (q *request) team(o *org, t *team) obj {
	at := q.api("organizations/%d/team/%d", q.s.mustAccount(o.Login).ID, t.ID)
	var parent any
	if p := o.team(t.Parent); t.Parent != "" && p != nil {
		parent = q.team(o, p)
		delete(parent.(obj), "parent")
	}
	return obj{"id": t.ID, "node_id": nodeID("T", t.ID), "name": t.Name, "slug": t.Slug, "description": nil, "privacy": "closed",
		"notification_setting": "notifications_enabled", "permission": "pull", "url": at, "members_url": at + "/members{/member}",
		"repositories_url": at + "/repos", "html_url": q.html("orgs/%s/teams/%s", o.Login, t.Slug), "parent": parent,
		"type": "organization"}
}

func listTeams(q *request) reply {
	o := q.org()
	if o == nil {
		return q.notFound()
	}
	return listed(q, o.Teams, func(t *team) obj { return q.team(o, t) })
}

func getTeam(q *request) reply {
	o := q.org()
	t := o.team(q.vars["slug"])
	if t == nil {
		return q.notFound()
	}
	full := q.team(o, t)
	joined := stamp(time.Date(2020, 1, 6, 9, 0, 0, 0, time.UTC))
	org := q.s.mustAccount(o.Login)
	full["created_at"], full["updated_at"], full["members_count"], full["repos_count"] = joined, joined, len(o.active(t)), 0
	full["organization"] = obj{"login": org.Login, "id": org.ID, "node_id": nodeID("O", org.ID), "url": q.api("orgs/%s", org.Login),
		"repos_url": q.api("orgs/%s/repos", org.Login), "events_url": q.api("orgs/%s/events", org.Login), "hooks_url": q.api("orgs/%s/hooks", org.Login),
		"issues_url": q.api("orgs/%s/issues", org.Login), "members_url": q.api("orgs/%s/members{/member}", org.Login),
		"public_members_url": q.api("orgs/%s/public_members{/member}", org.Login), "avatar_url": q.account(org)["avatar_url"], "description": nil,
		"has_organization_projects": true, "has_repository_projects": true, "public_repos": 0, "public_gists": 0, "followers": 0,
		"following": 0, "html_url": q.html("%s", org.Login), "created_at": joined, "updated_at": joined, "archived_at": nil, "type": "Organization"}
	return ok(full)
}

// active lists the accepted members of a team and of those below it, once each.
func (o *org) active(t *team) []membership {
	var out []membership
	for _, m := range t.Members {
		if m.State == "active" {
			out = append(out, m)
		}
	}
	for _, below := range o.Teams {
		if below.Parent == "" || !strings.EqualFold(below.Parent, t.Slug) {
			continue
		}
		for _, m := range o.active(below) {
			if !slices.ContainsFunc(out, func(have membership) bool { return strings.EqualFold(have.Login, m.Login) }) {
				out = append(out, membership{Login: m.Login, State: m.State})
			}
		}
	}
	return out
}

func listTeamMembers(q *request) reply {
	o := q.org()
	t := o.team(q.vars["slug"])
	if t == nil {
		return q.notFound()
	}
	all := o.active(t)
	if role := q.query.Get("role"); role == "maintainer" || role == "member" {
		all = slices.DeleteFunc(all, func(m membership) bool { return m.Maintainer != (role == "maintainer") })
	}
	return listed(q, all, func(m membership) obj { return q.account(q.s.mustAccount(m.Login)) })
}

func getTeamMembership(q *request) reply {
	o := q.org()
	t := o.team(q.vars["slug"])
	if t == nil {
		return q.notFound()
	}
	m := o.member(t, q.vars["username"])
	if m == nil {
		return q.notFound()
	}
	role := "member"
	if m.Maintainer {
		role = "maintainer"
	}
	return ok(obj{"state": m.State, "role": role,
		"url": q.api("organizations/%d/team/%d/memberships/%s", q.s.mustAccount(o.Login).ID, t.ID, m.Login)})
}
