package githubtest

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// User is an account. Commits are attributed to it by Email.
type User struct {
	Login  string
	Name   string
	Email  string // public, and the address its commits carry; login@users.noreply.github.com when empty
	Avatar string // URL; a generated one when empty
	Bot    bool
}

// AddUser adds an account, or replaces the one of that login. Organisations are accounts too; see AddOrg.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addUser(u, "")
}

func (s *Server) addUser(u User, kind string) *account {
	if kind == "" {
		kind = "User"
	}
	a := s.w.Accounts[strings.ToLower(u.Login)]
	if a == nil {
		a = &account{ID: s.w.id()}
		s.w.Accounts[strings.ToLower(u.Login)] = a
	}
	a.Login, a.Name, a.Email, a.Avatar, a.Bot, a.Type = u.Login, u.Name, u.Email, u.Avatar, u.Bot, kind
	if a.Email == "" {
		a.Email = fmt.Sprintf("%s@users.noreply.github.com", u.Login)
	}
	s.touch()
	return a
}

// DeleteUser removes an account for good, with its tokens, from wherever it has access and from what it was asked for or assigned. What
// it wrote stays, by nobody.
func (s *Server) DeleteUser(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustAccount(login)
	is := func(other string) bool { return strings.EqualFold(other, login) }
	delete(s.w.Accounts, strings.ToLower(login))
	maps.DeleteFunc(s.w.Tokens, func(_ string, c *credential) bool { return is(c.Login) })
	for _, o := range s.w.Orgs {
		o.Members = slices.DeleteFunc(o.Members, is)
		for _, t := range o.Teams {
			t.Members = slices.DeleteFunc(t.Members, func(m membership) bool { return is(m.Login) })
		}
	}
	for _, d := range s.w.Repos {
		maps.DeleteFunc(d.Grants, func(who, _ string) bool { return is(who) })
		for _, i := range d.Issues {
			i.Assigned = slices.DeleteFunc(i.Assigned, is)
			if i.PR != nil {
				i.PR.Asked = slices.DeleteFunc(i.PR.Asked, is)
			}
		}
	}
	s.touch()
}

// ghost is the account that GitHub shows for those that are gone, where it shows one.
var ghost = &account{ID: 10137, Login: "ghost", Name: "Deleted user", Email: "ghost@users.noreply.github.com", Type: "User"}

func (s *Server) accountOrGhost(login string) *account {
	if a := s.w.Accounts[strings.ToLower(login)]; a != nil {
		return a
	}
	return ghost
}

// AddToken makes token a classic personal access token of login, with these OAuth scopes.
func (s *Server) AddToken(token, login string, scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustAccount(login)
	s.w.Tokens[token] = &credential{Login: login, Scopes: scopes}
}

// RevokeToken makes a token one that GitHub answers with 401 "Bad credentials".
func (s *Server) RevokeToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.w.Tokens, token)
}

// App is a GitHub App with one installation, on the whole organisation Org.
type App struct {
	ID           int64
	Slug         string
	Installation int64
	Org          string
	Key          *rsa.PublicKey
	Permissions  map[string]string // such as "actions": "write"; a write includes the read
}

// AddApp adds an App. It acts as the user "<slug>[bot]", with its permissions and no others.
func (s *Server) AddApp(a App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustAccount(a.Org)
	bot := s.addUser(User{Login: a.Slug + "[bot]", Name: a.Slug, Bot: true}, "Bot")
	s.w.Apps = append(s.w.Apps, &app{ID: a.ID, Slug: a.Slug, Installation: a.Installation, Org: a.Org, Bot: bot.Login,
		Key: x509.MarshalPKCS1PublicKey(a.Key), Permissions: a.Permissions})
}

// Org is an organisation. Its members may read its repositories; more is granted by Repo.Grant and Repo.GrantTeam.
type Org struct {
	s     *Server
	login string
}

// AddOrg adds an organisation, or returns the one of that login.
func (s *Server) AddOrg(login string) *Org {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w.Orgs[strings.ToLower(login)] == nil {
		s.addUser(User{Login: login, Name: login}, "Organization")
		s.w.Orgs[strings.ToLower(login)] = &org{Login: login}
	}
	return &Org{s, login}
}

// AddMember makes people members of the organisation.
func (o *Org) AddMember(logins ...string) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	org := o.s.w.Orgs[strings.ToLower(o.login)]
	for _, login := range logins {
		o.s.mustAccount(login)
		if !slices.Contains(org.Members, login) {
			org.Members = append(org.Members, login)
		}
	}
	o.s.touch()
}

// Team is a team of an organisation.
type Team struct {
	s    *Server
	org  string
	slug string
}

// AddTeam adds a team, or returns the one of that slug.
func (o *Org) AddTeam(slug, name string) *Team {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	org := o.s.w.Orgs[strings.ToLower(o.login)]
	if org.team(slug) == nil {
		org.Teams = append(org.Teams, &team{ID: o.s.w.id(), Slug: slug, Name: name})
		o.s.touch()
	}
	return &Team{o.s, o.login, slug}
}

// Under makes the team a child of another one of the same organisation, whose member lists then include its members.
func (t *Team) Under(parent string) *Team {
	t.change(func(tm *team) { tm.Parent = parent })
	return t
}

// Add makes people members of the team and of the organisation.
func (t *Team) Add(logins ...string) *Team { return t.member(membership{State: "active"}, logins) }

// Maintainer makes people maintainers of the team.
func (t *Team) Maintainer(logins ...string) *Team {
	return t.member(membership{State: "active", Maintainer: true}, logins)
}

// Invite makes people pending members: asked, and not accepted yet.
func (t *Team) Invite(logins ...string) *Team { return t.member(membership{State: "pending"}, logins) }

// Remove takes people out of the team.
func (t *Team) Remove(logins ...string) *Team {
	t.change(func(tm *team) {
		tm.Members = slices.DeleteFunc(tm.Members, func(m membership) bool { return slices.Contains(logins, m.Login) })
	})
	return t
}

func (t *Team) member(m membership, logins []string) *Team {
	if m.State == "active" {
		(&Org{t.s, t.org}).AddMember(logins...)
	}
	t.change(func(tm *team) {
		for _, login := range logins {
			t.s.mustAccount(login)
			tm.Members = slices.DeleteFunc(tm.Members, func(old membership) bool { return strings.EqualFold(old.Login, login) })
			m.Login = login
			tm.Members = append(tm.Members, m)
		}
	})
	return t
}

func (t *Team) change(fn func(*team)) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	fn(t.s.w.Orgs[strings.ToLower(t.org)].team(t.slug))
	t.s.touch()
}

func (s *Server) mustAccount(login string) *account {
	a := s.w.Accounts[strings.ToLower(login)]
	if a == nil {
		panic(fmt.Sprintf("githubtest: there is no user %q; add it first", login))
	}
	return a
}

// installationTokenLife is how long an installation token is good for ("GitHub REST: Apps, create an installation access
// token": one hour).
const installationTokenLife = time.Hour
