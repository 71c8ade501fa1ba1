package slacktest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
)

// slashed types a command and returns the payload's response_url.
func (g *stage) slashed(a *app) string {
	g.t.Helper()
	_, err := g.Slash("U0ANA", "payments", "/deploy x y")
	g.must(err)
	return a.take()["response_url"].(string)
}

func TestResponseURLLivesForFiveUses(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	to := g.slashed(g.connect())
	for range 5 {
		if a := g.respond(to, map[string]any{"text": "hi"}); a.status != 200 || a.fields["ok"] != true {
			t.Fatalf("answer: %d %s", a.status, a.raw)
		}
	}
	if a := g.respond(to, map[string]any{"text": "hi"}); a.status != 404 || a.code() != "used_url" || !g.problem("response_url_used") {
		t.Errorf("the sixth: %d %s", a.status, a.raw)
	}
	if n := len(g.Ephemerals("U0ANA", "payments")); n != 5 {
		t.Errorf("%d answers are shown", n)
	}
	if a := g.respond(strings.TrimSuffix(to, to[len(to)-4:]), map[string]any{"text": "hi"}); a.status != 404 {
		t.Errorf("a guessed one: %d", a.status)
	}
}

func TestResponseURLLivesForHalfAnHour(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	to := g.slashed(g.connect())
	g.clock.Advance(30*time.Minute - time.Second)
	if a := g.respond(to, map[string]any{"text": "hi"}); a.status != 200 {
		t.Errorf("in time: %s", a.raw)
	}
	g.clock.Advance(time.Second)
	if a := g.respond(to, map[string]any{"text": "hi"}); a.status != 404 || a.code() != "expired_url" {
		t.Errorf("too late: %s", a.raw)
	}
}

func TestResponseURLAnswers(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	g.must(g.Kick("U0ANA", "payments", g.BotUserID)) // it works where the bot is not
	a := g.connect()
	to := g.slashed(a)
	said, err := g.Say("U0ANA", "payments", "", "hi")
	g.must(err)
	g.must(slack.PostWebhookContext(g.ctx(), to, &slack.WebhookMessage{Text: "seen by all", ResponseType: "in_channel"}))
	g.must(slack.PostWebhookContext(g.ctx(), to, &slack.WebhookMessage{Text: "in the thread", ResponseType: "in_channel", ThreadTimestamp: said.TS}))
	g.must(slack.PostWebhookContext(g.ctx(), to, &slack.WebhookMessage{Text: "not replacing", ReplaceOriginal: true}))
	if m := g.Messages("payments"); len(m) != 2 || m[1].Text != "seen by all" {
		t.Errorf("channel: %+v", m)
	}
	if thread := g.Thread("payments", said.TS); len(thread) != 2 || thread[1].Text != "in the thread" {
		t.Errorf("thread: %+v", thread)
	}
	if e := g.Ephemerals("U0ANA", ""); len(e) != 1 || e[0].Text != "not replacing" {
		t.Errorf("ephemerals: %+v", e)
	}
	for _, bad := range []map[string]any{{}, {"blocks": []any{map[string]any{"type": "x"}}}} {
		if a := g.respond(to, bad); a.status != 400 {
			t.Errorf("%v: %d %s", bad, a.status, a.raw)
		}
	}
	calls := g.Calls()
	if c := calls[len(calls)-1]; c.Method != "response_url" || c.Envelope == "" || c.Outcome != "invalid_blocks" {
		t.Errorf("the last call: %+v", c)
	}
}

func TestResponseURLOfAButton(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	a := g.connect()
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "Approve?", "blocks", asJSON(buttons("yes"))).fields["ts"].(string)
	_, err := g.Press("U0ANA", slacktest.Ref{Channel: "C0PAY", TS: ts}, "yes", "")
	g.must(err)
	to := a.take()["response_url"].(string)
	g.respond(to, map[string]any{"text": "approved", "replace_original": "true"})
	if m, _ := g.Message("C0PAY", ts); m.Text != "approved" || m.Blocks != nil {
		t.Errorf("replaced: %+v", m)
	}
	g.respond(to, map[string]any{"delete_original": true})
	if _, ok := g.Message("C0PAY", ts); ok {
		t.Error("not deleted")
	}
}
