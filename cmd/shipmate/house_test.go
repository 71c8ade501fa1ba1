package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"shipmate/incident"
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

// So do incidents, and only those that are over.
func TestOldIncidentsAreSwept(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("") // what is said beside is of no interest here
	h.as("ana").in("#payments").declares("Payments fail", "sev2", "checkout")
	h.room("inc-1-payments-fail")
	h.as("ana").in("#payments").types("/incident status #1 resolved").sees("✅ *INC-1* is *resolved*")
	h.as("ben").in("#payments").declares("Search is slow", "sev2", "checkout")
	h.room("inc-2-search-is-slow")
	known := func(n int) bool {
		_, err := h.app.incidents.Numbered(context.Background(), n)
		if err != nil && !errors.Is(err, incident.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	if !known(1) || !known(2) {
		t.Fatal("the incidents are not there")
	}
	h.leaps(h.app.live.Current().Retention.Duration + 24*time.Hour)
	h.later("what is over is gone, what is open is not", func() bool { return !known(1) && known(2) })
}
