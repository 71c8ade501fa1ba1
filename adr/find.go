package adr

import (
	"context"
	"errors"

	"shipmate/config"
	"shipmate/store"
)

// Find is what people mean by a number in a log: the proposal that changes its record now, else the one that has or had it. A *Refused says
// that there is none: NoProposal where a record has the number, ByHand where one in a pull request has that Shipmate does not know, else
// NoNumber.
func (s *Service) Find(ctx context.Context, log config.DecisionLog, n int) (*Proposal, error) {
	p, err := s.changing(ctx, log.Scope(), n)
	if p == nil && err == nil {
		p, err = s.Numbered(ctx, log.Scope(), n)
	}
	if !errors.Is(err, ErrNotFound) {
		return p, err
	}
	book, err := s.Book(ctx, log)
	if err != nil {
		return nil, err
	}
	if _, there := book.Get(n); there {
		return nil, &Refused{Code: NoProposal, Number: n}
	}
	log.Dir = book.Log.Dir
	if pull, name, err := s.inPull(ctx, log, n); err == nil && name != "" { // while GitHub cannot say so there is none
		return nil, &Refused{Code: ByHand, Number: n, Other: pull.Number, Log: log.Name, Word: pull.URL}
	}
	return nil, &Refused{Code: NoNumber, Number: n}
}

// changing is the proposal that changes the record with a number now; nil when none does.
func (s *Service) changing(ctx context.Context, scope string, n int) (p *Proposal, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		id, err := snap.Get(changeKey(scope, n))
		if p = nil; err != nil || id == nil {
			return err
		}
		p, err = loadProposal(snap, string(id))
		return err
	})
	return p, err
}
