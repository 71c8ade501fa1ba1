package adr

import (
	"cmp"
	"context"
	"path"

	"shipmate/config"
)

// aboutRecord checks that a record can get another status, and fills in which it is. A decision is made or rejected while its record says
// that it is proposed, and deprecated once it is made; from there on only a new decision changes anything.
func (s *Service) aboutRecord(ctx context.Context, log config.DecisionLog, p *Proposal, w Want) error {
	book, err := s.Book(ctx, log)
	if err != nil {
		return err
	}
	e, there := book.Get(w.Number)
	if !there {
		open, err := s.Find(ctx, log, w.Number)
		if err == nil && !open.State.Ended() {
			err = &Refused{Code: StillOpen, Proposal: open}
		}
		return cmp.Or(err, error(&Refused{Code: NoNumber, Number: w.Number}))
	}
	if by := e.supersededBy(); by != 0 {
		return &Refused{Code: Superseded, Number: w.Number, Other: by}
	}
	from := StatusProposed
	if w.Change.To == StatusDeprecated {
		from = StatusAccepted
	}
	if e.Status != from {
		return &Refused{Code: StandsAs, Number: w.Number, Word: string(e.Status)}
	}
	p.Dir = book.Log.Dir
	if _, err := SetStatus(e.File, e.Content, w.Change.To, ""); err != nil {
		return &Refused{Code: NoPlace, Number: w.Number, Word: e.File}
	}
	p.Number, p.Title, p.File = e.Number, e.Title, path.Join(p.Dir, e.File)
	p.Change = &Change{From: e.Status, To: w.Change.To}
	p.Branch = branchOf(log, e.Number) + "-" + p.ID
	return nil
}
