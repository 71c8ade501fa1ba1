package pagerduty

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A server that tells back everything it was sent, in every way an answer can, gets no token and no routing key into an
// error, a message for people or the log.
func TestNoSecretIsTold(t *testing.T) {
	t.Parallel()
	const looked = "R0LOOKEDlookedLOOKEDlooked987654"
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/services/") {
				reply(w, 200, map[string]any{"service": map[string]any{"id": "PSVC2", "integrations": []any{
					map[string]any{"id": "PI1", "type": eventsV2, "integration_key": looked}}}})
				return
			}
			body, _ := io.ReadAll(r.Body)
			told := "you sent " + r.Header.Get("Authorization") + " and " + string(body)
			w.Header().Set("Location", "http://user:"+marker+"@127.0.0.1:1/?token="+marker)
			reply(w, status, map[string]any{"error": map[string]any{"message": told, "errors": []string{told}}, "message": told, "errors": []string{told}})
		}
	}
	handlers := map[string]http.HandlerFunc{"dropped": func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }}
	for _, status := range []int{200, 202, 301, 302, 307, 400, 401, 402, 403, 404, 413, 429, 500} {
		handlers[http.StatusText(status)] = echo(status)
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, h)
			var log bytes.Buffer
			c := f.client(t, func(c *Config) {
				c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			_, err1 := c.OnCalls(t.Context(), OnCallQuery{})
			_, err2 := c.EnsureIncident(t.Context(), NewIncident{Service: "PSVC1", Title: "t", Key: "k"})
			err3 := c.Trigger(t.Context(), Event{Service: "PSVC1", Key: "k", Summary: "s"})
			err4 := c.Trigger(t.Context(), Event{Service: "PSVC2", Key: "k", Summary: "s"})
			_, err5 := c.RoutingKey(t.Context(), "PSVC3")
			err6 := c.EnsureNote(t.Context(), "", "PX", "text", "mark")
			var told strings.Builder
			for _, err := range []error{err1, err2, err3, err4, err5, err6} {
				tell(&told, err)
			}
			all := told.String() + log.String()
			if len(all) < 200 {
				t.Fatalf("little was told: %q", all)
			}
			for _, secret := range []string{marker, routingKey, looked, "MARKERmarker", "LOOKED"} {
				if strings.Contains(all, secret) {
					t.Errorf("%q is told in: %s", secret, all)
				}
			}
		})
	}
}

// tell writes down everything that can be had out of an error.
func tell(told *strings.Builder, err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		told.WriteString(err.Error() + "\n")
		var e *Error
		if errors.As(err, &e) {
			told.WriteString(e.Message + "\n" + e.UserMessage() + "\n")
		}
	}
}

// The token goes to the REST API and to nobody else: not with events, not along a redirect.
func TestTokenStaysHome(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := map[string][]string{}
	record := func(where string, next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			sent[where] = append(sent[where], r.Header.Get("Authorization"))
			mu.Unlock()
			next(w, r)
		}
	}
	elsewhere := serve(t, record("elsewhere", page(200)))
	events := serve(t, record("events", func(w http.ResponseWriter, _ *http.Request) { reply(w, 202, map[string]string{"status": "success"}) }))
	api := serve(t, record("api", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/x", http.StatusTemporaryRedirect)
	}))
	c := api.client(t, func(c *Config) { c.EventsURL = events.URL })
	if _, err := c.Incident(t.Context(), "PX"); err == nil {
		t.Error("a redirect was followed")
	}
	if err := c.Trigger(t.Context(), Event{Service: "PSVC1", Key: "k", Summary: "s"}); err != nil {
		t.Error(err)
	}
	if len(sent["elsewhere"]) != 0 || strings.Join(sent["events"], "") != "" || strings.Join(sent["api"], "") != "Token token="+marker {
		t.Errorf("sent: %q", sent)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header
		reply(w, 200, map[string]any{"incident": map[string]any{"id": "PX"}})
	})
	c := f.client(t, func(c *Config) { c.UserAgent = "shipmate/1.2" })
	if err := c.Resolve(t.Context(), "ana@acme.example", "PX"); err != nil {
		t.Fatal(err)
	}
	h := <-got
	for name, want := range map[string]string{"From": "ana@acme.example", "User-Agent": "shipmate/1.2", "Accept": "application/vnd.pagerduty+json;version=2", "Content-Type": "application/json"} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.Get(name), want)
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	r := newRedactor("plainpassword")
	r.learn("short") // would eat ordinary words
	for in, want := range map[string]string{
		"Authorization: Token token=y_NotReal12345678901":    "Authorization: Token ***",
		"key y_NotReal1234567890X and u+NotReal1234567890X":  "key *** and ***",
		"routing_key R0NotARealKeyNotARealKey01234567":       "routing_key ***",
		`{"routing_key":"0123456789abcdef0123456789abcdef"}`: `{"routing_key":"***"}`,
		"?routing_key=abc&x=1":                               "***&x=1",
		"Bearer abcdefghijklmnop":                            "***",
		"slack xoxb-1234567890-abcdefghij":                   "slack ***",
		"https://user:hunter22@example.com/x":                "https://***@example.com/x",
		"my plainpassword is short":                          "my *** is short",
		"incident Q1ABCDEFGHIJKL on PSVC1 at 2026-11-20T12:00:00Z, escalate_log_entry, acknowledgement_timeout": "incident Q1ABCDEFGHIJKL on PSVC1 at 2026-11-20T12:00:00Z, escalate_log_entry, acknowledgement_timeout",
	} {
		if got := r.mask(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for i := range 200 {
		r.learn(strings.Repeat("x", 6+i))
	}
	if got := r.mask("plainpassword"); got != masked {
		t.Errorf("after many keys it forgot the first: %q", got)
	}
}

// A key that was looked up is known to the redactor, and is looked up again when it is ten minutes old or was refused.
func TestRoutingKeyIsRemembered(t *testing.T) {
	t.Parallel()
	status := 202
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/services/PSVC2/integrations/PI2":
			reply(w, 200, map[string]any{"integration": map[string]any{"id": "PI2", "type": eventsV2, "integration_key": routingKey}})
		case r.URL.Path == "/services/PSVC2":
			reply(w, 200, map[string]any{"service": map[string]any{"id": "PSVC2", "integrations": []any{
				map[string]any{"id": "PI1", "type": "generic_email_inbound_integration"}, map[string]any{"id": "PI2", "type": eventsV2 + "_reference"}}}})
		default:
			reply(w, status, map[string]any{"status": "x", "message": "m"})
		}
	})
	c := f.client(t, func(c *Config) { c.Keys = nil })
	lookups := func() (n int) {
		for _, r := range f.requests() {
			if strings.HasPrefix(r, "GET /services/PSVC2?") {
				n++
			}
		}
		return n
	}
	e := Event{Service: "PSVC2", Key: "k", Summary: "s"}
	for range 2 {
		if err := c.Trigger(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if lookups() != 1 {
		t.Errorf("looked up %d times: %q", lookups(), f.requests())
	}
	f.clock.Advance(remembered)
	if err := c.Trigger(t.Context(), e); err != nil || lookups() != 2 {
		t.Errorf("%v, looked up %d times after %s", err, lookups(), remembered)
	}
	status = 400
	if err := c.Trigger(t.Context(), e); err == nil {
		t.Error("a refusal is no error")
	}
	status = 202
	if err := c.Trigger(t.Context(), e); err != nil || lookups() != 3 {
		t.Errorf("%v, looked up %d times after a refusal", err, lookups())
	}
	if d := time.Duration(remembered); d > time.Hour {
		t.Errorf("remembered for %s", d)
	}
}
