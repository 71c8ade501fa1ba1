package bot

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EventInfo is something that happened in Slack without anybody asking Shipmate for anything: what a command with On: Event
// gets, and what its Wants decides by.
type EventInfo struct {
	// Type is Slack's name of it, which is the command's: "reaction_added", "member_joined_channel"; for messages that of what
	// happened to them, "message_changed" and "message_deleted".
	Type string `json:"type"`
	// User is who did it. Slack does not tell who deleted a message: then it is who wrote it.
	User string `json:"user"`
	// Channel is where.
	Channel string `json:"channel,omitempty"`
	// Emoji is the reaction's name without colons, with its skin tone: "eyes", "+1::skin-tone-3".
	Emoji string `json:"emoji,omitempty"`
	// Message is what it happened to. Slack sends no text with a reaction: Bot.Message reads it.
	Message MessageRef `json:"message,omitzero"`
	// Before is the text that a changed or deleted message had.
	Before string `json:"before,omitempty"`
	// At is when it happened, by Slack's clock.
	At time.Time `json:"at,omitzero"`
}

// eventNeed is what an event needs of the app's manifest (Slack: Events API, event types).
type eventNeed struct {
	subscribe []string
	scopes    []string
	busy      bool // so frequent that a command has to say which of them it wants
}

var inChannels = []string{"message.channels", "message.groups"}

// eventNeeds are the events a command may want.
var eventNeeds = map[string]eventNeed{
	"message_changed":       {inChannels, []string{"channels:history", "groups:history"}, true},
	"message_deleted":       {inChannels, []string{"channels:history", "groups:history"}, true},
	"reaction_added":        {[]string{"reaction_added"}, []string{"reactions:read"}, true},
	"reaction_removed":      {[]string{"reaction_removed"}, []string{"reactions:read"}, true},
	"member_joined_channel": {[]string{"member_joined_channel"}, []string{"channels:read", "groups:read"}, true},
	"member_left_channel":   {[]string{"member_left_channel"}, []string{"channels:read", "groups:read"}, true},
	"channel_archive":       {[]string{"channel_archive"}, []string{"channels:read"}, false},
	"group_archive":         {[]string{"group_archive"}, []string{"groups:read"}, false},
	"channel_rename":        {[]string{"channel_rename"}, []string{"channels:read"}, false},
	"group_rename":          {[]string{"group_rename"}, []string{"groups:read"}, false},
}

// notices are the events that say that something we remember is out of date.
var notices = []string{"subteam_updated", "subteam_members_changed", "user_change", "member_joined_channel", "member_left_channel",
	"channel_left", "group_left", "channel_rename", "group_rename", "channel_archive", "group_archive"}

// readHappened reads an event that is no line. What Shipmate and other apps did themselves, and what only the look of a message
// changed by, nobody wants.
func (a *arrival) readHappened(e event, botUser string) {
	if slices.Contains(notices, e.Type) {
		a.kind = isNotice
	}
	info := EventInfo{Type: e.Type, User: e.userID(), Channel: e.channelID(), At: timeOf(e.EventTS)}
	odd := e.Type == "" || e.BotID != "" || e.Subtype != "" || e.Type == "message"
	switch {
	case e.Type == "reaction_added", e.Type == "reaction_removed":
		info.Channel, info.Emoji = e.Item.Channel, e.Reaction
		info.Message = MessageRef{Channel: e.Item.Channel, TS: e.Item.TS, User: e.ItemUser}
		odd = e.Item.Type != "message"
	case e.Type == "message" && e.Subtype == "message_changed" && e.Message.Subtype != "tombstone":
		info.Type, info.Before = e.Subtype, e.Previous.Text
		info.Message, info.User = refOf(info.Channel, e.Message), e.Message.User
		if by := e.Message.Edited.User; by != "" {
			info.User = by
		}
		odd = !byPerson(e.Message) || e.Message.Text == e.Previous.Text
	case e.Type == "message" && (e.Subtype == "message_deleted" || e.Subtype == "message_changed"): // of one with replies a tombstone stays
		info.Type, info.Before = "message_deleted", e.Previous.Text
		info.Message, info.User = refOf(info.Channel, e.Previous), e.Previous.User
		info.Message.Text = ""
		odd = !byPerson(e.Previous)
	}
	a.entry.Via, a.entry.Line, a.entry.User, a.entry.Channel = Event, info.Type, info.User, info.Channel
	a.entry.Thread = info.Message.Thread
	a.entry.Event = &info
	a.unwanted = odd || info.User == "" || info.User == botUser
}

func refOf(channel string, m eventMessage) MessageRef {
	ref := MessageRef{Channel: channel, TS: m.TS, User: m.User, Text: m.Text}
	if m.ThreadTS != m.TS {
		ref.Thread = m.ThreadTS
	}
	return ref
}

// byPerson tells what people write from what apps post and what Slack itself puts into a channel.
func byPerson(m eventMessage) bool {
	return m.TS != "" && m.BotID == "" && slices.Contains([]string{"", "thread_broadcast", "file_share", "me_message"}, m.Subtype)
}

// timeOf reads a timestamp of Slack's; the zero time when it is none.
func timeOf(ts string) time.Time {
	seconds, fraction, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s <= 0 || s > math.MaxInt32*100 {
		return time.Time{}
	}
	micros, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64) // none is none
	return time.Unix(s, micros*1000).UTC()
}

// wantsEvent asks the command of an event whether it wants this one. It is asked where envelopes are read, so a panic there must
// not end the process; then the event is not wanted.
func (b *Bot) wantsEvent(e entry) (want bool) {
	c, ok := b.router.byName[e.Line]
	if !ok || c.Wants == nil {
		return ok
	}
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a command panicked when it was asked whether it wants an event", "command", c.Name, "panic", mask(fmt.Sprint(p)),
				"stack", mask(string(debug.Stack())))
			want = false
		}
	}()
	return c.Wants(*e.Event, b.settings())
}
