package main

import (
	"testing"

	"shipmate/integrations/github/githubtest"
)

// An incident keeps deployments of its service out and lets one go back; when it is mitigated whoever waits in line is told, and its
// timeline tells what was deployed meanwhile.
func TestAnIncidentKeepsDeploymentsOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) { s.team("storefront-eng", "ana", "ben") })
	h.mayHear("")
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
	bad := h.checkout().Commit("main", "ben", "Round prices", githubtest.Files{"prices.txt": "1"})[:7]
	ana.types("/deploy checkout staging").sees("✅ *checkout* `" + bad + "` is on *staging*")
	ana.declares("Payments fail", "sev2", "checkout")
	room := h.room("inc-1-payments-fail")
	h.as("ana").in(room).sees("🔴 *INC-1*", "Deployments of checkout wait until it is mitigated; rollbacks pass")

	fix := h.checkout().Commit("main", "ben", "Round prices right", githubtest.Files{"prices.txt": "2"})[:7]
	ana.types("/deploy checkout staging").isTold("Not deployed: *INC-1* is open (sev2, investigating): Payments fail. It clears when *INC-1* (<#" +
		h.channel(room) + ">) is mitigated; rollbacks pass.")
	ana.presses("Tell me when it is free").isTold("You are told in a direct message when *checkout* on *staging* is free")
	ana.types("/deploy why checkout staging").isTold("cannot be deployed now", "⛔ *INC-1* is open", "It is not frozen.")
	ana.types("/deploy status checkout").isTold("kept as it is by *INC-1* (sev2): Payments fail")
	ana.types("/deploy catalog staging").sees("✅ *catalog*") // of another service

	ana.types("/deploy rollback checkout staging").hearsOnly("Roll *checkout* in *staging* back").presses("Roll back")
	ana.sees("is back at")
	ana.types("/deploy unlock checkout staging").sees("is unlocked")
	ana.types("/deploy checkout staging").isTold("Not deployed: *INC-1* is open")

	inside := h.as("ana").in(room).types("/incident status mitigated").sees("*INC-1* is *mitigated*")
	direct := h.as("ana")
	direct.channel = h.slack.DMChannel(ana.id)
	direct.sees("🔔 *checkout* on *staging* is free now").presses("Deploy")
	ana.sees("✅ *checkout* `" + fix + "` is on *staging*")
	inside.types("/incident timeline").isTold("⏪ checkout", " staging succeeded, by <@"+ana.id+">", "🚀 checkout "+fix+" staging succeeded, by <@"+ana.id+">")
	inside.types("/incident severity sev1") // bad as it is, it hampers nobody any more
	ana.types("/deploy why checkout staging").isTold("No incident keeps it as it is.")
	h.runs("acme/checkout", 4)
}

// Of a restricted incident people who deploy learn only that there is one.
func TestARestrictedIncidentKeepsDeploymentsOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	ana := h.as("ana").in("#payments").declares("The keys leaked", "sev1", "checkout", "private")
	h.room("inc-1-restricted")
	ana.types("/deploy checkout staging").isTold("Not deployed: A restricted incident is open. It clears when it is mitigated; rollbacks pass.")
	ana.types("/deploy status checkout").isTold("kept as it is by a restricted incident")
	h.runs("acme/checkout", 0)
}
