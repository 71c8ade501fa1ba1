package main

import (
	"context"
	"testing"
	"time"
)

// What is past the retention goes by itself; the last good deployment stays, however old.
func TestOldDeploymentsAreSwept(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments")
	ana.types("/deploy checkout staging").sees("✅ *checkout*")
	for _, n := range []string{"second", "third"} {
		h.checkout().Commit("main", "ana", "The "+n, nil)
		ana.types("/deploy checkout staging because it is the "+n).sees("it is the "+n, "✅ *checkout*")
	}
	count := func() int {
		all, err := h.app.deliveries.History(context.Background(), "checkout", "staging", 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := count(); n != 3 {
		t.Fatalf("%d deployments", n)
	}
	h.leaps(h.app.live.Current().Retention.Duration + 24*time.Hour)
	h.later("the oldest is gone, what runs and what to go back to are not", func() bool { return count() == 2 })
}
