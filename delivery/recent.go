package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
)

// Change is a deployment that changed what runs, or may have.
type Change struct {
	*Deployment
	// There says that it is what runs there, so that a rollback would undo it.
	There bool
}

// recentEach is how many deployments of a service are looked at: who deploys more often within hours looks at the newest first.
const recentEach = 50

// Recent returns the deployments of services that began after a time, each service's newest first: those that were sent, however
// they went. One that waits has changed nothing.
func (s *Service) Recent(ctx context.Context, services []string, since time.Time) ([]Change, error) {
	var out []Change
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, service := range services {
			looked := 0
			for _, id := range snap.Scan(historyUnder(service, ""), "") {
				if looked++; looked > recentEach {
					break
				}
				d, err := load(snap, string(id))
				if errors.Is(err, ErrNotFound) {
					continue // swept between the two
				}
				if err != nil {
					return err
				}
				if d.Run == nil || d.begun().Before(since) {
					continue
				}
				ledger, err := readLedger(snap, d.Service, d.Environment)
				if err != nil {
					return err
				}
				out = append(out, Change{Deployment: d, There: ledger.Deployment == d.ID || !d.State.Ended()})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was deployed: %w", err)
	}
	return out, nil
}

// Began is when it was sent.
func (d *Deployment) Began() time.Time { return d.begun() }
