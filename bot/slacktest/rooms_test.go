package slacktest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
)

func TestRoomErrors(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	g.AddChannel(slacktest.Channel{ID: "C0OLD", Name: "old", Archived: true, Creator: g.BotUserID, Members: []string{g.BotUserID, "U0ANA"}})
	g.AddChannel(slacktest.Channel{ID: "C0OURS", Name: "ours", Creator: g.BotUserID, Members: []string{g.BotUserID}})
	g.AddChannel(slacktest.Channel{ID: "C0ALL", Name: "general", Members: []string{g.BotUserID}})
	for _, c := range []struct{ method, params, want string }{
		{"conversations.create", "name=old", "name_taken"},
		{"conversations.create", "name=secret", "name_taken"},
		{"conversations.create", "name=störung-é-日本", ""},
		{"conversations.rename", "channel=C0OURS name=payments", "name_taken"},
		{"conversations.rename", "channel=C0OURS name=Ours", "invalid_name_specials"},
		{"conversations.rename", "channel=C0OURS name=new", ""},
		{"conversations.create", "name=ours", ""},
		{"conversations.rename", "channel=C0PAY name=mine", "not_authorized"},
		{"conversations.rename", "channel=C0OLD name=older", "is_archived"},
		{"conversations.setPurpose", "channel=C0PAY purpose=" + strings.Repeat("x", 251), "too_long"},
		{"conversations.setPurpose", "channel=C0RND purpose=x", "not_in_channel"},
		{"conversations.archive", "channel=C0ALL", "cant_archive_general"},
		{"conversations.invite", "channel=C0PAY users=" + strings.Repeat("U0X,", 101), "too_many_users"},
		{"bookmarks.list", "channel_id=C0RND", "not_in_channel"},
		{"bookmarks.edit", "channel_id=C0PAY bookmark_id=Bk1 title=x", "not_found"},
		{"bookmarks.remove", "channel_id=C0PAY bookmark_id=Bk1", "not_found"},
		{"pins.list", "channel=C0RND", "not_in_channel"},
		{"pins.remove", "channel=C0PAY timestamp=1.000000", "message_not_found"},
		{"reactions.remove", "channel=C0PAY timestamp=1.000000 name=eyes", "message_not_found"},
	} {
		var pairs []string
		for _, p := range strings.Fields(c.params) {
			k, v, _ := strings.Cut(p, "=")
			pairs = append(pairs, k, v)
		}
		if a := g.call(c.method, pairs...); a.code() != c.want {
			t.Errorf("%s %s: %s, want %q", c.method, c.params, a.raw, c.want)
		}
	}
	g.SetRules(slacktest.Rules{BotsMakeNoChannels: true, BotsArchiveNoChannels: true})
	for method, params := range map[string][]string{"conversations.create": {"name", "inc-2"}, "conversations.archive": {"channel", "C0OURS"},
		"conversations.rename": {"channel", "C0OURS", "name", "x"}} {
		if a := g.call(method, params...); a.code() != "restricted_action" {
			t.Errorf("%s against the rules: %s", method, a.raw)
		}
	}
}

func TestInvitingSomeWhoCannotCome(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	c, err := g.api.CreateConversationContext(g.ctx(), slack.CreateConversationParams{ChannelName: "inc-1", IsPrivate: true})
	g.must(err)
	a := g.call("conversations.invite", "channel", c.ID, "users", "U0ANA,U0CLEO,U0NO")
	if got := asJSON(a.fields["errors"]); a.code() != "cant_invite" || !strings.Contains(got, `"user":"U0NO"`) {
		t.Errorf("refused with %s", a.raw)
	}
	if got, _ := g.Channel(c.ID); len(got.Members) != 1 {
		t.Errorf("in spite of it %v are in", got.Members)
	}
	if a := g.call("conversations.invite", "channel", c.ID, "users", "U0ANA,U0CLEO", "force", "true"); a.code() != "" {
		t.Errorf("with force: %s", a.raw)
	}
	if got, _ := g.Channel(c.ID); len(got.Members) != 2 || !got.Private {
		t.Errorf("with force %v are in", got.Members)
	}
}

func TestARoomIsDescribedPinnedAndBookmarked(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	next := func() map[string]any { return inner(map[string]any{"payload": a.take()}) }
	c, err := g.api.CreateConversationContext(g.ctx(), slack.CreateConversationParams{ChannelName: "inc-1"})
	g.must(err)
	if e := next(); e["type"] != "channel_created" || e["channel"].(map[string]any)["id"] != c.ID {
		t.Errorf("created: %v", e)
	}
	_, err = g.api.SetPurposeOfConversationContext(g.ctx(), c.ID, "what & why")
	g.must(err)
	if e := next(); e["subtype"] != "channel_purpose" {
		t.Errorf("described: %v", e)
	}
	_, err = g.api.SetPurposeOfConversationContext(g.ctx(), c.ID, "what & why")
	g.must(err)
	mine, _, err := g.api.GetConversationsForUserContext(g.ctx(), &slack.GetConversationsForUserParameters{Types: []string{"public_channel"}})
	g.must(err)
	if len(mine) != 2 || mine[0].Purpose.Value+mine[1].Purpose.Value != "what &amp; why" {
		t.Errorf("the bot's channels: %+v", mine)
	}
	ts := g.call("chat.postMessage", "channel", c.ID, "text", "card").fields["ts"].(string)
	if e := next(); e["type"] != "message" || e["text"] != "card" {
		t.Errorf("posted: %v", e)
	}
	on := slack.NewRefToMessage(c.ID, ts)
	g.must(g.api.AddPinContext(g.ctx(), c.ID, on))
	if e := next(); e["type"] != "pin_added" || e["channel_id"] != c.ID {
		t.Errorf("pinned: %v", e)
	}
	items, _, err := g.api.ListPinsContext(g.ctx(), c.ID)
	if err != nil || len(items) != 1 || items[0].Message.Timestamp != ts || len(g.Pins("inc-1")) != 1 {
		t.Errorf("pins: %+v, %v", items, err)
	}
	g.must(g.api.RemovePinContext(g.ctx(), c.ID, on))
	if e := next(); e["type"] != "pin_removed" {
		t.Errorf("no longer pinned: %v", e)
	}
	if err := g.api.RemovePinContext(g.ctx(), c.ID, on); !isAny(err, "no_pin") {
		t.Errorf("twice: %v", err)
	}
	b, err := g.api.AddBookmarkContext(g.ctx(), c.ID, slack.AddBookmarkParameters{Title: "Run", Type: "link", Link: "https://acme.example/"})
	g.must(err)
	title := "Runbook"
	_, err = g.api.EditBookmarkContext(g.ctx(), c.ID, b.ID, slack.EditBookmarkParameters{Title: &title})
	g.must(err)
	if all, err := g.api.ListBookmarksContext(g.ctx(), c.ID); err != nil || len(all) != 1 || all[0].Title != "Runbook" || all[0].Link != "https://acme.example/" {
		t.Errorf("bookmarks: %+v, %v", all, err)
	}
	g.must(g.api.RemoveBookmarkContext(g.ctx(), c.ID, b.ID))
	if n := len(g.Bookmarks("inc-1")); n != 0 {
		t.Errorf("%d bookmarks are left", n)
	}
	_, err = g.api.RenameConversationContext(g.ctx(), c.ID, "inc-1-checkout")
	g.must(err)
	if e := next(); e["type"] != "channel_rename" || e["channel"].(map[string]any)["name"] != "inc-1-checkout" {
		t.Errorf("renamed: %v", e)
	}
	if _, there := g.Channel("inc-1"); there {
		t.Error("it still has its old name")
	}
	g.noProblems()
}

func TestAReactionIsTakenBack(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	said, err := g.Say("U0ANA", "payments", "", "look")
	g.must(err)
	a.take()
	for _, who := range []string{"U0ANA", "U0BEN"} {
		_, err = g.React(who, "payments", said.TS, "eyes")
		g.must(err)
		a.take()
	}
	_, err = g.Unreact("U0BEN", "payments", said.TS, "eyes")
	g.must(err)
	e := inner(map[string]any{"payload": a.take()})
	if e["type"] != "reaction_removed" || e["user"] != "U0BEN" || e["item"].(map[string]any)["ts"] != said.TS {
		t.Errorf("event: %v", e)
	}
	if m, _ := g.Message("payments", said.TS); len(m.Reactions) != 1 || len(m.Reactions[0].Users) != 1 {
		t.Errorf("left: %+v", m.Reactions)
	}
	if _, err := g.Unreact("U0BEN", "payments", said.TS, "eyes"); err == nil {
		t.Error("taken back twice")
	}
	if got := g.call("reactions.remove", "channel", "C0PAY", "timestamp", said.TS, "name", "eyes").code(); got != "no_reaction" {
		t.Errorf("the bot took Ana's: %s", got)
	}
	_, err = g.Unreact("U0ANA", "payments", said.TS, "eyes")
	g.must(err)
	if m, _ := g.Message("payments", said.TS); len(m.Reactions) != 0 {
		t.Errorf("left: %+v", m.Reactions)
	}
}

func TestRoomsAreKept(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	g.SetRules(slacktest.Rules{BotsArchiveNoChannels: true})
	c, err := g.api.CreateConversationContext(g.ctx(), slack.CreateConversationParams{ChannelName: "inc-1"})
	g.must(err)
	_, err = g.api.SetPurposeOfConversationContext(g.ctx(), c.ID, "why")
	g.must(err)
	ts := g.call("chat.postMessage", "channel", c.ID, "text", "card").fields["ts"].(string)
	g.must(g.api.AddPinContext(g.ctx(), c.ID, slack.NewRefToMessage(c.ID, ts)))
	_, err = g.api.AddBookmarkContext(g.ctx(), c.ID, slack.AddBookmarkParameters{Title: "Run", Type: "link", Link: "https://acme.example"})
	g.must(err)
	var file bytes.Buffer
	g.must(g.Save(&file))
	h := newStage(t)
	h.must(h.Restore(&file))
	if got, _ := h.Channel("inc-1"); got.Purpose != "why" || len(h.Pins("inc-1")) != 1 || len(h.Bookmarks("inc-1")) != 1 {
		t.Errorf("kept: %+v, %d pins, %d bookmarks", got, len(h.Pins("inc-1")), len(h.Bookmarks("inc-1")))
	}
	if a := h.call("conversations.archive", "channel", c.ID); a.code() != "restricted_action" {
		t.Errorf("the rules are not kept: %s", a.raw)
	}
}

func TestWhatIsChosenAtTheStartIsOffered(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	yes := option(3, 3)
	for name, c := range map[string]struct {
		element o
		right   bool
	}{
		"a box":            {o{"type": "checkboxes", "options": []any{yes}, "initial_options": []any{yes}}, true},
		"another box":      {o{"type": "checkboxes", "options": []any{yes}, "initial_options": []any{option(2, 2)}}, false},
		"an option":        {o{"type": "static_select", "options": []any{yes}, "initial_option": yes}, true},
		"no option":        {o{"type": "static_select", "options": []any{yes}, "initial_option": option(3, 2)}, false},
		"somebody":         {o{"type": "users_select", "initial_user": "U0ANA"}, true},
		"nobody":           {o{"type": "users_select", "initial_user": ""}, false},
		"people":           {o{"type": "multi_users_select", "initial_users": []any{"U0ANA", "U0BEN"}, "max_selected_items": 2}, true},
		"too many":         {o{"type": "multi_users_select", "initial_users": []any{"U0ANA", "U0BEN"}, "max_selected_items": 1}, false},
		"people, not IDs":  {o{"type": "multi_users_select", "initial_users": []any{7}}, false},
		"a long last word": {o{"type": "static_select", "options": []any{with(yes, "description", plainText(chars(76)))}}, false},
	} {
		got := g.callJSON("views.open", map[string]any{"trigger_id": g.trigger(a), "view": modal(inputBlock("x", c.element))}).code()
		if (got == "") != c.right {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestRoomMethodsAskForTheirScopes looks that each method refuses without a scope, and names the right one.
func TestRoomMethodsAskForTheirScopes(t *testing.T) {
	t.Parallel()
	for method, scope := range map[string]string{
		"bookmarks.add": "bookmarks:write", "bookmarks.list": "bookmarks:read", "bookmarks.edit": "bookmarks:write", "bookmarks.remove": "bookmarks:write",
		"pins.add": "pins:write", "pins.list": "pins:read", "pins.remove": "pins:write", "reactions.add": "reactions:write",
		"reactions.remove": "reactions:write", "reactions.get": "reactions:read", "conversations.create": "channels:manage",
		"conversations.rename": "channels:manage", "conversations.setTopic": "channels:manage", "conversations.setPurpose": "channels:manage",
		"conversations.invite": "channels:manage", "conversations.kick": "channels:manage", "conversations.archive": "channels:manage",
	} {
		g := newStage(t)
		g.SetScopes("chat:write")
		a := g.call(method, "channel", "C0PAY", "channel_id", "C0PAY", "name", "x")
		if a.code() != "missing_scope" || !strings.Contains(fmt.Sprint(a.fields["needed"]), scope) {
			t.Errorf("%s without scopes: %s", method, a.raw)
		}
	}
}
