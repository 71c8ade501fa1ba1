package commands_test

import (
	"context"
	"strings"
	"testing"

	"shipmate/bot/slacktest"
	"shipmate/incident"
)

// Whoever declared an incident is told that somebody deploys past it, and who does is shown which it is before they do.
func TestBreakGlassPastAnIncidentAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.configure("skip: [approvals, lock]", "skip: [approvals, lock, incident]")
	h.open()
	if _, err := h.deps.Incidents.Declare(context.Background(), incident.DeclareWant{Request: "hold", At: h.clock.Now(), By: h.ben, Channel: h.payments,
		Title: "payments fail", Severity: "sev2", Services: []string{"checkout"}}); err != nil {
		t.Fatal(err)
	}
	h.types(h.ana, "/deploy checkout sealed")
	refused := h.told(h.ana, "Not deployed: *INC-1* is open (sev2, investigating): payments fail. It clears when *INC-1* (<#")
	if !strings.Contains(whole(refused), "can make an exception in an emergency") {
		t.Errorf("refused with: %s", whole(refused))
	}
	h.types(h.ana, "/deploy break-glass checkout sealed the fix is merged")
	question := h.told(h.ana, "Break the glass and deploy")
	if !strings.Contains(whole(question), "🔨 *INC-1* is open") {
		t.Errorf("asked: %s", whole(question))
	}
	h.presses(h.ana, question, "Break the glass")
	h.shown("✅ *checkout*")
	h.find("who declared it", "🔨 <@"+h.ana+"> has broken the glass", func() []slacktest.Message { return h.slack.DM(h.ben) })
}
