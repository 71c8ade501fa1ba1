package slacktest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
)

func TestConversationErrors(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	g.AddChannel(slacktest.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{g.BotUserID, "U0ANA"}})
	dm := g.DMChannel("U0ANA")
	for _, c := range []struct{ method, params, want string }{
		{"conversations.info", "channel=C0PAY", ""},
		{"conversations.info", "channel=C0RND", ""},
		{"conversations.info", "channel=C0SEC", "channel_not_found"},
		{"conversations.info", "channel=payments", "channel_not_found"},
		{"conversations.members", "channel=C0SEC", "channel_not_found"},
		{"conversations.members", "channel=C0PAY cursor=xx", "invalid_cursor"},
		{"conversations.members", "channel=C0PAY limit=1001", "invalid_limit"},
		{"conversations.list", "types=public", "invalid_types"},
		{"conversations.history", "channel=C0RND", "not_in_channel"},
		{"conversations.history", "channel=C0SEC", "channel_not_found"},
		{"conversations.history", "channel=C0PAY oldest=x", "invalid_ts_oldest"},
		{"conversations.history", "channel=C0PAY latest=x", "invalid_ts_latest"},
		{"conversations.history", "channel=C0PAY cursor=x", "invalid_cursor"},
		{"conversations.replies", "channel=C0PAY ts=1.000000", "thread_not_found"},
		{"conversations.open", "", "users_list_not_supplied"},
		{"conversations.open", "users=U0NO", "user_not_found"},
		{"conversations.open", "users=U0CLEO", "user_disabled"},
		{"conversations.open", "users=U0ANA,U0BEN", "method_not_supported_for_channel_type"},
		{"conversations.open", "channel=C0PAY", "channel_not_found"},
		{"conversations.open", "channel=" + dm, ""},
		{"conversations.join", "channel=C0SEC", "channel_not_found"},
		{"conversations.join", "channel=C0OLD", "is_archived"},
		{"conversations.join", "channel=" + dm, "method_not_supported_for_channel_type"},
		{"conversations.invite", "channel=C0PAY users=" + g.BotUserID, "cant_invite_self"},
		{"conversations.invite", "channel=C0PAY users=U0ANA", "already_in_channel"},
		{"conversations.invite", "channel=C0PAY users=U0NO", "user_not_found"},
		{"conversations.invite", "channel=C0PAY users=U0CLEO", "cant_invite"},
		{"conversations.invite", "channel=C0PAY", "no_user"},
		{"conversations.invite", "channel=C0RND users=U0BEN", "not_in_channel"},
		{"conversations.invite", "channel=C0OLD users=U0BEN", "is_archived"},
		{"conversations.kick", "channel=C0PAY user=" + g.BotUserID, "cant_kick_self"},
		{"conversations.kick", "channel=C0PAY user=U0CLEO", "not_in_channel"},
		{"conversations.kick", "channel=C0PAY user=U0NO", "user_not_found"},
		{"conversations.create", "", "invalid_name_required"},
		{"conversations.create", "name=Payments", "invalid_name_specials"},
		{"conversations.create", "name=---", "invalid_name_punctuation"},
		{"conversations.create", "name=" + strings.Repeat("x", 81), "invalid_name_maxlength"},
		{"conversations.create", "name=payments", "name_taken"},
		{"conversations.setTopic", "channel=C0PAY topic=" + strings.Repeat("x", 251), "too_long"},
		{"conversations.setTopic", "channel=C0RND topic=x", "not_in_channel"},
		{"conversations.setTopic", "channel=C0OLD topic=x", "is_archived"},
		{"conversations.archive", "channel=C0OLD", "already_archived"},
		{"conversations.archive", "channel=" + dm, "method_not_supported_for_channel_type"},
		{"conversations.leave", "channel=" + dm, "method_not_supported_for_channel_type"},
		{"conversations.leave", "channel=C0RND", ""},
		{"users.conversations", "user=U0NO", "user_not_found"},
		{"users.info", "user=U0NO", "user_not_found"},
		{"users.lookupByEmail", "email=x@acme.example", "users_not_found"},
		{"users.lookupByEmail", "email=cleo@acme.example", "users_not_found"},
		{"usergroups.users.list", "usergroup=S0NO", "no_such_subteam"},
		{"reactions.add", "channel=C0PAY name=eyes", "no_item_specified"},
		{"reactions.add", "channel=C0PAY name=eyes timestamp=x", "bad_timestamp"},
		{"reactions.add", "channel=C0PAY name=eyes timestamp=1.000000", "message_not_found"},
		{"pins.add", "channel=C0NO timestamp=1.000000", "channel_not_found"},
		{"bookmarks.add", "channel_id=C0NO", "channel_not_found"},
		{"bookmarks.add", "channel_id=C0RND", "not_in_channel"},
		{"bookmarks.add", "channel_id=C0PAY type=file", "invalid_bookmark_type"},
		{"bookmarks.add", "channel_id=C0PAY type=link", "invalid_arguments"},
		{"bookmarks.add", "channel_id=C0PAY type=link title=x link=ftp://x", "invalid_link"},
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
}

func TestConversationLife(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	c, err := g.api.CreateConversationContext(g.ctx(), slack.CreateConversationParams{ChannelName: "inc-1"})
	g.must(err)
	_, err = g.api.InviteUsersToConversationContext(g.ctx(), c.ID, "U0ANA", "U0BEN")
	g.must(err)
	_, err = g.api.SetTopicOfConversationContext(g.ctx(), c.ID, "down")
	g.must(err)
	if got, _ := g.Channel("#inc-1"); got.Topic != "down" || len(got.Members) != 3 || got.Creator != g.BotUserID {
		t.Errorf("channel: %+v", got)
	}
	info, err := g.api.GetConversationInfoContext(g.ctx(), &slack.GetConversationInfoInput{ChannelID: c.ID, IncludeNumMembers: true})
	if err != nil || !info.IsMember || info.NumMembers != 3 || info.Topic.Value != "down" {
		t.Errorf("info: %+v, %v", info, err)
	}
	g.must(g.api.KickUserFromConversationContext(g.ctx(), c.ID, "U0BEN"))
	g.must(g.api.ArchiveConversationContext(g.ctx(), c.ID))
	if got, _ := g.Channel(c.ID); !got.Archived || len(got.Members) != 2 {
		t.Errorf("archived: %+v", got)
	}
	if _, warning, _, err := g.api.JoinConversationContext(g.ctx(), "C0PAY"); err != nil || warning != "already_in_channel" {
		t.Errorf("joining again: %q, %v", warning, err)
	}
	_, _, _, err = g.api.JoinConversationContext(g.ctx(), "C0RND")
	g.must(err)
	_, err = g.api.LeaveConversationContext(g.ctx(), "C0RND")
	g.must(err)
}

func TestListsArePaged(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	for i := range 7 {
		g.AddChannel(slacktest.Channel{Name: fmt.Sprint("c", i)})
		g.AddUser(slacktest.User{Name: fmt.Sprint("u", i)})
	}
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		list, next, err := g.api.GetConversationsContext(g.ctx(), &slack.GetConversationsParameters{Limit: 4, Cursor: cursor, ExcludeArchived: true})
		g.must(err)
		for _, c := range list {
			if seen[c.ID] || c.Name == "secret" {
				t.Errorf("%s twice, or hidden", c.Name)
			}
			seen[c.ID] = true
		}
		pages++
		if cursor = next; next == "" {
			break
		}
	}
	if len(seen) != 9 || pages != 3 {
		t.Errorf("%d channels on %d pages", len(seen), pages)
	}
	users, err := g.api.GetUsersContext(g.ctx(), slack.GetUsersOptionLimit(4))
	if err != nil || len(users) != 12 {
		t.Errorf("%d users, %v", len(users), err)
	}
	mine, _, err := g.api.GetConversationsForUserContext(g.ctx(), &slack.GetConversationsForUserParameters{UserID: "U0BEN"})
	if err != nil || len(mine) != 1 || mine[0].ID != "C0PAY" {
		t.Errorf("Ben's channels: %+v, %v", mine, err)
	}
}

func TestUsersAndGroups(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	u, err := g.api.GetUserByEmailContext(g.ctx(), "ANA@acme.example")
	if err != nil || u.ID != "U0ANA" || !u.IsAdmin || u.TZ != "Europe/Berlin" || u.TZOffset != 3600 || u.Profile.Email != "ana@acme.example" {
		t.Errorf("by e-mail: %+v, %v", u, err)
	}
	g.SetScopes("users:read", "usergroups:read")
	if u, err = g.api.GetUserInfoContext(g.ctx(), "U0ANA"); err != nil || u.Profile.Email != "" {
		t.Errorf("an e-mail address without its scope: %+v, %v", u, err)
	}
	if u, err = g.api.GetUserInfoContext(g.ctx(), "U0CLEO"); err != nil || !u.Deleted {
		t.Errorf("deactivated: %+v, %v", u, err)
	}
	group := g.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Name: "Payments", Users: []string{"U0ANA", "U0BEN"}})
	g.AddGroup(slacktest.UserGroup{Handle: "gone", Disabled: true})
	groups, err := g.api.GetUserGroupsContext(g.ctx(), slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil || len(groups) != 1 || groups[0].Handle != "payments-eng" || len(groups[0].Users) != 2 {
		t.Errorf("groups: %+v, %v", groups, err)
	}
	members, err := g.api.GetUserGroupMembersContext(g.ctx(), group.ID)
	if err != nil || len(members) != 2 {
		t.Errorf("members: %v, %v", members, err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	var ts []string
	for i := range 5 {
		g.clock.Advance(time.Minute)
		ts = append(ts, g.call("chat.postMessage", "channel", "C0PAY", "text", fmt.Sprint(i),
			"metadata", `{"event_type":"deploy","event_payload":{"k":"D`+fmt.Sprint(i)+`"}}`).fields["ts"].(string))
	}
	reply := g.call("chat.postMessage", "channel", "C0PAY", "text", "reply", "thread_ts", ts[1]).fields["ts"].(string)
	read := func(p slack.GetConversationHistoryParameters) (string, *slack.GetConversationHistoryResponse) {
		p.ChannelID = "C0PAY"
		h, err := g.api.GetConversationHistoryContext(g.ctx(), &p)
		g.must(err)
		var texts []string
		for _, m := range h.Messages {
			texts = append(texts, m.Text)
		}
		return strings.Join(texts, ""), h
	}
	for name, c := range map[string]struct {
		p    slack.GetConversationHistoryParameters
		want string
	}{
		"all, newest first":   {slack.GetConversationHistoryParameters{}, "43210"},
		"oldest, exclusive":   {slack.GetConversationHistoryParameters{Oldest: ts[2]}, "43"},
		"oldest, inclusive":   {slack.GetConversationHistoryParameters{Oldest: ts[2], Inclusive: true}, "432"},
		"latest, exclusive":   {slack.GetConversationHistoryParameters{Latest: ts[2]}, "10"},
		"latest, inclusive":   {slack.GetConversationHistoryParameters{Latest: ts[2], Inclusive: true}, "210"},
		"a time, not a stamp": {slack.GetConversationHistoryParameters{Oldest: fmt.Sprint(morning.Add(150 * time.Second).Unix())}, "432"},
		"empty":               {slack.GetConversationHistoryParameters{Oldest: ts[4]}, ""},
	} {
		if got, _ := read(c.p); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	paged, cursor := "", ""
	for {
		part, h := read(slack.GetConversationHistoryParameters{Limit: 2, Cursor: cursor, Inclusive: true, Oldest: ts[0]})
		paged += part + "|"
		if cursor = h.ResponseMetaData.NextCursor; !h.HasMore {
			break
		}
	}
	if paged != "43|21|0|" {
		t.Errorf("pages: %s", paged)
	}
	_, h := read(slack.GetConversationHistoryParameters{Limit: 1})
	if m := h.Messages[0].Metadata; m.EventType != "deploy" || len(m.EventPayload) != 0 {
		t.Errorf("metadata unasked: %+v", m)
	}
	_, h = read(slack.GetConversationHistoryParameters{Limit: 1, IncludeAllMetadata: true})
	if m := h.Messages[0].Metadata; m.EventPayload["k"] != "D4" {
		t.Errorf("metadata: %+v", m)
	}
	replies, _, _, err := g.api.GetConversationRepliesContext(g.ctx(), &slack.GetConversationRepliesParameters{ChannelID: "C0PAY", Timestamp: reply})
	if err != nil || len(replies) != 2 || replies[0].Timestamp != ts[1] || replies[0].ReplyCount != 1 || replies[1].ParentUserId != g.BotUserID {
		t.Errorf("replies: %+v, %v", replies, err)
	}
}

func TestRepliesArePaged(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	parent := g.call("chat.postMessage", "channel", "C0PAY", "text", "p").fields["ts"].(string)
	for i := range 4 {
		g.call("chat.postMessage", "channel", "C0PAY", "text", fmt.Sprint(i), "thread_ts", parent)
	}
	got, cursor := "", ""
	for {
		page, more, next, err := g.api.GetConversationRepliesContext(g.ctx(), &slack.GetConversationRepliesParameters{
			ChannelID: "C0PAY", Timestamp: parent, Limit: 2, Cursor: cursor,
		})
		g.must(err)
		for _, m := range page {
			got += m.Text
		}
		got += "|"
		if cursor = next; !more {
			break
		}
	}
	if got != "p0|12|3|" {
		t.Errorf("pages: %s", got)
	}
}

func TestReactionsPinsBookmarks(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "x").fields["ts"].(string)
	on := slack.NewRefToMessage("C0PAY", ts)
	g.must(g.api.AddReactionContext(g.ctx(), "eyes", on))
	if err := g.api.AddReactionContext(g.ctx(), "eyes", on); !isAny(err, "already_reacted") {
		t.Errorf("twice: %v", err)
	}
	if err := g.api.AddReactionContext(g.ctx(), "not an emoji", on); !isAny(err, "invalid_name") {
		t.Errorf("no emoji: %v", err)
	}
	_, err := g.React("U0ANA", "payments", ts, "eyes")
	g.must(err)
	item, err := g.api.GetReactionsContext(g.ctx(), on, slack.NewGetReactionsParameters())
	if err != nil || len(item.Reactions) != 1 || item.Reactions[0].Count != 2 {
		t.Errorf("reactions: %+v, %v", item.Reactions, err)
	}
	g.must(g.api.AddPinContext(g.ctx(), "C0PAY", on))
	if err := g.api.AddPinContext(g.ctx(), "C0PAY", on); !isAny(err, "already_pinned") {
		t.Errorf("pinned twice: %v", err)
	}
	b, err := g.api.AddBookmarkContext(g.ctx(), "C0PAY", slack.AddBookmarkParameters{Title: "Runbook", Type: "link", Link: "https://acme.example"})
	if err != nil || b.ID == "" || b.Title != "Runbook" {
		t.Errorf("bookmark: %+v, %v", b, err)
	}
	team, err := g.api.GetTeamInfoContext(g.ctx())
	if err != nil || team.Name != "Acme" || team.Domain != "acme" {
		t.Errorf("team: %+v, %v", team, err)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	text := "# Post-mortem"
	parent := g.call("chat.postMessage", "channel", "C0PAY", "text", "x").fields["ts"].(string)
	f, err := g.api.UploadFileContext(g.ctx(), slack.UploadFileParameters{
		Filename: "pm.md", FileSize: len(text), Reader: strings.NewReader(text), Channel: "C0PAY", ThreadTimestamp: parent, Title: "PM", AltTxt: "what it says",
	})
	g.must(err)
	thread := g.Thread("payments", parent)
	if len(thread) != 2 || len(thread[1].Files) != 1 || string(thread[1].Files[0].Data) != text || thread[1].Files[0].Title != "PM" || thread[1].Files[0].Alt != "what it says" {
		t.Errorf("thread: %+v", thread)
	}
	files := `[{"id":"` + f.ID + `"}]`
	if a := g.call("files.completeUploadExternal", "files", files, "channel_id", "C0PAY"); a.code() != "file_not_found" {
		t.Errorf("completed twice: %s", a.raw)
	}
	if a := g.call("files.getUploadURLExternal", "filename", "x"); a.code() != "invalid_arguments" {
		t.Errorf("without a length: %s", a.raw)
	}
	if a := g.call("files.getUploadURLExternal", "filename", "x", "length", "3", "alt_txt", strings.Repeat("é", 1001)); a.code() != "alt_txt_too_large" {
		t.Errorf("with too many words: %s", a.raw)
	}
	to := g.call("files.getUploadURLExternal", "filename", "x", "length", "3").fields["upload_url"].(string)
	if a := g.post(to, "", "", "four"); a.status != 400 {
		t.Errorf("another length: %s", a.raw)
	}
}
