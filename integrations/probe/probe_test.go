package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/probe"
)

// site answers as health checks do, well and badly.
func site(t *testing.T, elsewhere string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.UserAgent() != "shipmate/test" || r.Header.Get("Authorization")+r.Header.Get("Cookie") != "" {
			t.Errorf("asked with %s %v", r.Method, r.Header)
		}
		fmt.Fprint(w, `{"status": "ok"}`)
	})
	mux.HandleFunc("/down", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "secret words", http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/drips", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat("x", 1<<20), "at the end")
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) })
	mux.HandleFunc("/secure", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+"/ok", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/port", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/ok", http.StatusFound)
	})
	mux.HandleFunc("/around", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/around", http.StatusFound) })
	mux.HandleFunc("/gone", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestLook(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect led to another host") }))
	t.Cleanup(other.Close)
	s := site(t, strings.Replace(other.URL, "127.0.0.1", "localhost", 1))
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it is refused on purpose
	tls.StartTLS()
	t.Cleanup(tls.Close)
	client := probe.New(probe.Config{UserAgent: "shipmate/test"})
	for _, c := range []struct {
		url    string
		status int
		body   string
		quick  bool // its limit is a moment
		want   string
	}{
		{url: s.URL + "/ok"},
		{url: s.URL + "/ok", body: `"ok"`},
		{url: s.URL + "/moved", body: "ok"},
		{url: s.URL + "/down", status: 503},
		{url: s.URL + "/away", status: 302},
		{url: s.URL + "/ok", status: 302, want: "it answered 200, not 302"},
		{url: s.URL + "/ok", body: "fine", want: `its answer does not contain "fine"`},
		{url: s.URL + "/down", want: "it answered 503, not 200"},
		{url: s.URL + "/none", want: "it answered 404, not 200"},
		{url: s.URL + "/slow", quick: true, want: "it did not answer within 30ms"},
		{url: s.URL + "/drips", quick: true, want: "it did not answer within 30ms"},
		{url: s.URL + "/long", body: "at the end", want: `its answer does not contain "at the end"`},
		{url: s.URL + "/away", want: "it redirects to another host"},
		{url: s.URL + "/secure", want: "it redirects between http and https"},
		{url: s.URL + "/port", want: "it redirects to another port of its host"},
		{url: s.URL + "/around", want: "it redirects without end"},
		{url: s.URL + "/gone", want: "it could not be reached"},
		{url: "http://" + closed(t), want: "nothing listens there"},
		{url: tls.URL, want: "its certificate is not valid"},
	} {
		check := probe.Check{URL: c.url, Status: 200, Body: c.body, Latency: 10 * time.Second}
		if c.status != 0 {
			check.Status = c.status
		}
		if c.quick {
			check.Latency = 30 * time.Millisecond
		}
		if wrong, err := client.Look(context.Background(), check); wrong != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", c.url, wrong, err, c.want)
		}
	}
}

// closed is an address where nothing listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestLookWhenStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wrong, err := probe.New(probe.Config{}).Look(ctx, probe.Check{URL: site(t, "").URL + "/ok", Status: 200, Latency: time.Second})
	if wrong != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", wrong, err)
	}
}
