package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// quick makes network patience short enough for tests.
var quick = Sockets{Second: 10 * time.Millisecond, MinLife: 20 * time.Millisecond, MaxPause: time.Second,
	Silence: 500 * time.Millisecond, Write: 200 * time.Millisecond}

// load sends n commands at a steady pace and returns their envelopes.
func (h *harness) load(n int, every time.Duration, during func(i int)) []string {
	h.t.Helper()
	tick := time.NewTicker(every)
	defer tick.Stop()
	var ids []string
	for i := range n {
		if during != nil {
			during(i)
		}
		id, err := h.slack.Slash(h.ana, h.payments, fmt.Sprintf("/echo %d", i))
		if err != nil {
			h.t.Fatal(err)
		}
		ids = append(ids, id)
		<-tick.C
	}
	return ids
}

func (h *harness) unacked(ids []string) (missing []string) {
	for _, id := range ids {
		if d, ok := h.slack.Ack(id); !ok || !d.Acked {
			missing = append(missing, id)
		}
	}
	return missing
}

func TestNoticeBeforeACutLosesNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []slacktest.Kind{slacktest.Refresh, slacktest.Warning, slacktest.RefreshOne} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.sockets = quick
			h.start()
			h.until("both connections stand", func() bool { return h.slack.Connections().Open == 2 })
			ids := h.load(200, 5*time.Millisecond, func(i int) { // 200 commands a second
				if i == 60 || i == 130 {
					h.inject(slacktest.Fault{Method: "socket", Kind: kind})
				}
			})
			h.until("all are acked", func() bool { return len(h.unacked(ids)) == 0 })
			h.until("all ran", func() bool { return len(h.lines()) == 200 })
			h.unproblematic() // among others: no ack on another connection
		})
	}
}

func TestDroppedConnectionsAreReplacedAndTheGapIsTold(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sockets = quick
	h.sockets.Second = time.Hour // one connection, so that dropping it is a gap
	h.start()
	h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.DropAll})
	h.until("it was dropped", func() bool { return h.slack.Connections().Opened >= 2 })
	platform, _ := h.slack.Channel("platform")
	h.shown(platform.ID, "I could not hear Slack. Whoever got an error")
	h.types(h.ana, h.payments, "/echo again")
	h.told(h.ana, h.payments, "done echo again")
}

func TestTooManySocketsIsNotAnsweredWithAStorm(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sockets = Sockets{Second: 10 * time.Millisecond} // production's pauses
	h.start()
	h.until("both connections stand", func() bool { return h.slack.Connections().Open == 2 })
	before := h.slack.Connections().Opened
	h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.RefuseNew, For: 5 * time.Second})
	h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.DropAll})
	h.typesUntilHeard("again")
	if n := h.slack.Connections().Opened - before; n > 10 {
		t.Errorf("%d connections were opened in 5 s of refusals", n)
	}
}

func TestSilentAndHalfOpenConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	for _, kind := range []slacktest.Kind{slacktest.HalfOpen, slacktest.StopPings, slacktest.CloseAll} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.sockets = quick
			h.start()
			h.until("both connections stand", func() bool { return h.slack.Connections().Open == 2 })
			h.inject(slacktest.Fault{Method: "socket", Kind: kind, For: time.Second})
			h.until("they are replaced", func() bool { return h.slack.Connections().Opened >= 4 })
			h.typesUntilHeard("again")
		})
	}
}

func TestGarbageOnASocketIsPassedOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sockets.Second = time.Hour
	h.start()
	h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.Garbage})
	h.types(h.ana, h.payments, "/echo after")
	h.told(h.ana, h.payments, "done echo after")
	if n := h.slack.Connections().Opened; n != 1 {
		t.Errorf("%d connections for one unreadable frame", n)
	}
}

// A side that does not read makes acks fail for good on that connection. The mute connection is replaced, and what was
// journaled but not acknowledged runs once.
func TestMuteConnectionIsReplacedAndNothingRunsTwice(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sockets = quick
	h.sockets.Second = time.Hour
	h.start()
	h.types(h.ana, h.payments, "/echo first")
	h.bot.sockets.mu.Lock()
	var only *conn
	for c := range h.bot.sockets.conns {
		only = c
	}
	h.bot.sockets.mu.Unlock()
	h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.Stall, For: 3 * time.Second})
	big := map[string]string{"text": strings.Repeat("x", 19<<10)}
	failed := errors.New("never")
	h.until("the write fails", func() bool { // the kernel's buffers must fill before a write blocks
		failed = only.ack("nobody", big)
		return failed != nil
	})
	h.until("another connection stands", func() bool { return h.slack.Connections().Opened >= 2 })
	id := h.typesUntilHeard("second")
	if _, err := h.slack.Redeliver(id, 1, true); err != nil {
		t.Fatal(err)
	}
	h.types(h.ana, h.payments, "/echo third")
	h.told(h.ana, h.payments, "done echo third")
	h.until("all is audited", func() bool { return len(h.audits()) >= len(h.lines()) })
	seen := map[string]int{}
	for _, a := range h.audits() {
		seen[a.ID]++
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("%s ran %d times", id, n)
		}
	}
	if len(seen) != len(h.lines()) {
		t.Errorf("%d requests ran %d times", len(seen), len(h.lines()))
	}
}

// typesUntilHeard types until a command is acknowledged, as a person does: what Slack sends into a dead connection is lost
// for commands.
func (h *harness) typesUntilHeard(text string) (id string) {
	h.t.Helper()
	var ids []string
	var last time.Time
	h.until("a command is heard", func() bool {
		for _, sent := range ids {
			if d, ok := h.slack.Ack(sent); ok && d.AckConn != 0 {
				id = sent
				return true
			}
		}
		if time.Since(last) > 100*time.Millisecond {
			last = time.Now()
			sent, err := h.slack.Slash(h.ana, h.payments, "/echo "+text)
			if err != nil {
				h.t.Fatal(err)
			}
			ids = append(ids, sent)
		}
		return false
	})
	h.told(h.ana, h.payments, "done echo "+text)
	return id
}

func TestAckOverTwentyKiBIsRefusedHere(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.bot.sockets.mu.Lock()
	defer h.bot.sockets.mu.Unlock()
	for c := range h.bot.sockets.conns {
		if err := c.ack("x", strings.Repeat("x", 20<<10)); !errors.Is(err, errAckTooLarge) {
			t.Errorf("a large ack gave %v", err)
		}
	}
}

func TestDeafnessIsNoticedAndTold(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.sockets = quick
	h.start()
	h.until("it hears", func() bool { return h.bot.Hearing().DeafSince.IsZero() })
	i := h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.LinkDisabled})
	h.until("it is deaf", func() bool { return !h.bot.Hearing().DeafSince.IsZero() })
	if r := h.bot.Hearing(); r.Reason == "" && r.Failures == 0 {
		t.Errorf("%+v says nothing", r)
	}
	opened := h.slack.Connections().Opened
	i.Remove()
	h.until("it hears again", func() bool { return h.bot.Hearing().DeafSince.IsZero() })
	if n := h.slack.Connections().Opened - opened; n > 4 {
		t.Errorf("%d connections", n)
	}
}

func TestWrongTokenEndsWithASentence(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for name, cfg := range map[string]Config{
		"SLACK_APP_TOKEN": {BotToken: h.slack.BotToken, AppToken: "xapp-1-wrong"},
		"SLACK_BOT_TOKEN": {BotToken: "xoxb-wrong", AppToken: h.slack.AppToken},
	} {
		cfg.API, cfg.DB, cfg.Clock, cfg.Log, cfg.Commands, cfg.Kinds = h.slack.URL(), h.db, h.clock, h.log, testCommands(h), testKinds
		b, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.Run(ctx); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("a wrong %s gives %v", name, err)
		}
	}
}
