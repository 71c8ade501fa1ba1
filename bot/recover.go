package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"shipmate/store"
)

// What a restart does with requests that were accepted and not answered: young ones run again, older ones are asked
// about, and what died several times is parked.
const (
	runAgainWithin = 5 * time.Minute
	maxDeaths      = 3
	downAfter      = 3 * time.Minute // shorter times are a restart; being alive is noted every minute
)

// recover takes up what an earlier process left in the journal.
func (b *Bot) recover(ctx context.Context) error {
	var left []entry
	var alive time.Time
	err := b.db.View(ctx, func(s store.Snapshot) error {
		left = nil
		for key, data := range s.Scan(openPrefix, "") {
			var e entry
			if err := decode(data, &e); err != nil {
				b.log.Error("a journal entry cannot be read and is left alone", "key", key, "err", err)
				continue
			}
			left = append(left, e)
		}
		var err error
		alive, _, err = store.Load[time.Time](s, aliveKey)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	slices.SortFunc(left, func(a, b entry) int { return a.At.Compare(b.At) })
	for _, e := range left {
		if err := b.takeUp(ctx, e, alive); err != nil {
			return fmt.Errorf("taking up what was left in the journal: %w", err)
		}
	}
	if now := b.clock.Now(); !alive.IsZero() && now.Sub(alive) > downAfter {
		b.admins(ctx, fmt.Sprintf("down-%d", now.UnixNano()), Message{Text: Textf(
			"I was down from about %s to %s. Whoever got an error then: please try again.",
			Time(alive), Clock(now))})
	}
	return b.markAlive(ctx)
}

// takeUp runs, asks about, or parks one entry that an earlier process left.
func (b *Bot) takeUp(ctx context.Context, e entry, alive time.Time) error {
	var ours bool
	err := b.db.Update(ctx, func(tx store.Tx) error {
		now, found, err := store.Load[entry](tx, openKey(e.ID))
		if err != nil || !found {
			ours = false
			return err
		}
		if ours, err = b.claims.Free(tx, now.Holder); err != nil || !ours {
			return err
		}
		e = now
		e.Again = true
		e.Holder = b.claims.Holder()
		return store.Save(tx, openKey(e.ID), e)
	})
	if err != nil || !ours {
		return err
	}
	if e.Tries+1 >= maxDeaths { // before any command is asked: perhaps that is what Shipmate dies of
		return b.parkDead(ctx, e)
	}
	done, err := b.made(ctx, e, &Audit{})
	if err != nil { // one record that cannot be read must not keep everything from starting
		b.log.Error("whether a request was done before the restart cannot be seen", "request", e.ID, "err", mask(err.Error()))
	}
	age := b.clock.Now().Sub(e.At)
	if age > runAgainWithin && done == nil && e.Via != Event { // what was done needs no asking, only its answer; what happened has happened
		return b.askAgain(ctx, e, alive)
	}
	b.log.Info("a request runs again after a restart", "request", e.ID, "line", mask(e.Line), "age", age.Round(time.Second))
	turn, ok := b.queue.reserve(e.User, int(^uint(0)>>1)) // what was accepted is run whatever the backlog
	if ok {
		b.queue.fill(turn, e)
	}
	return nil
}

// beginAgain notes that a request that an earlier process left is begun again. Only what was begun can be what Shipmate dies
// of; that it was begun the first time is not noted, since that would cost every request a write.
func (b *Bot) beginAgain(ctx context.Context, id string) error {
	return b.db.Update(ctx, func(tx store.Tx) error {
		e, found, err := store.Load[entry](tx, openKey(id))
		if err != nil || !found {
			return err
		}
		e.Tries++
		return store.Save(tx, openKey(id), e)
	})
}

// made returns the answer to a request whose command did what it asks for before the process died, nil when it did not.
func (b *Bot) made(ctx context.Context, e entry, a *Audit) (*Reply, error) {
	line, err := b.answeredWith(ctx, e)
	if err != nil {
		return nil, err
	}
	c, _, ok := b.router.find(line)
	if !ok || c.Made == nil {
		return nil, nil
	}
	reply, ok, err := c.Made(ctx, Request{ID: e.ID, At: e.At, Via: e.Via, User: e.User, Channel: e.Channel, Thread: e.Thread,
		Line: line, Args: Args{}, Config: b.settings()})
	if err != nil || !ok {
		return nil, err
	}
	a.Command, a.Decision, a.Outcome = c.Name, "allowed", "ok"
	return &reply, nil
}

// askAgain answers an old request with a question: the asker may have done without since.
func (b *Bot) askAgain(ctx context.Context, e entry, alive time.Time) error {
	if e.Via == Home { // nobody waits for it any more
		return b.close(ctx, e, Audit{Decision: "late", Outcome: "restart.old"}, nil)
	}
	if alive.Before(e.At) {
		alive = e.At
	}
	now := b.clock.Now()
	m, q, err := b.stillWanted(ctx, e)
	if err != nil {
		return err
	}
	m.Text = Textf("I was down from %s to %s. %s", Time(alive), Time(now), m.Text)
	write := func(store.Tx) error { return nil }
	if q != nil {
		m.Buttons, write = poseAt(e, m, q, now)
	}
	return b.close(ctx, e, Audit{Decision: "late", Outcome: "restart.asked"}, func(tx store.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		return b.enqueue(tx, answerTo(e, Reply{Message: m}))
	})
}

// stillWanted asks whether an old request is still wanted, in a way that fits how it was made. A form and a shortcut cannot
// be repeated by a line, so these are to be used again.
func (b *Bot) stillWanted(ctx context.Context, e entry) (m Message, q *Question, err error) {
	switch e.Via {
	case Submit:
		return Message{Text: Textf("I did not get to the form for %s that you sent at %s.", Code("/"+e.Line), Time(e.At)),
			Buttons: []Button{{Label: "Open the form", Line: e.Line, Style: Primary}}}, nil, nil
	case MessageShortcut:
		return Message{Text: Textf("I did not get to the shortcut %s that you used at %s: please use it again.", Code(e.Line), Time(e.At))}, nil, nil
	}
	line := e.Line
	if id, n, ok := isAnswer(line); ok { // what the answer stood for is asked about; the answer itself is used up
		var no *Refusal
		if _, line, no, err = b.answerQuestion(ctx, id, n, e); err != nil || no != nil || line == "" {
			m.Text = "I did not get to your answer."
			if no != nil {
				m.Text = Textf("I did not get to your answer. %s", no.Text)
			}
			return m, nil, err
		}
	}
	return Message{Text: Textf("You asked for %s at %s: do you still want it?", Code("/"+line), Time(e.At))},
		&Question{Options: []Button{{Label: "Yes, do it now", Line: line, Style: Primary}, {Label: "No"}}}, nil
}

// parked is a request that is kept for a person to look at.
type parked struct {
	At    time.Time `json:"at"`
	Why   string    `json:"why"`
	Entry entry     `json:"entry"`
	Raw   []byte    `json:"raw,omitempty"` // the payload of an envelope that could not be read
}

// maxRaw bounds what is kept of an unreadable payload, in bytes.
const maxRaw = 64 << 10

func (b *Bot) park(ctx context.Context, e entry, why string, raw []byte) error {
	raw = raw[:min(len(raw), maxRaw)]
	return b.db.Update(ctx, func(tx store.Tx) error {
		return store.Save(tx, store.Key("journal", "parked", e.ID), parked{At: b.clock.Now(), Why: why, Entry: e, Raw: raw})
	})
}

// parkDead takes a request out of the way that Shipmate died with again and again, and tells the asker and the admins.
func (b *Bot) parkDead(ctx context.Context, e entry) error {
	why := fmt.Sprintf("Shipmate ended %d times while it ran", e.Tries+1)
	b.log.Error("a request is parked", "request", e.ID, "line", mask(e.Line), "why", why)
	ref := reference(e.ID)
	kept := e
	kept.Answer, kept.Trigger = "", ""
	err := b.close(ctx, e, Audit{Decision: "parked", Outcome: "restart.died", Err: why}, func(tx store.Tx) error {
		p := parked{At: b.clock.Now(), Why: why, Entry: kept}
		if err := store.Save(tx, store.Key("journal", "parked", e.ID), p); err != nil {
			return err
		}
		return b.enqueue(tx, answerTo(e, Reply{Message: Message{Text: Textf(
			"I gave up on %s: I stopped %d times while doing it. The admins know. Reference: %s.", Code("/"+e.Line), e.Tries+1, Code(ref))}}))
	})
	if err != nil {
		return err
	}
	b.admins(ctx, "parked-"+e.ID, Message{Text: Textf("I parked %s by %s: I stopped %d times while running it. The log has it under %s.",
		Code("/"+mask(e.Line)), User(e.User), e.Tries+1, Code(ref))})
	return nil
}

func (b *Bot) markAlive(ctx context.Context) error {
	err := b.db.Update(ctx, func(tx store.Tx) error { return store.Save(tx, aliveKey, b.clock.Now()) })
	if err != nil {
		return fmt.Errorf("noting that the store is served: %w", err)
	}
	return nil
}
