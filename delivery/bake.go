package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
)

// Bake is what runs somewhere and has not yet run for as long as the environment's bake asks.
type Bake struct {
	Service     string
	Environment string
	Ledger      Ledger
	Until       time.Time // when it has
}

// Baking returns what of some services bakes at a time. What was found to be unhealthy does not: it comes out no better.
func (s *Service) Baking(ctx context.Context, services []string, at time.Time) (out []Bake, err error) {
	cfg := s.current()
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, name := range services {
			service, ok := cfg.Service(name)
			if !ok {
				continue
			}
			for _, environment := range service.Environments {
				l, err := readLedger(snap, service.Name, environment)
				if err != nil {
					return err
				}
				until := l.Since.Add(cfg.Environments[environment].Bake.Duration)
				if l.Deployment == "" || !until.After(at) {
					continue
				}
				d, err := load(snap, l.Deployment)
				switch {
				case err != nil && !errors.Is(err, ErrNotFound):
					return err
				case err == nil && d.Health.failed():
				default:
					out = append(out, Bake{Service: service.Name, Environment: environment, Ledger: l, Until: until})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what bakes: %w", err)
	}
	return out, nil
}
