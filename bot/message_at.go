package bot

import (
	"context"

	"github.com/slack-go/slack"
)

// Message reads one message of a channel that Shipmate is in, also a reply in a thread, with a link to it. Its text is as Slack
// has it: escaped, people and channels as <@U…> and <#C…>. The error is a *Error; ForGood tells whether the message or the
// channel is out of reach. Without a link only (Slack did not give one) the link is empty and no error is returned.
func (b *Bot) Message(ctx context.Context, channel, ts string) (m MessageRef, permalink string, err error) {
	found, err := b.api.message(ctx, channel, ts)
	if err != nil {
		return MessageRef{}, "", later(err)
	}
	m = MessageRef{Channel: channel, TS: ts, User: found.User, Text: found.Text}
	if found.ThreadTimestamp != ts {
		m.Thread = found.ThreadTimestamp
	}
	permalink, err = b.api.permalink(ctx, channel, ts)
	if err != nil {
		b.log.Warn("no link to a message", "channel", channel, "ts", ts, "err", err)
	}
	return m, permalink, nil
}

// Permalink is the address of a message for people.
func (b *Bot) Permalink(ctx context.Context, channel, ts string) (string, error) {
	link, err := b.api.permalink(ctx, channel, ts)
	return link, later(err)
}

// message finds a message by its timestamp: in the channel, or, since that does not list them, among the replies of its thread
// (Slack: conversations.history, conversations.replies).
func (a *slackAPI) message(ctx context.Context, channel, ts string) (*slack.Message, error) {
	if err := a.turn("conversations.history"); err != nil {
		return nil, err
	}
	h, err := a.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: ts, Latest: ts, Inclusive: true, Limit: 1})
	if err := a.fail("conversations.history", channel, err); err != nil {
		return nil, err
	}
	if m := withTS(h.Messages, ts); m != nil {
		return m, nil
	}
	if err := a.turn("conversations.replies"); err != nil {
		return nil, err
	}
	replies, _, _, err := a.client.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: channel, Timestamp: ts, Oldest: ts, Latest: ts, Inclusive: true, Limit: 10}) // the parent comes first
	if err := a.fail("conversations.replies", channel, err); err != nil {
		if isCode(err, "thread_not_found") {
			err = &Error{Op: "conversations.replies", Code: "message_not_found"}
		}
		return nil, err
	}
	if m := withTS(replies, ts); m != nil {
		return m, nil
	}
	return nil, &Error{Op: "conversations.history", Code: "message_not_found"}
}

func withTS(all []slack.Message, ts string) *slack.Message {
	for i := range all {
		if all[i].Timestamp == ts {
			return &all[i]
		}
	}
	return nil
}
