package commands_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

func TestAnnouncedBesideItsCard(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy checkout told")
	card := h.shown("waits for 1 approval")
	releases := func() []slacktest.Message { return h.slack.Messages(h.releases) }
	said := h.find("in #releases", "waits for 1 approval", releases)
	if !strings.Contains(whole(said), "<!subteam^") || !strings.Contains(whole(said), "/deploy approve d-") {
		t.Errorf("the approvers are not asked there: %s", whole(said))
	}
	h.presses(h.ben, card, "Approve")
	h.shown("✅ *checkout*")
	h.find("in #releases", "✅ *checkout*", releases)
	platform, _ := h.slack.Channel("platform")
	h.find("in #platform", "I cannot announce anything in #nowhere", func() []slacktest.Message { return h.slack.Messages(platform.ID) })
	h.passes(time.Minute)
	h.cards(1) // where the card stands nothing more is said
	if n := len(releases()); n != 1 {
		t.Errorf("%d messages in #releases", n)
	}
}
