package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/store"
)

// Ended returns the deployments of services that ended after since and not after until, the newest first, up to most of each place; more
// is how many there were beyond. It reads as many keys as it looks at deployments of that time.
func (s *Service) Ended(ctx context.Context, services []string, since, until time.Time, most int) (out []*Deployment, more int, err error) {
	cfg := s.current()
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out, more = nil, 0
		for _, name := range services {
			service, ok := cfg.Service(name)
			if !ok {
				continue
			}
			for _, environment := range service.Environments {
				one, beyond, err := endedIn(snap, service.Name, environment, since, until, most)
				if err != nil {
					return err
				}
				out, more = append(out, one...), more+beyond
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading what was deployed: %w", err)
	}
	slices.SortStableFunc(out, func(a, b *Deployment) int { return b.Ended.Compare(a.Ended) })
	return out, more, nil
}

func endedIn(snap store.Snapshot, service, environment string, since, until time.Time, most int) (out []*Deployment, more int, err error) {
	under := endedUnder(service, environment)
	for key := range snap.Scan(under, under+backwards(until)) {
		parts, err := store.Parts(key)
		if err != nil {
			return nil, 0, err
		}
		if parts[len(parts)-2] >= backwards(since) {
			return out, more, nil
		}
		if len(out) == most {
			more++
			continue
		}
		d, err := load(snap, parts[len(parts)-1])
		if errors.Is(err, ErrNotFound) {
			continue // swept between the two
		}
		if err != nil {
			return nil, 0, err
		}
		out = append(out, d)
	}
	return out, more, nil
}
