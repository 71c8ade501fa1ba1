package slacktest_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

func TestSlashPayload(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	g.AddGroup(slacktest.UserGroup{ID: "S0PAY", Handle: "payments-eng"})
	for line, want := range map[string]string{
		"/deploy  checkout staging ":            "checkout staging",
		"/deploy @ben in #payments, #secret":    "<@U0BEN> in <#C0PAY|payments>, <#C0SEC|>",
		"/deploy @payments-eng a<b & c":         "<!subteam^S0PAY> a&lt;b &amp; c",
		"/deploy https://acme.example/x me@ben": "<https://acme.example/x> me@ben",
		"/deploy":                               "",
		"/plain @ben & #payments":               "@ben & #payments",
	} {
		_, err := g.Slash("U0ANA", "payments", line)
		g.must(err)
		p := a.take()
		if p["text"] != want || p["command"] != strings.Fields(line)[0] {
			t.Errorf("%s: %v %q, want %q", line, p["command"], p["text"], want)
		}
		if p["user_id"] != "U0ANA" || p["channel_id"] != "C0PAY" || p["channel_name"] != "payments" || p["team_id"] != g.TeamID {
			t.Errorf("%s: %v", line, p)
		}
	}
	_, err := g.Slash("U0ANA", "secret", "/deploy")
	g.must(err)
	if p := a.take(); p["channel_name"] != "privategroup" {
		t.Errorf("from a private channel: %v", p["channel_name"])
	}
	_, err = g.Slash("U0ANA", g.DMChannel("U0ANA"), "/deploy")
	g.must(err)
	if p := a.take(); p["channel_name"] != "directmessage" {
		t.Errorf("from a direct message: %v", p["channel_name"])
	}
	g.AddUser(slacktest.User{ID: "U0FAR", Name: "far", TeamID: "T0OTHER"})
	g.must(g.Join("U0FAR", "payments"))
	a.take()
	_, err = g.Slash("U0FAR", "payments", "/deploy")
	g.must(err)
	if p := a.take(); p["team_id"] != "T0OTHER" {
		t.Errorf("from another workspace: %v", p["team_id"])
	}
	g.noProblems()
}

func TestSlashIsRefused(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	for name, c := range map[string]struct{ user, channel, line, want string }{
		"unknown command": {"U0ANA", "payments", "/deplyo x", "is not a valid command"},
		"not a member":    {"U0BEN", "random", "/deploy x", "not_in_channel"},
		"unseen channel":  {"U0BEN", "secret", "/deploy x", "channel_not_found"},
		"deactivated":     {"U0CLEO", "payments", "/deploy x", "account_inactive"},
		"nobody":          {"U0NO", "payments", "/deploy x", "user_not_found"},
	} {
		if _, err := g.Slash(c.user, c.channel, c.line); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	said, err := g.Say("U0ANA", "payments", "", "hi")
	g.must(err)
	if err := g.SlashInThread("U0ANA", "payments", said.TS, "/deploy x"); err == nil || !strings.Contains(err.Error(), "not supported in threads") {
		t.Errorf("in a thread: %v", err)
	}
}

func TestSlashAnswersInTheAck(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	a := g.connect()
	slash := func(answer any) {
		_, err := g.Slash("U0ANA", "payments", "/deploy checkout")
		g.must(err)
		a.take(answer)
	}
	slash(map[string]any{"text": "just you"})
	if e := g.Ephemerals("U0ANA", "payments"); len(e) != 1 || e[0].Text != "just you" || len(g.Messages("payments")) != 0 {
		t.Errorf("ephemeral answer: %+v", e)
	}
	slash(map[string]any{"response_type": "in_channel", "text": "all of you"})
	if m := g.Messages("payments"); len(m) != 2 || m[0].User != "U0ANA" || m[0].Text != "/deploy checkout" || m[1].Text != "all of you" {
		t.Errorf("visible answer: %+v", m)
	}
	slash(map[string]any{"blocks": []any{map[string]any{"type": "nonsense"}}})
	if !g.problem("bad_answer") {
		t.Error("blocks that are refused are no problem")
	}
}

func TestSayAndEdit(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	next := func() map[string]any { return inner(map[string]any{"payload": a.take()}) }
	said, err := g.Say("U0ANA", "payments", "", "@shipmate: ship it & go")
	g.must(err)
	mention, message := next(), next()
	if mention["type"] != "app_mention" || mention["text"] != "<@"+g.BotUserID+">: ship it &amp; go" || mention["ts"] != said.TS || mention["channel_type"] != nil {
		t.Errorf("mention: %v", mention)
	}
	if message["type"] != "message" || message["channel_type"] != "channel" || message["user"] != "U0ANA" {
		t.Errorf("message: %v", message)
	}
	_, err = g.Say("U0ANA", g.DMChannel("U0ANA"), "", "@shipmate help")
	g.must(err)
	if e := next(); e["type"] != "message" || e["channel_type"] != "im" {
		t.Errorf("direct message: %v", e)
	}
	a.nothing() // no app_mention there
	_, err = g.Edit("U0ANA", "payments", said.TS, "never mind")
	g.must(err)
	if e := next(); e["subtype"] != "message_changed" || e["message"].(map[string]any)["text"] != "never mind" {
		t.Errorf("edit: %v", e)
	}
	if _, err := g.Edit("U0BEN", "payments", said.TS, "x"); err == nil {
		t.Error("edited someone else's message")
	}
	_, err = g.React("U0BEN", "payments", said.TS, "eyes")
	g.must(err)
	if e := next(); e["type"] != "reaction_added" || e["reaction"] != "eyes" {
		t.Errorf("reaction: %v", e)
	}
	_, err = g.Delete("U0ANA", "payments", said.TS)
	g.must(err)
	if e := next(); e["subtype"] != "message_deleted" || e["deleted_ts"] != said.TS {
		t.Errorf("deletion: %v", e)
	}
	reply, err := g.Say("U0ANA", "payments", said.TS, "x")
	if err == nil {
		t.Errorf("replied to what is gone: %+v", reply)
	}
	if _, err := g.Say("U0ANA", "payments", "", "/deploy x"); err == nil {
		t.Error("posted a slash command as a message")
	}
	g.noProblems()
}

func TestBotHearsItsOwnMessages(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	g.call("chat.postMessage", "channel", "C0PAY", "text", "hi <@"+g.BotUserID+">")
	if e := inner(map[string]any{"payload": a.take()}); e["type"] != "message" || e["bot_id"] != g.BotID {
		t.Errorf("event: %v", e)
	}
	a.nothing() // its own mention is none
}

func TestMentionWhereTheBotIsNot(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	said, err := g.Say("U0ANA", "random", "", "@shipmate hi")
	g.must(err)
	if len(said.Envelopes) != 0 {
		t.Error("the bot hears of a channel it is not in")
	}
	if e := g.Ephemerals("U0ANA", "random"); len(e) != 1 || e[0].User != "USLACKBOT" {
		t.Errorf("Ana sees %+v", e)
	}
}

func TestPress(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	a := g.connect()
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "Approve?", "blocks", asJSON(buttons("yes", "no"))).fields["ts"].(string)
	on := slacktest.Ref{Channel: "payments", TS: ts}
	for name, err := range map[string]error{
		"no such button": second(g.Press("U0ANA", on, "maybe", "")),
		"other value":    second(g.Press("U0ANA", on, "yes", "v-no")),
		"no such place":  second(g.Press("U0ANA", slacktest.Ref{Channel: "payments", TS: "1.000000"}, "yes", "")),
		"unseen":         second(g.Press("U0NO", on, "yes", "")),
	} {
		if err == nil {
			t.Errorf("%s: pressed", name)
		}
	}
	_, err := g.Press("U0ANA", on, "yes", "")
	g.must(err)
	p := a.take()
	action := p["actions"].([]any)[0].(map[string]any)
	if p["type"] != "block_actions" || action["value"] != "v-yes" || action["block_id"] != "acts" || action["action_ts"] == nil || action["type"] != "button" {
		t.Errorf("payload: %v", p)
	}
	if c := p["container"].(map[string]any); c["message_ts"] != ts || c["channel_id"] != "C0PAY" || c["is_ephemeral"] != false {
		t.Errorf("container: %v", c)
	}
	if p["message"].(map[string]any)["ts"] != ts || p["trigger_id"] == "" || p["response_url"] == "" {
		t.Errorf("payload: %v", p)
	}
	_, err = g.Press("U0ANA", on, "no", "")
	g.must(err)
	a.next() // not acked
	g.clock.Advance(3 * time.Second)
	g.wait("Slackbot", func() bool { return len(g.Ephemerals("U0ANA", "payments")) == 1 })
}

func second(_ string, err error) error { return err }

func TestPressOnAnEphemeral(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	g.call("chat.postEphemeral", "channel", "C0PAY", "user", "U0ANA", "text", "x", "blocks", asJSON(buttons("yes")))
	m := g.Ephemerals("U0ANA", "payments")[0]
	if _, err := g.Press("U0BEN", slacktest.OnMessage(m), "yes", ""); err == nil {
		t.Error("Ben pressed what only Ana sees")
	}
	_, err := g.Press("U0ANA", slacktest.OnMessage(m), "yes", "")
	g.must(err)
	p := a.take()
	if _, has := p["message"]; has || p["container"].(map[string]any)["is_ephemeral"] != true {
		t.Errorf("payload: %v", p)
	}
	to := p["response_url"].(string)
	g.respond(to, map[string]any{"text": "done", "replace_original": true})
	if e := g.Ephemerals("U0ANA", ""); len(e) != 1 || e[0].Text != "done" || e[0].Blocks != nil {
		t.Errorf("replaced: %+v", e)
	}
	g.respond(to, map[string]any{"delete_original": true})
	if e := g.Ephemerals("U0ANA", ""); len(e) != 0 {
		t.Errorf("deleted: %+v", e)
	}
}

func TestSelectInAMessage(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	a := g.connect()
	option := func(v string) any {
		return map[string]any{"text": map[string]any{"type": "plain_text", "text": v}, "value": v}
	}
	blocks := []any{map[string]any{"type": "actions", "block_id": "b", "elements": []any{
		map[string]any{"type": "static_select", "action_id": "env", "options": []any{option("staging"), option("production")}},
		map[string]any{"type": "overflow", "action_id": "more", "options": []any{option("lock")}},
		map[string]any{"type": "users_select", "action_id": "who"},
	}}}
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "x", "blocks", asJSON(blocks)).fields["ts"].(string)
	on := slacktest.Ref{Channel: "C0PAY", TS: ts}
	if _, err := g.Select("U0ANA", on, "env", "moon"); err == nil {
		t.Error("chose what is not offered")
	}
	_, err := g.Select("U0ANA", on, "env", "production")
	g.must(err)
	p := a.take()
	if got := asJSON(p["state"].(map[string]any)["values"].(map[string]any)["b"]); !strings.Contains(got, `"value":"production"`) || strings.Contains(got, "more") {
		t.Errorf("state: %s", got)
	}
	_, err = g.Select("U0BEN", on, "who", "ana")
	g.must(err)
	p = a.take()
	if p["actions"].([]any)[0].(map[string]any)["selected_user"] != "U0ANA" || strings.Contains(asJSON(p["state"]), "production\"") {
		t.Errorf("Ben's choice, without Ana's: %v", p)
	}
	_, err = g.Select("U0ANA", on, "more", "lock")
	g.must(err)
	if p := a.take(); !strings.Contains(asJSON(p["actions"]), `"type":"overflow"`) {
		t.Errorf("overflow: %v", p["actions"])
	}
}

func TestShortcutsAndTabs(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	said, err := g.Say("U0ANA", "random", "", "we should use etcd")
	g.must(err)
	a := g.connect()
	_, err = g.Shortcut("U0ANA", "adr_from", "random", said.TS)
	g.must(err)
	p := a.take()
	if p["type"] != "message_action" || p["callback_id"] != "adr_from" || p["message"].(map[string]any)["text"] != "we should use etcd" || p["response_url"] == nil {
		t.Errorf("message shortcut: %v", p)
	}
	_, err = g.GlobalShortcut("U0ANA", "new_incident")
	g.must(err)
	if p := a.take(); p["type"] != "shortcut" || p["trigger_id"] == nil || p["response_url"] != nil || p["channel"] != nil {
		t.Errorf("global shortcut: %v", p)
	}
	if _, err := g.Shortcut("U0ANA", "new_incident", "random", said.TS); err == nil {
		t.Error("a global shortcut on a message")
	}
	if _, err := g.GlobalShortcut("U0ANA", "nope"); err == nil {
		t.Error("an unknown shortcut")
	}
	_, err = g.OpenHome("U0ANA")
	g.must(err)
	if e := inner(map[string]any{"payload": a.take()}); e["type"] != "app_home_opened" || e["tab"] != "home" || e["channel"] != g.DMChannel("U0ANA") {
		t.Errorf("home: %v", e)
	}
	_, err = g.OpenMessages("U0ANA")
	g.must(err)
	if e := inner(map[string]any{"payload": a.take()}); e["tab"] != "messages" {
		t.Errorf("messages: %v", e)
	}
	g.noProblems()
}
