package bot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"
)

// fileOnCard sends the file of a reply that stands in the thread. A file carries nothing of ours by which it is found again but its name, so
// after a sending that ended unclear the thread is looked through for that before it is sent again.
func (b *Bot) fileOnCard(ctx context.Context, id string, c card, thread string, r ThreadReply) (time.Time, error) {
	f := c.Files[r.Key]
	if !f.Tried.IsZero() {
		there, err := b.api.hasFile(ctx, c.Channel, thread, r.File.Name, f.Tried)
		switch {
		case err != nil:
			return b.again(err)
		case there:
			return b.filed(ctx, id, c, r.Key, sentFile{Done: true})
		case b.clock.Now().Sub(f.Tried) < settle:
			return f.Tried.Add(settle), nil
		}
	}
	data, err := drawn(*r.File)
	if err != nil {
		b.log.Error("a picture cannot be drawn", "card", id, "file", r.File.Name, "err", err)
		return b.filed(ctx, id, c, r.Key, sentFile{Done: true})
	}
	if d := b.budget.take("files.getUploadURLExternal", "", progress); d > 0 {
		return b.clock.Now().Add(d), nil
	}
	if err := b.keepFile(ctx, id, &c, r.Key, sentFile{Tried: b.clock.Now()}); err != nil {
		return time.Time{}, err
	}
	err = b.api.upload(ctx, c.Channel, thread, *r.File, data)
	var api *Error
	switch {
	case err == nil:
		return b.filed(ctx, id, c, r.Key, sentFile{Done: true})
	case !errors.As(err, &api):
		return time.Time{}, err
	case api.Unclear:
		return b.again(err)
	case api.Passing:
		if err := b.keepFile(ctx, id, &c, r.Key, sentFile{}); err != nil {
			return time.Time{}, err
		}
		return b.again(err)
	}
	b.log.Warn("a picture cannot be sent", "card", id, "file", r.File.Name, "err", err)
	return b.filed(ctx, id, c, r.Key, sentFile{Done: true})
}

// filed notes how a file is, and has the card go on at once.
func (b *Bot) filed(ctx context.Context, id string, c card, key string, f sentFile) (time.Time, error) {
	return b.clock.Now(), b.keepFile(ctx, id, &c, key, f)
}

func (b *Bot) keepFile(ctx context.Context, id string, c *card, key string, f sentFile) error {
	if c.Files == nil {
		c.Files = map[string]sentFile{}
	}
	c.Files[key] = f
	return b.keepCard(ctx, id, *c)
}

// hasFile tells whether a file of ours with that name stands in a thread since then.
func (a *slackAPI) hasFile(ctx context.Context, channel, thread, name string, since time.Time) (bool, error) {
	cursor := ""
	for range 10 {
		page, _, next, err := a.client.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: seconds(since.Add(-clockSkew)), Inclusive: true, Limit: 200, Cursor: cursor})
		if err != nil {
			return false, a.fail("conversations.replies", channel, err)
		}
		for _, m := range page {
			for _, f := range m.Files {
				if f.Name == name {
					return true, nil
				}
			}
		}
		if cursor = next; cursor == "" {
			return false, nil
		}
	}
	return false, nil
}
