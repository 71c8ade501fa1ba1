package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

func TestRoomName(t *testing.T) {
	t.Parallel()
	for want, parts := range map[string][]string{
		"inc-42-checkout-is-down":   {"inc", "42", "Checkout is DOWN!!"},
		"störung-zahlung-日本-भुगतान": {"Störung", "Zahlung", "日本", "भुगतान"},
		"cant-pay":                       {"--_can’t", "pay_-"},
		"a_b-c":                          {"a_b", "  ", "c"},
		"":                               {"!!", "🔥", "-_-"},
		strings.Repeat("x", 80):          {strings.Repeat("x", 200)},
		strings.Repeat("é", 76):          {strings.Repeat("é", 76), "second-word"},
		strings.Repeat("ab-", 26) + "ab": {strings.Repeat("ab ", 50)},
	} {
		if got := RoomName(parts...); got != want {
			t.Errorf("%q makes %q, want %q", parts, got, want)
		}
	}
	if got := numbered(strings.Repeat("x", 80), 12); got != strings.Repeat("x", 77)+"-12" {
		t.Errorf("numbered: %s", got)
	}
}

func FuzzRoomName(f *testing.F) {
	for _, s := range []string{"inc 1", "ǅ 𝐀", "İstanbul", "-_x_-", "a\u0301\u200b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := RoomName(s)
		if utf8.RuneCountInString(name) > 80 || name != strings.Trim(name, "-_") || strings.ToLower(name) != name || strings.Contains(name, "--") {
			t.Errorf("%q makes %q", s, name)
		}
		if again := RoomName(name); again != name {
			t.Errorf("%q makes %q and that %q", s, name, again)
		}
	})
}

func (h *harness) room(id, name string) Room {
	return Room{ID: id, Name: name, Since: h.clock.Now(), Purpose: "Checkout & co are down."}
}

// made asks for a room until it is there, moving the clock as the runner of steps would wait.
func (h *harness) made(want Room) (channel, name string) {
	h.t.Helper()
	for range 20 {
		channel, name, err := h.bot.EnsureRoom(context.Background(), want)
		if err == nil {
			return channel, name
		}
		if ForGood(err) {
			h.t.Fatalf("the room is not made: %v", err)
		}
		var wait interface{ RetryAfter() time.Duration }
		if !errors.As(err, &wait) {
			h.t.Fatalf("the runner would not know when to come back: %v", err)
		}
		h.forward(max(wait.RetryAfter(), time.Second))
	}
	h.t.Fatal("the room is never made")
	return "", ""
}

// rooms are the names of the channels the bot made.
func (h *harness) rooms() (names []string) {
	for _, c := range h.slack.Channels() {
		if c.Creator == h.slack.BotUserID {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestARoomIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, private := range []bool{false, true} {
		h := newHarness(t).start()
		want := h.room("inc-1", "Inc 1: Checkout!")
		want.Private = private
		id, name := h.made(want)
		if again, _ := h.made(want); again != id || name != "inc-1-checkout" {
			t.Errorf("%s and then %s, called %s", id, again, name)
		}
		c, _ := h.slack.Channel(id)
		if c.Private != private || c.Purpose != "Checkout & co are down. (Shipmate: inc-1)" || len(h.rooms()) != 1 {
			t.Errorf("made %+v; all: %v", c, h.rooms())
		}
		if n := h.calls("conversations.create") + h.calls("conversations.setPurpose"); n != 2 {
			t.Errorf("%d calls", n)
		}
		h.unproblematic()
	}
}

func TestARoomIsMadeOnceWhateverHappensToTheAnswer(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"conversations.create", "conversations.setPurpose", "users.conversations"} {
		for _, applied := range []bool{true, false} {
			for _, kind := range []slacktest.Kind{slacktest.ServerError, slacktest.Reset, slacktest.BadJSON, slacktest.RateLimited} {
				for _, died := range []bool{true, false} {
					for _, private := range []bool{true, false} {
						t.Run(fmt.Sprintf("%s %s applied %v died %v private %v", method, kind, applied, died, private), func(t *testing.T) {
							t.Parallel()
							h := newHarness(t).start()
							want := h.room("inc-1", "inc-1")
							want.Private = private
							fault := h.inject(slacktest.Fault{Method: method, Kind: kind, Applied: applied})
							if method == "users.conversations" { // is only called when the making ended unclear
								h.inject(slacktest.Fault{Method: "conversations.create", Kind: slacktest.Reset, Applied: true})
							}
							if _, _, err := h.bot.EnsureRoom(context.Background(), want); err == nil || ForGood(err) {
								t.Errorf("the first call ends with %v", err)
							}
							if died {
								h.restart()
							}
							id, name := h.made(want)
							if fault.Hits() != 1 || name != "inc-1" || len(h.rooms()) != 1 {
								t.Errorf("%d faults; %s, %s, all: %v", fault.Hits(), id, name, h.rooms())
							}
							if c, _ := h.slack.Channel(id); !strings.HasSuffix(c.Purpose, "(Shipmate: inc-1)") {
								t.Errorf("its purpose is %q", c.Purpose)
							}
							h.unproblematic()
						})
					}
				}
			}
		}
	}
}

// Slack may list a channel a while after it was made; the bot being put out of it looks the same.
func TestARoomThatIsNotListedYetIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, listed := range []bool{true, false} {
		h := newHarness(t).start()
		want := h.room("inc-1", "inc-1")
		h.inject(slacktest.Fault{Method: "conversations.create", Kind: slacktest.Reset, Applied: true})
		if _, _, err := h.bot.EnsureRoom(context.Background(), want); err == nil {
			t.Fatal("the answer is not lost")
		}
		made, _ := h.slack.Channel("inc-1")
		if err := h.slack.Kick(h.ana, made.ID, h.slack.BotUserID); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			h.forward(5 * time.Second)
			_, _, err := h.bot.EnsureRoom(context.Background(), want)
			var wait interface{ RetryAfter() time.Duration }
			if !errors.As(err, &wait) || wait.RetryAfter() <= 0 || wait.RetryAfter() > settle || ForGood(err) {
				t.Fatalf("while it is not listed: %v", err)
			}
		}
		if listed {
			if err := h.slack.Join(h.slack.BotUserID, made.ID); err != nil {
				t.Fatal(err)
			}
		}
		id, name := h.made(want)
		if id == made.ID != listed || listed != (name == "inc-1") || h.clock.Now().Sub(want.Since) > settle+10*time.Second {
			t.Errorf("listed %v: %s, %s, after %s", listed, id, name, h.clock.Now().Sub(want.Since))
		}
	}
}

func TestNobodyElsesChannelBecomesARoom(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	bot := h.slack.BotUserID
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1", Creator: h.ana, Members: []string{h.ana, bot}})
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1-2", Private: true, Creator: h.ana, Members: []string{h.ana}})
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1-3", Creator: bot, Members: []string{bot}, Purpose: "(Shipmate: inc-7)", Created: h.clock.Now().Unix()})
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1-4", Creator: bot, Members: []string{bot}, Created: h.clock.Now().Add(-time.Hour).Unix()})
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1-5", Creator: bot, Members: []string{bot}, Archived: true, Created: h.clock.Now().Unix()})
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1-6", Creator: bot, Private: true, Members: []string{bot}, Created: h.clock.Now().Unix()})
	if _, name := h.made(h.room("inc-1", "inc-1")); name != "inc-1-7" {
		t.Errorf("the room is %s", name)
	}
	h.unproblematic()
}

func TestTwoRoomsOfOneNameStayTwo(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.inject(slacktest.Fault{Method: "conversations.create", Kind: slacktest.Reset, Applied: true})
	one, other := h.room("inc-1", "outage"), h.room("inc-2", "outage")
	if _, _, err := h.bot.EnsureRoom(context.Background(), one); err == nil {
		t.Fatal("the answer is not lost")
	}
	// The first has a channel without a mark, made by the bot a moment ago, and the second must not take it.
	second, name := h.made(other)
	first, _ := h.made(one)
	if first == second || name != "outage-2" || len(h.rooms()) != 2 {
		t.Errorf("%s, %s is %s, all: %v", first, second, name, h.rooms())
	}
	h.unproblematic()
}

func TestARoomIsKnownByItsMarkWhenItsRecordIsGone(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	want := h.room("inc-1", "inc-1")
	id, _ := h.made(want)
	err := h.db.Update(context.Background(), func(tx store.Tx) error {
		return errors.Join(tx.Delete(roomKey("inc-1")), tx.Delete(roomNameKey("inc-1")))
	})
	if err != nil {
		t.Fatal(err)
	}
	h.forward(time.Hour)
	if again, _ := h.made(want); again != id || len(h.rooms()) != 1 {
		t.Errorf("%s became %s", id, again)
	}
}

func TestARoomWhoseNameSlackDoesNotTakeIsNamedPlainly(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.inject(slacktest.Fault{Method: "conversations.create", Kind: slacktest.Refuse, Error: "invalid_name_specials"})
	if _, name := h.made(h.room("inc-1", "inc 1 störung")); name != "inc-1-st-rung" {
		t.Errorf("the room is %s", name)
	}
	h.inject(slacktest.Fault{Method: "conversations.create", Kind: slacktest.Refuse, Error: "invalid_name_specials"})
	if _, name := h.made(h.room("inc-2", "日本")); name != "room-inc-2" {
		t.Errorf("the room is %s", name)
	}
}

func TestWhatTheWorkspaceForbidsIsForGood(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.slack.SetRules(slacktest.Rules{BotsMakeNoChannels: true})
	_, _, err := h.bot.EnsureRoom(context.Background(), h.room("inc-1", "inc-1"))
	var api *Error
	if !ForGood(err) || !errors.As(err, &api) || api.Code != "restricted_action" {
		t.Errorf("forbidden: %v", err)
	}
	h.slack.SetRules(slacktest.Rules{})
	app := h.slack.App()
	app.Scopes = slices.DeleteFunc(app.Scopes, func(s string) bool { return s == "channels:manage" })
	h.slack.SetApp(app)
	if _, _, err = h.bot.EnsureRoom(context.Background(), h.room("inc-2", "inc-2")); !ForGood(err) || !strings.Contains(err.Error(), "needs channels:manage") {
		t.Errorf("without the scope: %v", err)
	}
	for _, kind := range []slacktest.Kind{slacktest.RateLimited, slacktest.RateLimitedNo, slacktest.ServerError, slacktest.Reset} {
		h.inject(slacktest.Fault{Method: "conversations.create", Kind: kind})
		if _, _, err = h.bot.EnsureRoom(context.Background(), h.room("inc-3", "inc-3")); err == nil || ForGood(err) {
			t.Errorf("%s: %v", kind, err)
		}
		h.forward(time.Minute)
	}
	if ForGood(nil) || ForGood(errors.New("the disk is full")) {
		t.Error("what Slack did not say is for good")
	}
}

func TestRoomsStayWithinSlacksLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for i := range 30 {
		h.made(h.room(fmt.Sprint("inc-", i), fmt.Sprint("inc-", i)))
	}
	for _, c := range h.slack.Calls() {
		if c.Outcome == "429" {
			t.Fatalf("%s was called too often", c.Method)
		}
	}
}

func TestOldRoomsAreForgotten(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.made(h.room("inc-1", "inc-1"))
	h.forward(time.Hour)
	h.made(h.room("inc-2", "inc-2"))
	if err := h.bot.sweepRooms(context.Background(), h.clock.Now()); err != nil {
		t.Fatal(err)
	}
	var left []string
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		for key := range s.Scan("room/", "") {
			left = append(left, key)
		}
		return nil
	})
	if got := strings.Join(left, " "); got != "room/at/inc-2 room/name/inc-2" {
		t.Errorf("left: %s", got)
	}
}

func TestInvitingKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	gone := h.slack.AddUser(slacktest.User{Name: "gone", Deleted: true}).ID
	id, _ := h.made(h.room("inc-1", "inc-1"))
	ctx := context.Background()
	failed, err := h.bot.Invite(ctx, id, []string{gone, h.ana, "U0NOBODY", h.ana, h.ben, h.slack.BotUserID, ""})
	if err != nil || !slices.Equal(failed, []string{gone, "U0NOBODY"}) {
		t.Errorf("failed: %v, %v", failed, err)
	}
	in, err := h.bot.Members(ctx, id)
	if want := []string{h.ana, h.ben}; err != nil || len(in) != 2 || !slices.Contains(in, want[0]) || !slices.Contains(in, want[1]) {
		t.Errorf("in it: %v, %v", in, err)
	}
	for _, people := range [][]string{{h.ana}, {h.ana, h.ben}, {h.dev}, {h.dev, h.ana}, nil} {
		if failed, err := h.bot.Invite(ctx, id, people); err != nil || len(failed) != 0 {
			t.Errorf("again: %v, %v", failed, err)
		}
	}
	if failed, err := h.bot.Invite(ctx, id, []string{gone}); err != nil || len(failed) != 1 {
		t.Errorf("one who cannot come: %v, %v", failed, err)
	}
	if _, err := h.bot.Invite(ctx, "C0NOWHERE", []string{h.ana, h.ben}); !ForGood(err) {
		t.Errorf("no such channel: %v", err)
	}
	h.inject(slacktest.Fault{Method: "conversations.invite", Kind: slacktest.Reset, Applied: true})
	if _, err := h.bot.Invite(ctx, id, []string{h.ana, h.guest}); err == nil || ForGood(err) {
		t.Errorf("an answer that is lost: %v", err)
	}
	if failed, err := h.bot.Invite(ctx, id, []string{h.ana, h.guest}); err != nil || len(failed) != 0 {
		t.Errorf("after a lost answer: %v, %v", failed, err)
	}
	h.unproblematic()
}

func TestManyAreInvitedAHundredAtATime(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	id, _ := h.made(h.room("inc-1", "inc-1"))
	var all []string
	for i := range 230 {
		all = append(all, h.slack.AddUser(slacktest.User{Name: fmt.Sprint("u", i)}).ID)
	}
	if failed, err := h.bot.Invite(context.Background(), id, all); err != nil || failed != nil {
		t.Fatalf("%v, %v", failed, err)
	}
	if in, _ := h.bot.Members(context.Background(), id); len(in) != 230 || h.calls("conversations.invite") != 3 {
		t.Errorf("%d came by %d calls", len(in), h.calls("conversations.invite"))
	}
	h.unproblematic()
}

func TestARoomIsFurnished(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	ctx := context.Background()
	id, _ := h.made(h.room("inc-1", "inc-1"))
	topic := "sev1 & <rising>\n" + strings.Repeat("é", 300)
	for range 2 {
		if err := h.bot.SetTopic(ctx, id, topic); err != nil {
			t.Fatal(err)
		}
		if err := h.bot.EnsureBookmark(ctx, id, "Runbook", "https://acme.example/?a=1&b=2"); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := h.slack.Channel(id)
	if utf8.RuneCountInString(c.Topic) != 250 || !strings.HasPrefix(c.Topic, "sev1 & <rising> é") || !strings.HasSuffix(c.Topic, "…") || h.calls("conversations.setTopic") != 1 {
		t.Errorf("the topic is %q after %d calls", c.Topic, h.calls("conversations.setTopic"))
	}
	h.inject(slacktest.Fault{Method: "bookmarks.add", Kind: slacktest.Reset, Applied: true})
	_ = h.bot.EnsureBookmark(ctx, id, "Call", "https://meet.example")
	if err := h.bot.EnsureBookmark(ctx, id, "Call", "https://meet.example/"); err != nil {
		t.Fatal(err)
	}
	if all := h.slack.Bookmarks(id); len(all) != 2 || all[0].Title != "Runbook" || all[1].Title != "Call" {
		t.Errorf("bookmarks: %+v", all)
	}
	said, err := h.slack.Say(h.ana, h.payments, "", "look")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.slack.Join(h.slack.BotUserID, h.payments); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.bot.EnsurePin(ctx, h.payments, said.TS); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.slack.Pins(h.payments)); n != 1 {
		t.Errorf("%d pins", n)
	}
	if err := h.bot.EnsurePin(ctx, h.payments, "1.000000"); !ForGood(err) {
		t.Errorf("a message that is not there: %v", err)
	}
	h.slack.AddChannel(slacktest.Channel{Name: "inc-1-payments", Creator: h.ana})
	for range 2 {
		if name, err := h.bot.Rename(ctx, id, "Inc 1 Payments"); err != nil || name != "inc-1-payments-2" {
			t.Errorf("renamed to %q, %v", name, err)
		}
	}
	for range 2 {
		if err := h.bot.Archive(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if c, _ := h.slack.Channel(id); !c.Archived || c.Name != "inc-1-payments-2" {
		t.Errorf("in the end: %+v", c)
	}
	h.unproblematic()
}

func TestAMessageIsReadWhereverItStands(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	ctx := context.Background()
	if err := h.slack.Join(h.slack.BotUserID, h.payments); err != nil {
		t.Fatal(err)
	}
	var parents []string
	for i := range 3 {
		said, err := h.slack.Say(h.ana, h.payments, "", fmt.Sprint("parent & ", i))
		if err != nil {
			t.Fatal(err)
		}
		parents = append(parents, said.TS)
	}
	var reply slacktest.Said
	for i := range 12 {
		var err error
		if reply, err = h.slack.Say(h.ben, h.payments, parents[1], fmt.Sprint("reply ", i)); err != nil {
			t.Fatal(err)
		}
	}
	m, link, err := h.bot.Message(ctx, h.payments, parents[1])
	if want := (MessageRef{Channel: h.payments, TS: parents[1], User: h.ana, Text: "parent &amp; 1"}); err != nil || m != want || !strings.Contains(link, "/archives/") {
		t.Errorf("%+v, %s, %v", m, link, err)
	}
	m, link, err = h.bot.Message(ctx, h.payments, reply.TS)
	if want := (MessageRef{Channel: h.payments, TS: reply.TS, Thread: parents[1], User: h.ben, Text: "reply 11"}); err != nil || m != want || !strings.Contains(link, "thread_ts=") {
		t.Errorf("%+v, %s, %v", m, link, err)
	}
	if _, _, err := h.bot.Message(ctx, h.payments, "1.000000"); !ForGood(err) || !isCode(err, "message_not_found") {
		t.Errorf("no such message: %v", err)
	}
	if _, _, err := h.bot.Message(ctx, h.ops, reply.TS); !ForGood(err) {
		t.Errorf("where the bot is not: %v", err)
	}
	if only, err := h.bot.Permalink(ctx, h.payments, reply.TS); err != nil || only != link {
		t.Errorf("%s, %v", only, err)
	}
	h.unproblematic()
}

func TestACardIsPlacedInARoomAndFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	room, _ := h.made(h.room("inc-1", "inc-1"))
	at := func() (channel, ts string, stands bool) {
		_ = h.db.View(context.Background(), func(s store.Snapshot) (err error) {
			channel, ts, stands, err = CardAt(s, "thing", "1")
			return err
		})
		return channel, ts, stands
	}
	place := func(channel string) {
		t.Helper()
		err := h.db.Update(context.Background(), func(tx store.Tx) error { return h.bot.Place(tx, "thing", "1", channel) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if channel, _, stands := at(); channel != "" || stands {
		t.Errorf("before it is placed it stands in %q", channel)
	}
	h.put("1", looking(1, "down"))
	place(h.ops) // which the bot is not in
	h.until("its place is given up", func() bool { channel, _, _ := at(); return channel == "" })
	h.shown("platform", "I cannot show anything in <#"+h.ops+">")
	place(room)
	place(room)
	h.until("it stands", func() bool { _, _, stands := at(); return stands })
	channel, ts, _ := at()
	if m, ok := h.slack.Message(channel, ts); channel != room || !ok || !strings.Contains(m.Text, "down") {
		t.Errorf("it stands in %s: %+v", channel, m)
	}
	if err := h.bot.EnsurePin(context.Background(), channel, ts); err != nil {
		t.Error(err)
	}
	h.put("1", looking(1, "up"))
	h.advanceUntil("it is updated", func() bool { m, _ := h.slack.Message(channel, ts); return strings.Contains(m.Text, "up") })
	h.unproblematic()
}
