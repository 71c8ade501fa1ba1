package github

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/clock"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := Config{Token: "t0ken-t0ken", Clock: clock.NewManual(noon)}
	for want, change := range map[string]func(*Config){
		"no clock":                   func(c *Config) { c.Clock = nil },
		"no token and no GitHub App": func(c *Config) { c.Token = "" },
		"both a token and":           func(c *Config) { c.App = App{ID: 1, InstallationID: 2} },
		"not an RSA key":             func(c *Config) { c.Token, c.App = "", App{ID: 1, InstallationID: 2, PrivateKeyPEM: []byte("SECRET")} },
		"must be https":              func(c *Config) { c.APIURL = "http://github.example.com/api/v3/" },
		"must look like":             func(c *Config) { c.APIURL = "https://user:pw@github.example.com/" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for given, want := range map[string]string{
		"":                             "https://api.github.com/",
		"https://ghe.example/api/v3":   "https://ghe.example/api/v3/",
		"http://127.0.0.1:8080":        "http://127.0.0.1:8080/",
		"http://localhost:8080/api/v3": "http://localhost:8080/api/v3/",
	} {
		cfg := good
		cfg.APIURL = given
		c, err := New(cfg)
		if err != nil || c.requests.BaseURL.String() != want {
			t.Errorf("%q: %v", given, err)
		}
	}
}

// What every request carries, and that nothing of ours can climb out of its place in an address.
func TestRequests(t *testing.T) {
	t.Parallel()
	var got http.Header
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		reply(w, 200, map[string]string{"default_branch": "main"})
	})
	c := f.client(t, func(c *Config) { c.APIURL += "/api/v3"; c.UserAgent = "shipmate/1.2" })
	if _, err := c.DefaultBranch(t.Context(), "acme/shop"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + marker, "User-Agent": "shipmate/1.2", "X-Github-Api-Version": "2022-11-28", "Accept": "application/vnd.github.v3+json",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if f.requests()[0] != "GET /api/v3/repos/acme/shop" {
		t.Errorf("asked %s", f.requests()[0])
	}
	for _, repo := range []string{"", "acme", "acme/", "acme/..", "acme/.", "../x", "acme/shop/../../user", "acme/sh op", "acme/shop?x=1", "acme/shop#"} {
		_, err := c.DefaultBranch(t.Context(), repo)
		var e *Error
		if !errors.As(err, &e) || e.Status != 0 {
			t.Errorf("repository %q: %v", repo, err)
		}
	}
	if len(f.requests()) != 1 {
		t.Errorf("asked %v", f.requests())
	}
}

// When all slots are taken a call is refused at once, so that a slow GitHub delays nothing else.
func TestSlots(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		reply(w, 200, map[string]string{"default_branch": "main"})
	})
	c := f.client(t, func(c *Config) { c.Concurrency = 2 })
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := c.DefaultBranch(t.Context(), "acme/shop"); err != nil {
				t.Error(err)
			}
		})
		<-arrived
	}
	_, err := c.DefaultBranch(t.Context(), "acme/shop")
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter == 0 || IsUnclear(err) || !strings.Contains(e.UserMessage(), "hands full") {
		t.Errorf("third call: %v", err)
	}
	close(release)
	wg.Wait()
	go func() { <-arrived }()
	if _, err := c.DefaultBranch(t.Context(), "acme/shop"); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

// A single deploy never waits for its turn; a bulk of changes is spread, and what would wait long comes again later.
func TestChangesAreSpaced(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	c := f.client(t)
	began := time.Now()
	for i := range 5 {
		if _, err := c.postRepo(t.Context(), "change it", "acme/shop", nil, nil, "things"); err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
	}
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("five changes took %v", took)
	}
	for c.writes.Tokens() > -3 {
		c.writes.Reserve()
	}
	_, err := c.postRepo(t.Context(), "change it", "acme/shop", nil, nil, "things")
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter <= maxWriteWait || IsUnclear(err) {
		t.Errorf("beyond the bulk: %v", err)
	}
	if n := len(f.requests()); n != 5 {
		t.Errorf("%d changes were sent", n)
	}
}

func TestNextPage(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"": "",
		`<https://api.github.com/repositories/1/branches?per_page=100&page=3>; rel="next", <https://api.github.com/repositories/1/branches?page=9>; rel="last"`: "3",
		`<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=1>; rel="first"`:                                                         "",
		`<:%>; rel="next"`: "",
	} {
		if got := pageLink(http.Header{"Link": {link}}, "next"); got != want {
			t.Errorf("%s: got %q, want %q", link, got, want)
		}
	}
}
