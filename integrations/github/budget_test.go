package github

import (
	"net/http"
	"testing"
	"time"
)

// Once a limit is met nothing is sent until it is over, and then it is.
func TestHold(t *testing.T) {
	t.Parallel()
	limited := true
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if limited {
			refusing(429, "secondary rate limit")(w, r)
			return
		}
		reply(w, 200, map[string]string{"default_branch": "main"})
	})
	c := f.client(t)
	ask := func() error {
		_, err := c.DefaultBranch(t.Context(), "acme/shop")
		return err
	}
	for i, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		if err := ask(); !IsRateLimited(err) || len(f.requests()) != i+1 {
			t.Fatalf("refusal %d: %v", i, err)
		}
		f.clock.Advance(wait - time.Second)
		err := ask()
		if !IsRateLimited(err) || len(f.requests()) != i+1 {
			t.Fatalf("while it holds: %v after %d requests", err, len(f.requests()))
		}
		if pace := c.Pace(); pace != time.Second {
			t.Errorf("Pace is %v with a second to go", pace)
		}
		f.clock.Advance(time.Second)
	}
	limited = false
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	limited = true
	if ask(); c.Pace() != time.Minute {
		t.Errorf("after it was well again the wait is %v", c.Pace())
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	remaining, resource := "5000", "core"
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Remaining", remaining)
		w.Header().Set("X-RateLimit-Reset", stamp(noon.Add(30*time.Minute)))
		w.Header().Set("X-RateLimit-Resource", resource)
		reply(w, 200, map[string]string{"default_branch": "main"})
	})
	c := f.client(t)
	if c.Pace() != 0 || c.Rate() != (Rate{}) {
		t.Error("slow before anything is known")
	}
	for _, tt := range []struct {
		remaining, resource string
		want                time.Duration
	}{
		{"5000", "core", 0},
		{"2501", "core", 0},
		{"2300", "core", time.Second}, // 1,800 to spend in 1,800 s
		{"590", "core", 20 * time.Second},
		{"500", "core", time.Minute},
		{"4999", "search", time.Minute}, // not ours: nothing changes
	} {
		remaining, resource = tt.remaining, tt.resource
		if _, err := c.DefaultBranch(t.Context(), "acme/shop"); err != nil {
			t.Fatal(err)
		}
		if got := c.Pace(); got != tt.want {
			t.Errorf("with %s of %s left: %v, want %v", tt.remaining, tt.resource, got, tt.want)
		}
	}
	if r := c.Rate(); r != (Rate{5000, 500, noon.Add(30 * time.Minute)}) {
		t.Errorf("rate %+v", r)
	}
	f.clock.Advance(31 * time.Minute)
	if c.Pace() != 0 {
		t.Error("slow after the reset")
	}
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	h := http.Header{"Date": {noon.Format(http.TimeFormat)}, "Retry-After": {noon.Add(90 * time.Second).Format(http.TimeFormat)}}
	if got := retryAfter(h); got != 90*time.Second {
		t.Errorf("got %v", got)
	}
}
