package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
)

// The journal's keys. An entry is written before its envelope is acknowledged and removed when it was answered; what
// remains of it then is its audit record.
//
//	journal/open/<id>            accepted, not yet answered
//	journal/parked/<id>          died three times; kept for a person to look at
//	journal/seen/<hour>/<what>   an identity that was accepted in that hour
//	journal/alive                when this store was last served
//	audit/<time>/<id>            what became of every request
const (
	openPrefix   = "journal/open/"
	parkedPrefix = "journal/parked/"
	seenPrefix   = "journal/seen/"
	aliveKey     = "journal/alive"
	auditPrefix  = "audit/"
)

// entry is one accepted request, with what is needed to answer it. It is erased, address and all, when it is done.
type entry struct {
	ID       string      `json:"id"`
	At       time.Time   `json:"at"`
	Via      Trigger     `json:"via"`
	User     string      `json:"user"`
	UserTeam string      `json:"user_team,omitempty"`
	Team     string      `json:"team,omitempty"`
	Channel  string      `json:"channel,omitempty"`
	Thread   string      `json:"thread,omitempty"`
	Line     string      `json:"line"`
	Stage    int         `json:"stage,omitempty"`   // of the button that was pressed
	Pressed  string      `json:"pressed,omitempty"` // the message or view the button stands on
	Trigger  string      `json:"trigger,omitempty"` // opens a form for three seconds
	Answer   string      `json:"answer,omitempty"`  // response_url
	View     string      `json:"view,omitempty"`    // the form that was sent
	Values   Args        `json:"values,omitempty"`  // what was filled in
	Message  *MessageRef `json:"message,omitempty"`
	Event    *EventInfo  `json:"event,omitempty"`
	Holder   string      `json:"holder"`
	Again    bool        `json:"again,omitempty"` // an earlier process left it
	Tries    int         `json:"tries,omitempty"` // how often it was begun again after a restart
	Round    int         `json:"round,omitempty"` // how often the form came back before
}

// accept journals the entry unless one of its identities was accepted within the last hour. It returns once the entry is
// durable.
func (b *Bot) accept(ctx context.Context, e entry, identities []string) (fresh bool, err error) {
	data, err := encode(e)
	if err != nil {
		return false, err
	}
	hour, before := seenHour(e.At), seenHour(e.At.Add(-time.Hour))
	err = b.db.Update(ctx, func(tx store.Tx) error {
		fresh = true
		for _, id := range identities {
			for _, h := range []string{hour, before} {
				was, err := tx.Get(store.Key("journal", "seen", h, id))
				if err != nil {
					return err
				}
				if was != nil {
					fresh = false
					return nil
				}
			}
		}
		for _, id := range identities {
			if err := tx.Put(store.Key("journal", "seen", hour, id), nil); err != nil {
				return err
			}
		}
		return tx.Put(openKey(e.ID), data)
	})
	if err != nil {
		return false, fmt.Errorf("journaling a request: %w", err)
	}
	return fresh, nil
}

// wasAccepted finds out how a journal write ended that did not answer in time; an error means that the entry is not there,
// or that nobody knows. Being an Update it comes after that write.
func (b *Bot) wasAccepted(e entry) error {
	ctx, cancel := context.WithTimeout(b.base, storeTimeout)
	defer cancel()
	err := b.db.Update(ctx, func(tx store.Tx) error {
		now, found, err := store.Load[entry](tx, openKey(e.ID))
		if err == nil && (!found || !now.At.Equal(e.At)) {
			return errors.New("it was not written")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("journaling a request in time: %w", err)
	}
	return nil
}

// isOpen tells whether a request was accepted and is still to be answered. What cannot be read is taken for answered.
func (b *Bot) isOpen(ctx context.Context, id string) (open bool) {
	err := b.db.View(ctx, func(s store.Snapshot) error {
		data, err := s.Get(openKey(id))
		open = data != nil
		return err
	})
	return open && err == nil
}

func openKey(id string) string { return store.Key("journal", "open", id) }

// seenHour names the hour of t in keys, so that old identities go away hour by hour.
func seenHour(t time.Time) string { return t.UTC().Format("2006010215") }

// forgetSeen removes the identities of hours that no look-up asks for any more: what was seen stays known for at least an
// hour and at most two.
func (b *Bot) forgetSeen(ctx context.Context, now time.Time) error {
	oldest := seenPrefix + seenHour(now.Add(-time.Hour))
	_, err := store.Sweep(ctx, b.db, seenPrefix, func(key string, _ []byte) bool { return key < oldest }, store.SweepOptions{})
	return err
}

// Audit is what the log keeps of a request: who asked what, where, how it was decided and how it ended.
type Audit struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	User     string    `json:"user"`
	Channel  string    `json:"channel,omitempty"`
	Via      string    `json:"via"`
	Line     string    `json:"line"`
	Command  string    `json:"command,omitempty"`
	Decision string    `json:"decision"` // allowed, refused, or why it never came to that: unknown, unfit, foreign, parked
	Outcome  string    `json:"outcome"`  // ok, a refusal's code, or error
	Err      string    `json:"err,omitempty"`
	Took     float64   `json:"took_ms"` // from accepted to answered, milliseconds
}

// AuditLog calls each with the entries from that time on, oldest first, until it returns false.
func AuditLog(ctx context.Context, db store.DB, from time.Time, each func(Audit) bool) error {
	return db.View(ctx, func(s store.Snapshot) error {
		for _, data := range s.Scan(auditPrefix, auditPrefix+store.Stamp(from)) {
			var a Audit
			if err := decode(data, &a); err != nil {
				return err
			}
			if !each(a) {
				return nil
			}
		}
		return nil
	})
}

// close ends an entry: the audit record is written, the entry and its address are erased, and whatever the answer leaves
// to be done (more, may be nil) is written with it.
func (b *Bot) close(ctx context.Context, e entry, a Audit, more func(store.Tx) error) error {
	end, err := b.closing(e, a)
	if err != nil {
		return err
	}
	err = b.db.Update(ctx, func(tx store.Tx) error {
		if more != nil {
			if err := more(tx); err != nil {
				return err
			}
		}
		return end.write(tx)
	})
	if err != nil {
		return fmt.Errorf("closing a request: %w", err)
	}
	return nil
}

// storeTimeout bounds one write, on the machine's clock.
const storeTimeout = 30 * time.Second

// insist repeats a write that the store cannot take now, since its disk is full or does not answer, until it is taken or
// the bot stops. What was done and is not written down would be done again by the next process.
func (b *Bot) insist(write func(context.Context) error) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		ctx, cancel := context.WithTimeout(b.base, storeTimeout)
		err := write(ctx)
		cancel()
		if !errors.Is(err, store.ErrFull) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		b.log.Error("the store does not take how requests ended; trying again", "err", err, "again_in", pause)
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-b.stopping:
			t.Stop()
			return err
		}
	}
}

// maxErr bounds the error that an audit record keeps, in characters.
const maxErr = 1000

// closing is the end of an entry, to be written.
func (b *Bot) closing(e entry, a Audit) (ended, error) {
	line, whole := b.kept(e, a.Decision)
	if !whole && a.Decision == "unfit" { // what did not fit may be told with why
		a.Err = ""
	}
	a.ID, a.At, a.User, a.Channel, a.Via, a.Line = e.ID, e.At, e.User, e.Channel, e.Via.String(), mask(line)
	a.Took = float64(b.clock.Now().Sub(e.At).Microseconds()) / 1000
	a.Err = shortenPlain(a.Err, maxErr)
	data, err := encode(a)
	return ended{id: e.ID, auditKey: store.Key("audit", store.Stamp(e.At), e.ID), audit: data}, err
}
