package bot

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/config"
)

// heard is the name a test's commands for events have, in the order they are added.
var heard = []string{"reaction_added", "reaction_removed", "message_changed", "message_deleted", "member_joined_channel", "channel_archive"}

// hears adds commands that note the events in #payments.
func (h *harness) hears(run func(context.Context, Request) (Reply, error)) *harness {
	all := h.commands
	h.commands = func(h *harness) []Command {
		cs := all(h)
		for _, name := range heard {
			cs = append(cs, Command{Name: name, Short: "Note it", Who: Everyone, On: Event, Run: run,
				Wants: func(e EventInfo, cfg *config.Config) bool {
					return e.Channel == h.payments && cfg.Teams["payments"].Channel != ""
				}})
		}
		return cs
	}
	app := h.slack.App()
	app.Scopes, app.Events = Scopes(h.commands(h)), subscriptions(h.commands(h))
	h.slack.SetApp(app)
	for _, channel := range []string{h.payments, h.ops} {
		if err := h.slack.Invite(h.ana, channel, h.slack.BotUserID); err != nil {
			h.t.Fatal(err)
		}
	}
	return h
}

// notes collects what the commands for events were given.
func (h *harness) notes(into *[]Request) func(context.Context, Request) (Reply, error) {
	return func(_ context.Context, r Request) (Reply, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		*into = append(*into, r)
		return Reply{}, nil
	}
}

// sent is an event's envelopes.
func (h *harness) sent(ids []string, err error) []string {
	h.t.Helper()
	if err != nil || len(ids) == 0 {
		h.t.Fatalf("not sent: %v", err)
	}
	h.until("it is acked", func() bool { d, ok := h.slack.Ack(ids[0]); return ok && d.Acked })
	return ids
}

func TestEventsReachTheirCommands(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	h.hears(h.notes(&got)).start()
	said, err := h.slack.Say(h.ana, h.payments, "", "it broke")
	if err != nil {
		t.Fatal(err)
	}
	reply, err := h.slack.Say(h.ben, h.payments, said.TS, "since *noon*")
	if err != nil {
		t.Fatal(err)
	}
	h.sent(h.slack.React(h.ben, h.payments, said.TS, "eyes"))
	h.sent(h.slack.Unreact(h.ben, h.payments, said.TS, "eyes"))
	h.sent(h.slack.Edit(h.ben, h.payments, reply.TS, "since one"))
	h.sent(h.slack.Delete(h.ben, h.payments, reply.TS))
	eve := h.slack.AddUser(slacktest.User{Name: "eve"}).ID
	if err := h.slack.Join(eve, h.payments); err != nil {
		t.Fatal(err)
	}
	if err := h.slack.Archive(h.ana, h.payments); err != nil {
		t.Fatal(err)
	}
	h.until("all are noted", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(got) == 6 })
	h.mu.Lock()
	defer h.mu.Unlock()
	byType := map[string]Request{}
	for _, r := range got {
		if r.Via != Event || r.Line != r.Event.Type || r.Channel != h.payments || r.User != r.Event.User || !r.Event.At.Equal(r.At) && r.Event.At.Sub(r.At).Abs() > time.Second {
			t.Errorf("odd: %+v %+v", r, r.Event)
		}
		r.Event.At = time.Time{}
		byType[r.Line] = r
	}
	parent := MessageRef{Channel: h.payments, TS: said.TS, User: h.ana}
	answer := MessageRef{Channel: h.payments, TS: reply.TS, Thread: said.TS, User: h.ben}
	edited := answer
	edited.Text = "since one"
	for _, want := range []EventInfo{
		{Type: "reaction_added", User: h.ben, Channel: h.payments, Emoji: "eyes", Message: parent},
		{Type: "reaction_removed", User: h.ben, Channel: h.payments, Emoji: "eyes", Message: parent},
		{Type: "message_changed", User: h.ben, Channel: h.payments, Message: edited, Before: "since *noon*"},
		{Type: "message_deleted", User: h.ben, Channel: h.payments, Message: answer, Before: "since one"},
		{Type: "member_joined_channel", User: eve, Channel: h.payments},
		{Type: "channel_archive", User: h.ana, Channel: h.payments},
	} {
		r := byType[want.Type]
		if r.Event == nil || *r.Event != want {
			t.Errorf("%s: %+v\nwant %+v", want.Type, r.Event, want)
		}
		if about := want.Message.TS != ""; about != (r.Message != nil) || about && *r.Message != want.Message {
			t.Errorf("%s is about %+v", want.Type, r.Message)
		}
	}
	h.unproblematic()
}

func TestEventsNobodyWantsAreNotJournaled(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	h.hears(h.notes(&got)).start()
	h.types(h.ana, h.payments, "/echo begin")
	h.told(h.ana, h.payments, "done echo begin") // it knows who it is: until then what it does itself is journaled, and found to be its own
	other, err := h.slack.Say(h.ana, h.ops, "", "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	h.sent(h.slack.React(h.ben, h.ops, other.TS, "eyes"))
	h.sent(h.slack.Edit(h.ana, h.ops, other.TS, "there"))
	h.sent(h.slack.Delete(h.ana, h.ops, other.TS))
	said, err := h.slack.Say(h.ana, h.payments, "", "here") // a message itself is none of these events
	if err != nil {
		t.Fatal(err)
	}
	// What the bot does itself, what other apps write, and what changed nothing that people wrote.
	for _, e := range []map[string]any{
		{"type": "reaction_added", "user": h.slack.BotUserID, "reaction": "eyes", "item": map[string]any{"type": "message", "channel": h.payments, "ts": said.TS}},
		{"type": "reaction_added", "user": h.ana, "reaction": "eyes", "item": map[string]any{"type": "file", "file": "F1"}},
		{"type": "member_joined_channel", "user": h.slack.BotUserID, "channel": h.payments},
		changed(h.payments, map[string]any{"ts": "1.000000", "user": h.ana, "bot_id": "B1", "text": "b"}, "a"),
		changed(h.payments, map[string]any{"ts": "1.000000", "user": h.ana, "text": "same", "reply_count": 1}, "same"),
		changed(h.payments, map[string]any{"ts": "1.000000", "user": h.ana, "text": "topic", "subtype": "channel_topic"}, "a"),
		{"type": "message", "subtype": "message_deleted", "channel": h.payments, "ts": "2.000000", "deleted_ts": "1.000000"},
		{"type": "message", "subtype": "channel_join", "channel": h.payments, "user": h.ana, "ts": "3.000000"},
	} {
		id, err := h.slack.Event(e)
		h.sent([]string{id}, err)
	}
	h.types(h.ana, h.payments, "/echo end")
	h.told(h.ana, h.payments, "done echo end")
	h.stop() // what was journaled has its end then
	for _, a := range h.audits() {
		if a.Via == "event" {
			t.Errorf("journaled: %+v", a)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range got {
		t.Errorf("ran: %+v", r.Event)
	}
	h.unproblematic()
}

func changed(channel string, message map[string]any, before string) map[string]any {
	return map[string]any{"type": "message", "subtype": "message_changed", "channel": channel, "ts": "9.000000", "event_ts": "9.000000",
		"message": message, "previous_message": map[string]any{"ts": "1.000000", "user": message["user"], "text": before}}
}

// Of a deleted message that has replies Slack tells as of one that changed.
func TestADeletedParentIsDeleted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	h.hears(h.notes(&got)).start()
	e := changed(h.payments, map[string]any{"ts": "1.000000", "user": h.ana, "subtype": "tombstone", "text": "This message was deleted."}, "it broke")
	id, err := h.slack.Event(e)
	h.sent([]string{id}, err)
	h.until("it is noted", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(got) == 1 })
	if r := got[0]; r.Line != "message_deleted" || r.Event.Before != "it broke" || r.Message.TS != "1.000000" || r.Message.Text != "" || r.User != h.ana {
		t.Errorf("noted %+v", r.Event)
	}
}

func TestAnEventIsHandledOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	h.hears(h.notes(&got)).start()
	said, err := h.slack.Say(h.ana, h.payments, "", "it broke")
	if err != nil {
		t.Fatal(err)
	}
	ids := h.sent(h.slack.React(h.ben, h.payments, said.TS, "eyes"))
	for _, same := range []bool{true, false} {
		again, err := h.slack.Redeliver(ids[0], 2, same)
		h.sent(again, err)
	}
	h.sent(h.slack.Unreact(h.ben, h.payments, said.TS, "eyes"))
	h.sent(h.slack.React(h.ben, h.payments, said.TS, "eyes")) // the same once more is another event
	h.types(h.ben, h.payments, "/echo end")
	h.told(h.ben, h.payments, "done echo end")
	h.mu.Lock()
	defer h.mu.Unlock()
	var lines []string
	for _, r := range got {
		lines = append(lines, r.Line)
	}
	if s := strings.Join(lines, " "); s != "reaction_added reaction_removed reaction_added" {
		t.Errorf("ran %s", s)
	}
	h.unproblematic()
}

func TestOnlyWhatAnEventsCommandAnswersIsSaid(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.hears(func(_ context.Context, r Request) (Reply, error) {
		switch r.Event.Emoji {
		case "tada":
			return Say("noted %s", r.Event.Emoji), nil
		case "x":
			return Reply{}, Refuse("not.that", "not that")
		case "bug":
			return Reply{}, errors.New("broken")
		}
		return Reply{}, nil
	}).start()
	said, err := h.slack.Say(h.ana, h.payments, "", "it broke")
	if err != nil {
		t.Fatal(err)
	}
	for _, emoji := range []string{"x", "bug", "eyes", "tada"} {
		h.sent(h.slack.React(h.ben, h.payments, said.TS, emoji))
	}
	h.sent(h.slack.React(h.guest, h.payments, said.TS, "tada"))
	h.told(h.ben, h.payments, "noted tada")
	h.types(h.guest, h.payments, "/echo end")
	h.told(h.guest, h.payments, "Guests may not")
	if n := len(h.slack.Ephemerals(h.ben, "")); n != 1 {
		t.Errorf("Ben is told %d things", n)
	}
	if n := len(h.slack.Ephemerals(h.guest, "")); n != 1 {
		t.Errorf("the guest is told %d things", n)
	}
	h.until("all are audited", func() bool {
		outcomes := map[string]int{}
		for _, a := range h.audits() {
			outcomes[a.Via+" "+a.Outcome]++
		}
		return outcomes["event not.that"] == 1 && outcomes["event error"] == 1 && outcomes["event ok"] == 2 && outcomes["event person.guest"] == 1
	})
	h.unproblematic()
}

func TestAFilterThatPanicsEndsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	h.hears(h.notes(&got))
	h.alter("reaction_added", func(c *Command) {
		c.Wants = func(EventInfo, *config.Config) bool { panic("xoxb-very-secret") }
	})
	h.start()
	said, err := h.slack.Say(h.ana, h.payments, "", "it broke")
	if err != nil {
		t.Fatal(err)
	}
	h.sent(h.slack.React(h.ben, h.payments, said.TS, "eyes"))
	h.types(h.ben, h.payments, "/echo still here")
	h.told(h.ben, h.payments, "done echo still here")
}

func TestAnEventIsHandledAfterALongRestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	h.hears(h.notes(&got)).start()
	said, err := h.slack.Say(h.ana, h.payments, "", "it broke")
	if err != nil {
		t.Fatal(err)
	}
	e := entry{ID: "left", At: h.clock.Now(), Via: Event, User: h.ben, Channel: h.payments, Line: "reaction_added", Holder: "somebody else",
		Event: &EventInfo{Type: "reaction_added", User: h.ben, Channel: h.payments, Emoji: "eyes", Message: MessageRef{Channel: h.payments, TS: said.TS}}}
	h.stop()
	if _, err := h.bot.accept(t.Context(), e, []string{"event:left"}); err != nil {
		t.Fatal(err)
	}
	h.forward(time.Hour)
	h.restart()
	h.until("it is handled", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(got) == 1 })
	if r := got[0]; r.Event.Emoji != "eyes" || r.Message.TS != said.TS || !r.At.Equal(e.At) {
		t.Errorf("handled as %+v", r)
	}
}

func TestTheManifestFollowsFromWhatIsHeard(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var m manifest
	read := func(commands []Command) (events, scopes []string) {
		t.Helper()
		text, err := Manifest(commands)
		if err != nil {
			t.Fatal(err)
		}
		m = manifest{}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return m.Settings.Events.Bot, m.OAuth.Scopes.Bot
	}
	events, scopes := read(h.commands(h))
	if slices.Contains(events, "message.channels") || slices.Contains(scopes, "reactions:read") || !slices.Contains(scopes, "channels:manage") {
		t.Errorf("without events: %v, %v", events, scopes)
	}
	h.hears(nil)
	all := h.commands(h)
	for i := range all {
		if all[i].Run == nil {
			all[i].Run = h.notes(new([]Request))
		}
	}
	events, scopes = read(all)
	for _, want := range []string{"message.channels", "message.groups", "reaction_added", "reaction_removed", "member_joined_channel", "channel_archive", "message.im"} {
		if !slices.Contains(events, want) {
			t.Errorf("%s is not subscribed to: %v", want, events)
		}
	}
	if !slices.Contains(scopes, "reactions:read") || !slices.IsSorted(events) || len(events) != len(slices.Compact(slices.Clone(events))) {
		t.Errorf("%v, %v", events, scopes)
	}
	all = append(all, Command{Name: "keep long", Short: "Keep this message in the timeline of an incident", Shortcut: "Add to incident", Who: Everyone,
		On: MessageShortcut, Run: all[0].Run})
	read(all)
	if s := m.Features.Shortcuts; len(s) != 2 || s[0].Name != "Keep" || s[1].Name != "Add to incident" || s[1].CallbackID != "keep long" || !strings.HasPrefix(s[1].Description, "Keep this message") {
		t.Errorf("shortcuts: %+v", s)
	}
}

func TestTablesWithWrongTriggersAreRefused(t *testing.T) {
	t.Parallel()
	run := func(context.Context, Request) (Reply, error) { return Reply{}, nil }
	wants := func(EventInfo, *config.Config) bool { return true }
	for want, c := range map[string]Command{
		"there is no event of that name":  {Name: "reaction", On: Event},
		"does not say which":              {Name: "reaction_added", On: Event},
		"is called by none":               {Name: "keep", Wants: wants},
		"longer than 24 characters":       {Name: "keep", On: MessageShortcut, Shortcut: "Add this to the incident's timeline"},
		"has the title of a shortcut and": {Name: "keep", Shortcut: "Keep"},
	} {
		c.Short, c.Who, c.Run = "x", Everyone, run
		if _, err := newRouter([]Command{c}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for _, c := range []Command{{Name: "reaction_added", On: Event, Wants: wants}, {Name: "channel_archive", On: Event}} {
		c.Short, c.Who, c.Run = "x", Everyone, run
		if _, err := newRouter([]Command{c}, nil); err != nil {
			t.Error(err)
		}
	}
}
