package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// A card is a record's live message: one per record, updated in place, found again after every restart. Writing a record
// that people see wakes the card in the same transaction (Changed); the card's step renders the record as it is then and
// sends that, one request at a time per card, so that no earlier state is ever shown after a later one.

// cardDomain is the runner's name for cards; a card's ID is "<kind>/<record ID>".
const cardDomain = "card"

// Changed marks the card of a record as out of date, in the transaction that changed the record. Domains call it through
// work.Wake with the same key, since they do not know this package.
func Changed(tx store.Tx, kind, id string) error {
	return work.Wake(tx, cardDomain, kind+"/"+id, time.Time{})
}

// card is where a record is shown and what was last sent.
type card struct {
	Channel string            `json:"channel"`
	Home    string            `json:"home,omitempty"` // used when the bot cannot post in Channel
	Thread  string            `json:"thread,omitempty"`
	Asker   string            `json:"asker,omitempty"`
	Request string            `json:"request"`
	Moved   bool              `json:"moved,omitempty"` // it stands in Home, and the asker is to be told
	TS      string            `json:"ts,omitempty"`
	Tried   time.Time         `json:"tried,omitzero"`    // when a post or update began whose end nobody knows
	Shown   string            `json:"shown,omitempty"`   // hash of what was last sent
	Sent    time.Time         `json:"sent,omitzero"`     // when
	Again   time.Time         `json:"again,omitzero"`    // an unclear update is sent once more then, lest it arrive late
	Replies map[string]string `json:"replies,omitempty"` // timestamps of the replies that were said, by key
	Trying  string            `json:"trying,omitempty"`  // key of the reply whose post ended unclear
}

func cardKey(id string) string { return store.Key(cardDomain, "at", id) }

// messageKey finds the card of a message, for clicks.
func messageKey(channel, ts string) string { return store.Key(cardDomain, "message", channel, ts) }

// placeCard gives a record its card, once, where the asker is.
func (b *Bot) placeCard(tx store.Tx, e entry, ref CardRef) error {
	id := ref.Kind + "/" + ref.ID
	c := card{Channel: e.Channel, Home: ref.Home, Thread: e.Thread, Asker: e.User, Request: e.ID}
	if e.Via == Press { // a button's thread is its card's; a new card stands on its own
		c.Thread = ""
	}
	if c.Channel == "" {
		c.Channel, c.Home = ref.Home, ""
	}
	created, err := store.Create(tx, cardKey(id), c)
	if err == nil && !created {
		return b.sayWhere(tx, e, id)
	}
	if err != nil {
		return err
	}
	return work.Wake(tx, cardDomain, id, time.Time{})
}

// sayWhere tells somebody who is shown a record that has its card already where that is.
func (b *Bot) sayWhere(tx store.Tx, e entry, id string) error {
	c, _, err := store.Load[card](tx, cardKey(id))
	if err != nil || c.Request == e.ID {
		return err
	}
	where := Textf("It is shown in %s already.", Channel(c.Channel))
	if strings.HasPrefix(c.Channel, "D") {
		where = "It is shown in a direct message already."
	}
	s := answerTo(e, Reply{Message: Message{Text: where}})
	s.ID = "where-" + e.ID
	return b.enqueue(tx, s)
}

// cardAt finds the card that a message is.
func (b *Bot) cardAt(ctx context.Context, channel, ts string) (kind, id string, ok bool, err error) {
	err = b.db.View(ctx, func(s store.Snapshot) error {
		ref, err := s.Get(messageKey(channel, ts))
		if err == nil && ref != nil {
			kind, id, ok = strings.Cut(string(ref), "/")
		}
		return err
	})
	return kind, id, ok, err
}

// stepCard takes one card one step further: posted if it is not, updated if it shows something old, then its replies.
func (b *Bot) stepCard(ctx context.Context, id string) (time.Time, error) {
	var c card
	var found bool
	err := b.db.View(ctx, func(s store.Snapshot) (err error) {
		c, found, err = store.Load[card](s, cardKey(id))
		return err
	})
	if err != nil || !found {
		return time.Time{}, err
	}
	kind, record, _ := strings.Cut(id, "/")
	render, ok := b.cards[kind]
	if !ok {
		return time.Time{}, fmt.Errorf("rendering a card: no card for records of kind %q", kind)
	}
	v, err := render(ctx, record)
	if errors.Is(err, ErrNoCard) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("rendering a card: %w", err)
	}
	if c.TS == "" {
		return b.postCard(ctx, id, c, v)
	}
	if next, done, err := b.updateCard(ctx, id, &c, v); !done {
		return next, err
	}
	return b.replyOnCard(ctx, id, c, v)
}

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
	if d := b.budget.take("chat.postMessage", c.Channel, answers); d > 0 {
		return b.clock.Now().Add(d), nil // before anything is asked of Slack, or many cards would ask it again and again
	}
	if c.Tried.IsZero() {
		if err := b.findPlace(ctx, &c); err != nil {
			return b.again(err)
		}
	}
	c.Tried = b.clock.Now()
	if err := b.keepCard(ctx, id, c); err != nil {
		return time.Time{}, err
	}
	channel, ts, err := b.api.post(ctx, posting{Channel: c.Channel, Thread: c.Thread, Message: v.Message, Key: "card/" + id, Stage: v.Stage})
	if err == nil {
		return b.cardStands(ctx, id, c, channel, ts, shown(v))
	}
	return b.cardNotPosted(ctx, id, c, err)
}

// findPlace finds where the bot can post the card: where the asker is, or else its home.
func (b *Bot) findPlace(ctx context.Context, c *card) error {
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
	if !api.Passing && !api.Unclear {
		if c.Home == "" || c.Moved {
			dm, dmErr := b.api.direct(ctx, c.Asker)
			if dmErr != nil || dm == c.Channel {
				return time.Time{}, err
			}
			c.Channel, c.Thread, c.Home = dm, "", ""
		} else {
			c.Channel, c.Thread, c.Moved = c.Home, "", true
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
			m := Message{Text: Textf("%s. I am not in the channel you asked in; to have it there next time, type %s in it.", where, Code("/invite @shipmate"))}
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

// updateCard sends the latest state if the card shows another. done says that the card shows it now.
func (b *Bot) updateCard(ctx context.Context, id string, c *card, v View) (next time.Time, done bool, err error) {
	now := b.clock.Now()
	hash := shown(v)
	resend := !c.Again.IsZero() && !now.Before(c.Again)
	if hash == c.Shown && !resend {
		return time.Time{}, true, nil
	}
	p := progress
	if v.Urgent {
		p = ending
	} else if at := c.Sent.Add(b.pace()); now.Before(at) {
		return at, false, nil
	}
	if d := b.budget.take("chat.update", c.Channel, p); d > 0 {
		return now.Add(d), false, nil
	}
	b.live.note(id, now)
	err = b.api.update(ctx, c.Channel, c.TS, v.Message, v.Stage, "card/"+id)
	var api *Error
	switch {
	case err == nil:
		c.Shown, c.Sent = hash, now
		if resend {
			c.Again = time.Time{}
		}
	case errors.As(err, &api) && api.Unclear:
		// It may arrive late, after a newer state: that one is sent again, and once more when nothing can be under way.
		c.Shown, c.Again = "", now.Add(settle)
	case errors.As(err, &api) && api.Passing:
	case errors.As(err, &api):
		// Deleted by somebody, or Slack will not edit it any more: the record goes on without it.
		b.log.Warn("a card can no longer be updated", "card", id, "err", err)
		c.Shown, c.Sent, c.Again = hash, now, time.Time{}
		err = nil
	}
	if keep := b.keepCard(ctx, id, *c); keep != nil {
		return time.Time{}, false, keep
	}
	if err != nil {
		next, err = b.again(err)
		return next, false, err
	}
	return time.Time{}, true, nil
}

// replyOnCard says the replies in the card's thread that were not said yet, in order.
func (b *Bot) replyOnCard(ctx context.Context, id string, c card, v View) (time.Time, error) {
	thread := c.TS
	if c.Thread != "" {
		thread = c.Thread // a card in a thread answers there: Slack has one level
	}
	for _, r := range v.Replies {
		if c.Replies[r.Key] != "" {
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
		if d := b.budget.take("chat.postMessage", c.Channel, ending); d > 0 {
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
		return b.replied(ctx, id, c, key, "gone")
	}
	if keep := b.keepCard(ctx, id, c); keep != nil {
		return time.Time{}, keep
	}
	return b.again(err)
}

func (b *Bot) keepCard(ctx context.Context, id string, c card) error {
	return work.Update(ctx, b.db, func(tx store.Tx) error { return store.Save(tx, cardKey(id), c) })
}

// again hands an error of Slack's to the runner as one to be tried later.
func (b *Bot) again(err error) (time.Time, error) {
	var api *Error
	if errors.As(err, &api) && (api.Passing || api.Unclear) {
		return time.Time{}, retryable{api}
	}
	return time.Time{}, err
}

// sweepMost is how many old cards one sweep takes, so that it holds little in memory; the next takes what is left.
const sweepMost = 10_000

// sweepCards forgets the cards that show nothing new since then and whose record is gone. The messages stay.
func (b *Bot) sweepCards(ctx context.Context, before time.Time) error {
	var old []string
	prefix := store.Key(cardDomain, "at") + "/"
	err := b.db.View(ctx, func(s store.Snapshot) error {
		old = nil
		for key, data := range s.Scan(prefix, "") {
			var c card
			parts, err := store.Parts(key)
			if err != nil || decode(data, &c) != nil {
				continue // what cannot be read is left alone
			}
			if !c.Sent.IsZero() && c.Sent.Before(before) {
				old = append(old, parts[len(parts)-1])
			}
			if len(old) == sweepMost {
				break
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking for old cards: %w", err)
	}
	for _, id := range old {
		kind, record, _ := strings.Cut(id, "/")
		render, ok := b.cards[kind]
		if !ok {
			continue
		}
		if _, gone := render(ctx, record); errors.Is(gone, ErrNoCard) {
			err = errors.Join(err, b.forgetCard(ctx, id))
		}
	}
	return err
}

func (b *Bot) forgetCard(ctx context.Context, id string) error {
	return b.db.Update(ctx, func(tx store.Tx) error {
		c, found, err := store.Load[card](tx, cardKey(id))
		if err != nil || !found {
			return err
		}
		if err := tx.Delete(messageKey(c.Channel, c.TS)); err != nil {
			return err
		}
		return tx.Delete(cardKey(id))
	})
}

// shown is a hash of all a card shows.
func shown(v View) string {
	data, err := encode(struct {
		M Message
		S int
	}{v.Message, v.Stage})
	if err != nil {
		return "" // never equal to what was sent, so it is sent
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}
