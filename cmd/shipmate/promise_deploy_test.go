package main

import "testing"

func TestDeployToItsEndWithOneCard(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	sha := h.checkout().Head("main")[:7]
	ana := h.as("ana").in("#payments").types("/deploy checkout staging because of the demo")
	ana.sees("🚀 Deploying *checkout* `"+sha+"` to *staging*", "Add a basket", "of the demo")
	ana.sees("✅ *checkout* `"+sha+"` is on *staging*", "View run", "<@"+ana.id+">")
	h.runs("acme/checkout", 1)
}
