package bot

import (
	"context"
	"time"

	"shipmate/store"
)

// deliver answers a request at once if Slack takes it, and returns what is to be written with the request's end: a question,
// a card's place, or the answer itself when it could not be delivered now; nil when there is nothing. An answer may reach the
// asker twice after a crash, but not less than once. done says that what was asked for was done. Its time is its own: a
// command that used all of its time is answered too.
func (b *Bot) deliver(e entry, r Reply, done bool) func(store.Tx) error {
	if e.Via == Home { // its step draws it
		return func(tx store.Tx) error { return b.visit(tx, e) }
	}
	var writes []func(store.Tx) error
	if r.File != nil && e.Via != DM {
		r.Parts = append(r.Parts[:len(r.Parts):len(r.Parts)], Small("The picture is on its way to your direct messages with me."))
	}
	if r.Question != nil {
		buttons, write := pose(e, r.Message, r.Question)
		r.Buttons = append(r.Buttons, buttons...)
		// The question's buttons must not be pressed before their record is there.
		ctx, cancel := context.WithTimeout(b.base, storeTimeout)
		err := b.db.Update(ctx, write)
		cancel()
		if err != nil {
			b.log.Error("a question could not be kept at once", "request", e.ID, "err", err)
			writes = append(writes, write)
		}
	}
	for _, t := range r.Tell {
		writes = append(writes, func(tx store.Tx) error {
			if t.Person == "" {
				return b.Announce(tx, t.Channel, t.Topic+"-"+t.ID, t.Message)
			}
			return b.Tell(tx, t.Person, t.Topic, t.ID, t.Message)
		})
	}
	if r.Card != nil {
		writes = append(writes, func(tx store.Tx) error { return b.placeCard(tx, e, *r.Card) })
	}
	if (r.Text != "" || len(r.Parts) > 0) && !b.answerNow(e, r, done) {
		writes = append(writes, func(tx store.Tx) error { return b.enqueue(tx, answerTo(e, r)) })
	}
	if e.Via == Press && e.Channel == "" && e.Pressed != "" {
		writes = append(writes, func(tx store.Tx) error { return b.drawAnew(tx, e.User, e.ID) })
	}
	if len(writes) == 0 {
		return nil
	}
	return func(tx store.Tx) error {
		for _, w := range writes {
			if err := w(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// answerLife is how long a response_url is used: Slack says 30 minutes.
const answerLife = 29 * time.Minute

// answerNow tries the quickest way and tells whether the answer arrived, as far as anybody knows.
func (b *Bot) answerNow(e entry, r Reply, done bool) bool {
	if e.View != "" {
		ctx, cancel := context.WithTimeout(b.base, appears+answerTimeout)
		defer cancel()
		return b.answerInForm(ctx, e, r, done)
	}
	if e.Answer == "" || b.clock.Now().Sub(e.At) > answerLife {
		return false
	}
	var err error
	if r.Instead && e.Via == Press && !r.Public {
		err = b.api.replace(b.base, e.Answer, r.Message)
	} else {
		err = b.api.respond(b.base, e.Answer, r.Message, r.Public, e.Thread)
	}
	if err == nil {
		return true
	}
	b.log.Warn("an answer did not arrive at once and is tried again", "request", e.ID, "err", err)
	return false
}

// answerTo is the answer as a saying that finds its own way: response_url while it lives, then only visible to the asker
// where they asked, then a direct message.
func answerTo(e entry, r Reply) saying {
	switch e.Via {
	case Timed: // there is nobody to whisper to: it is said where the schedule says, or else to its owner
		return saying{ID: "answer-" + e.ID, At: e.At, Way: byAnswer, Channel: e.Channel, User: e.User, Public: true, Message: r.Message}
	case DM:
		return saying{ID: "answer-" + e.ID, At: e.At, Way: toChannel, Channel: e.Channel, Thread: e.Thread, Message: r.Message}
	}
	return saying{ID: "answer-" + e.ID, At: e.At, Way: byAnswer, Address: e.Answer, Until: e.At.Add(answerLife),
		Channel: e.Channel, Thread: e.Thread, User: e.User, Public: r.Public, Message: r.Message}
}

// sayWaiting tells somebody whose request waits for a worker that it does. It is a courtesy: if it does not arrive, the
// answer still will.
func (b *Bot) sayWaiting(e entry) {
	if e.Answer == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.base, answerTimeout)
	defer cancel()
	m := Message{Text: Textf("I have it, and much else: %d requests are being worked on. It is done when it is its turn.", b.queue.ahead())}
	if err := b.api.respond(ctx, e.Answer, m, false, ""); err != nil {
		b.log.Info("could not say that a request waits", "request", e.ID, "err", err)
	}
}
