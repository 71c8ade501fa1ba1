package bot

import (
	"context"
	"errors"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// postCard posts a card for the first time, where the asker is or at home.
func (b *Bot) postCard(ctx context.Context, id string, c card, v View) (time.Time, error) {
	if !c.Tried.IsZero() {
		ts, err := b.api.find(ctx, c.Channel, c.Thread, "card/"+id, c.Tried)
		switch {
		case err != nil:
			return b.again(err)
		case ts != "":
			return b.cardStands(ctx, id, c, c.Channel, ts, "")
		case b.clock.Now().Sub(c.Tried) < settle:
			return c.Tried.Add(settle), nil
		}
	}
	if d := b.budget.take("chat.postMessage", c.Channel, postPriority(v)); d > 0 {
		return b.clock.Now().Add(d), nil // before anything is asked of Slack, or many cards would ask it again and again
	}
	if !c.Placed {
		if err := b.findPlace(ctx, &c); (c.With != "" || c.Alone) && ForGood(err) {
			return b.notShown(ctx, id, c, err)
		} else if err != nil {
			return b.again(err)
		}
	}
	c.Tried = b.clock.Now()
	if err := b.keepCard(ctx, id, c); err != nil {
		return time.Time{}, err
	}
	p := posting{Channel: c.Channel, Thread: c.Thread, Message: v.Message, Key: "card/" + id, Stage: v.Stage}
	channel, ts, err := b.api.post(ctx, p)
	if c.Alone && isCode(err, "not_in_channel") { // a public one can be joined
		if ok, _ := b.api.place(ctx, p.Channel); ok {
			channel, ts, err = b.api.post(ctx, p)
		}
	}
	if err == nil {
		return b.cardStands(ctx, id, c, channel, ts, shown(v))
	}
	return b.cardNotPosted(ctx, id, c, err)
}

// postPriority is how urgent the first post of a card is: somebody asked for it and waits, unless it is idle.
func postPriority(v View) priority {
	if v.Idle {
		return progress
	}
	return answers
}

// findPlace finds where the bot can post the card: where the asker is, or else its home.
func (b *Bot) findPlace(ctx context.Context, c *card) (err error) {
	if c.Alone && c.With == "" { // it has one place, and the post says whether it can stand there: many come at once
		c.Channel, err = b.channels.id(ctx, c.Channel)
		c.Placed = err == nil
		return err
	}
	if c.With != "" {
		c.Channel, err = b.api.direct(ctx, c.With)
		c.Placed = err == nil
		return err
	}
	for {
		id, err := b.channels.id(ctx, c.Channel)
		ok := false
		if err == nil {
			ok, err = b.api.place(ctx, id)
		}
		var api *Error
		if err != nil && (!errors.As(err, &api) || api.Passing) {
			return err
		}
		if ok || c.Moved || c.Home == "" {
			if err == nil {
				c.Channel = id
			}
			c.Placed = true
			return nil // if it cannot be posted there either, the post says so
		}
		c.Channel, c.Thread, c.Moved = c.Home, "", true
	}
}

// cardNotPosted decides what comes after a post that failed: a look, another try, or another place.
func (b *Bot) cardNotPosted(ctx context.Context, id string, c card, err error) (time.Time, error) {
	var api *Error
	if !errors.As(err, &api) {
		return time.Time{}, err
	}
	if !api.Unclear {
		c.Tried = time.Time{}
	}
	if (c.Beside != "" || c.Alone) && ForGood(err) {
		return b.notShown(ctx, id, c, err)
	}
	if !api.Passing && !api.Unclear {
		if c.Home == "" || c.Moved {
			dm, dmErr := b.api.direct(ctx, c.Asker)
			if dmErr != nil || dm == c.Channel {
				return time.Time{}, err
			}
			c.Channel, c.Thread, c.Home, c.Placed = dm, "", "", false
		} else {
			c.Channel, c.Thread, c.Moved, c.Placed = c.Home, "", true, false
		}
		return b.clock.Now(), b.keepCard(ctx, id, c)
	}
	if keep := b.keepCard(ctx, id, c); keep != nil {
		return time.Time{}, keep
	}
	return b.again(err)
}

// cardStands writes down where the card is now, and tells the asker when that is elsewhere.
func (b *Bot) cardStands(ctx context.Context, id string, c card, channel, ts, hash string) (time.Time, error) {
	c.Channel, c.TS, c.Tried, c.Shown, c.Sent = channel, ts, time.Time{}, hash, b.clock.Now()
	link := ""
	if c.Moved {
		var err error
		if link, err = b.api.permalink(ctx, channel, ts); err != nil {
			b.log.Warn("no link to a card", "card", id, "err", err)
		}
	}
	err := work.Update(ctx, b.db, func(tx store.Tx) error {
		if c.Moved {
			where := Textf("It is shown in %s: %s", Channel(channel), Link(link, "open it"))
			m := Message{Text: Textf("%s.", where)}
			if !c.Direct {
				m.Text = Textf("%s. I am not in the channel you asked in; to have it there next time, type %s in it.", where, Code("/invite @shipmate"))
			}
			s := saying{ID: "moved-" + c.Request, At: b.clock.Now(), Way: byAnswer, User: c.Asker, Fell: 1, Message: m}
			if err := b.enqueue(tx, s); err != nil {
				return err
			}
		}
		if err := tx.Put(messageKey(channel, ts), []byte(id)); err != nil {
			return err
		}
		return store.Save(tx, cardKey(id), c)
	})
	return b.clock.Now(), err // look again at once: the record may have moved on, and replies may be due
}
