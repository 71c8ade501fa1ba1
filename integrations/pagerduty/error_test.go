package pagerduty

import (
	"context"
	"errors"
	"io"
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
	tests := []struct {
		name       string
		handler    http.HandlerFunc
		status     int
		code       int
		retryAfter time.Duration
		is         string // of limited, missing, passing
		unclear    bool   // when it was a change
		says       string
	}{
		{"bad credentials", refusing(401, 2006, "Unauthorized"), 401, 2006, 0, "", false, "does not accept Shipmate's credentials"},
		{"no permission", refusing(403, 2010, "Access Denied"), 403, 2010, 0, "", false, "does not let Shipmate do this with incident PX: Access Denied."},
		{"unknown", refusing(404, 2100, "Not Found"), 404, 2100, 0, "missing", false, "PagerDuty does not know incident PX; check its ID"},
		{"unknown by its number", refusing(400, 2100, "Not Found"), 400, 2100, 0, "missing", false, "PagerDuty refused: Not Found."},
		{"not in the plan", refusing(402, 2014, "The account lacks an ability"), 402, 2014, 0, "", false, "plan for this account does not include that: The account"},
		{"nobody to act for", refusing(400, 1008, "No such requester"), 400, 1008, 0, "", false, "knows nobody with the e-mail address"},
		{"malformed From", refusing(400, 1028, "Malformed"), 400, 1028, 0, "", false, "knows nobody with the e-mail address"},
		{"nobody on call", refusing(400, 1015, "Nobody"), 400, 1015, 0, "", false, "Nobody is on call there"},
		{"not theirs to do", refusing(403, 1018, "Unauthorized"), 403, 1018, 0, "", false, "does not let that person do this"},
		{"cannot escalate", refusing(400, 1006, "Cannot be escalated"), 400, 1006, 0, "", false, "cannot be escalated to that level"},
		{"too many at once", refusing(413, 2001, "Too Large"), 413, 2001, 0, "", false, "PagerDuty refused: Too Large."},
		{"limit with headers", refusing(429, 2020, "Rate Limit Exceeded", "ratelimit-limit", "960", "ratelimit-remaining", "0", "ratelimit-reset", "12"),
			429, 2020, 12 * time.Second, "limited passing", false, "rate limit for Shipmate is used up; nothing was changed, try again in 12 s"},
		{"limit with Retry-After", refusing(429, 2020, "Rate Limit Exceeded", "Retry-After", "7"), 429, 2020, 7 * time.Second, "limited passing", false, "try again in 7 s"},
		{"limit without a word", refusing(429, 0, "Too Many Requests"), 429, 0, 30 * time.Second, "limited passing", false, "try again in 30 s"},
		{"limit with nonsense", refusing(429, 2020, "Limit", "ratelimit-reset", "soon"), 429, 2020, 30 * time.Second, "limited passing", false, "try again in 30 s"},
		{"limit for ages", refusing(429, 2020, "Limit", "ratelimit-reset", "999999"), 429, 2020, 10 * time.Minute, "limited passing", false, "try again in 10 min"},
		{"time-out of theirs", refusing(400, 2016, "Timeout"), 400, 2016, 0, "passing", true, "PagerDuty took too long over it"},
		{"server error", refusing(500, 2000, "Internal Error"), 500, 2000, 0, "passing", true, "PagerDuty has a problem of its own (500); nothing was changed"},
		{"page of a gateway", page(502), 502, 0, 0, "passing", true, "PagerDuty has a problem of its own (502)"},
		{"proxy that wants credentials", page(407), 0, 0, 0, "passing", false, "Shipmate cannot reach PagerDuty"},
		{"proxy that refuses", page(403), 0, 0, 0, "passing", false, "Shipmate cannot reach PagerDuty"},
		{"dropped", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, 0, 0, 0, "passing", true, "Shipmate cannot reach PagerDuty"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			w.Write([]byte(`{"incident"`))
		}, 0, 0, 0, "passing", true, "Shipmate cannot reach PagerDuty"},
		{"captive portal", page(200), 200, 0, 0, "", true, "an answer Shipmate does not understand"},
		{"moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, 302, 0, 0, "", false, "an answer Shipmate does not understand"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, tt.handler).client(t).Incident(t.Context(), "PX")
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Status != tt.status || e.Code != tt.code || e.RetryAfter != tt.retryAfter || e.Unclear {
				t.Errorf("read: got %+v", e)
			}
			is := strings.Contains
			if IsRateLimited(err) != is(tt.is, "limited") || IsNotFound(err) != is(tt.is, "missing") || IsPassing(err) != is(tt.is, "passing") || IsUnclear(err) {
				t.Errorf("read: limited %v, not found %v, passing %v, unclear %v", IsRateLimited(err), IsNotFound(err), IsPassing(err), IsUnclear(err))
			}
			if !strings.Contains(e.UserMessage(), tt.says) {
				t.Errorf("people are told %q, want %q in it", e.UserMessage(), tt.says)
			}
			if said := e.ReadMessage(); strings.Contains(said, "changed") || !strings.HasSuffix(said, ".") {
				t.Errorf("who reads is told %q", said)
			}
			f := serve(t, tt.handler)
			err = f.client(t).Resolve(t.Context(), "", "PX")
			if IsUnclear(err) != tt.unclear {
				t.Errorf("change: unclear %v in %v", IsUnclear(err), err)
			}
			if errors.As(err, &e) && e.Unclear && strings.Contains(e.UserMessage(), "nothing was changed") {
				t.Errorf("an unclear change is told as %q", e.UserMessage())
			}
			if n := len(f.requests()); n != 1 {
				t.Errorf("the change was sent %d times", n)
			}
		})
	}
}

// PagerDuty's reasons come in several shapes; all of them are told, and none makes the error unreadable.
func TestReasons(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Title cannot be empty","Service is missing"]}}`: "Invalid Input Provided: Title cannot be empty; Service is missing (code 2001)",
		`{"error":{"message":"Invalid Input Provided","code":2001,"errors":"Title cannot be empty"}}`:                        "Invalid Input Provided: Title cannot be empty (code 2001)",
		`{"error":{"message":"Invalid","code":2001,"errors":{"b":["two"],"a":["one","other"]}}}`:                             "Invalid: a: one, other; b: two (code 2001)",
		`{"error":{"message":"Odd","code":2001,"errors":[{"x":1}]}}`:                                                         "Odd (code 2001)",
		`{"error":"just words"}`:  "400 just words",
		`{"error":["one","two"]}`: "400 one; two",
		`{"status":"invalid event","message":"the event is not valid","errors":["'routing_key' must have 32 characters"]}`: "the event is not valid: 'routing_key' must have 32 characters",
		`nonsense`: "400 Bad Request",
		``:         "400 Bad Request",
	} {
		f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(400)
			w.Write([]byte(body))
		})
		if _, err := f.client(t).Incident(t.Context(), "PX"); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", body, err, want)
		}
	}
}

// Waiting too long is the network's time-out, not a hang; the caller giving up is not PagerDuty's fault; and what never
// left cannot have happened.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	f := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then the server notices that the client has gone
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	slow := f.client(t, func(c *Config) { c.Timeout = 30 * time.Millisecond })
	_, err := slow.Incident(t.Context(), "PX")
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(e.UserMessage(), "PagerDuty answers slowly") || !IsPassing(err) {
		t.Errorf("slow read: %v", err)
	}
	if err := slow.Trigger(t.Context(), Event{Service: "PSVC1", Key: "k", Summary: "s"}); !IsUnclear(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("slow event: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.client(t).Incident(ctx, "PX"); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	f.Close()
	if err := f.client(t).Resolve(t.Context(), "", "PX"); err == nil || IsUnclear(err) || !IsPassing(err) {
		t.Errorf("nobody there: %v", err)
	}
}

// Reads are repeated when that may help, twice; refusals are not.
func TestReadsAreRepeated(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) {
		case 1:
			hangUp(w)
		case 2:
			page(503)(w, nil)
		default:
			reply(w, 200, map[string]any{"incident": map[string]any{"id": "PX"}})
		}
	})
	if i, err := f.client(t).Incident(t.Context(), "PX"); err != nil || i.ID != "PX" {
		t.Errorf("%+v, %v", i, err)
	}
	f = serve(t, page(503))
	if _, err := f.client(t).Incident(t.Context(), "PX"); err == nil || len(f.requests()) != 3 {
		t.Errorf("%v after %d requests", err, len(f.requests()))
	}
	f = serve(t, refusing(404, 2100, "Not Found"))
	if _, err := f.client(t).Incident(t.Context(), "PX"); err == nil || len(f.requests()) != 1 {
		t.Errorf("%v after %d requests", err, len(f.requests()))
	}
}

// When all slots are taken a call is refused at once, and nothing is queued.
func TestCap(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		reply(w, 200, map[string]any{"incident": map[string]any{"id": "PX"}})
	})
	c := f.client(t, func(c *Config) { c.Concurrency = 2 })
	done := make(chan error, 2)
	for range 2 {
		go func() { _, err := c.Incident(context.Background(), "PX"); done <- err }()
	}
	<-arrived
	<-arrived
	_, err := c.Incident(t.Context(), "PX")
	var e *Error
	if !errors.As(err, &e) || e.Status != 0 || e.RetryAfter == 0 || !IsPassing(err) || !strings.Contains(e.UserMessage(), "hands full") {
		t.Errorf("the third call: %v", err)
	}
	close(release)
	if err := errors.Join(<-done, <-done); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	f := serve(t, page(500))
	for name, cfg := range map[string]Config{
		"no clock":           {},
		"not https":          {APIURL: "http://api.pagerduty.example", Clock: f.clock},
		"events not https":   {EventsURL: "http://events.pagerduty.example", Clock: f.clock},
		"password inside":    {APIURL: "https://me:secret@api.pagerduty.example", Clock: f.clock},
		"no address":         {APIURL: "api.pagerduty.com", Clock: f.clock},
		"from is no address": {From: "Shipmate", Clock: f.clock},
	} {
		if _, err := New(cfg); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := New(Config{Clock: f.clock})
	if err != nil || c.Configured() || c.api.String() != "https://api.pagerduty.com" || c.events.String() != "https://events.pagerduty.com" {
		t.Errorf("defaults: %+v, %v", c, err)
	}
	_, err = c.OnCalls(t.Context(), OnCallQuery{})
	var e *Error
	if !IsNotConfigured(err) || IsPassing(err) || !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "not set up") {
		t.Errorf("without a token: %v", err)
	}
	noFrom := f.client(t, func(c *Config) { c.From = "" })
	if err := noFrom.Resolve(t.Context(), "", "PX"); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "pagerduty.from") || len(f.requests()) != 0 {
		t.Errorf("nobody to act for: %v", err)
	}
	if err := noFrom.Resolve(t.Context(), "Ana\r\nX: y", "PX"); err == nil || len(f.requests()) != 0 {
		t.Errorf("a From that is two headers: %v", err)
	}
	if _, err := c.Incident(t.Context(), ".."); err == nil {
		t.Error("an ID of two dots was taken")
	}
}
