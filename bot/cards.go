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
	Moved   bool              `json:"moved,omitempty"`  // it stands in Home, and the asker is to be told
	Direct  bool              `json:"direct,omitempty"` // because it was asked for in a direct message
	Placed  bool              `json:"placed,omitempty"` // Channel is known to be where it can stand, or that nothing better is
	Beside  string            `json:"beside,omitempty"` // the card it stands beside; see card_beside.go
	Since   time.Time         `json:"since,omitzero"`   // when it was asked for, of one beside another
	Alone   bool              `json:"alone,omitempty"`  // nobody asked for it; see Place
	With    string            `json:"with,omitempty"`   // the person in whose direct message it stands; see TellCard
	TS      string            `json:"ts,omitempty"`
	Tried   time.Time         `json:"tried,omitzero"`    // when a post or update began whose end nobody knows
	Shown   string            `json:"shown,omitempty"`   // hash of what was last sent
	Sent    time.Time         `json:"sent,omitzero"`     // when
	Again   time.Time         `json:"again,omitzero"`    // an unclear update is sent once more then, lest it arrive late
	Replies map[string]string `json:"replies,omitempty"` // timestamps of the replies that were said, by key
	Trying  string            `json:"trying,omitempty"`  // key of the reply whose post ended unclear
	// Files are the files of replies: when each was begun to be sent, by the reply's key, and that it is there.
	Files map[string]sentFile `json:"files,omitempty"`
}

// sentFile is a file in a card's thread.
type sentFile struct {
	Tried time.Time `json:"tried,omitzero"` // when a sending began whose end nobody knows
	Done  bool      `json:"done,omitempty"` // it is there, or will never be
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
	switch {
	case c.Channel == "":
		c.Channel, c.Home = ref.Home, ""
	case strings.HasPrefix(c.Channel, "D") && c.Home != "": // what happens is the team's to see, wherever it was asked for
		c.Channel, c.Home, c.Thread, c.Moved, c.Direct = ref.Home, "", "", true, true
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
	var found, visited bool
	kind, record, _ := strings.Cut(id, "/")
	err := b.db.View(ctx, func(s store.Snapshot) (err error) {
		if b.atHome[kind] {
			if visited, err = b.somebodyVisits(s); err != nil {
				return err
			}
		}
		c, found, err = store.Load[card](s, cardKey(id))
		return err
	})
	if err == nil && visited { // whether or not it has a card
		err = work.Update(ctx, b.db, b.wakeHomes)
	}
	if err != nil || !found {
		return time.Time{}, err
	}
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
		if next, dropped, err := b.besideCard(ctx, id, &c); err != nil || dropped || !next.IsZero() {
			return next, err
		}
		return b.postCard(ctx, id, c, v)
	}
	if next, done, err := b.updateCard(ctx, id, &c, v); !done {
		return next, err
	}
	return b.replyOnCard(ctx, id, c, v)
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
