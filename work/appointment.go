package work

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"shipmate/store"
)

// appointment is the value of "<domain>/next/<id>": when the record is due and how its steps have gone. Times are stamps,
// as in the due key.
//
// The marks are how a step that ends sees what happened since it began: they are drawn anew at random, because the record
// may have been cancelled and appointed again meanwhile, and nothing that counts would survive that.
type appointment struct {
	At        string `json:"at,omitempty"`         // the time of its due key; empty when it is parked
	AtMark    uint64 `json:"at_mark,omitempty"`    // drawn when At is set
	Woken     string `json:"woken,omitempty"`      // the earliest Wake that found At early enough
	WokenMark uint64 `json:"woken_mark,omitempty"` // drawn by each such Wake
	Tries     int    `json:"tries,omitempty"`      // failures in a row
	Error     string `json:"error,omitempty"`      // the last of them
	Parked    bool   `json:"parked,omitempty"`
}

// Wake sees to it that the record is stepped at the given time or earlier; the zero time is as soon as possible, before all
// others. An appointment that is later is moved, one that is earlier stays, and a parked record starts again with its
// failures forgotten. A Wake while the record is being stepped is kept for when the step has ended. Up to 4 operations.
//
// Prefer the clock's time over the zero time where much is woken: what is due is taken in order of time.
func Wake(tx store.Tx, domain, id string, at time.Time) error {
	r, err := load(tx, domain, id)
	if err != nil {
		return fmt.Errorf("waking %s %q: %w", domain, id, err)
	}
	stamp := store.Stamp(at)
	if r.At != "" && r.At <= stamp {
		r.Woken, r.WokenMark = earlier(r.Woken, stamp), rand.Uint64()
		return store.Save(tx, r.nextKey(), r.appointment)
	}
	return r.appoint(tx, stamp)
}

// Appoint has the record stepped at the given time and not before, whatever was appointed; parked or not. While the record
// is being stepped, the earlier of this and what the step returns wins. Up to 4 operations.
func Appoint(tx store.Tx, domain, id string, at time.Time) error {
	r, err := load(tx, domain, id)
	if err != nil {
		return fmt.Errorf("appointing %s %q: %w", domain, id, err)
	}
	r.Woken, r.WokenMark = "", 0
	return r.appoint(tx, store.Stamp(at))
}

// Cancel removes the record's appointment, also when it is parked. A step under way ends as it may, and what it returns
// counts no more. Up to 3 operations.
func Cancel(tx store.Tx, domain, id string) error {
	r, err := load(tx, domain, id)
	if err != nil {
		return fmt.Errorf("cancelling %s %q: %w", domain, id, err)
	}
	return r.remove(tx)
}

// record is an appointment with whose it is.
type record struct {
	domain, id string
	found      bool
	appointment
}

func load(g store.Getter, domain, id string) (record, error) {
	r := record{domain: domain, id: id}
	if err := checkName(domain); err != nil {
		return r, err
	}
	if id == "" {
		return r, fmt.Errorf("a record of %q without an id", domain)
	}
	var err error
	r.appointment, r.found, err = store.Load[appointment](g, r.nextKey())
	return r, err
}

func (r record) nextKey() string            { return store.Key(r.domain, "next", r.id) }
func (r record) parkedKey() string          { return store.Key(r.domain, "parked", r.id) }
func (r record) claimKey() string           { return store.Key(r.domain, "claim", r.id) }
func (r record) dueKey(stamp string) string { return store.Key(r.domain, "due", stamp, r.id) }

// appoint makes stamp the record's time and leaves no other due key.
func (r record) appoint(tx store.Tx, stamp string) error {
	if r.Parked {
		if err := tx.Delete(r.parkedKey()); err != nil {
			return err
		}
		r.appointment = appointment{}
	}
	if r.At != "" && r.At != stamp {
		if err := tx.Delete(r.dueKey(r.At)); err != nil {
			return err
		}
	}
	r.At, r.AtMark = stamp, rand.Uint64()
	if err := tx.Put(r.dueKey(stamp), []byte{}); err != nil {
		return err
	}
	return store.Save(tx, r.nextKey(), r.appointment)
}

// remove leaves nothing of the record but a claim.
func (r record) remove(tx store.Tx) error {
	if !r.found {
		return nil
	}
	key := r.dueKey(r.At)
	if r.Parked {
		key = r.parkedKey()
	}
	if err := tx.Delete(key); err != nil {
		return err
	}
	return tx.Delete(r.nextKey())
}

// wokenSince returns the earliest time for which the record was woken or appointed after it was as in before; "" when it
// was not.
func (a appointment) wokenSince(before appointment) string {
	woken := ""
	if a.AtMark != before.AtMark {
		woken = a.At
	}
	if a.WokenMark != before.WokenMark {
		woken = earlier(woken, a.Woken)
	}
	return woken
}

// earlier returns the earlier of two stamps, of which "" is none.
func earlier(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// checkName refuses what cannot be the first word of keys, or is another's.
func checkName(domain string) error {
	if domain == "" || domain == replicaWord || strings.ContainsAny(domain, "/%") || store.Key(domain) != domain {
		return fmt.Errorf("%q cannot be the name of a domain: it is one word of letters", domain)
	}
	return nil
}
