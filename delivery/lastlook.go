package delivery

import (
	"context"
	"errors"
	"time"

	"shipmate/store"
)

// lastLook reads again, right before a deployment is sent, what its gates ask of GitHub, and takes the rules that are in
// force now: what was allowed when it was asked for may not be any more.
func (s *Service) lastLook(ctx context.Context, d *Deployment) (*planned, error) {
	cfg := s.current()
	p := &planned{Deployment: d, holds: s.readHolds, facts: Facts{Now: s.clock.Now(), Config: cfg, Commit: d.Commit, Inputs: d.Inputs, Anyway: true, By: d.By,
		Approval: d.Approval, Made: true, Start: d.Start, Rollback: d.Rollback, Glass: d.Glass != nil}}
	var err error
	p.facts.Service, p.facts.Environment, err = place(cfg, d.Service, d.Environment)
	var gone *Refused
	if errors.As(err, &gone) {
		p.gone = gone.Code
		return p, nil
	}
	f := &p.facts
	ledger, err := s.ledger(ctx, d)
	if err != nil {
		return nil, err
	}
	if f.Lineage, err = s.lineage(ctx, d, d.from(ledger), f.Environment); err != nil {
		return nil, err
	}
	if f.Permission, err = s.permission(ctx, f); err != nil {
		return nil, err
	}
	if d.Approval != nil {
		if f.Approvers, err = s.stillApprovers(ctx, d.Approval, s.ApproversOf(d)); err != nil {
			return nil, err
		}
	}
	f.Checks, err = s.readChecks(ctx, f.Environment.Checks, d)
	return p, err
}

// ledger reads what runs where the deployment goes.
func (s *Service) ledger(ctx context.Context, d *Deployment) (l Ledger, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) (err error) {
		l, err = readLedger(snap, d.Service, d.Environment)
		return err
	})
	return l, err
}

// send lets the deployment be sent, or ends it when a gate has closed.
func (p *planned) send(tx store.Tx, d *Deployment, now time.Time) error {
	if d.State != Wanted {
		return nil
	}
	shut := []Gate{{Name: "place", Verdict: Closed, Code: p.gone}}
	if p.gone == "" {
		p.Deployment = d
		all, err := p.judge(tx)
		if err != nil {
			return err
		}
		if shut = open(all); d.Glass != nil {
			d.Glass.Skipped = skipped(all)
		}
	}
	if len(shut) > 0 {
		d.deny(now, shut)
		return nil
	}
	d.State, d.Attempted = Dispatching, now
	return nil
}
