package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/delivery"
)

// broken is a deployment of ben's past shut gates that was cancelled, which leaves its review open.
func (h *house) broken() *delivery.Deployment {
	h.Helper()
	d, err := h.deps.Delivery.Deploy(context.Background(), delivery.Want{Request: "past shut gates", At: h.clock.Now(), Service: "checkout",
		Environment: "sealed", By: h.ben, Glass: true, Reason: "orders are lost"})
	if err != nil {
		h.Fatal(err)
	}
	if _, err := h.deps.Delivery.Cancel(context.Background(), delivery.Stop{Request: "and stop", By: h.ben, ID: d.ID}); err != nil {
		h.Fatal(err)
	}
	return d
}

func TestBreakGlassAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ben, "/deploy lock checkout sealed the database moves")
	h.shown("is locked by <@" + h.ben + ">")
	h.types(h.ana, "/deploy break-glass checkout staging orders are lost")
	h.told(h.ana, "Nothing may be skipped on *staging*")
	h.types(h.ana, "/deploy break-glass checkout sealed Confirmed orders are lost") // what only buttons say does not count when it is typed
	h.told(h.ana, "Break the glass and deploy")
	h.runs(0)
	h.types(h.ana, "/deploy break-glass checkout sealed orders are lost")
	question := h.told(h.ana, "Break the glass and deploy")
	for _, words := range []string{"🔨 It is locked by <@" + h.ben + ">", "🔨 It needs 2 approvals."} {
		if !strings.Contains(whole(question), words) {
			t.Errorf("the question does not say %q: %s", words, whole(question))
		}
	}
	h.presses(h.ana, question, "Break the glass")
	card := h.shown("✅ *checkout*")
	if !strings.Contains(whole(card), "orders are lost") || !strings.Contains(whole(card), "has broken the glass. Skipped:") {
		t.Errorf("the card: %s", whole(card))
	}
	h.threaded(card, "<!subteam^")
	h.find("the owner of the lock", "🔨 <@"+h.ana+"> has broken the glass", func() []slacktest.Message { return h.slack.DM(h.ben) })
	platform, _ := h.slack.Channel("platform")
	h.wait("the admins are told", time.Second, func() bool {
		return len(h.slack.Messages(platform.ID)) == 1 && strings.Contains(whole(h.slack.Messages(platform.ID)[0]), "has broken the glass")
	})
	h.types(h.ana, "/deploy reviews")
	h.told(h.ana, "1 review waits for a signature")
	h.repo.Commit("main", "ana", "Another", nil)
	h.passes(time.Minute)
	h.types(h.ana, "/deploy break-glass checkout sealed once more")
	h.told(h.ana, "Nobody has signed the review of your last one yet")
	card = h.shown("✅ *checkout*")
	h.presses(h.ana, card, "Sign the review")
	h.told(h.ana, "Somebody other than you has to sign it")
	h.presses(h.ben, card, "Sign the review")
	h.shown("<@" + h.ben + "> has signed the review")
	h.types(h.cy, "/deploy reviews")
	h.told(h.cy, "No review waits")
}
