package adr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
)

// Ended returns the proposals that ended after a time, the newest first. It reads no more than these.
func (s *Service) Ended(ctx context.Context, since time.Time) (out []*Proposal, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for key, id := range snap.Scan(endedPrefix, "") {
			p, err := loadProposal(snap, string(id))
			if errors.Is(err, ErrNotFound) {
				continue // swept between the two
			}
			if err != nil {
				return err
			}
			switch {
			case key != endedKey(p): // it was opened again, and may have ended anew
			case !p.Ended.After(since):
				return nil
			default:
				out = append(out, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was decided: %w", err)
	}
	return out, nil
}
