package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// maxInFlight is how many envelopes may be between reading and acknowledging. When it is reached the socket is not read
// further until one is through, which takes a millisecond or so.
const maxInFlight = 256

// take is called by a socket for every envelope, in order, on its reading goroutine: it takes the request's place among
// that person's and starts the journal write. It waits only for a place among those in flight.
func (b *Bot) take(c *conn, env *envelope) {
	b.inFlight <- struct{}{}
	a, err := read(env, b.self.botUser())
	a.entry.At = b.clock.Now() // here, in the order of arrival: a restart runs one person's requests in the order of At
	var turn *place
	wanted := err == nil && b.wanted(a) // asked once: what a command wants may change at any time
	if wanted {
		turn, _ = b.queue.reserve(a.entry.User, b.settings().Limits.Backlog)
	}
	b.intake.do(func() {
		defer func() { <-b.inFlight; c.pending.Done() }()
		ctx, cancel := context.WithTimeout(b.base, 10*time.Second)
		defer cancel()
		if a.kind == isNotice {
			b.outdated(a.payload)
		}
		switch {
		case err != nil:
			b.keepUnreadable(ctx, c, env, err)
		case a.kind == isOptions:
			var offered any = noOptions
			b.guarded("options", func() { offered = b.options(a.payload) })
			b.acked(c, env, offered)
		case !wanted:
			b.acked(c, env, nil)
		case turn == nil:
			b.turnAway(c, env, a)
		default:
			b.takeRequest(ctx, c, env, a, turn)
		}
	})
}

// wanted tells whether the arrival is a request some command could answer.
func (b *Bot) wanted(a arrival) bool {
	switch {
	case a.kind == isForm:
		return true
	case a.kind == isOptions, a.unwanted, !b.router.wants(a.entry):
		return false
	}
	return a.entry.Via != Event || b.wantsEvent(a.entry)
}

// takeRequest journals the request and acknowledges it, in that order; then it runs when its turn comes.
func (b *Bot) takeRequest(ctx context.Context, c *conn, env *envelope, a arrival, turn *place) {
	a.entry.Holder = b.claims.Holder()
	var ack any
	if a.kind == isForm {
		broken := notice("Something broke", "I could not read this form, and the log says why. Please open it again.")
		ok := false
		ack = slack.NewUpdateViewSubmissionResponse(&broken)
		b.guarded("form", func() { ack, ok = b.checkForm(&a) })
		if !ok { // an answer with errors does not use the form up
			b.queue.giveBack(turn)
			b.acked(c, env, ack)
			return
		}
	}
	fresh, err := b.accept(ctx, a.entry, a.seen)
	if errors.Is(err, context.DeadlineExceeded) { // it may have been written: then it must run, since it is known as seen
		fresh, err = true, b.wasAccepted(a.entry)
	}
	if err != nil {
		b.queue.giveBack(turn)
		b.log.Error("a request could not be journaled and is not acknowledged", "envelope", env.ID, "err", err)
		return
	}
	if !fresh {
		b.queue.giveBack(turn)
		if !b.isOpen(ctx, a.entry.ID) { // answered: a form that says "Checking…" again would say so for ever
			ack = nil
		}
		b.acked(c, env, ack)
		return
	}
	b.acked(c, env, ack)
	b.queue.fill(turn, a.entry)
}

// guarded keeps a panic in a command's form from ending the process.
func (b *Bot) guarded(what string, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a form panicked", "in", what, "panic", mask(fmt.Sprint(p)), "stack", mask(string(debug.Stack())))
		}
	}()
	fn()
}

// outdated drops what a notice from Slack says has changed.
func (b *Bot) outdated(p *payload) {
	if strings.HasPrefix(p.Event.Type, "channel_") || strings.HasPrefix(p.Event.Type, "group_") {
		b.channels.forget()
		return
	}
	b.people.outdated(p)
}

// turnAway answers a request that is not taken because too much is waiting. Slack delivers an unacknowledged event again,
// which is what we want; a command or a click is acknowledged with the sentence, since Slack would only show an error.
func (b *Bot) turnAway(c *conn, env *envelope, a arrival) {
	b.log.Warn("a request was not taken: the backlog is full", "envelope", env.ID, "user", a.entry.User)
	const sentence = "Not taken: too much is waiting already. Please try again in a minute."
	switch a.entry.Via {
	case Slash:
		b.acked(c, env, map[string]string{"response_type": "ephemeral", "text": sentence})
	case Submit: // the form stays open with the sentence, to be sent again
		for field := range a.payload.View.State.Values {
			b.acked(c, env, slack.NewErrorsViewSubmissionResponse(map[string]string{field: sentence}))
			return
		}
	case Press, MessageShortcut:
		b.acked(c, env, nil)
		ctx, cancel := context.WithTimeout(b.base, answerTimeout)
		defer cancel()
		if err := b.api.respond(ctx, a.entry.Answer, Message{Text: sentence}, false, ""); err != nil {
			b.log.Warn("could not say that a request was not taken", "err", err)
		}
	}
}

// keepUnreadable keeps what we cannot read for somebody to look at, and acknowledges it: Slack would only send it again.
func (b *Bot) keepUnreadable(ctx context.Context, c *conn, env *envelope, why error) {
	b.log.Error("an envelope could not be read and is parked", "envelope", env.ID, "type", env.Type, "err", why)
	e := entry{ID: env.ID, At: b.clock.Now()}
	if err := b.park(ctx, e, why.Error(), env.raw); err != nil {
		b.log.Error("an unreadable envelope could not be kept and is not acknowledged", "envelope", env.ID, "err", err)
		return
	}
	b.acked(c, env, nil)
}

// acked acknowledges through the connection the envelope came by. A failure closes that connection; Slack then delivers
// an event again, and the journal knows it.
func (b *Bot) acked(c *conn, env *envelope, payload any) {
	if !env.Accepts {
		payload = nil
	}
	err := c.ack(env.ID, payload)
	if errors.Is(err, errAckTooLarge) {
		b.log.Error("an acknowledgement was too large for Slack and left bare", "envelope", env.ID)
		err = c.ack(env.ID, nil)
	}
	if err != nil {
		b.log.Warn("an acknowledgement could not leave", "envelope", env.ID, "err", err)
	}
}
