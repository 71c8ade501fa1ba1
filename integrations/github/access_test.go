package github

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

func TestLatestDeployment(t *testing.T) {
	t.Parallel()
	states := map[string][]any{
		"5": {},
		"4": {map[string]any{"state": "failure"}, map[string]any{"state": "in_progress"}},
		"3": {map[string]any{"state": "inactive"}, map[string]any{"state": "success"}},
		"2": {map[string]any{"state": "success", "created_at": "2026-11-20T12:00:00Z", "environment_url": "", "log_url": "https://github.com/run/2"}},
		"1": {map[string]any{"state": "success"}},
	}
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if id, found := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/repos/acme/shop/deployments/"), "/statuses"); found {
			reply(w, 200, states[id])
			return
		}
		var list []any
		if r.URL.Query().Get("environment") == "prod/eu & co" {
			for i := 5; i > 0; i-- {
				list = append(list, map[string]any{"id": i, "sha": fmt.Sprint("sha", i), "ref": "main", "creator": map[string]any{"login": "ana"}})
			}
		}
		reply(w, 200, list)
	})
	c := f.client(t)
	got, found, err := c.LatestDeployment(t.Context(), "acme/shop", "prod/eu & co")
	want := Deployment{SHA: "sha2", Ref: "main", At: noon, Creator: "ana", URL: "https://github.com/run/2"}
	if err != nil || !found || got != want {
		t.Errorf("%+v, %v, %v", got, found, err)
	}
	if _, found, err := c.LatestDeployment(t.Context(), "acme/shop", "staging"); found || err != nil {
		t.Errorf("none: %v, %v", found, err)
	}
}

func TestTeamMembers(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/orgs/acme/teams/everyone/members":
			w.Header().Set("Link", `<https://api.github.com/x?page=2>; rel="next"`)
			reply(w, 200, []any{map[string]any{"login": "ana"}})
		case r.URL.Path != "/orgs/acme/teams/payments/members":
			refusing(404, "Not Found")(w, r)
		case r.URL.Query().Get("page") == "":
			w.Header().Set("Link", `<https://api.github.com/x?page=2>; rel="next"`)
			reply(w, 200, []any{map[string]any{"login": "ana"}})
		default:
			reply(w, 200, []any{map[string]any{"login": "ben"}})
		}
	})
	c := f.client(t)
	if got, err := c.TeamMembers(t.Context(), "acme", "payments"); err != nil || strings.Join(got, " ") != "ana ben" {
		t.Errorf("%v, %v", got, err)
	}
	_, err := c.TeamMembers(t.Context(), "acme", "ghosts")
	if !IsNotFound(err) || !strings.Contains(err.(*Error).UserMessage(), "the team acme/ghosts, or Shipmate's token may not read") {
		t.Errorf("unknown team: %v", err)
	}
	if _, err := c.TeamMembers(t.Context(), "acme", "everyone"); err == nil || !strings.Contains(err.Error(), "more than 5000 members") {
		t.Errorf("endless team: %v", err)
	}
	if _, err := c.TeamMembers(t.Context(), "acme", ".."); err == nil || IsNotFound(err) {
		t.Errorf("a team called ..: %v", err)
	}
}

func stateOf(t *testing.T, all []Permission, name string) Permission {
	t.Helper()
	for _, p := range all {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no %s in %+v", name, all)
	return Permission{}
}

// A classic token: its scopes and the rights of its owner tell everything.
func TestPermissionsOfAClassicToken(t *testing.T) {
	t.Parallel()
	scopes, push, private := "repo, read:org", true, true
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-OAuth-Scopes", scopes)
		if r.URL.Path == "/user" {
			reply(w, 200, map[string]any{"login": "bot"})
			return
		}
		reply(w, 200, map[string]any{"full_name": "acme/shop", "private": private, "permissions": map[string]bool{"pull": true, "push": push}})
	})
	c := f.client(t)
	who, err := c.WhoAmI(t.Context())
	if err != nil || who.Login != "bot" || who.IsApp || strings.Join(who.Scopes, " ") != "repo read:org" {
		t.Errorf("%+v, %v", who, err)
	}
	check := func(name string, want PermissionState) {
		t.Helper()
		all, err := c.Permissions(t.Context(), "acme/shop", false)
		if err != nil {
			t.Fatal(err)
		}
		got := stateOf(t, all, name)
		if got.State != want || (got.Mend == "") != (want == Granted) {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	check("Actions: read and write", Granted)
	push = false
	check("Actions: read and write", Missing)
	check("Contents: read", Granted)
	scopes, push = "public_repo", true
	check("Contents: read", Missing)
	private = false
	check("Contents: read", Granted)
	check("Actions: read and write", Granted)
}

// A fine-grained token: what can be read is tried, what it may write GitHub does not tell.
func TestPermissionsOfAFineGrainedToken(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/user":
			reply(w, 200, map[string]any{"login": "bot"})
		case r.URL.Path == "/repos/acme/shop":
			reply(w, 200, map[string]any{"full_name": "acme/shop", "private": true, "default_branch": "main", "permissions": map[string]bool{"push": true}})
		case strings.HasSuffix(r.URL.Path, "/deployments"):
			refusing(403, "Resource not accessible by personal access token")(w, r)
		case strings.HasSuffix(r.URL.Path, "/commits"):
			refusing(409, "Git Repository is empty.")(w, r)
		default:
			reply(w, 200, map[string]any{})
		}
	})
	all, err := f.client(t).Permissions(t.Context(), "acme/shop", false)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]PermissionState{"Contents: read": Granted, "Actions: read and write": Unknown, "Deployments: read": Missing, "Checks: read": Granted, "Pull requests: read": Granted, "Issues: read": Granted} {
		if got := stateOf(t, all, name); got.State != want || got.Optional != (name == "Issues: read") || (got.Mend == "") != (want == Granted) {
			t.Errorf("%+v, want %s", got, want)
		}
	}
}

// Who only deploys is not asked for more than reading, and who keeps documents for no more than that.
func TestPermissionsByUse(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	app := s.asApp(t, map[string]string{"contents": "read", "pull_requests": "write", "issues": "read", "metadata": "read"})
	for _, one := range []struct {
		uses Uses
		want map[string]PermissionState
	}{
		{Uses{Deploys: true}, map[string]PermissionState{"Contents: read": Granted, "Actions: read and write": Missing, "Deployments: read": Missing, "Checks: read": Missing,
			"Commit statuses: read": Missing, "Pull requests: read": Granted, "Issues: read": Granted}},
		{Uses{Documents: true}, map[string]PermissionState{"Contents: read and write": Missing, "Pull requests: read and write": Granted}},
		{Uses{Issues: true}, map[string]PermissionState{"Issues: read and write": Missing}},
		{Uses{Documents: true, Issues: true, Deploys: true, Records: true}, map[string]PermissionState{"Contents: read and write": Missing, "Actions: read and write": Missing,
			"Deployments: read and write": Missing, "Checks: read": Missing, "Commit statuses: read": Missing, "Pull requests: read and write": Granted, "Issues: read and write": Missing}},
		{Uses{Decisions: true}, map[string]PermissionState{"Contents: read and write": Missing, "Checks: read": Missing, "Commit statuses: read and write": Missing,
			"Pull requests: read and write": Granted, "Issues: read": Granted}},
		{Uses{Deploys: true, Digests: true, Debt: true}, map[string]PermissionState{"Contents: read": Granted, "Actions: read and write": Missing, "Deployments: read": Missing,
			"Checks: read": Missing, "Commit statuses: read": Missing, "Pull requests: read": Granted, "Issues: read and write": Missing}},
		{Uses{Digests: true}, map[string]PermissionState{"Actions: read": Missing, "Pull requests: read": Granted, "Issues: read": Granted}},
		{Uses{}, nil},
	} {
		all, err := app.PermissionsFor(t.Context(), "acme/decisions", one.uses)
		if err != nil || len(all) != len(one.want) {
			t.Fatalf("%+v: %+v, %v", one.uses, all, err)
		}
		for _, p := range all {
			if p.State != one.want[p.Name] || p.Optional != (p.Name == "Issues: read" && !one.uses.Decisions && !one.uses.Digests) {
				t.Errorf("%+v: %+v", one.uses, p)
			}
		}
	}
}

// An App: its token is fetched with a signed request, used for the rest, and its permissions are told by its
// installation.
func TestApp(t *testing.T) {
	t.Parallel()
	renewed := 0
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch {
		case r.URL.Path == "/api/v3/app/installations/22/access_tokens" && strings.Count(credential, ".") == 2:
			renewed++
			reply(w, 201, map[string]any{"token": "installation-token", "expires_at": time.Now().Add(time.Hour)})
		case r.URL.Path == "/api/v3/app/installations/22" && strings.Count(credential, ".") == 2:
			reply(w, 200, map[string]any{"app_slug": "shipmate", "permissions": map[string]string{"actions": "read", "contents": "read", "checks": "write"}})
		case scheme == "token" && credential == "installation-token":
			reply(w, 200, map[string]any{"default_branch": "main", "full_name": "acme/shop"})
		default:
			refusing(401, "Bad credentials")(w, r)
		}
	})
	c := f.client(t, func(c *Config) {
		c.APIURL += "/api/v3/"
		c.Token, c.App = "", App{ID: 11, InstallationID: 22, PrivateKeyPEM: testKey(t)}
	})
	for range 3 {
		if branch, err := c.DefaultBranch(t.Context(), "acme/shop"); err != nil || branch != "main" {
			t.Fatalf("%q, %v", branch, err)
		}
	}
	if renewed != 1 {
		t.Errorf("the token was fetched %d times", renewed)
	}
	who, err := c.WhoAmI(t.Context())
	if err != nil || who.Login != "shipmate[bot]" || !who.IsApp {
		t.Errorf("%+v, %v", who, err)
	}
	all, err := c.Permissions(t.Context(), "acme/shop", false)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]PermissionState{"Contents: read": Granted, "Actions: read and write": Missing, "Deployments: read": Missing, "Checks: read": Granted} {
		if got := stateOf(t, all, name); got.State != want || (got.Mend == "") != (want == Granted) {
			t.Errorf("%+v, want %s", got, want)
		}
	}
}

// When the App's token cannot be had, that is what is said, and no change can have happened.
func TestAppIsRefused(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{
		404: "GitHub does not accept the App's key, ID or installation ID",
		401: "GitHub does not accept the App's key, ID or installation ID",
		500: "GitHub has a problem of its own (500); nothing was changed.",
	} {
		f := serve(t, refusing(status, "A JSON web token could not be decoded"))
		c := f.client(t, func(c *Config) { c.Token, c.App = "", App{ID: 11, InstallationID: 22, PrivateKeyPEM: testKey(t)} })
		_, err := c.postRepo(t.Context(), "change it", "acme/shop", nil, nil, "things")
		e, _ := err.(*Error)
		if e == nil || e.Status != status || e.Unclear || !strings.Contains(e.UserMessage(), says) {
			t.Errorf("%d: %v", status, err)
		}
	}
	for _, handler := range []http.HandlerFunc{page(401), func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }} {
		c := serve(t, handler).client(t, func(c *Config) { c.Token, c.App = "", App{ID: 11, InstallationID: 22, PrivateKeyPEM: testKey(t)} })
		_, err := c.postRepo(t.Context(), "change it", "acme/shop", nil, nil, "things")
		if e, _ := err.(*Error); e == nil || e.Unclear || !strings.Contains(e.UserMessage(), "cannot reach GitHub") {
			t.Errorf("not GitHub's own answer: %v", err)
		}
	}
}

// The answer that refuses a token is closed, so that its connection can be used again.
func TestRefusedAppClosesTheAnswer(t *testing.T) {
	t.Parallel()
	f := serve(t, refusing(404, "Not Found"))
	counting := &countingTransport{}
	c := f.client(t, func(c *Config) {
		c.HTTP = &http.Client{Transport: counting}
		c.Token, c.App = "", App{ID: 11, InstallationID: 22, PrivateKeyPEM: testKey(t)}
	})
	if _, err := c.DefaultBranch(t.Context(), "acme/shop"); err == nil {
		t.Fatal("no error")
	}
	if counting.opened != 1 || counting.closed != 1 {
		t.Errorf("%d answers, %d closed", counting.opened, counting.closed)
	}
}

type countingTransport struct{ opened, closed int }

func (c *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		c.opened++
		resp.Body = &countingBody{resp.Body, c}
	}
	return resp, err
}

type countingBody struct {
	io.ReadCloser
	c *countingTransport
}

func (b *countingBody) Close() error {
	b.c.closed++
	return b.ReadCloser.Close()
}
