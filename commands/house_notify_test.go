package commands_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// What somebody is to be reminded of comes together, once a day; what is over by then does not; what they turned off neither.
func TestRemindersAsPeopleMeetThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withDecisions()
	h.open()
	h.passes(3 * 24 * time.Hour) // a Monday
	for _, environment := range []string{"staging", "gated"} {
		h.types(h.ben, "/deploy lock checkout "+environment+" the database moves")
		h.shown("on *" + environment + "* is locked by")
	}
	h.passes(24 * time.Hour)
	h.reminded()
	m := h.dm(h.ben, "2 things wait for you")
	if words := whole(m); !strings.Contains(words, "on *staging* is 1 d old") || !strings.Contains(words, "on *gated* is 1 d old") || strings.Count(words, `"Unlock"`) != 2 {
		t.Errorf("%s", words)
	}
	h.types(h.ben, "/deploy unlock checkout gated")
	h.shown("*checkout* on *gated* is unlocked")
	h.types(h.ben, "/shipmate notify")
	list := h.told(h.ben, "locks of yours")
	h.presses(h.ben, list, "Turn on") // shipped, the only one that is off
	m = h.told(h.ben, "an admin types `/shipmate link @you github")
	if m.TS != list.TS || !strings.Contains(whole(m), "locks of yours") || buttonID(m, "Turn on") != "" {
		t.Errorf("the list says what is not so any more: %s", whole(m))
	}
	_, err := h.slack.Inject(slacktest.Fault{Method: "response_url", Kind: slacktest.ServerError})
	if err != nil {
		t.Fatal(err)
	}
	h.presses(h.ben, m, "Turn off")
	if beside := h.told(h.ben, "🔕 You hear no more of post-mortems"); beside.TS == list.TS {
		t.Error("it was replaced all the same")
	}
	h.types(h.ben, "/shipmate notify postmortem on")
	h.types(h.ben, "/shipmate notify shipped daily")
	h.told(h.ben, "that run in production. It comes once a day, with your reminders")
	h.types(h.ben, "/shipmate notify")
	h.presses(h.ben, h.told(h.ben, "that run in production · once a day"), "At once")
	h.told(h.ben, "that run in production. It comes at once")
	h.types(h.ben, "/shipmate notify shipped sometimes")
	h.told(h.ben, "there is `on`, `off` and `daily`")
	h.types(h.ben, "/shipmate notify locks off")
	if m := h.told(h.ben, "🔕 You hear no more of locks of yours"); !strings.Contains(whole(m), "Turn on") {
		t.Errorf("it cannot be taken back from here: %s", whole(m))
	}
	h.passes(24 * time.Hour)
	h.until("a day later there is nothing to say", func() bool { return !h.has("remind/due/") || h.remindersPass() })
	if n := h.dms(h.ben, " old"); n != 1 {
		t.Errorf("reminded %d times", n)
	}
}

// remindersPass lets time pass until nothing waits to be said.
func (h *house) remindersPass() bool {
	h.clock.Advance(time.Minute)
	return !h.has("remind/due/")
}
