package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// announce says something in a channel.
func (h *harness) announce(channel, id string) {
	h.t.Helper()
	err := h.db.Update(context.Background(), func(tx store.Tx) error {
		return h.bot.Announce(tx, channel, id, Message{Text: Plain("word " + id)})
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestAnnouncementJoinsAPublicChannel(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.announce("#payments", "1") // the bot is not in it
	h.shown(h.payments, "word 1")
	h.unproblematic()
}

func TestRetryAfterOfANamedChannelHoldsForAllThatGoesThere(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.RateLimited, RetryAfter: 20 * time.Second})
	h.announce("#platform", "1")
	h.until("it was refused", func() bool { return h.due("announce-1") != "" })
	h.announce("#platform", "2")
	h.until("the second waits too", func() bool { return h.due("announce-2") != "" })
	if n := h.calls("chat.postMessage"); n != 1 {
		t.Fatalf("%d posts before Retry-After was over", n)
	}
	platform, _ := h.slack.Channel("platform")
	h.advanceUntil("both are said", func() bool { return len(h.slack.Messages(platform.ID)) == 2 })
}

// due is when a message is to be tried again; "" while that is at once.
func (h *harness) due(id string) (stamp string) {
	h.t.Helper()
	now := store.Stamp(h.clock.Now())
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		stamp = ""
		for key := range s.Scan(store.Key(sayDomain, "due")+"/", "") {
			if p, err := store.Parts(key); err == nil && p[3] == id && p[2] > now {
				stamp = p[2]
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return stamp
}

func TestMessagesToManyPeopleDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var people []string
	for i := range 12 {
		people = append(people, h.slack.AddUser(slacktest.User{Name: fmt.Sprint("p", i)}).ID)
	}
	h.start()
	for i, p := range people {
		err := h.db.Update(context.Background(), func(tx store.Tx) error {
			return h.bot.Tell(tx, p, "deploy", fmt.Sprint(i), Message{Text: "Hello"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range people { // without the clock moving
		h.shown(h.slack.DMChannel(p), "Hello")
	}
}

func TestWhatIsToBeSaidWaitsOutATokenThatDoesNotWork(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"invalid_auth", "token_revoked", "account_inactive"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t).start()
			h.put("1", looking(1, "queued"))
			h.types(h.ana, h.payments, "/card 1")
			h.shown(h.payments, "queued")
			h.until("the card is known", func() bool { return h.cardStands("1") })
			broken := h.inject(slacktest.Fault{Method: "chat.*", Kind: slacktest.Refuse, Error: word, Times: -1})
			h.announce("#platform", "1")
			h.put("1", looking(2, "running"))
			for range 30 {
				h.forward(time.Second)
			}
			h.until("both were refused", func() bool { return h.calls("chat.postMessage") >= 2 && h.calls("chat.update") >= 1 })
			broken.Remove()
			platform, _ := h.slack.Channel("platform")
			h.advanceUntil("both are said", func() bool {
				return len(h.slack.Messages(platform.ID)) == 1 && strings.Contains(h.onlyCard(h.payments).Text, "running")
			})
		})
	}
}

func TestWhoAsksForACardThatStandsElsewhereIsToldWhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.put("1", looking(1, "queued"))
	h.types(h.ana, h.payments, "/card 1")
	h.shown(h.payments, "queued")
	h.types(h.ben, h.ops, "/card 1")
	h.told(h.ben, h.ops, "It is shown in <#"+h.payments+"> already.")
	h.onlyCard(h.payments)
}

func TestManyCardsAskSlackOnceWhereTheyCanStand(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	const n = 12
	for i := range n {
		id := fmt.Sprint(i)
		h.put(id, looking(1, "queued"))
		h.types(h.ana, h.payments, "/card "+id)
	}
	h.advanceUntil("all stand", func() bool { return h.cardStands("11") && len(h.slack.Messages(h.payments)) >= n })
	if got := h.calls("conversations.info"); got > n {
		t.Errorf("%d calls for %d cards", got, n)
	}
}

// A slow form's answer stands in it: what was done as words, what was not as the filled form with why.
func TestSlowFormShowsWhatWasDoneAndComesBackWithWhatWasNot(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("file", func(c *Command) {
		make := c.Form
		c.Form = func(r FormRequest) Form {
			f := make(r)
			f.Slow = true
			return f
		}
		c.Run = func(_ context.Context, r Request) (Reply, error) {
			if r.Arg("note") == "no" {
				return Reply{}, Refuse("file.no", "That is taken.")
			}
			return Reply{Message: Message{Text: "It is filed.", Parts: []Part{Section("As number 7.")}}}, nil
		}
	})
	h.start()
	h.types(h.ana, h.payments, "/file")
	h.until("a form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	v := h.slack.Views(h.ana)[0]
	var sent string
	for _, step := range []struct{ note, shows string }{{"no", "That is taken."}, {"yes", "As number 7."}} {
		var err error
		if sent, err = h.slack.Submit(h.ana, v.ID, slacktest.Values{"service/v": {"checkout"}, "note/v": {step.note}}); err != nil {
			t.Fatal(err)
		}
		h.until("the form shows "+step.shows, func() bool {
			now, ok := h.slack.View(v.ID)
			return ok && strings.Contains(string(now.Blocks), step.shows)
		})
	}
	now, _ := h.slack.View(v.ID)
	if strings.Contains(string(now.Blocks), "note") {
		t.Errorf("a form that is through asks again: %s", now.Blocks)
	}
	h.until("it is closed", func() bool { return len(h.audits()) == 3 })
	again, err := h.slack.Redeliver(sent, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	h.until("the repeat is acked without a word", func() bool {
		return slices.ContainsFunc(h.slack.Acks(), func(d slacktest.Delivery) bool { return d.EnvelopeID == again[0] && len(d.AckPayload) == 0 })
	})
	h.unproblematic()
}

func TestShortcutWithAFormKeepsItsMessage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("keep", func(c *Command) {
		c.On |= Submit
		c.Form = func(FormRequest) Form {
			return Form{Title: "Keep", Submit: "Keep", Fields: []Input{{Name: "note", Label: "Note"}}, Slow: true}
		}
		c.Run = func(_ context.Context, r Request) (Reply, error) {
			if r.Arg("note") == "no" {
				return Reply{}, Refuse("keep.no", "That is taken.")
			}
			return Say("kept %s of %s with %s", shortenPlain(r.Message.Text, 14), User(r.Message.User), r.Arg("note")), nil
		}
	})
	if err := h.slack.Invite(h.ana, h.payments, h.slack.BotUserID); err != nil {
		t.Fatal(err)
	}
	h.start()
	said, err := h.slack.Say(h.ben, h.payments, "", "remember this "+strings.Repeat("<é", 2000)) // more than a form carries
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.slack.Shortcut(h.ana, "keep", h.payments, said.TS); err != nil {
		t.Fatal(err)
	}
	h.until("a form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	v := h.slack.Views(h.ana)[0]
	for _, step := range []struct{ note, shows string }{{"no", "That is taken."}, {"a note", "kept remember this"}} {
		if _, err := h.slack.Submit(h.ana, v.ID, slacktest.Values{"note/v": {step.note}}); err != nil {
			t.Fatal(err)
		}
		h.until("the form shows "+step.shows, func() bool {
			now, ok := h.slack.View(v.ID)
			return ok && strings.Contains(string(now.Blocks), step.shows)
		})
	}
	h.unproblematic()
}

func TestPublicAnswerToAClickInAThreadStaysThere(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("poke", func(c *Command) {
		c.Run = func(context.Context, Request) (Reply, error) {
			return Reply{Message: Message{Text: "poked for all to see"}, Public: true}, nil
		}
	})
	h.start()
	v := looking(1, "queued")
	v.Replies = []ThreadReply{{Key: "r", Message: Message{Text: "in the thread", Buttons: []Button{{Label: "Poke", Line: "poke 1"}}}}}
	h.put("1", v)
	h.types(h.ana, h.payments, "/card 1")
	h.until("the reply stands", func() bool { return len(h.thread()) == 2 })
	m := h.thread()[1]
	h.press(h.ben, m, "b0")
	h.until("the answer stands in the thread", func() bool { return len(h.thread()) == 3 })
	if got := h.thread()[2]; !strings.Contains(got.Text, "poked for all to see") {
		t.Errorf("the thread got %s", got.Text)
	}
	h.unproblematic()
}

// thread is the only card with its replies.
func (h *harness) thread() []slacktest.Message {
	for _, m := range h.slack.Messages(h.payments) {
		if m.BotID != "" {
			return h.slack.Thread(h.payments, m.TS)
		}
	}
	return nil
}

func TestWhatIsParkedGoesAfterTheRetention(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	if err := h.bot.park(context.Background(), entry{ID: "e-1", At: h.clock.Now()}, "unreadable", []byte("x")); err != nil {
		t.Fatal(err)
	}
	kept := func() (found bool) {
		_ = h.db.View(context.Background(), func(s store.Snapshot) error {
			data, err := s.Get(store.Key("journal", "parked", "e-1"))
			found = data != nil
			return err
		})
		return found
	}
	if err := h.bot.sweep(context.Background(), h.clock.Now().Add(h.cfg.Retention.Duration-time.Hour)); err != nil || !kept() {
		t.Errorf("it is gone too early: %v", err)
	}
	if err := h.bot.sweep(context.Background(), h.clock.Now().Add(h.cfg.Retention.Duration+time.Hour)); err != nil || kept() {
		t.Errorf("it is kept for ever: %v", err)
	}
}

func TestCardsGoAfterTheRetentionWithTheirRecordsOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for _, id := range []string{"gone", "kept"} {
		h.put(id, looking(1, "state of "+id))
		h.types(h.ana, h.payments, "/card "+id)
		h.until(id+" stands", func() bool { return h.cardStands(id) })
	}
	h.mu.Lock()
	delete(h.cards, "gone")
	h.mu.Unlock()
	h.sweepAfter(h.cfg.Retention.Duration-time.Hour, 4)
	h.sweepAfter(h.cfg.Retention.Duration+time.Hour, 2)
	if !h.cardStands("kept") || h.cardStands("gone") {
		t.Error("the wrong one is gone")
	}
}

// sweepAfter sweeps as if so much time had passed, and counts the records of cards that are left.
func (h *harness) sweepAfter(age time.Duration, left int) {
	h.t.Helper()
	if err := h.bot.sweep(context.Background(), h.clock.Now().Add(age)); err != nil {
		h.t.Fatal(err)
	}
	n := 0
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		n = 0
		for _, what := range []string{"at", "message"} {
			for range s.Scan(store.Key(cardDomain, what)+"/", "") {
				n++
			}
		}
		return nil
	})
	if err != nil || n != left {
		h.t.Errorf("after %v: %d records of cards, want %d; %v", age, n, left, err)
	}
}
