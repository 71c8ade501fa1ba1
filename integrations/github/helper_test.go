package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"shipmate/clock"
)

const marker = "ghp_MARKERmarkerMARKERmarker0123456789"

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// fake is a server of a few answers, for what a whole GitHub cannot be made to do.
type fake struct {
	*httptest.Server
	clock *clock.Manual
	mu    sync.Mutex
	seen  []string // method, escaped path and query of every request
}

func serve(t *testing.T, h http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{clock: clock.NewManual(noon)}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.URL.RequestURI())
		f.mu.Unlock()
		h(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.seen...)
}

// client speaks to the fake, with hardly a pause between tries.
func (f *fake) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{APIURL: f.URL, Token: marker, Clock: f.clock, Timeout: 5 * time.Second}
	for _, fn := range change {
		fn(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.pauses = []time.Duration{time.Millisecond, time.Millisecond}
	return c
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func refusing(status int, message string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		reply(w, status, map[string]any{"message": message, "documentation_url": "https://docs.github.com/rest"})
	}
}

// hangUp drops the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.Close()
}

func stamp(t time.Time) string { return fmt.Sprint(t.Unix()) }
