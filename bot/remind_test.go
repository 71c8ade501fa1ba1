package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// reminds has somebody reminded of things, each with a button.
func (h *harness) reminds(to string, ids ...string) {
	h.t.Helper()
	for _, id := range ids {
		h.mu.Lock()
		h.reminded[id] = Message{Text: Textf("%s is due", id), Buttons: []Button{{Label: "Do " + id, Line: "poke " + id}}}
		h.mu.Unlock()
		if err := h.db.Update(context.Background(), func(tx store.Tx) error { return h.bot.Remind(tx, to, "thing", id) }); err != nil {
			h.t.Fatal(err)
		}
	}
}

// over takes away what there was to remind of.
func (h *harness) over(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.reminded, id)
}

// at moves the clock to a time of March 2026, in UTC.
func (h *harness) at(day, hour, minute int) {
	h.t.Helper()
	h.forward(time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC).Sub(h.clock.Now()))
}

// inbox are the messages somebody got, by their text.
func (h *harness) inbox(channel string) (out []string) {
	for _, m := range h.slack.Messages(channel) {
		out = append(out, whole(m))
	}
	return out
}

// Several reminders are one message a day, in working hours where the person lives, with each one's own buttons; what is over by then is not
// said, and what comes later on the day is said on the next.
func TestRemindersAreOneMessageADay(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start() // Monday, 9:00 UTC, 10:00 where ana lives
	dm := h.slack.DMChannel(h.ana)
	h.reminds(h.ana, "one", "two", "one")
	h.over("two")
	h.reminds(h.ana, "three")
	h.at(9, 9, 9)
	if got := h.inbox(dm); len(got) > 0 {
		t.Errorf("said at once: %q", got)
	}
	h.at(9, 9, 11)
	m := h.shown(dm, "2 things wait for you")
	if words := whole(m); !strings.Contains(words, "one is due") || !strings.Contains(words, "three is due") || strings.Contains(words, "two") {
		t.Errorf("%s", words)
	}
	h.reminds(h.ana, "four")
	h.at(9, 12, 0)
	h.at(10, 7, 59) // 8:59 where she lives
	if got := h.inbox(dm); len(got) != 1 {
		t.Errorf("%q", got)
	}
	h.at(10, 8, 11)
	h.shown(dm, "four is due")
	h.reminds(h.ana, "five")
	h.at(10, 19, 0)
	h.restart()
	h.at(13, 15, 30) // a Friday
	h.shown(dm, "five is due")
	h.at(14, 10, 0)
	h.reminds(h.ana, "six")
	h.at(15, 10, 0)
	if got := h.inbox(dm); len(got) != 3 {
		t.Errorf("on a weekend: %q", got)
	}
	h.at(16, 8, 11)
	h.shown(dm, "six is due")
	h.press(h.ana, h.shown(dm, "2 things wait for you"), "p2-0")
	h.until("the button does what it says", func() bool { return strings.Join(h.lines(), " ") == "poke three" })
}

// A channel is reminded once a day, too, in the hours of its team.
func TestRemindersOfAChannel(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.reminds("#payments", "one", "two")
	h.at(9, 9, 11)
	h.shown(h.payments, "2 things wait for you")
	h.reminds("#payments", "three")
	h.at(9, 16, 0)
	h.at(10, 9, 11)
	h.shown(h.payments, "three is due")
	if got := h.inbox(h.payments); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

// Many are said over several days, and how many there are is said.
func TestManyReminders(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	dm := h.slack.DMChannel(h.ana)
	for i := range 15 {
		h.reminds(h.ana, strings.Repeat("x", i+1))
	}
	h.at(9, 9, 11)
	h.shown(dm, "15 things wait for you")
	h.shown(dm, "and 3 more, tomorrow")
	h.at(10, 8, 11)
	h.shown(dm, "3 things wait for you")
}

// What somebody does not want to hear is not said; what only is said on wish is said to who wished it.
func TestWhatPeopleWantToHear(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	ctx := context.Background()
	tell := func(person, topic string) {
		t.Helper()
		if err := h.db.Update(ctx, func(tx store.Tx) error {
			return h.bot.Tell(tx, person, topic, person, Message{Text: Textf("of %s", topic)})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.bot.SetWants(ctx, h.ana, Wants{Off: []string{"news", "thing"}, On: []string{"wish"}, Request: "r1"}); err != nil {
		t.Fatal(err)
	}
	if err := h.bot.SetWants(ctx, h.ana, Wants{Request: "r1"}); err != nil { // the same request
		t.Fatal(err)
	}
	for _, person := range []string{h.ana, h.ben} {
		for _, topic := range []string{"news", "wish", "other"} {
			tell(person, topic)
		}
		h.reminds(person, "one")
	}
	h.at(9, 9, 11)
	h.shown(h.slack.DMChannel(h.ben), "one is due")
	h.shown(h.slack.DMChannel(h.ana), "of wish")
	h.shown(h.slack.DMChannel(h.ana), "of other")
	h.shown(h.slack.DMChannel(h.ben), "of news")
	h.shown(h.slack.DMChannel(h.ben), "of other")
	if a, b := len(h.inbox(h.slack.DMChannel(h.ana))), len(h.inbox(h.slack.DMChannel(h.ben))); a != 2 || b != 3 {
		t.Errorf("ana got %q, ben %q", h.inbox(h.slack.DMChannel(h.ana)), h.inbox(h.slack.DMChannel(h.ben)))
	}
}

// What somebody wants to hear once a day comes with what they are reminded of, and once; what they turned off before that does not come.
func TestWhatPeopleHearOnceADay(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	ctx := context.Background()
	tell := func(topic, id string) {
		t.Helper()
		if err := h.db.Update(ctx, func(tx store.Tx) error {
			return h.bot.Tell(tx, h.ana, topic, id, Message{Text: Textf("%s %s", topic, id)})
		}); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(w Wants) {
		t.Helper()
		if err := h.bot.SetWants(ctx, h.ana, w); err != nil {
			t.Fatal(err)
		}
	}
	wants(Wants{On: []string{"wish"}, Daily: []string{"wish", "news"}, Request: "r1"})
	dm := h.slack.DMChannel(h.ana)
	h.reminds(h.ana, "one")
	h.at(9, 9, 11)
	h.shown(dm, "one is due")

	tell("news", "one")
	tell("news", "one")
	tell("wish", "two")
	h.reminds(h.ana, "three")
	tell("other", "at once")
	h.shown(dm, "other at once")
	if got := h.inbox(dm); len(got) != 2 {
		t.Errorf("before its hour: %q", got)
	}
	h.at(10, 8, 11)
	h.shown(dm, "3 things wait for you")

	tell("news", "four")
	wants(Wants{Off: []string{"news"}, Request: "r2"})
	h.reminds(h.ana, "five")
	h.at(11, 8, 11)
	h.shown(dm, "five is due")
	if got := h.inbox(dm); len(got) != 4 {
		t.Errorf("%q", got)
	}
}

// While Slack does not tell where somebody lives, they are not reminded at night.
func TestRemindersWaitForTheZone(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	f := h.inject(slacktest.Fault{Method: "users.info", Kind: slacktest.ServerError, Times: -1})
	h.reminds(h.ana, "one")
	h.at(9, 9, 30)
	f.Remove()
	h.advanceUntil("it is said when it does", func() bool { return len(h.inbox(h.slack.DMChannel(h.ana))) == 1 })
}
