package main

import (
	"context"
	"testing"
	"time"

	"shipmate/clock"
)

// What is past the retention goes by itself; the last good deployment stays, however old.
func TestOldDeploymentsAreSwept(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments")
	ana.types("/deploy checkout staging").sees("✅ *checkout*")
	h.checkout().Commit("main", "ana", "Next", nil)
	ana.types("/deploy checkout staging because it is next").sees("it is next", "✅ *checkout*")
	count := func() int {
		all, err := h.app.deliveries.History(context.Background(), "checkout", "staging", 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := count(); n != 2 {
		t.Fatalf("%d deployments", n)
	}
	h.app.clock.(*clock.Manual).Advance(h.app.live.Current().Retention.Duration + 24*time.Hour)
	h.later("the older one is gone", func() bool { return count() == 1 })
}
