package bot

import (
	"context"
	"sync"
	"testing"

	"shipmate/bot/slacktest"
)

func TestLookingUpAChannelBlocksNobodyWhoKnowsTheirs(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	ctx := context.Background()
	if id, err := h.bot.ChannelID(ctx, "#payments"); id != h.payments || err != nil {
		t.Fatalf("#payments is %s, %v", id, err)
	}
	before := h.calls("conversations.list")
	h.forward(2 * rereadAfter)
	hang := h.inject(slacktest.Fault{Method: "conversations.list", Kind: slacktest.Hang, Times: -1})
	var asking sync.WaitGroup
	for range 3 {
		asking.Go(func() {
			if id, err := h.bot.ChannelID(ctx, "#nowhere"); err == nil {
				t.Errorf("#nowhere is %s", id)
			}
		})
	}
	h.until("Slack is asked", func() bool { return hang.Hits() > 0 })
	if id, err := h.bot.ChannelID(ctx, "#payments"); id != h.payments || err != nil {
		t.Errorf("#payments is %s while another is looked up, %v", id, err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := h.bot.ChannelID(over, "#elsewhere"); err == nil {
		t.Error("who cannot wait is kept waiting")
	}
	hang.Remove()
	asking.Wait()
	if n := h.calls("conversations.list") - before; n != 1 {
		t.Errorf("three at once asked Slack %d times", n)
	}
}

func TestWhatChangedDuringALookUpIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	ctx := context.Background()
	hang := h.inject(slacktest.Fault{Method: "conversations.list", Kind: slacktest.Hang, Times: -1})
	var asking sync.WaitGroup
	asking.Go(func() { _, _ = h.bot.ChannelID(ctx, "#payments") })
	h.until("Slack is asked", func() bool { return hang.Hits() > 0 })
	h.bot.channels.forget()
	hang.Remove()
	asking.Wait()
	if h.bot.channels.known(func(*listing) bool { return true }) != nil {
		t.Error("what was listed before the change is believed")
	}
}

func TestWhichChannelsArePublic(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	secret := h.slack.AddChannel(slacktest.Channel{Name: "secret", Private: true, Members: []string{h.ana}}).ID
	h.start()
	ctx := context.Background()
	for id, want := range map[string]bool{h.payments: true, secret: false, h.slack.DMChannel(h.ana): false, "C0GONE": false} {
		if public, err := h.bot.IsPublic(ctx, id); public != want || err != nil {
			t.Errorf("%s: %t, %v", id, public, err)
		}
	}
	h.forward(publicFor) // it may have been made private
	h.inject(slacktest.Fault{Method: "conversations.list", Kind: slacktest.ServerError, Times: -1})
	if public, err := h.bot.IsPublic(ctx, h.payments); public || err == nil {
		t.Error("it is said to be public while nobody knows")
	}
}
