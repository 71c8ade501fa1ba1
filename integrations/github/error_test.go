package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Every status and failure becomes one *Error, the same for reads and for changes except where a change may have
// happened.
func TestErrors(t *testing.T) {
	t.Parallel()
	secondary := "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	tests := []struct {
		name        string
		handler     http.HandlerFunc
		status      int
		retryAfter  time.Duration
		rateLimited bool
		notFound    bool
		unclear     bool // when it was a change
		says        string
	}{
		{"bad credentials", refusing(401, "Bad credentials"), 401, 0, false, false, false, "does not accept Shipmate's credentials"},
		{"no permission", refusing(403, "Resource not accessible by integration", "X-Accepted-GitHub-Permissions", "actions=write"),
			403, 0, false, false, false, "actions=write"},
		{"another reason", refusing(403, "Repository was archived so is read-only.", "X-Accepted-GitHub-Permissions", "actions=write"),
			403, 0, false, false, false, "with acme/shop: Repository was archived so is read-only."},
		{"single sign-on", refusing(403, "Resource protected", "X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"),
			403, 0, false, false, false, "single sign-on"},
		{"unknown", refusing(404, "Not Found"), 404, 0, false, true, false, "GitHub does not know acme/shop, or the token cannot see it."},
		{"conflict", refusing(409, "Conflict merging main"), 409, 0, false, false, false, "GitHub refused: Conflict merging main."},
		{"not valid", refusing(422, "Validation Failed"), 422, 0, false, false, false, "GitHub refused: Validation Failed."},
		{"primary limit", refusing(403, "API rate limit exceeded for user ID 1.", "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", stamp(noon.Add(20*time.Minute))),
			403, 20 * time.Minute, true, false, false, "rate limit for Shipmate is used up; nothing was changed, try again in 20 min"},
		{"primary limit as 429", refusing(429, "API rate limit exceeded", "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", stamp(noon.Add(90*time.Second))),
			429, 90 * time.Second, true, false, false, "try again in 2 min"},
		{"secondary limit", refusing(403, secondary, "Retry-After", "7"), 403, 7 * time.Second, true, false, false, "try again in 7 s"},
		{"secondary limit as 429", refusing(429, secondary, "Retry-After", "30"), 429, 30 * time.Second, true, false, false, "try again in 30 s"},
		{"secondary limit without Retry-After", refusing(403, secondary, "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "4000", "X-RateLimit-Reset", stamp(noon.Add(50*time.Minute))),
			403, time.Minute, true, false, false, "try again in 60 s"},
		{"429 without anything", refusing(429, "Too Many Requests"), 429, time.Minute, true, false, false, "try again in 60 s"},
		{"reset in the past", refusing(403, "API rate limit exceeded", "X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1700000000"),
			403, time.Second, true, false, false, "try again in 1 s"},
		{"server error", refusing(500, "Server Error"), 500, 0, false, false, true, "GitHub has a problem of its own (500); nothing was changed."},
		{"unicorn page", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>unicorn</html>", http.StatusServiceUnavailable)
		},
			503, 0, false, false, true, "GitHub has a problem of its own (503); nothing was changed."},
		{"proxy that wants credentials", page(407), 0, 0, false, false, false, "Shipmate cannot reach GitHub; nothing was changed."},
		{"proxy that refuses", page(403), 0, 0, false, false, false, "Shipmate cannot reach GitHub; nothing was changed."},
		{"proxy that knows nobody", page(401), 0, 0, false, false, false, "Shipmate cannot reach GitHub; nothing was changed."},
		{"dropped", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, 0, 0, false, false, true, "Shipmate cannot reach GitHub; nothing was changed."},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			w.Write([]byte(`{"default_branch"`))
		}, 0, 0, false, false, true, "Shipmate cannot reach GitHub; nothing was changed."},
		{"nonsense", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>captive portal</html>")) },
			200, 0, false, false, true, "GitHub gave an answer Shipmate does not understand"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, tt.handler).client(t).DefaultBranch(t.Context(), "acme/shop")
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Status != tt.status || e.RetryAfter.Round(time.Second) != tt.retryAfter || e.Unclear {
				t.Errorf("read: got %+v", e)
			}
			if IsRateLimited(err) != tt.rateLimited || IsNotFound(err) != tt.notFound || IsUnclear(err) {
				t.Errorf("read: limited %v, not found %v, unclear %v", IsRateLimited(err), IsNotFound(err), IsUnclear(err))
			}
			if !strings.Contains(e.UserMessage(), tt.says) {
				t.Errorf("people are told %q, want %q in it", e.UserMessage(), tt.says)
			}
			var out map[string]any
			_, err = serve(t, tt.handler).client(t).postRepo(t.Context(), "change it", "acme/shop", map[string]int{"a": 1}, &out, "things")
			if IsUnclear(err) != tt.unclear {
				t.Errorf("change: unclear %v in %v", IsUnclear(err), err)
			}
			if errors.As(err, &e) && e.Unclear && strings.Contains(e.UserMessage(), "nothing was changed") {
				t.Errorf("an unclear change is told as %q", e.UserMessage())
			}
		})
	}
}

// page answers as whoever stands between does, in HTML.
func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		w.Write([]byte("<html>Access denied by policy</html>"))
	}
}

// Waiting too long is the network's time-out, not a hang; the caller giving up is not GitHub's fault; and what never
// left cannot have happened.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	f := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	slow := f.client(t, func(c *Config) { c.Timeout = 30 * time.Millisecond })

	_, err := slow.DefaultBranch(t.Context(), "acme/shop")
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || e.UserMessage() != "GitHub answers slowly; nothing was changed." {
		t.Errorf("slow read: %v", err)
	}
	if n := len(f.requests()); n != 1 {
		t.Errorf("a read that timed out was sent %d times", n)
	}
	_, err = slow.postRepo(t.Context(), "change it", "acme/shop", nil, nil, "things")
	if !IsUnclear(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("slow change: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = slow.DefaultBranch(ctx, "acme/shop"); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}

	gone := f.client(t)
	gone.requests.BaseURL.Host = "127.0.0.1:1"
	_, err = gone.postRepo(t.Context(), "change it", "acme/shop", nil, nil, "things")
	if err == nil || IsUnclear(err) {
		t.Errorf("nobody listens: %v must be definite", err)
	}
}

// Reads are repeated twice when that may help; changes never.
func TestRepeating(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		change bool
		want   int
	}{
		{"read after 502", refusing(502, "Bad Gateway"), false, 3},
		{"read after a dropped connection", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, false, 3},
		{"read that is told to wait", refusing(503, "Unavailable", "Retry-After", "60"), false, 1},
		{"read that is refused", refusing(404, "Not Found"), false, 1},
		{"change after 502", refusing(502, "Bad Gateway"), true, 1},
		{"change after a dropped connection", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, tt.answer)
			k := get("try it", "acme/shop", []string{"x"}, nil, nil)
			if tt.change {
				k.method = http.MethodPost
			}
			if _, err := f.client(t).do(t.Context(), k); err == nil {
				t.Fatal("no error")
			}
			if n := len(f.requests()); n != tt.want {
				t.Errorf("sent %d times, want %d", n, tt.want)
			}
		})
	}
	t.Run("read that recovers", func(t *testing.T) {
		t.Parallel()
		var calls atomic.Int32
		f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) < 3 {
				hangUp(w)
				return
			}
			reply(w, 200, map[string]string{"default_branch": "main"})
		})
		if branch, err := f.client(t).DefaultBranch(t.Context(), "acme/shop"); err != nil || branch != "main" {
			t.Errorf("got %q, %v", branch, err)
		}
	})
}

// Errors made by hand, in the tests of whoever uses this package, read like real ones.
func TestUserMessageOfPlainErrors(t *testing.T) {
	t.Parallel()
	for e, want := range map[*Error]string{
		{Op: "x", Status: 404}:                                        "GitHub does not know this, or the token cannot see it.",
		{Op: "x", Status: 429, RetryAfter: 10 * time.Second}:          "GitHub's rate limit for Shipmate is used up; nothing was changed, try again in 10 s.",
		{Op: "x", Status: 502, Unclear: true}:                         "GitHub did not say whether it happened; Shipmate looks before it tries again.",
		{Op: "x", Status: 302}:                                        "GitHub says this has moved; its new name has to be configured.",
		{Op: "x", Status: 403, Message: "Must have admin rights"}:     "GitHub does not let Shipmate do this with this: Must have admin rights.",
		refuse("x", "acme/shop", "Nobody is called %s", "Ana-Maria."): "Nobody is called Ana-Maria.",
	} {
		if got := e.UserMessage(); got != want {
			t.Errorf("%v: got %q, want %q", e, got, want)
		}
	}
}
