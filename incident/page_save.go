package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

func wakePageCard(tx store.Tx, id string) error { return work.Wake(tx, card, "page/"+id, time.Time{}) }

func loadPage(g store.Getter, id string) (*Page, error) {
	p, found, err := store.Load[Page](g, pageKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &p, nil
}

// changePage writes one change of a page: it counts the stage and has the card redrawn. A change that changes nothing writes
// nothing.
func (s *Service) changePage(ctx context.Context, id string, fn func(store.Tx, *Page) error) (*Page, error) {
	var p *Page
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		p, err = s.changePageIn(tx, id, fn)
		return err
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("writing page %s: %w", id, err)
	}
	return p, nil
}

func (s *Service) changePageIn(tx store.Tx, id string, fn func(store.Tx, *Page) error) (*Page, error) {
	p, err := loadPage(tx, id)
	if err != nil {
		return nil, err
	}
	offers, state, answered := p.Offers(), p.State, p.answered()
	if changed, err := differs(p, func() error { return fn(tx, p) }); err != nil || !changed {
		return p, err
	}
	if p.Offers() != offers {
		p.Stage++
	}
	if err := store.Save(tx, pageKey(id), p); err != nil {
		return nil, err
	}
	if p.State.Ended() {
		if err := tx.Delete(openKey(p)); err != nil {
			return nil, err
		}
	}
	if err := s.tellIncident(tx, state, answered, p); err != nil {
		return nil, err
	}
	return p, wakePageCard(tx, id)
}

// Options is what can be done with a page now.
type Options struct{ Acknowledge, Escalate, Resolve, Responders, Note, Again bool }

// Offers is what the buttons of a page are.
func (p *Page) Offers() Options {
	open := p.State.open()
	return Options{Acknowledge: p.State == Triggered, Escalate: open, Resolve: open, Responders: open, Note: open,
		Again: p.State == NotSent && p.Again == ""}
}
