package bot

import (
	"context"
	"errors"
	"strings"
)

// Everything here is the same when it is done twice, or looks before it does it. The errors are *Error; a passing one says when
// to try again, if Slack did.

// maxDescribed is how long a topic or a purpose may be, in characters (Slack: conversations.setTopic).
const maxDescribed = 250

// SetTopic makes the topic, which is plain text of one line, a channel's. One that is too long for Slack is cut. Where it is the
// topic already nothing is set, since Slack would say so in the channel again.
func (b *Bot) SetTopic(ctx context.Context, channel, topic string) error {
	topic = oneLine(topic, maxDescribed)
	c, err := b.api.room(ctx, channel)
	if err != nil {
		return later(err)
	}
	if unescaped.Replace(c.Topic.Value) == topic {
		return nil
	}
	return later(b.api.setTopic(ctx, channel, topic))
}

// oneLine is text on one line, cut to n characters with a mark that says so.
func oneLine(s string, n int) string {
	return shortenPlain(strings.Join(strings.Fields(s), " "), n)
}

// EnsureBookmark puts a link at the head of a channel unless it is there, under whatever title.
func (b *Bot) EnsureBookmark(ctx context.Context, channel, title, link string) error {
	all, err := b.api.bookmarks(ctx, channel)
	if err != nil {
		return later(err)
	}
	for _, one := range all {
		if sameLink(one.Link, link) {
			return nil
		}
	}
	return later(b.api.addBookmark(ctx, channel, oneLine(title, maxBookmarkTitle), link))
}

// maxBookmarkTitle is as long as a bookmark's title is readable, in characters; Slack names no limit.
const maxBookmarkTitle = 80

// sameLink compares links as Slack keeps them: escaped, and with a slash behind a bare host.
func sameLink(kept, link string) bool {
	return strings.TrimSuffix(unescaped.Replace(kept), "/") == strings.TrimSuffix(link, "/")
}

// EnsurePin pins a message in its channel unless it is pinned.
func (b *Bot) EnsurePin(ctx context.Context, channel, ts string) error {
	if err := b.api.pin(ctx, channel, ts); !isCode(err, "already_pinned") {
		return later(err)
	}
	return nil
}

// Rename gives a channel that Shipmate made another name, made fit by RoomName, and returns the one it has then: where the name
// is taken, with -2, -3 and so on behind it.
func (b *Bot) Rename(ctx context.Context, channel, name string) (string, error) {
	base := RoomName(name)
	c, err := b.api.room(ctx, channel)
	if err != nil {
		return "", later(err)
	}
	for n := 1; ; n++ {
		next := numbered(base, n)
		if c.Name == next {
			return next, nil
		}
		renamed, err := b.api.renameRoom(ctx, channel, next)
		switch {
		case err == nil:
			b.channels.forget()
			return renamed.Name, nil
		case !isCode(err, "name_taken") || n == maxRoomNames:
			return "", later(err)
		}
	}
}

// Archive closes a channel. One that is closed already counts as closed.
func (b *Bot) Archive(ctx context.Context, channel string) error {
	if err := b.api.archiveRoom(ctx, channel); !isCode(err, "already_archived") {
		return later(err)
	}
	return nil
}

// isCode tells whether err is Slack's answer with that word.
func isCode(err error, code string) bool {
	var api *Error
	return errors.As(err, &api) && api.Code == code
}

// later makes an error that may pass one by which the runner of steps knows when to come back. Others stay as they are.
func later(err error) error {
	var api *Error
	var wrapped retryable
	if errors.As(err, &api) && (api.Passing || api.Unclear) && !errors.As(err, &wrapped) {
		return retryable{api}
	}
	return err
}

// ForGood tells whether err says that Slack will not do it however often it is asked: the workspace does not allow it, a scope is
// missing, the channel is gone or full. Everything else may pass: a limit, an outage, an answer that was lost, a token that an
// administrator has to set right.
func ForGood(err error) bool {
	var api *Error
	return errors.As(err, &api) && api.ForGood()
}

// ForGood tells the same of the error itself, for packages that know it by an interface alone.
func (e *Error) ForGood() bool { return !e.Passing && !e.Unclear }
