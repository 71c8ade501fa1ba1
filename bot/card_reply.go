package bot

import (
	"context"
	"errors"
	"time"
)

// gone stands for a reply that could not be said.
const gone = "gone"

// replyOnCard says the replies in the card's thread that were not said yet, in order.
func (b *Bot) replyOnCard(ctx context.Context, id string, c card, v View) (time.Time, error) {
	thread := c.TS
	if c.Thread != "" {
		thread = c.Thread // a card in a thread answers there: Slack has one level
	}
	for _, r := range v.Replies {
		if c.Replies[r.Key] != "" {
			if r.File != nil && c.Replies[r.Key] != gone && !c.Files[r.Key].Done {
				return b.fileOnCard(ctx, id, c, thread, r)
			}
			continue
		}
		key := "card/" + id + "/" + r.Key
		if c.Trying == r.Key {
			ts, err := b.api.find(ctx, c.Channel, thread, key, c.Tried)
			switch {
			case err != nil:
				return b.again(err)
			case ts != "":
				return b.replied(ctx, id, c, r.Key, ts)
			case b.clock.Now().Sub(c.Tried) < settle:
				return c.Tried.Add(settle), nil
			}
		}
		if d := b.budget.take("chat.postMessage", c.Channel, replyPriority(v)); d > 0 {
			return b.clock.Now().Add(d), nil
		}
		c.Trying, c.Tried = r.Key, b.clock.Now()
		if err := b.keepCard(ctx, id, c); err != nil {
			return time.Time{}, err
		}
		_, ts, err := b.api.post(ctx, posting{Channel: c.Channel, Thread: thread, Message: r.Message, Key: key, Broadcast: r.Broadcast})
		if err == nil {
			return b.replied(ctx, id, c, r.Key, ts)
		}
		return b.notReplied(ctx, id, c, r.Key, err)
	}
	return c.Again, nil
}

// replyPriority is how urgent a reply in a card's thread is.
func replyPriority(v View) priority {
	if v.Idle {
		return progress
	}
	return ending
}

func (b *Bot) replied(ctx context.Context, id string, c card, key, ts string) (time.Time, error) {
	if c.Replies == nil {
		c.Replies = map[string]string{}
	}
	c.Replies[key], c.Trying, c.Tried = ts, "", time.Time{}
	return b.clock.Now(), b.keepCard(ctx, id, c)
}

func (b *Bot) notReplied(ctx context.Context, id string, c card, key string, err error) (time.Time, error) {
	var api *Error
	if !errors.As(err, &api) {
		return time.Time{}, err
	}
	if !api.Unclear {
		c.Trying, c.Tried = "", time.Time{}
	}
	if !api.Passing && !api.Unclear { // the thread is gone; nobody could read it there
		b.log.Warn("a reply on a card cannot be said", "card", id, "reply", key, "err", err)
		return b.replied(ctx, id, c, key, gone)
	}
	if keep := b.keepCard(ctx, id, c); keep != nil {
		return time.Time{}, keep
	}
	return b.again(err)
}
