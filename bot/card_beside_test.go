package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// beside shows thing id in a channel, beside the card of thing 1.
func (h *harness) beside(id, channel, text string) {
	h.t.Helper()
	h.put(id, looking(1, text))
	err := h.db.Update(context.Background(), func(tx store.Tx) error { return h.bot.PlaceBeside(tx, "thing", id, channel, "thing/1") })
	if err != nil {
		h.t.Fatal(err)
	}
}

// ours are the bot's messages in a channel.
func (h *harness) ours(channel string) (out []slacktest.Message) {
	for _, m := range h.slack.Messages(channel) {
		if m.BotID != "" {
			out = append(out, m)
		}
	}
	return out
}

// cardsLeft are the IDs of the things that have a card.
func (h *harness) cardsLeft() (out string) {
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		out = ""
		for key := range s.Scan(store.Key(cardDomain, "at")+"/", "") {
			parts, err := store.Parts(key)
			if err != nil {
				return err
			}
			out += strings.TrimPrefix(parts[len(parts)-1], "thing/")
		}
		return nil
	})
	return out
}

func TestCardBesideWaitsForItsPlaceAndIsKeptTrue(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	general := h.slack.AddChannel(slacktest.Channel{Name: "general", Members: []string{h.ana}}).ID // public: the bot joins it
	h.put("1", looking(1, "queued"))
	h.beside("a", "#general", "begun")
	h.forward(10 * time.Second)
	if len(h.ours(general)) != 0 {
		t.Error("it did not wait for the place of its card")
	}
	h.types(h.ana, h.payments, "/card 1")
	h.shown(h.payments, "queued")
	h.advanceUntil("it stands", func() bool { return len(h.ours(general)) == 1 && h.cardStands("a") })
	h.restart()
	h.beside("a", "#general", "ended")
	h.advanceUntil("it is true", func() bool { return strings.Contains(h.ours(general)[0].Text, "ended") })
	if n := len(h.ours(general)); n != 1 {
		t.Errorf("%d messages", n)
	}
	h.unproblematic()
}

// Slack takes nothing for some time: the message waits for the card, however long that takes, and is dropped where that stands.
func TestCardBesideOutwaitsAnOutage(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	away, err := h.slack.Inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.ServerError, Times: -1})
	if err != nil {
		t.Fatal(err)
	}
	h.put("1", looking(1, "queued"))
	h.types(h.ana, h.payments, "/card 1")
	h.until("the card is tried", func() bool { return away.Hits() > 0 })
	h.beside("a", "#payments", "begun")
	h.forward(3 * time.Minute)
	away.Remove()
	h.advanceUntil("the card stands and the message is dropped", func() bool { return h.cardStands("1") && h.cardsLeft() == "1" })
	if n := len(h.ours(h.payments)); n != 1 {
		t.Errorf("%d messages in one channel", n)
	}
}

func TestNoChannelGetsTwoMessagesBesideACard(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	general := h.slack.AddChannel(slacktest.Channel{Name: "general", Members: []string{h.ana}}).ID
	h.put("1", looking(1, "queued"))
	h.types(h.ana, h.payments, "/card 1")
	h.shown(h.payments, "queued")
	h.until("the card stands", func() bool { return h.cardStands("1") })
	h.beside("a", "#payments", "where it stands already")
	h.beside("b", "#general", "by its name")
	h.beside("c", general, "by its ID")
	h.advanceUntil("all are decided", func() bool {
		left := h.cardsLeft()
		return left == "1b" && h.cardStands("b") || left == "1c" && h.cardStands("c")
	})
	if p, g := len(h.ours(h.payments)), len(h.ours(general)); p != 1 || g != 1 {
		t.Errorf("%d in #payments, %d in #general", p, g)
	}
	h.mu.Lock()
	clear(h.cards)
	h.mu.Unlock()
	if err := h.bot.sweepCards(context.Background(), h.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		for _, what := range []string{"at", "beside", "message"} {
			for key := range s.Scan(store.Key(cardDomain, what)+"/", "") {
				t.Errorf("%s is left", key)
			}
		}
		return nil
	})
	h.unproblematic()
}
