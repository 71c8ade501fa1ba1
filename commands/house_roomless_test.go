package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/incident"
)

// declaresRestricted has ana declare a restricted incident in #payments.
func (h *house) declaresRestricted() *incident.Incident {
	h.Helper()
	i, err := h.deps.Incidents.Declare(context.Background(), incident.DeclareWant{Request: "hush", At: h.clock.Now(), By: h.ana, Channel: h.payments,
		Title: "keys leaked", Severity: "sev1", Services: []string{"checkout"}, Private: true, Page: true})
	if err != nil {
		h.Fatal(err)
	}
	return i
}

// Slack makes no channels: a restricted incident stands in the direct message of whoever declared it, works from there, and nobody is
// told that it does anywhere else.
func TestARestrictedIncidentWithoutAChannel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.slack.SetRules(slacktest.Rules{BotsMakeNoChannels: true})
	h.declaresRestricted()
	h.open()
	h.dm(h.ana, "has no channel: Slack refused: restricted_action. An administrator of the workspace can let apps do that.")
	card := h.dm(h.ana, "keys leaked")
	h.presses(h.ana, card, "Take command")
	h.wait("ana commands", 200*time.Millisecond, func() bool { return h.dms(h.ana, "Take command") == 0 })
	h.types(h.ana, "/incident update #1 we turn the keys")
	h.until("a form asks", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	form := h.slack.Views(h.ana)[0]
	if !strings.Contains(string(form.Blocks), "Nobody is told") {
		t.Errorf("the form promises to tell somebody: %s", form.Blocks)
	}
	envelope, err := h.slack.Submit(h.ana, form.ID, slacktest.Values{"text/v": {"we turn the keys"}})
	if err != nil {
		t.Fatal(err)
	}
	h.acked(envelope)
	h.told(h.ana, "Nobody is told: *INC-1* is restricted and has no channel")
	h.types(h.ana, "/incident role #1 comms <@"+h.ben+">")
	h.presses(h.ben, h.dm(h.ben, "we turn the keys"), "Identified")
	h.find("the card of ana shows it", "identified", func() []slacktest.Message { return h.slack.DM(h.ana) })
	h.types(h.cy, "/incident status #1 resolved")
	h.told(h.cy, "restricted incident")
	h.types(h.ana, "/incident note what nobody may read")
	h.told(h.ana, "Which incident?")
	h.until("it is audited", func() bool { return strings.Contains(h.everything(), "audit: incident note") })
	for _, m := range h.slack.Messages(h.payments) {
		if strings.Contains(whole(m), "INC-1") {
			t.Errorf("#payments shows %s", whole(m))
		}
	}
	if got := h.everything(); strings.Contains(got, "audit: incident note what") {
		t.Error("the audit log has what was written")
	}
}
