package bot

import (
	"context"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// A record may be shown in further channels beside its card: announcements. Such a message is a card of its own, with a kind of
// its own, but has no asker: where it cannot be posted the admins are told, and it is left out.

// PlaceBeside shows a record in a channel, given by ID or "#name", beside its card, once: kind and id are the message's own,
// beside is "<kind>/<record ID>" of the card. Where the card itself stands nothing more is posted.
func (b *Bot) PlaceBeside(tx store.Tx, kind, id, channel, beside string) error {
	c := card{Channel: channel, Beside: beside, Since: b.clock.Now(), Request: "beside"}
	if _, err := store.Create(tx, cardKey(kind+"/"+id), c); err != nil {
		return err
	}
	return work.Wake(tx, cardDomain, kind+"/"+id, time.Time{})
}

const (
	// standsSoon is how long a message waits for the card it stands beside to be asked for, which is at the end of a request;
	// one that is asked for it waits for until it stands.
	standsSoon = time.Minute
	standsLook = 2 * time.Second
	standsLate = 30 * time.Second
)

// besideKey names the one message in a channel of those beside a card: the configuration may name a channel twice, by name and by
// ID.
func besideKey(beside, channel string) string {
	return store.Key(cardDomain, "beside", beside, channel)
}

// besideCard finds out where a message beside a card goes, and joins the channel if it is public. It is dropped where the card
// stands already, or another message beside it; a time says to look again then.
func (b *Bot) besideCard(ctx context.Context, id string, c *card) (next time.Time, dropped bool, err error) {
	if c.Beside == "" || c.Placed {
		return time.Time{}, false, nil
	}
	channel, err := b.channels.id(ctx, c.Channel)
	if err != nil {
		next, err = b.cardNotPosted(ctx, id, *c, err)
		return next, true, err
	}
	var main card
	asked := false
	err = b.db.View(ctx, func(s store.Snapshot) (err error) {
		main, asked, err = store.Load[card](s, cardKey(c.Beside))
		return err
	})
	now := b.clock.Now()
	switch {
	case err != nil:
		return time.Time{}, false, err
	case main.TS == "" && now.Sub(c.Since) < standsSoon:
		return now.Add(standsLook), false, nil
	case main.TS == "" && asked:
		return now.Add(standsLate), false, nil
	case main.TS != "" && main.Channel == channel:
		return time.Time{}, true, b.dropCard(ctx, id, *c)
	}
	if _, err := b.api.place(ctx, channel); err != nil { // that it is no member for good the post will say
		next, err = b.again(err)
		return next, true, err
	}
	mine, err := b.claimBeside(ctx, id, c.Beside, channel)
	if err == nil && !mine {
		err = b.dropCard(ctx, id, *c)
	}
	c.Channel, c.Placed = channel, true
	return time.Time{}, !mine, err
}

// claimBeside makes the message the one beside the card in the channel; mine is false when another is.
func (b *Bot) claimBeside(ctx context.Context, id, beside, channel string) (mine bool, err error) {
	err = work.Update(ctx, b.db, func(tx store.Tx) error {
		key := besideKey(beside, channel)
		first, err := tx.Get(key)
		if mine = first == nil || string(first) == id; err != nil || !mine {
			return err
		}
		return tx.Put(key, []byte(id))
	})
	return mine, err
}

// unplaceableKey holds the day on which the admins were last told that nothing can be posted in a channel.
func unplaceableKey(channel string) string { return store.Key(cardDomain, "unplaceable", channel) }

// notShown leaves out a card that nobody asked for and that cannot be posted for good, and tells the admins, once a day for each
// channel.
func (b *Bot) notShown(ctx context.Context, id string, c card, err error) (time.Time, error) {
	if c.With != "" { // as with whatever else cannot be told to a person
		b.log.Error("a card cannot be shown to a person", "card", id, "to", c.With, "err", err)
		return time.Time{}, b.dropCard(ctx, id, c)
	}
	today := b.clock.Now().UTC().Format(time.DateOnly)
	fresh := false
	dropped := work.Update(ctx, b.db, func(tx store.Tx) error {
		told, err := tx.Get(unplaceableKey(c.Channel))
		if err != nil {
			return err
		}
		if fresh = string(told) != today; fresh {
			if err := tx.Put(unplaceableKey(c.Channel), []byte(today)); err != nil {
				return err
			}
		}
		return drop(tx, id, c)
	})
	if dropped == nil && fresh {
		verb := Text("announce")
		if c.Alone {
			verb = "show"
		}
		b.admins(ctx, "beside-"+id, Message{Text: Textf("I cannot %s anything in %s: %s. Type %s there, or correct the configuration.",
			verb, Channel(c.Channel), saidBy(err), Code("/invite @shipmate"))})
	}
	return time.Time{}, dropped
}

func (b *Bot) dropCard(ctx context.Context, id string, c card) error {
	return work.Update(ctx, b.db, func(tx store.Tx) error { return drop(tx, id, c) })
}

func drop(tx store.Tx, id string, c card) error {
	if err := unclaim(tx, id, c); err != nil {
		return err
	}
	return tx.Delete(cardKey(id))
}

// unclaim gives a message's place beside a card up, when it has one.
func unclaim(tx store.Tx, id string, c card) error {
	if c.Beside == "" {
		return nil
	}
	key := besideKey(c.Beside, c.Channel)
	first, err := tx.Get(key)
	if err != nil || string(first) != id {
		return err
	}
	return tx.Delete(key)
}
