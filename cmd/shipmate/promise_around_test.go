package main

import (
	"net/http"
	"sync/atomic"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func TestWhatFallsIllIsToldAndRolledBack(t *testing.T) {
	t.Parallel()
	var answer atomic.Int64
	answer.Store(http.StatusOK)
	h := newHarness(t, func(s *stage) { s.watched(func() int { return int(answer.Load()) }) })
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*", "healthy since")
	ana.sees("stayed healthy for 10 min")
	h.checkout().Commit("main", "ben", "Break it", githubtest.Files{"app.txt": "broken"})
	ana.types("/deploy checkout staging").seesCard(2, "✅ *checkout*", "healthy since")
	answer.Store(http.StatusServiceUnavailable)
	ana.seesCard(2, "may be unhealthy: it answered 503, not 200")
	h.restart()
	ana.seesCard(2, "⚠️ *checkout*", "and unhealthy: it answered 503, not 200")
	ana.readsInThread("did not stay healthy", "<@"+ana.id+">").presses("Roll back")
	ana.hearsOnly("Roll *checkout* in *staging* back").presses("Roll back")
	answer.Store(http.StatusOK)
	ana.seesCard(3, "is back at", "healthy since")
	h.mayHear("did not stay healthy")
	h.runs("acme/checkout", 3)
}
