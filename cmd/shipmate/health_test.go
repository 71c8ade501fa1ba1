package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"shipmate/bot/slacktest"
)

func TestDeafnessShowsInTheHealthCheck(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("could not hear Slack")
	h.app.health.patience = 0
	get := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.app.health.server.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		return w
	}
	if w := get(); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"sockets":`) {
		t.Fatalf("healthy: %d %s", w.Code, w.Body)
	}
	off, err := h.slack.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.LinkDisabled})
	if err != nil {
		t.Fatal(err)
	}
	h.still("it is unhealthy", func() bool { return get().Code == http.StatusServiceUnavailable })
	h.still("it says why", func() bool { return strings.Contains(get().Body.String(), "link_disabled") })
	off.Remove()
	h.still("it is well again", func() bool { return get().Code == http.StatusOK })
}
