package bot

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// put changes the record a card shows, in the way a domain does.
func (h *harness) put(id string, v View) {
	h.t.Helper()
	h.mu.Lock()
	h.cards[id] = v
	h.mu.Unlock()
	err := h.db.Update(context.Background(), func(tx store.Tx) error { return Changed(tx, "thing", id) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func looking(stage int, text string, buttons ...Button) View {
	return View{Message: Message{Text: Plain(text), Buttons: buttons}, Stage: stage, Status: Textf("It is %s now, by %s.", text, User("U024BE7LH"))}
}

// onlyCard is the one message of ours in the channel.
func (h *harness) onlyCard(channel string) slacktest.Message {
	h.t.Helper()
	var got []slacktest.Message
	for _, m := range h.slack.Messages(channel) {
		if m.BotID != "" && m.ThreadTS == "" || m.BotID != "" && m.ThreadTS == m.TS {
			got = append(got, m)
		}
	}
	if len(got) != 1 {
		h.t.Fatalf("%d cards in the channel, want one: %v", len(got), got)
	}
	return got[0]
}

func (h *harness) inject(f slacktest.Fault) *slacktest.Injected {
	h.t.Helper()
	i, err := h.slack.Inject(f)
	if err != nil {
		h.t.Fatal(err)
	}
	return i
}

func TestCardIsPostedOnceAndUpdatedInPlace(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start() // the bot joins the public channel by itself
	h.put("1", looking(1, "queued", Button{Label: "Poke", Line: "poke 1"}))
	h.types(h.ana, h.payments, "/card 1")
	h.shown(h.payments, "queued")
	h.types(h.ben, h.payments, "/card 1") // the record has its card
	h.put("1", looking(1, "running"))
	h.until("the card runs", func() bool {
		h.forward(100 * time.Millisecond)
		return strings.Contains(string(h.onlyCard(h.payments).Blocks), "running")
	})
	v := looking(2, "failed")
	v.Urgent = true
	v.Replies = []ThreadReply{{Key: "end", Message: Message{Text: "the log"}, Broadcast: true}}
	h.put("1", v)
	h.shown(h.payments, "failed") // without waiting: an ending is urgent
	h.until("the thread has one reply", func() bool { return h.onlyCard(h.payments).ReplyCount == 1 })
	h.put("1", v)
	h.forward(time.Minute)
	h.types(h.ana, h.payments, "/echo end")
	h.told(h.ana, h.payments, "done echo end")
	m := h.onlyCard(h.payments)
	if m.ReplyCount != 1 || m.Updates != 2 {
		t.Errorf("%d replies, %d updates", m.ReplyCount, m.Updates)
	}
	h.unproblematic()
}

func TestCardShowsOnlyTheLatestState(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.put("1", looking(1, "state 0"))
	h.types(h.ana, h.payments, "/card 1")
	h.shown(h.payments, "state 0")
	for i := range 20 {
		h.put("1", looking(1, fmt.Sprintf("state %d", i+1)))
	}
	h.advanceUntil("the last state is shown", func() bool { return strings.Contains(h.onlyCard(h.payments).Text, "state 20") })
	if m := h.onlyCard(h.payments); m.Updates > 3 {
		t.Errorf("%d updates for 20 states within a moment", m.Updates)
	}
	h.unproblematic()
}

func TestCardSurvivesLostAnswersWithoutASecondOne(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{true, false} {
		for _, kind := range []slacktest.Kind{slacktest.ServerError, slacktest.Reset, slacktest.BadJSON} {
			t.Run(fmt.Sprintf("%s applied %v", kind, applied), func(t *testing.T) {
				t.Parallel()
				h := newHarness(t).start()
				h.put("1", looking(1, "queued"))
				h.inject(slacktest.Fault{Method: "chat.postMessage", Kind: kind, Applied: applied})
				h.types(h.ana, h.payments, "/card 1")
				h.advanceUntil("the card stands", func() bool { return h.cardStands("1") })
				h.inject(slacktest.Fault{Method: "chat.update", Kind: kind, Applied: applied})
				h.put("1", looking(2, "running"))
				h.advanceUntil("it is running", func() bool { return strings.Contains(h.onlyCard(h.payments).Text, "running") })
				h.inject(slacktest.Fault{Method: "chat.postMessage", Kind: kind, Applied: applied})
				v := looking(3, "done")
				v.Replies = []ThreadReply{{Key: "end", Message: Message{Text: "over"}}}
				h.put("1", v)
				h.advanceUntil("it is done", func() bool {
					m := h.onlyCard(h.payments)
					return strings.Contains(m.Text, "done") && m.ReplyCount > 0
				})
				for range 20 {
					h.forward(5 * time.Second)
				}
				if m := h.onlyCard(h.payments); m.ReplyCount != 1 {
					t.Errorf("%d replies", m.ReplyCount)
				}
				h.unproblematic()
			})
		}
	}
}

// advanceUntil moves the clock second by second until cond holds.
func (h *harness) advanceUntil(what string, cond func() bool) {
	h.t.Helper()
	h.until(what, func() bool {
		if cond() {
			return true
		}
		h.forward(time.Second)
		return false
	})
}

func (h *harness) cardStands(id string) bool {
	ok := false
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		c, _, err := store.Load[card](s, cardKey("thing/"+id))
		ok = err == nil && c.TS != ""
		return err
	})
	return ok
}

func TestCardHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	for _, kind := range []slacktest.Kind{slacktest.RateLimited, slacktest.RateLimitedNo} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t).start()
			h.put("1", looking(1, "queued"))
			h.inject(slacktest.Fault{Method: "chat.postMessage", Kind: kind, RetryAfter: 20 * time.Second})
			h.types(h.ana, h.payments, "/card 1")
			h.until("it was refused once", func() bool { return h.calls("chat.postMessage") == 1 })
			for range 15 {
				h.forward(time.Second)
			}
			if n := h.calls("chat.postMessage"); n != 1 {
				t.Fatalf("%d posts before Retry-After was over", n)
			}
			h.advanceUntil("the card stands", func() bool { return h.cardStands("1") })
			h.onlyCard(h.payments)
		})
	}
}

func (h *harness) calls(method string) (n int) {
	for _, c := range h.slack.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

func TestStaleButtonSaysWhatHappenedSince(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.put("1", looking(1, "queued", Button{Label: "Poke", Line: "poke 1"}))
	h.types(h.ana, h.payments, "/card 1")
	old := h.shown(h.payments, "queued")
	h.until("the card is known", func() bool { return h.cardStands("1") })
	h.mu.Lock()
	h.cards["1"] = looking(2, "running", Button{Label: "Poke", Line: "poke 1"}) // changed, and not shown yet
	h.mu.Unlock()
	if _, err := h.slack.Press(h.ben, slacktest.OnMessage(old), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.told(h.ben, h.payments, "That button is out of date. It is running now, by <@U024BE7LH>.")
	h.put("1", looking(2, "running", Button{Label: "Poke", Line: "poke 1"}))
	h.forward(3 * time.Second)
	now := h.shown(h.payments, "running")
	if _, err := h.slack.Press(h.ben, slacktest.OnMessage(now), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.told(h.ben, h.payments, "done poke 1")
	if got := h.lines(); len(got) != 1 {
		t.Errorf("ran %v", got)
	}
}

func TestCardGoesHomeWhereTheBotCannotPost(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.put("1", looking(1, "queued"))
	h.types(h.ana, h.ops, "/card 1") // a private channel the bot is not in
	m := h.shown(h.payments, "queued")
	if m.Channel != h.payments {
		t.Fatal(m.Channel)
	}
	told := h.shown(h.slack.DMChannel(h.ana), "It is shown in <#"+h.payments+">")
	if !strings.Contains(whole(told), "/invite @shipmate") || !strings.Contains(whole(told), "open it") {
		t.Errorf("told %s", whole(told))
	}
	h.unproblematic()
}

func TestTellIsSaidOnceAlsoWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.Reset, Applied: true})
	for range 2 {
		err := h.db.Update(context.Background(), func(tx store.Tx) error {
			return h.bot.Tell(tx, h.ana, "deploy", "d-1", Message{Text: "Hello"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.shown(h.slack.DMChannel(h.ana), "Hello")
	h.advanceUntil("nothing is left to be said", func() bool {
		n := 0
		_ = h.db.View(context.Background(), func(s store.Snapshot) error {
			n = 0
			for range s.Scan(sayDomain+"/message/", "") {
				n++
			}
			return nil
		})
		return n == 0
	})
	if n := len(h.slack.Messages(h.slack.DMChannel(h.ana))); n != 1 {
		t.Fatalf("said %d times", n)
	}
}

func TestCardAskedForInADirectMessageStandsWhereTheTeamSeesIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.put("1", looking(1, "queued"))
	if _, err := h.slack.Say(h.ana, h.slack.DMChannel(h.ana), "", "card 1"); err != nil {
		t.Fatal(err)
	}
	h.shown(h.payments, "queued")
	told := h.shown(h.slack.DMChannel(h.ana), "It is shown in <#"+h.payments+">")
	if strings.Contains(whole(told), "/invite") {
		t.Errorf("told %s", whole(told))
	}
	h.unproblematic()
}

// A card that a person is told something by stands in their direct message and stays true; whom Slack delivers nothing to has none.
func TestTellCard(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	tell := func(id, person string) {
		h.put(id, looking(1, "offered", Button{Label: "Accept", Line: "poke " + id}))
		for range 2 {
			if err := h.db.Update(context.Background(), func(tx store.Tx) error { return h.bot.TellCard(tx, person, "thing", id) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	tell("1", h.ben)
	dm := h.slack.DMChannel(h.ben)
	h.shown(dm, "offered")
	over := looking(2, "taken back")
	over.Urgent = true
	h.put("1", over)
	h.shown(dm, "taken back")
	if m := h.onlyCard(dm); strings.Contains(whole(m), "offered") || strings.Contains(whole(m), "Accept") {
		t.Errorf("ben reads %s", whole(m))
	}
	h.inject(slacktest.Fault{Method: "conversations.open", Kind: slacktest.Refuse, Error: "user_disabled", Times: -1})
	tell("2", h.ana)
	h.until("it is left out", func() bool { return h.cardsLeft() == "1" })
}
