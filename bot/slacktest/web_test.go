package slacktest_test

import (
	"strings"
	"testing"

	"shipmate/bot/slacktest"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	form := "application/x-www-form-urlencoded"
	for name, c := range map[string]struct{ method, bearer, body, want string }{
		"none":                      {"auth.test", "", "", "not_authed"},
		"wrong":                     {"auth.test", "xoxb-else", "", "invalid_auth"},
		"wrong in the form":         {"auth.test", "", "token=xoxb-else", "invalid_auth"},
		"header":                    {"auth.test", g.BotToken, "", ""},
		"form":                      {"auth.test", "", "token=" + g.BotToken, ""},
		"app token on a bot method": {"auth.test", g.AppToken, "", "not_allowed_token_type"},
		"bot token for a socket":    {"apps.connections.open", g.BotToken, "", "not_allowed_token_type"},
		"app token in the form":     {"apps.connections.open", "", "token=" + g.AppToken, "not_authed"},
		"app token in the header":   {"apps.connections.open", g.AppToken, "", ""},
		"unknown method":            {"chat.postMessages", g.BotToken, "", "unknown_method"},
	} {
		if got := g.send(c.method, form, c.bearer, c.body).code(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if !g.problem("unknown_method") {
		t.Error("an unknown method is no problem")
	}
	g.Revoke()
	if got := g.call("auth.test").code(); got != "token_revoked" {
		t.Errorf("after Revoke: %q", got)
	}
}

func TestAuthTestNamesTheWorkspace(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	who, err := g.api.AuthTestContext(g.ctx())
	g.must(err)
	if who.TeamID != g.TeamID || who.UserID != g.BotUserID || who.BotID != g.BotID || who.User != "shipmate" {
		t.Errorf("auth.test says %+v", who)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	g.SetScopes("chat:write", "channels:history")
	a := g.call("users.info", "user", "U0ANA")
	if a.code() != "missing_scope" || a.fields["needed"] != "users:read" || a.fields["provided"] != "chat:write,channels:history" {
		t.Errorf("without users:read: %s", a.raw)
	}
	if got := a.header.Get("X-OAuth-Scopes"); got != "chat:write,channels:history" {
		t.Errorf("X-OAuth-Scopes: %q", got)
	}
	g.must(g.Invite("U0ANA", "secret", g.BotUserID))
	if a := g.call("conversations.history", "channel", "C0SEC"); a.fields["needed"] != "groups:history" {
		t.Errorf("history of a private channel: %s", a.raw)
	}
	if a := g.call("conversations.history", "channel", "C0PAY"); a.code() != "" {
		t.Errorf("history of a public channel: %s", a.raw)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	for name, c := range map[string]struct{ media, body, want string }{
		"not JSON":      {"application/json", "{", "invalid_json"},
		"not an object": {"application/json", "[1]", "json_not_object"},
		"no type":       {"", "channel=C0PAY", "missing_post_type"},
		"other type":    {"text/plain", "channel=C0PAY", "invalid_post_type"},
		"bad form":      {"application/x-www-form-urlencoded", "channel=%zz", "invalid_form_data"},
		"JSON":          {"application/json; charset=utf-8", `{"channel":"C0PAY","text":"hi","unfurl_links":false}`, ""},
	} {
		if got := g.send("chat.postMessage", c.media, g.BotToken, c.body).code(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCallsAreRecordedWithoutTokens(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	g.call("chat.postMessage", "channel", "C0PAY", "text", "hi")
	g.call("chat.postMessage", "channel", "C0NONE", "text", "hi")
	calls := g.Calls()
	if len(calls) != 2 || calls[0].Outcome != "ok" || calls[1].Outcome != "channel_not_found" || calls[1].Seq != calls[0].Seq+1 {
		t.Fatalf("calls: %+v", calls)
	}
	if calls[0].Params["text"] != "hi" || strings.Contains(asJSON(calls), g.BotToken) {
		t.Errorf("parameters: %v", calls[0].Params)
	}
	if c := g.Counts(); c.Calls != 2 || c.Refused != 1 || c.Messages != 1 {
		t.Errorf("counts: %+v", c)
	}
}

func TestOnCallSeesBeforeAndAfter(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	var seen []string
	g.OnCall(func(c slacktest.Call) {
		seen = append(seen, string(c.Phase)+" "+c.Method)
		if n := len(g.Messages("payments")); n != len(seen)-1 {
			t.Errorf("%s: %d messages", c.Phase, n)
		}
	})
	g.call("chat.postMessage", "channel", "C0PAY", "text", "hi")
	g.OnCall(nil)
	g.call("auth.test")
	if strings.Join(seen, ",") != "before chat.postMessage,after chat.postMessage" {
		t.Errorf("seen: %v", seen)
	}
}
