package githubtest

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// principal is who asks: nobody (login ""), a user by token, an App's installation, or an App itself by JWT.
type principal struct {
	login  string
	scopes []string
	app    *app
	jwt    bool
	key    string // whose budget is used
}

// authenticate finds out who asks, or refuses credentials that are none.
func (q *request) authenticate() *reply {
	q.who = &principal{}
	scheme, cred, _ := strings.Cut(q.Header.Get("Authorization"), " ")
	if user, pass, isBasic := q.BasicAuth(); isBasic {
		if cred = pass; pass == "" {
			cred = user
		}
	}
	if scheme == "" || cred == "" {
		return nil
	}
	if strings.Count(cred, ".") == 2 {
		return q.authenticateApp(cred)
	}
	t := q.s.w.Tokens[strings.TrimSpace(cred)]
	if t == nil || !t.Expires.IsZero() && !q.now.Before(t.Expires) {
		return q.badCredentials("Bad credentials")
	}
	q.who = &principal{login: t.Login, scopes: t.Scopes, key: "user " + t.Login}
	if t.App != 0 {
		q.who.app = q.s.app(t.App)
		q.who.key = fmt.Sprint("installation ", q.who.app.Installation)
	}
	return nil
}

func (q *request) badCredentials(message string) *reply {
	return &reply{status: 401, body: obj{"message": message, "documentation_url": "https://docs.github.com/rest", "status": "401"}}
}

func (s *Server) app(id int64) *app {
	i := slices.IndexFunc(s.w.Apps, func(a *app) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return s.w.Apps[i]
}

// authenticateApp checks an App's JWT: RS256, iss its ID, alive for at most ten minutes ("GitHub Apps: Generating a JSON
// Web Token"). Its times may be by this server's clock or by the machine's, since libraries sign by the latter.
func (q *request) authenticateApp(token string) *reply {
	var claims jwt.RegisteredClaims
	var by *app
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	_, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) {
		for _, a := range q.s.w.Apps {
			if fmt.Sprint(a.ID) == claims.Issuer {
				by = a
				return x509.ParsePKCS1PublicKey(a.Key)
			}
		}
		return nil, fmt.Errorf("no such app")
	})
	switch {
	case by == nil:
		return q.badCredentials("Integration not found")
	case err != nil:
		return q.badCredentials("A JSON web token could not be decoded")
	case claims.ExpiresAt == nil || !alive(claims, q.now) && !alive(claims, time.Now()):
		return q.badCredentials("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	}
	q.who = &principal{login: by.Bot, app: by, jwt: true, key: fmt.Sprint("app ", by.ID)}
	return nil
}

func alive(c jwt.RegisteredClaims, now time.Time) bool {
	const skew = time.Minute
	return now.Before(c.ExpiresAt.Time) && !c.ExpiresAt.After(now.Add(10*time.Minute+skew)) &&
		(c.IssuedAt == nil || !c.IssuedAt.After(now.Add(skew)))
}

// levels are what a user may do in a repository, rising.
var levels = []string{"", "pull", "triage", "push", "maintain", "admin"}

// level is what a user may do in a repository, by all ways there are.
func (s *Server) level(d *repo, login string) string {
	best := ""
	raise := func(l string) {
		if slices.Index(levels, l) > slices.Index(levels, best) {
			best = l
		}
	}
	if !d.Private {
		raise("pull")
	}
	for who, l := range d.Grants {
		if strings.EqualFold(who, login) {
			raise(l)
		}
	}
	if strings.EqualFold(d.Owner, login) {
		raise("admin")
	}
	o := s.w.Orgs[strings.ToLower(d.Owner)]
	if o == nil {
		return best
	}
	if slices.ContainsFunc(o.Members, func(m string) bool { return strings.EqualFold(m, login) }) {
		raise("pull")
	}
	for slug, l := range d.TeamGrants {
		if m := o.member(o.team(slug), login); m != nil && m.State == "active" {
			raise(l)
		}
	}
	return best
}

// member finds someone in a team or in one below it.
func (o *org) member(t *team, login string) *membership {
	if t == nil {
		return nil
	}
	for i := range t.Members {
		if strings.EqualFold(t.Members[i].Login, login) {
			return &t.Members[i]
		}
	}
	for _, below := range o.Teams {
		if strings.EqualFold(below.Parent, t.Slug) {
			if m := o.member(below, login); m != nil {
				return m
			}
		}
	}
	return nil
}

// permit refuses what the asker may not do. What may not be seen is a 404, as if it were not there.
func (q *request) permit() *reply {
	need := q.route.need
	_, ofRepo := q.vars["repo"]
	switch {
	case need == "":
		return nil
	case need == "jwt":
		if !q.who.jwt {
			return q.badCredentials("A JSON web token could not be decoded")
		}
		return nil
	case q.who.login == "" && (!ofRepo || q.Method != "GET"):
		return q.badCredentials("Requires authentication")
	case need == "user" || !ofRepo:
		return nil
	case q.repo == nil:
		return refuse(q.notFound())
	case q.who.app != nil:
		return q.permitApp(need)
	}
	return q.permitUser(need)
}

func (q *request) permitApp(need string) *reply {
	a := q.who.app
	if q.who.jwt || !strings.EqualFold(a.Org, q.repo.Owner) {
		return refuse(q.notFound())
	}
	what, how, _ := strings.Cut(need, ":")
	has := a.Permissions[what]
	if what == "issues" && has != "write" && q.aboutPull() {
		has = cmp.Or(a.Permissions["pull_requests"], has)
	}
	if has == "write" || has == how || what == "metadata" {
		return nil
	}
	return refuse(q.fail(403, "Resource not accessible by integration"))
}

// aboutPull tells whether a request is about a pull request's labels or comments, which go by either permission; reactions to it
// do not ("GitHub REST: Permissions required for fine-grained personal access tokens").
func (q *request) aboutPull() bool {
	i := q.repo.issue(int(q.num("number")))
	if i == nil {
		i, _ = q.repo.comment(q.num("id"))
	}
	return i != nil && i.PR != nil && !strings.HasPrefix(q.route.op, "reactions/")
}

func (q *request) permitUser(need string) *reply {
	level := slices.Index(levels, q.s.level(q.repo, q.who.login))
	if q.repo.Private && !slices.Contains(q.who.scopes, "repo") || level == 0 {
		return refuse(q.notFound())
	}
	enough := "pull"
	switch {
	case strings.HasPrefix(need, "administration:"):
		enough = "admin"
	case need == "pull_requests:write" || need == "issues:write":
	case strings.HasSuffix(need, ":write"):
		enough = "push"
	}
	if level >= slices.Index(levels, enough) {
		return nil
	}
	if q.Method == "GET" {
		return refuse(q.notFound())
	}
	return refuse(q.fail(403, "Must have admin rights to Repository."))
}

func refuse(r reply) *reply { return &r }

// createInstallationToken gives an App a token for an hour.
func createInstallationToken(q *request) reply {
	a := q.who.app
	if q.vars["id"] != fmt.Sprint(a.Installation) {
		return q.notFound()
	}
	expires := q.now.Add(installationTokenLife).Truncate(time.Second)
	token := fmt.Sprintf("ghs_%032d", q.s.w.id())
	q.s.w.Tokens[token] = &credential{Login: a.Bot, App: a.ID, Expires: expires}
	return created(obj{"token": token, "expires_at": stamp(expires), "permissions": a.Permissions, "repository_selection": "all"})
}

// getInstallation shows an App its installation, asked for by number or by a repository.
func getInstallation(q *request) reply {
	a := q.who.app
	id, byID := q.vars["id"]
	if byID && id != fmt.Sprint(a.Installation) || !byID && !strings.EqualFold(a.Org, q.vars["owner"]) {
		return q.notFound()
	}
	org := q.s.mustAccount(a.Org)
	return ok(obj{"id": a.Installation, "app_id": a.ID, "app_slug": a.Slug, "account": q.user(a.Org), "target_id": org.ID,
		"target_type": "Organization", "repository_selection": "all", "permissions": a.Permissions, "events": []string{},
		"access_tokens_url": q.api("app/installations/%d/access_tokens", a.Installation),
		"repositories_url":  q.api("installation/repositories"), "html_url": q.html("organizations/%s/settings/installations/%d", a.Org, a.Installation),
		"created_at": stamp(q.now), "updated_at": stamp(q.now), "single_file_name": nil, "suspended_at": nil, "suspended_by": nil})
}
