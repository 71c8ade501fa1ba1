package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"shipmate/sandbox"
)

func TestOnlyItsOwnPageMayUseTheStage(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	host := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"the page", func(*http.Request) {}, 200},
		{"its own origin", func(r *http.Request) { r.Header.Set("Origin", server.URL) }, 200},
		{"by the name localhost", func(r *http.Request) { r.Host = "localhost:1234" }, 200},
		{"a name that resolves here", func(r *http.Request) { r.Host = "evil.example" }, 421},
		{"that name with the right port", func(r *http.Request) { r.Host = "evil.example:" + host[strings.LastIndex(host, ":")+1:] }, 421},
		{"another origin", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"another port of this machine", func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") }, 403},
		{"an opaque origin", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		{"another site, without Origin", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"a form of another page", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/door", strings.NewReader(`{"lever":"none"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		c.change(r)
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.want)
		}
	}
}

func TestALinkToThePageWorks(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	for path, want := range map[string]int{"/": 200, "/api/state": 403, "/clock": 403} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s from elsewhere: %d, want %d", path, res.StatusCode, want)
		}
	}
}
