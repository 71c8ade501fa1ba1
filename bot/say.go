package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// sayDomain is the runner's name for single messages that are to be said: answers that did not arrive at once, messages to
// people, words to the admin channel. Each is a record until Slack has it.
const sayDomain = "say"

// way is how a message finds its reader.
type way string

const (
	byAnswer  way = "answer"  // response_url, then ephemeral, then direct message
	toPerson  way = "person"  // direct message
	toChannel way = "channel" // the channel, or a thread in it
)

// saying is one message on its way.
type saying struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Way       way       `json:"way"`
	Address   string    `json:"address,omitempty"` // response_url, erased with the record
	Until     time.Time `json:"until,omitzero"`    // when the address stops working
	Used      int       `json:"used,omitempty"`    // how often it was used: Slack allows five
	Channel   string    `json:"channel,omitempty"`
	Thread    string    `json:"thread,omitempty"`
	User      string    `json:"user,omitempty"`
	Public    bool      `json:"public,omitempty"`
	Broadcast bool      `json:"broadcast,omitempty"`
	Message   Message   `json:"message"`
	Tried     time.Time `json:"tried,omitzero"` // when a post began whose end nobody knows
	Fell      int       `json:"fell,omitempty"` // how many ways have failed for good
}

func sayKey(id string) string { return store.Key(sayDomain, "message", id) }

// enqueue writes a message that is to be said and wakes the runner. The same ID is said once while it is on its way.
func (b *Bot) enqueue(tx store.Tx, s saying) error {
	created, err := store.Create(tx, sayKey(s.ID), s)
	if err != nil || !created {
		return err
	}
	return work.Wake(tx, sayDomain, s.ID, time.Time{})
}

// settle is how long after an unclear post history is trusted to show the message if it was posted.
const settle = 30 * time.Second

// stepSay takes one message one step further.
func (b *Bot) stepSay(ctx context.Context, id string) (next time.Time, err error) {
	var s saying
	var found bool
	err = b.db.View(ctx, func(sn store.Snapshot) error {
		s, found, err = store.Load[saying](sn, sayKey(id))
		return err
	})
	if err != nil || !found {
		return time.Time{}, err
	}
	var wait time.Duration
	switch {
	case s.Way == byAnswer && s.Address != "" && s.Used < 5 && !b.clock.Now().After(s.Until):
		err = b.api.respond(ctx, s.Address, s.Message, s.Public, s.Thread)
		s.Used++
	case s.Way == byAnswer && s.Fell == 0 && s.Channel != "" && !s.Public:
		if wait = b.budget.take("chat.postEphemeral", s.Channel, answers); wait == 0 {
			err = b.api.whisper(ctx, s.Channel, s.Thread, s.User, s.Message)
		}
	default:
		wait, err = b.postOnce(ctx, &s)
	}
	if wait > 0 {
		return b.clock.Now().Add(wait), nil
	}
	return b.said(ctx, s, err)
}

// postOnce posts a message that must not be posted twice: it is looked for when an earlier post ended unclear. It returns
// how long to wait when it is not its turn yet.
func (b *Bot) postOnce(ctx context.Context, s *saying) (wait time.Duration, err error) {
	p := posting{Thread: s.Thread, Message: s.Message, Key: "say/" + s.ID, Broadcast: s.Broadcast}
	if s.Way != toChannel && (s.Fell > 0 || s.Way == toPerson || s.Channel == "") {
		p.Thread = ""
		p.Channel, err = b.api.direct(ctx, s.User)
	} else {
		p.Channel, err = b.channels.id(ctx, s.Channel)
	}
	if err != nil {
		return 0, err
	}
	if !s.Tried.IsZero() {
		ts, err := b.api.find(ctx, p.Channel, p.Thread, p.Key, s.Tried)
		if err != nil || ts != "" {
			return 0, err
		}
		if d := s.Tried.Add(settle).Sub(b.clock.Now()); d > 0 {
			return d, nil
		}
	}
	if d := b.budget.take("chat.postMessage", p.Channel, answers); d > 0 {
		return d, nil
	}
	s.Tried = b.clock.Now()
	if err := b.keepSaying(ctx, *s); err != nil {
		return 0, err
	}
	_, _, err = b.api.post(ctx, p)
	var api *Error
	if errors.As(err, &api) && api.Code == "not_in_channel" { // a public one can be joined
		if ok, _ := b.api.place(ctx, p.Channel); ok {
			_, _, err = b.api.post(ctx, p)
		}
	}
	if errors.As(err, &api) && !api.Unclear {
		s.Tried = time.Time{} // Slack said no: it is not there
	}
	return 0, err
}

// said writes down how a try ended: gone when it arrived, the next way when this one is closed for good, another try else.
func (b *Bot) said(ctx context.Context, s saying, err error) (time.Time, error) {
	var api *Error
	switch {
	case err == nil:
		return time.Time{}, work.Update(ctx, b.db, func(tx store.Tx) error {
			if s.Way == toPerson { // what they are told concerns them
				if err := b.drawAnew(tx, s.User, s.ID); err != nil {
					return err
				}
			}
			return tx.Delete(sayKey(s.ID))
		})
	case !errors.As(err, &api):
		return time.Time{}, err
	case api.Passing:
		if err := b.keepSaying(ctx, s); err != nil {
			return time.Time{}, err
		}
		return time.Time{}, retryable{api}
	case s.Way == byAnswer && s.Fell < 2:
		if s.Address != "" {
			s.Address = ""
		} else {
			s.Fell++
		}
		s.Tried = time.Time{}
		return b.clock.Now(), b.keepSaying(ctx, s)
	}
	b.log.Error("a message cannot be said", "id", s.ID, "to", s.User, "channel", s.Channel, "err", err)
	return time.Time{}, work.Update(ctx, b.db, func(tx store.Tx) error { return tx.Delete(sayKey(s.ID)) })
}

func (b *Bot) keepSaying(ctx context.Context, s saying) error {
	return work.Update(ctx, b.db, func(tx store.Tx) error { return store.Save(tx, sayKey(s.ID), s) })
}

// retryable is a call to Slack that may work later. When Slack said when, the runner comes back then and does not count it
// as a failure.
type retryable struct{ cause *Error }

func (r retryable) Error() string { return r.cause.Error() }
func (r retryable) Unwrap() error { return r.cause }

// RetryAfter is how long Slack asked to wait; zero leaves it to the runner.
func (r retryable) RetryAfter() time.Duration { return r.cause.RetryAfter }

// Tell says something unasked to a person at once, in a direct message, unless they do not want to hear of the topic or want to hear of it
// once a day, with what they are reminded of. It, TellCard and Remind, which waits for the right hour and joins what belongs together, are
// the only ways to. topic groups what belongs together, such as "deploy"; the same id on its way is said once.
func (b *Bot) Tell(tx store.Tx, person, topic, id string, m Message) error {
	hears, daily, err := b.hears(tx, person, topic)
	if err != nil || !hears {
		return err
	}
	if daily {
		return b.collect(tx, person, reminder{Kind: topic, ID: id, At: b.clock.Now(), Said: &m})
	}
	return b.enqueue(tx, saying{ID: "tell-" + topic + "-" + id, At: b.clock.Now(), Way: toPerson, User: person, Message: m})
}

// TellCard tells a person what a record says, once, by a card of its own in their direct message, whose words and buttons stay true;
// its kind is the topic. Where Slack delivers nothing to them for good it is left out, as what Tell says is.
func (b *Bot) TellCard(tx store.Tx, person, kind, id string) error {
	created, err := store.Create(tx, cardKey(kind+"/"+id), card{With: person, Alone: true, Request: "told"})
	if err != nil || !created {
		return err
	}
	return work.Wake(tx, cardDomain, kind+"/"+id, time.Time{})
}

// Announce says something in a channel, given by ID or "#name". The same id on its way is said once.
func (b *Bot) Announce(tx store.Tx, channel, id string, m Message) error {
	return b.enqueue(tx, saying{ID: "announce-" + id, At: b.clock.Now(), Way: toChannel, Channel: channel, Message: m})
}

// admins says something in the configured admin channel. Without one it only stands in the log.
func (b *Bot) admins(ctx context.Context, id string, m Message) {
	b.log.Warn("for the admins: "+string(m.Text), "id", id)
	channel := b.settings().Slack.AdminChannel
	if channel == "" {
		return
	}
	err := b.db.Update(ctx, func(tx store.Tx) error { return b.Announce(tx, channel, id, m) })
	if err != nil {
		b.log.Error("the admin channel could not be told", "err", fmt.Errorf("enqueueing: %w", err))
	}
}
