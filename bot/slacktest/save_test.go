package slacktest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

func TestSaveAndRestore(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	group := g.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Users: []string{"U0ANA"}})
	a := g.connect()
	v := g.open(a, modal(refInput()))
	parent := g.call("chat.postMessage", "channel", "C0PAY", "text", "card", "blocks", asJSON(buttons("yes"))).fields["ts"].(string)
	a.take()
	g.call("chat.postMessage", "channel", "C0PAY", "text", "reply", "thread_ts", parent)
	a.take()
	g.call("chat.postEphemeral", "channel", "C0PAY", "user", "U0ANA", "text", "psst")
	g.callJSON("views.publish", map[string]any{"user_id": "U0ANA", "view": map[string]any{"type": "home", "blocks": buttons("x")}})
	g.must(g.Kick("U0ANA", "payments", "U0BEN"))
	a.next() // told, and not acked

	var file bytes.Buffer
	g.must(g.Save(&file))
	h := newStage(t, noEvents, func(o *slacktest.Options) { o.Clock = g.clock })
	h.must(h.Restore(&file))
	h.clock = g.clock
	if h.BotToken != g.BotToken || h.AppToken != g.AppToken {
		t.Error("other tokens")
	}
	if got, want := asJSON(h.Thread("payments", parent)), asJSON(g.Thread("payments", parent)); got != want {
		t.Errorf("thread:\n%s\n%s", got, want)
	}
	if got, want := asJSON(h.Channels()), asJSON(g.Channels()); got != want {
		t.Errorf("channels:\n%s\n%s", got, want)
	}
	if got, want := asJSON(h.Users()), asJSON(g.Users()); got != want {
		t.Errorf("users:\n%s\n%s", got, want)
	}
	if len(h.Groups()) != 1 || h.Groups()[0].ID != group.ID {
		t.Errorf("groups: %+v", h.Groups())
	}
	if got, want := asJSON(h.Views("U0ANA")), asJSON(g.Views("U0ANA")); got != want || len(h.Views("U0ANA")) != 1 {
		t.Errorf("views:\n%s\n%s", got, want)
	}
	if e := h.Ephemerals("U0ANA", ""); len(e) != 1 || e[0].Text != "psst" {
		t.Errorf("ephemerals: %+v", e)
	}
	if _, ok := h.Home("U0ANA"); !ok {
		t.Error("no home")
	}

	later := h.call("chat.postMessage", "channel", "C0PAY", "text", "later").fields["ts"].(string)
	if newest := g.Ephemerals("U0ANA", "")[0].TS; later <= newest { // the clock stands still
		t.Errorf("a new message has the ts %s, not above %s", later, newest)
	}
	b := h.connect()
	h.clock.Advance(time.Minute)
	if f := b.next(); inner(f)["type"] != "member_left_channel" {
		t.Errorf("the event that was not acked: %v", f)
	} else {
		b.ack(f)
	}
	_, err := h.Submit("U0ANA", v.ID, slacktest.Values{"ref": {"main"}})
	h.must(err)
	b.take()
	_, err = h.Press("U0ANA", slacktest.Ref{Channel: "payments", TS: parent}, "yes", "")
	h.must(err)
	b.take()
}

func TestRestoreRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	for _, text := range []string{"", "{", `{"version":99}`} {
		if err := g.Restore(strings.NewReader(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, ok := g.User("ana"); !ok {
		t.Error("the workspace is gone")
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	app, err := slacktest.ParseManifest([]byte(`{"_metadata":{"major_version":2},
		"features":{"app_home":{"home_tab_enabled":true},
			"slash_commands":[{"command":"/deploy","description":"Deploy","usage_hint":"<service>","should_escape":true}],
			"shortcuts":[{"name":"ADR","type":"message","callback_id":"adr","description":"d"},{"name":"Inc","type":"global","callback_id":"inc","description":"d"}]},
		"oauth_config":{"scopes":{"bot":["commands","chat:write"]}},
		"settings":{"socket_mode_enabled":true,"event_subscriptions":{"bot_events":["app_mention"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := slacktest.App{
		Commands:  []slacktest.Command{{Name: "/deploy", Description: "Deploy", UsageHint: "<service>", Escape: true}},
		Shortcuts: []slacktest.AppShortcut{{Name: "ADR", CallbackID: "adr", Description: "d", Message: true}, {Name: "Inc", CallbackID: "inc", Description: "d"}},
		Events:    []string{"app_mention"}, Scopes: []string{"commands", "chat:write"}, HomeTab: true,
	}
	if asJSON(app) != asJSON(want) {
		t.Errorf("read %+v", app)
	}
	for _, bad := range []string{"{", "{}"} {
		if _, err := slacktest.ParseManifest([]byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
