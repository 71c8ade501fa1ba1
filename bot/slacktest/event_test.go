package slacktest_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

func TestEventIsRedelivered(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	id, err := g.Event(map[string]any{"type": "marker"})
	g.must(err)
	first := a.next()
	eventID := first["payload"].(map[string]any)["event_id"]
	if first["retry_attempt"] != 0.0 || first["retry_reason"] != "" || first["envelope_id"] != id {
		t.Errorf("first: %v", first)
	}
	for i, after := range []time.Duration{time.Second, time.Minute, 5 * time.Minute} {
		g.clock.Advance(3*time.Second - time.Millisecond)
		if len(a.frames) != 0 {
			t.Fatal("redelivered before its time")
		}
		g.clock.Advance(time.Millisecond + after)
		f := a.next()
		if f["retry_attempt"] != float64(i+1) || f["retry_reason"] != "timeout" || f["envelope_id"] == first["envelope_id"] {
			t.Errorf("attempt %d: %v", i+1, f)
		}
		if f["payload"].(map[string]any)["event_id"] != eventID {
			t.Error("the event_id changed")
		}
		if i == 2 {
			a.ack(f)
		}
	}
	g.wait("the ack", func() bool { _, ok := g.Ack(id); return ok })
	g.noProblems()
}

func TestEventIsGivenUpAfterFourAttempts(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	_, err := g.Event(map[string]any{"type": "marker"})
	g.must(err)
	for _, after := range []time.Duration{time.Second, time.Minute, 5 * time.Minute, time.Hour} {
		a.next()
		g.clock.Advance(3*time.Second + after)
	}
	g.wait("giving up", func() bool { return g.problem("event_lost") })
	if n := g.Counts().Sent; n != 4 {
		t.Errorf("sent %d times", n)
	}
}

func TestAckEndsRedelivery(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	_, err := g.Event(map[string]any{"type": "marker"})
	g.must(err)
	a.take()
	g.clock.Advance(time.Hour)
	a.nothing()
	if n := g.Counts().Sent; n != 2 {
		t.Errorf("%d envelopes were sent, not the event and the marker", n)
	}
}

func TestEventWithoutSocketIsKept(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	said, err := g.Say("U0ANA", "payments", "", "@shipmate deploy checkout")
	g.must(err)
	if len(said.Envelopes) != 2 {
		t.Fatalf("envelopes: %v", said.Envelopes)
	}
	g.clock.Advance(time.Second) // the second attempt finds nobody either
	g.wait("the second attempts", func() bool { return g.Counts().Sent == 4 })
	a := g.connect()
	g.clock.Advance(time.Minute)
	for range 2 {
		f := a.next()
		if f["retry_attempt"] != 2.0 {
			t.Errorf("attempt: %v", f["retry_attempt"])
		}
		a.ack(f)
	}
	g.wait("both acks", func() bool {
		_, one := g.Ack(said.Envelopes[0])
		_, two := g.Ack(said.Envelopes[1])
		return one && two
	})
}

func TestSlashIsNotRedelivered(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	_, err := g.Slash("U0ANA", "payments", "/deploy x y")
	g.must(err)
	if e := g.Ephemerals("U0ANA", ""); len(e) != 1 || !strings.Contains(e[0].Text, "dispatch_failed") {
		t.Errorf("without a socket Ana sees %+v", e)
	}
	a := g.connect()
	g.clock.Advance(time.Hour)
	a.nothing()
}

func TestSubscriptionsAndScopesDecideEvents(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	app := g.App()
	app.Events = []string{"app_mention"}
	g.SetApp(app)
	said, err := g.Say("U0ANA", "payments", "", "hello @shipmate.")
	g.must(err)
	if len(said.Envelopes) != 1 {
		t.Fatalf("subscribed to app_mention alone: %d envelopes", len(said.Envelopes))
	}
	if e := inner(map[string]any{"payload": a.take()}); e["type"] != "app_mention" {
		t.Errorf("event: %v", e)
	}
	g.SetScopes("chat:write")
	said, err = g.Say("U0ANA", "payments", "", "hello @shipmate")
	g.must(err)
	if len(said.Envelopes) != 0 {
		t.Error("an event came without its scope")
	}
}

func TestPeopleAndGroupsChange(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	group := g.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Users: []string{"U0ANA"}})
	g.must(g.SetGroupMembers(group.ID, "U0BEN"))
	kinds := []string{}
	for range 2 {
		e := inner(map[string]any{"payload": a.take()})
		kinds = append(kinds, e["type"].(string))
		if e["type"] == "subteam_members_changed" && (asJSON(e["added_users"]) != `["U0BEN"]` || asJSON(e["removed_users"]) != `["U0ANA"]`) {
			t.Errorf("members changed: %v", e)
		}
	}
	if strings.Join(kinds, ",") != "subteam_members_changed,subteam_updated" {
		t.Errorf("events: %v", kinds)
	}
	g.must(g.Deactivate("ben"))
	e := inner(map[string]any{"payload": a.take()})
	if u, _ := e["user"].(map[string]any); e["type"] != "user_change" || u["deleted"] != true {
		t.Errorf("event: %v", e)
	}
	if got := g.call("usergroups.users.list", "usergroup", group.ID); asJSON(got.fields["users"]) != "[]" {
		t.Errorf("a deactivated member stays in the group: %s", got.raw)
	}
	if _, err := g.Slash("U0BEN", "payments", "/deploy x y"); err == nil || !strings.Contains(err.Error(), "account_inactive") {
		t.Errorf("a deactivated person types: %v", err)
	}
	g.noProblems()
}

func TestBotComesAndGoes(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	next := func() map[string]any { return inner(map[string]any{"payload": a.take()}) }
	g.must(g.Invite("U0ANA", "random", g.BotUserID))
	if e := next(); e["type"] != "member_joined_channel" || e["user"] != g.BotUserID || e["inviter"] != "U0ANA" || e["channel"] != "C0RND" {
		t.Errorf("invited: %v", e)
	}
	g.must(g.Kick("U0ANA", "random", g.BotUserID))
	if e := next(); e["type"] != "member_left_channel" {
		t.Errorf("removed: %v", e)
	}
	if e := next(); e["type"] != "channel_left" {
		t.Errorf("removed: %v", e)
	}
	g.must(g.Join("U0BEN", "random"))
	a.nothing() // the bot does not hear of channels it is not in
	if err := g.Join("U0BEN", "secret"); err == nil {
		t.Error("joined a private channel")
	}
	if err := g.Invite("U0BEN", "secret", g.BotUserID); err == nil {
		t.Error("invited into a channel one is not in")
	}
	g.must(g.Archive("U0ANA", "payments"))
	if e := next(); e["type"] != "channel_archive" {
		t.Errorf("archived: %v", e)
	}
}

func TestAckOfARepetitionEndsRedelivery(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	id, err := g.Event(map[string]any{"type": "marker"})
	g.must(err)
	a.next() // not acked
	again, err := g.Redeliver(id, 1, false)
	g.must(err)
	a.ack(a.next())
	g.wait("the ack", func() bool { _, ok := g.Ack(again[0]); return ok })
	g.clock.Advance(4 * time.Second)
	g.wait("the first one's deadline", func() bool { return g.Counts().TimedOut == 1 })
	g.clock.Advance(time.Hour)
	a.nothing()
}
