package slacktest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
)

func TestPostWithSlackGo(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	channel, ts, err := g.api.PostMessageContext(g.ctx(), "C0PAY", slack.MsgOptionText("Deploying <x> & y", true),
		slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*Deploying*", false, false), nil, nil)),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "deploy", EventPayload: map[string]any{"k": "D1"}}))
	g.must(err)
	m, ok := g.Message(channel, ts)
	if !ok || m.Text != "Deploying &lt;x&gt; &amp; y" || m.BotID != g.BotID || !strings.Contains(string(m.Blocks), "*Deploying*") {
		t.Fatalf("message: %+v", m)
	}
	if !strings.Contains(string(m.Blocks), `"block_id"`) {
		t.Error("the block got no block_id")
	}
	_, _, err = g.api.PostMessageContext(g.ctx(), "C0RND", slack.MsgOptionText("hi", false))
	g.must(err) // chat:write.public
	if channel, _, err = g.api.PostMessageContext(g.ctx(), "U0ANA", slack.MsgOptionText("psst", false)); err != nil || channel != g.DMChannel("U0ANA") {
		t.Errorf("to a person: channel %s, %v", channel, err)
	}
	if dm := g.DM("U0ANA"); len(dm) != 1 || dm[0].Text != "psst" {
		t.Errorf("direct messages: %+v", dm)
	}
}

func TestPostErrors(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	g.AddChannel(slacktest.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{g.BotUserID}})
	g.SetScopes("chat:write")
	long := strings.Repeat("x", 9000)
	for name, c := range map[string]struct {
		params []string
		want   string
	}{
		"nowhere":            {[]string{"channel", "C0NONE", "text", "x"}, "channel_not_found"},
		"private":            {[]string{"channel", "C0SEC", "text", "x"}, "channel_not_found"},
		"not a member":       {[]string{"channel", "C0RND", "text", "x"}, "not_in_channel"},
		"archived":           {[]string{"channel", "C0OLD", "text", "x"}, "is_archived"},
		"deactivated person": {[]string{"channel", "U0CLEO", "text", "x"}, "user_disabled"},
		"the bot itself":     {[]string{"channel", g.BotUserID, "text", "x"}, "cannot_dm_bot"},
		"nothing to say":     {[]string{"channel", "C0PAY"}, "no_text"},
		"blocks no list":     {[]string{"channel", "C0PAY", "blocks", "{}"}, "invalid_blocks_format"},
		"bad block":          {[]string{"channel", "C0PAY", "blocks", `[{"type":"sect"}]`}, "invalid_blocks"},
		"another name":       {[]string{"channel", "C0PAY", "text", "x", "username", "Bob"}, "missing_scope"},
		"metadata no object": {[]string{"channel", "C0PAY", "text", "x", "metadata", "[]"}, "invalid_metadata_format"},
		"metadata key":       {[]string{"channel", "C0PAY", "text", "x", "metadata", `{"event_type":"a","event_payload":{"Key":1}}`}, "invalid_metadata_schema"},
		"metadata no type":   {[]string{"channel", "C0PAY", "text", "x", "metadata", `{"event_payload":{"k":1}}`}, "invalid_metadata_schema"},
		"metadata too large": {[]string{"channel", "C0PAY", "text", "x", "metadata", `{"event_type":"a","event_payload":{"k":"` + long + `"}}`}, "metadata_too_large"},
		"markdown and text":  {[]string{"channel", "C0PAY", "text", "x", "markdown_text", "y"}, "markdown_text_conflict"},
		"markdown too long":  {[]string{"channel", "C0PAY", "markdown_text", long + long}, "msg_too_long"},
		"attachments":        {[]string{"channel", "C0PAY", "attachments", "[" + strings.Repeat("{},", 100) + "{}]"}, "too_many_attachments"},
	} {
		if a := g.call("chat.postMessage", c.params...); a.code() != c.want {
			t.Errorf("%s: %s, want %s", name, a.raw, c.want)
		}
	}
	if n := len(g.Messages("payments")); n != 0 {
		t.Errorf("%d messages came of refused calls", n)
	}
}

func TestLongTextIsCut(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	g.call("chat.postMessage", "channel", "C0PAY", "text", strings.Repeat("ä", 40001))
	if n := len([]rune(g.Messages("payments")[0].Text)); n != 40000 {
		t.Errorf("%d characters are left", n)
	}
}

func TestTimeStampsRiseWithTheClock(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	post := func() string {
		return g.call("chat.postMessage", "channel", "C0PAY", "text", "x").fields["ts"].(string)
	}
	first, second := post(), post()
	g.clock.Advance(time.Hour)
	third := post()
	if !(first < second && second < third) || !strings.HasPrefix(first, "1772442000.") || !strings.HasPrefix(third, "1772445600.") {
		t.Errorf("time stamps %s, %s, %s", first, second, third)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	meta := `{"event_type":"deploy","event_payload":{"k":"D1"}}`
	post := g.call("chat.postMessage", "channel", "C0PAY", "text", "one", "blocks", asJSON(section("*one*")), "metadata", meta)
	ts := post.fields["ts"].(string)
	message := func() slacktest.Message { m, _ := g.Message("C0PAY", ts); return m }

	g.call("chat.update", "channel", "C0PAY", "ts", ts, "text", "two", "blocks", asJSON(section("*two*")))
	if m := message(); m.Text != "two" || !strings.Contains(string(m.Blocks), "*two*") || m.Edited != nil || string(m.Metadata) != meta {
		t.Errorf("after text and blocks: %+v", m)
	}
	g.call("chat.update", "channel", "C0PAY", "ts", ts, "text", "three", "metadata", "{}")
	if m := message(); m.Text != "three" || m.Blocks != nil || m.Edited == nil || m.Metadata != nil || m.Updates != 2 {
		t.Errorf("after text alone: %+v", m)
	}
	said, err := g.Say("U0ANA", "payments", "", "mine")
	g.must(err)
	for name, c := range map[string]struct {
		params []string
		want   string
	}{
		"someone's":   {[]string{"channel", "C0PAY", "ts", said.TS, "text", "x"}, "cant_update_message"},
		"none":        {[]string{"channel", "C0PAY", "ts", "1.000000", "text", "x"}, "message_not_found"},
		"by name":     {[]string{"channel", "payments", "ts", ts, "text", "x"}, "channel_not_found"},
		"by a person": {[]string{"channel", "U0ANA", "ts", ts, "text", "x"}, "channel_not_found"},
		"too long":    {[]string{"channel", "C0PAY", "ts", ts, "text", strings.Repeat("x", 4001)}, "msg_too_long"},
		"nothing":     {[]string{"channel", "C0PAY", "ts", ts}, "no_text"},
	} {
		if a := g.call("chat.update", c.params...); a.code() != c.want {
			t.Errorf("%s: %s, want %s", name, a.raw, c.want)
		}
	}
	g.must(g.Archive("U0ANA", "payments"))
	if a := g.call("chat.update", "channel", "C0PAY", "ts", ts, "text", "x"); a.code() != "is_inactive" {
		t.Errorf("in an archived channel: %s", a.raw)
	}
}

func TestUpdateOfMetadataKeepsTheRest(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "one", "blocks", asJSON(section("b"))).fields["ts"].(string)
	g.call("chat.update", "channel", "C0PAY", "ts", ts, "metadata", `{"event_type":"e","event_payload":{}}`)
	if m, _ := g.Message("C0PAY", ts); m.Text != "one" || m.Blocks == nil || m.Metadata == nil {
		t.Errorf("message: %+v", m)
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	post := func(params ...string) answer {
		return g.call("chat.postMessage", append([]string{"channel", "C0PAY", "text", "x"}, params...)...)
	}
	parent := post().fields["ts"].(string)
	reply := post("thread_ts", parent).fields["ts"].(string)
	post("thread_ts", reply, "reply_broadcast", "true") // a reply to a reply joins the thread
	if thread := g.Thread("payments", parent); len(thread) != 3 || thread[0].ReplyCount != 2 || thread[2].ThreadTS != parent {
		t.Errorf("thread: %+v", thread)
	}
	if shown := g.Messages("payments"); len(shown) != 2 || !shown[1].Broadcast {
		t.Errorf("the channel shows %+v", shown)
	}
	if a := post("thread_ts", "1.000000"); a.fields["message"].(map[string]any)["thread_ts"] != nil {
		t.Errorf("a reply to nothing: %s", a.raw)
	}
	g.call("chat.delete", "channel", "C0PAY", "ts", parent)
	if m, _ := g.Message("C0PAY", parent); m.Subtype != "tombstone" {
		t.Errorf("a deleted parent leaves %+v", m)
	}
	g.call("chat.delete", "channel", "C0PAY", "ts", reply)
	if thread := g.Thread("payments", parent); len(thread) != 2 {
		t.Errorf("the thread after deleting a reply: %+v", thread)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "x").fields["ts"].(string)
	said, err := g.Say("U0ANA", "payments", "", "mine")
	g.must(err)
	if got := g.call("chat.delete", "channel", "C0PAY", "ts", said.TS).code(); got != "cant_delete_message" {
		t.Errorf("someone's message: %q", got)
	}
	g.call("chat.delete", "channel", "C0PAY", "ts", ts)
	if shown := g.Messages("payments"); len(shown) != 1 || shown[0].TS != said.TS {
		t.Errorf("left: %+v", shown)
	}
	if got := g.call("chat.delete", "channel", "C0PAY", "ts", ts).code(); got != "message_not_found" {
		t.Errorf("twice: %q", got)
	}
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.call("chat.postEphemeral", "channel", "C0PAY", "user", "U0ANA", "text", "only you")
	if a.fields["message_ts"] == nil {
		t.Fatal(a.raw)
	}
	if e := g.Ephemerals("U0ANA", "payments"); len(e) != 1 || e[0].Text != "only you" || !e[0].Ephemeral {
		t.Errorf("Ana sees %+v", e)
	}
	if len(g.Ephemerals("U0BEN", "")) != 0 || len(g.Messages("payments")) != 0 {
		t.Error("others see it too")
	}
	ts := a.fields["message_ts"].(string)
	if got := g.call("chat.update", "channel", "C0PAY", "ts", ts, "text", "x").code(); got != "message_not_found" {
		t.Errorf("updating it: %q", got)
	}
	for name, c := range map[string]struct{ channel, user, want string }{
		"no channel": {"C0NONE", "U0ANA", "channel_not_found"}, "private": {"C0SEC", "U0ANA", "channel_not_found"},
		"bot not there": {"C0RND", "U0ANA", "not_in_channel"}, "deactivated": {"C0PAY", "U0CLEO", "user_not_in_channel"},
		"nobody": {"C0PAY", "U0NO", "user_not_in_channel"},
	} {
		if got := g.call("chat.postEphemeral", "channel", c.channel, "user", c.user, "text", "x").code(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPermalink(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "x").fields["ts"].(string)
	reply := g.call("chat.postMessage", "channel", "C0PAY", "text", "y", "thread_ts", ts).fields["ts"].(string)
	link, err := g.api.GetPermalinkContext(g.ctx(), &slack.PermalinkParameters{Channel: "C0PAY", Ts: ts})
	if want := "https://acme.slack.com/archives/C0PAY/p" + strings.ReplaceAll(ts, ".", ""); err != nil || link != want {
		t.Errorf("%s, %v; want %s", link, err, want)
	}
	link, _ = g.api.GetPermalinkContext(g.ctx(), &slack.PermalinkParameters{Channel: "C0PAY", Ts: reply})
	if !strings.HasSuffix(link, "?cid=C0PAY&thread_ts="+ts) {
		t.Errorf("of a reply: %s", link)
	}
	_, err = g.api.GetPermalinkContext(g.ctx(), &slack.PermalinkParameters{Channel: "C0PAY", Ts: "1.000000"})
	if !isAny(err, "message_not_found") {
		t.Errorf("of nothing: %v", err)
	}
}
