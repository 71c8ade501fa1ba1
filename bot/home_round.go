package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// The round finds whose home tab a change concerns: it draws the tabs of all who opened theirs lately, from one reading of what there
// is, and wakes those that would show something else. It asks nobody outside, Slack neither, and sends nothing itself; so a change costs
// one reading however many there are, and a call of Slack for each tab that changes.

const (
	// homeRound is the ID under which the round is woken.
	homeRound = "round"
	// roundEvery is how often there is a round at most.
	roundEvery = 10 * time.Second
	// roundAgain is when those are looked at again that could not be drawn.
	roundAgain = time.Minute
	// roundAnyway is when all are looked at again though nothing is known to have changed: time ends locks, freezes and shifts. Whoever
	// opens theirs meanwhile has it drawn anyway.
	roundAnyway = 5 * time.Minute
	// wokenTogether is how many tabs are woken in one transaction.
	wokenTogether = 20
)

// somebodyVisits tells whether anybody opened a home tab lately.
func (b *Bot) somebodyVisits(g store.Getter) (bool, error) {
	last, found, err := store.Load[time.Time](g, homesKey)
	return found && b.clock.Now().Sub(last) < homeLately+time.Hour, err
}

// wakeHomes has the tabs looked at that a change may concern.
func (b *Bot) wakeHomes(tx store.Tx) error {
	if visited, err := b.somebodyVisits(tx); err != nil || !visited {
		return err
	}
	return work.Wake(tx, homeDomain, homeRound, b.clock.Now())
}

// roundHomes wakes the tabs that a change concerns.
func (b *Bot) roundHomes(ctx context.Context) (time.Time, error) {
	now := b.clock.Now()
	if at := time.Unix(0, b.lastRound.Load()).Add(roundEvery); now.Before(at) {
		return at, nil
	}
	b.lastRound.Store(now.UnixNano())
	visitors, err := b.visitors(ctx)
	if err != nil {
		return time.Time{}, err
	}
	id := b.drawing()
	var stale, gone []string
	var failed error
	failures := 0
	for person, v := range visitors {
		switch changed, err := b.changedHome(ctx, person, v, id); {
		case now.Sub(v.Opened) > homeLately && v.Asked == "":
			gone = append(gone, person)
		case ctx.Err() != nil:
			return time.Time{}, ctx.Err()
		case err != nil:
			failures++
			failed = err
		case changed:
			stale = append(stale, person)
		}
	}
	err = errors.Join(
		b.eachHome(ctx, stale, func(tx store.Tx, person string) error { return work.Wake(tx, homeDomain, person, now) }),
		b.eachHome(ctx, gone, func(tx store.Tx, person string) error { return tx.Delete(visitorKey(person)) }))
	if err != nil || len(gone) == len(visitors) {
		return time.Time{}, err
	}
	if failed != nil {
		b.log.Warn("home tabs could not be drawn and are looked at again", "tabs", failures, "err", failed)
		return now.Add(roundAgain), nil
	}
	return now.Add(roundAnyway), nil
}

// changedHome tells whether somebody's tab would show something else than it does. One that is asked for may have been drawn before the
// change.
func (b *Bot) changedHome(ctx context.Context, person string, v visitor, round string) (changed bool, err error) {
	if v.Asked != "" || b.clock.Now().Sub(v.Opened) > homeLately {
		return v.Asked != "", nil
	}
	defer func() {
		if p := recover(); p != nil { // one tab keeps no other from being true
			b.log.Error("drawing a home tab panicked", "user", person, "panic", mask(fmt.Sprint(p)), "stack", mask(string(debug.Stack())))
			err = fmt.Errorf("drawing a home tab panicked: %v", p)
		}
	}()
	drawn, err := b.drawHome(asSaid(ctx, Person{ID: person, Email: v.Email}), person, v, round, false)
	return err == nil && drawn.hash != v.Shown, err
}

// visitors are those who opened their home tab lately.
func (b *Bot) visitors(ctx context.Context) (map[string]visitor, error) {
	out := map[string]visitor{}
	err := b.db.View(ctx, func(s store.Snapshot) error {
		clear(out)
		for key, data := range s.Scan(visitorPrefix, "") {
			var v visitor
			if err := decode(data, &v); err != nil {
				return err
			}
			out[key[len(visitorPrefix):]] = v
		}
		return nil
	})
	return out, err
}

// eachHome writes something about people, some of them at a time.
func (b *Bot) eachHome(ctx context.Context, people []string, write func(store.Tx, string) error) error {
	for some := range slices.Chunk(people, wokenTogether) {
		err := work.Update(ctx, b.db, func(tx store.Tx) error {
			for _, person := range some {
				if err := write(tx, person); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
