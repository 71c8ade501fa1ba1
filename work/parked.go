package work

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"shipmate/store"
)

const (
	// alerting bounds one call of Alert, on the machine's clock.
	alerting = time.Minute
	// tellEvery is how often a replica looks for what others parked and could not tell: the first look notes who is to tell
	// it, and by the next one it is known whether that one is silent.
	tellEvery = FreeAfter + 2*time.Second
)

// Parked is a record that was given up after its steps failed too often in a row. Wake starts it again.
type Parked struct {
	Domain string    `json:"-"`
	ID     string    `json:"-"`
	Since  time.Time `json:"since"`
	Tries  int       `json:"tries"`
	Error  string    `json:"error"` // of the last step; up to 1 KiB
}

// parking is the value of "<domain>/parked/<id>".
type parking struct {
	Parked
	By   string `json:"by"`             // who parked it, and tells it while it lives
	Told bool   `json:"told,omitempty"` // Alert has returned
}

// ListParked returns what is parked in a domain, in order of ids.
func ListParked(ctx context.Context, db store.DB, domain string) ([]Parked, error) {
	all, err := parkings(ctx, db, domain, func(store.Getter, parking) (bool, error) { return true, nil })
	if err != nil {
		return nil, fmt.Errorf("listing what is parked of %q: %w", domain, err)
	}
	return all, nil
}

// parkings returns those of a domain's parked records for which want says so.
func parkings(ctx context.Context, db store.DB, domain string, want func(store.Getter, parking) (bool, error)) ([]Parked, error) {
	if err := checkName(domain); err != nil {
		return nil, err
	}
	var all []Parked
	err := db.View(ctx, func(s store.Snapshot) error {
		all = nil
		for key := range s.Scan(store.Key(domain, "parked")+"/", "") {
			parts, err := store.Parts(key)
			if err != nil {
				return err
			}
			p, _, err := store.Load[parking](s, key)
			if err != nil {
				return err
			}
			wanted, err := want(s, p)
			if err != nil {
				return err
			}
			if wanted {
				p.Domain, p.ID = domain, parts[len(parts)-1]
				all = append(all, p.Parked)
			}
		}
		return nil
	})
	return all, err
}

// park gives the record up: no appointment, and an entry in the list.
func (r record) park(tx store.Tx, now time.Time, by string) (*Parked, error) {
	if err := tx.Delete(r.dueKey(r.At)); err != nil {
		return nil, err
	}
	r.appointment = appointment{Tries: r.Tries, Error: r.Error, Parked: true}
	if err := store.Save(tx, r.nextKey(), r.appointment); err != nil {
		return nil, err
	}
	p := Parked{Domain: r.domain, ID: r.id, Since: now, Tries: r.Tries, Error: r.Error}
	return &p, store.Save(tx, r.parkedKey(), parking{Parked: p, By: by})
}

// tell alerts the operator and notes that it did. When noting fails, the next process tells again: better twice than never.
func (l *lane) tell(ctx context.Context, p Parked) {
	l.log.Error("a record is parked", "id", p.ID, "failures", p.Tries, "err", p.Error)
	if l.alert(ctx, p); ctx.Err() != nil {
		return // it may have been cut short
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
	defer cancel()
	key := record{domain: p.Domain, id: p.ID}.parkedKey()
	err := l.cfg.DB.Update(ctx, func(tx store.Tx) error {
		stored, found, err := store.Load[parking](tx, key)
		if err != nil || !found || !stored.Since.Equal(p.Since) {
			return err // woken meanwhile
		}
		stored.Told = true
		return store.Save(tx, key, stored)
	})
	if err != nil {
		l.log.Error("noting that a parked record was told", "id", p.ID, "err", err)
	}
}

func (l *lane) alert(ctx context.Context, p Parked) {
	if l.cfg.Alert == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			l.log.Error("an alert panicked", "id", p.ID, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, alerting)
	defer cancel()
	l.cfg.Alert(ctx, p)
}

// tellForgotten tells what was parked by a process that died before it could, until ctx ends. On a store that is this
// process's alone that is looked for once.
func (l *lane) tellForgotten(ctx context.Context) {
	for {
		forgotten, err := parkings(ctx, l.cfg.DB, l.Name, func(g store.Getter, p parking) (bool, error) {
			if p.Told {
				return false, nil
			}
			return l.cfg.Claims.Free(g, p.By)
		})
		if err != nil && ctx.Err() == nil {
			l.log.Error("looking for parked records nobody was told of", "err", err)
		}
		for _, p := range forgotten {
			l.tell(ctx, p)
		}
		if !l.cfg.Claims.cfg.Shared {
			return
		}
		timer := l.cfg.Clock.NewTimer(tellEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
