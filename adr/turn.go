package adr

import (
	"context"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// turnLook is how often one that waits for its number looks whether it is its turn, should nobody wake it.
const turnLook = 10 * time.Second

// takeTurn tells whether the proposal has the turn of its log now, and takes it when nobody has.
func (s *Service) takeTurn(ctx context.Context, p *Proposal) (mine bool, err error) {
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		holder, err := tx.Get(turnKey(p.Scope))
		if err != nil {
			return err
		}
		mine = holder == nil || string(holder) == p.ID
		if holder == nil {
			return tx.Put(turnKey(p.Scope), []byte(p.ID))
		}
		return nil
	})
	return mine, err
}

// leaveLine gives the turn back, and takes the proposal out of the line for it.
func (s *Service) leaveLine(tx store.Tx, p *Proposal) error {
	if err := s.leaveTurn(tx, p); err != nil {
		return err
	}
	return tx.Delete(lineKey(p))
}

func (s *Service) leaveTurn(tx store.Tx, p *Proposal) error {
	holder, err := tx.Get(turnKey(p.Scope))
	if err != nil || string(holder) != p.ID {
		return err
	}
	return tx.Delete(turnKey(p.Scope))
}

// letOthers gives the turn away, with the number kept, when somebody has to do something before the pull request can be opened: that of
// others may be fine.
func (s *Service) letOthers(ctx context.Context, p *Proposal, err error) error {
	if !p.Adds() || !github.Lasts(err) {
		return err
	}
	if err := work.Update(ctx, s.db, func(tx store.Tx) error { return s.leaveTurn(tx, p) }); err != nil {
		return inStore(err)
	}
	s.wakeNext(ctx, p.Scope)
	return err
}

// wakeNext has the one that has waited longest look for its turn at once, of those that nothing is in the way of. It is a hint: each of them
// looks by itself, too.
func (s *Service) wakeNext(ctx context.Context, scope string) {
	next := ""
	_ = s.db.View(ctx, func(snap store.Snapshot) error {
		next = ""
		for key := range snap.Scan(lineOf(scope), "") {
			parts, err := store.Parts(key)
			if err != nil {
				return err
			}
			p, err := loadProposal(snap, parts[len(parts)-1])
			if err != nil {
				return err
			}
			if p.Hitches[deedOpen].Next.IsZero() {
				next = p.ID
				return nil
			}
		}
		return nil
	})
	if next != "" {
		_ = s.db.Update(ctx, func(tx store.Tx) error { return work.Wake(tx, Proposals, next, time.Time{}) })
	}
}
