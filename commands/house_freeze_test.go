package commands_test

import (
	"strings"
	"testing"

	"shipmate/bot/slacktest"
	"shipmate/config"
)

// deployersOfStaging makes the team of payments keepers of staging.
func (h *house) deployersOfStaging() *house {
	h.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(strings.Replace(houseYAML, "staging: {aliases: [stg]}",
		"staging: {aliases: [stg], deployers: [payments]}", 1)), config.Options{})
	if len(mistakes) > 0 {
		h.Fatal(mistakes)
	}
	h.config = cfg
	return h
}

// A freeze says who, until when, why and how to end it; the refusal, why and the status say the same; and its maker hears of it
// when somebody else ends it.
func TestFreezeAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).deployersOfStaging().open() // a Friday, 10:00 where ana is
	h.types(h.cy, "/deploy freeze staging for 2h because I can")
	h.told(h.cy, "You may not do this.")
	h.types(h.ben, "/deploy freeze all for 2h because I can")
	h.told(h.ben, "You may not do this.")
	h.types(h.ana, "/deploy freeze stg until monday 9:00 the sale begins")
	frozen := h.shown("❄️ *staging* is frozen by <@" + h.ana + ">, until")
	if !strings.Contains(whole(frozen), "23 Nov 08:00 UTC") || !strings.Contains(whole(frozen), ": the sale begins") {
		t.Errorf("frozen as: %s", whole(frozen))
	}
	h.types(h.cy, "/deploy why checkout staging")
	h.told(h.cy, "*staging* is frozen by <@"+h.ana+"> since")
	h.types(h.cy, "/deploy status")
	h.told(h.cy, "❄️ frozen by <@"+h.ana+"> until")
	h.types(h.cy, "/deploy freezes")
	h.told(h.cy, "❄️ *staging*: <@"+h.ana+"> since")
	h.types(h.ben, "/deploy checkout staging")
	refused := h.told(h.ben, "Not deployed: *staging* is frozen by <@"+h.ana+"> since")
	if !strings.Contains(whole(refused), " *payments* can thaw it with `/deploy thaw staging`.") {
		t.Errorf("refused with: %s", whole(refused))
	}
	h.presses(h.ben, refused, "Thaw")
	question := h.told(h.ben, "*staging* was frozen by <@"+h.ana+">")
	h.presses(h.ben, question, "Thaw it")
	h.shown("☀️ *staging* is thawed by <@" + h.ben + ">.")
	h.find("a direct message to ana", "has ended your freeze of *staging*", func() []slacktest.Message { return h.slack.DM(h.ana) })
	h.types(h.ben, "/deploy checkout staging")
	h.shown("✅ *checkout*")
}

func TestFreezeOfAllIsForAdmins(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy freeze all we look for the cause of the errors")
	h.shown("❄️ *Every environment* is frozen by <@" + h.ana + ">, until somebody thaws it: we look for the cause of the errors")
	h.types(h.ben, "/deploy checkout staging")
	h.told(h.ben, "*Every environment* is frozen by <@"+h.ana+">")
	h.types(h.ana, "/deploy thaw staging")
	h.told(h.ana, "Nobody has frozen *staging*. `/deploy freezes` lists what is frozen")
	h.types(h.ana, "/deploy thaw all")
	h.shown("☀️ *Every environment* is thawed")
}

// An end that is not understood is not taken for the reason.
func TestUnclearEndsFreezeNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	for line, words := range map[string]string{
		"staging until mondya 9:00 the sale":           "I do not understand until when",
		"staging 9:00 the sale":                        "I do not understand until when",
		"staging until 17:00 for 2h the sale":          "Give one of the two",
		"staging until today 9:00 the sale":            "has passed",
		"staging until 2030-01-01 the sale":            "the most is 366 days",
		"staging for 2h until further notice the sale": "I do not understand until when",
		"moon the sale":                                "There is no environment `moon`",
		"staging until 17:00":                          "Why? Please add a reason.",
		"staging for 2 hours the sale":                 "I do not understand for how long",
	} {
		h.types(h.ana, "/deploy freeze "+line)
		h.told(h.ana, words)
	}
	if made, _, err := h.deps.Delivery.Freezes(t.Context()); err != nil || len(made) != 0 {
		t.Errorf("frozen: %+v, %v", made, err)
	}
}
