package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// Want is what somebody asks for.
type Want struct {
	// Request is the ID of the request; the same request makes the same deployment, however often it is asked.
	Request string
	At      time.Time
	// Service and Environment are names or aliases.
	Service     string
	Environment string
	// Ref is a branch, tag or commit; empty is the default branch.
	Ref string
	// Asked is the ref as people first asked for it, when Ref is all of the commit that it was then.
	Asked string
	// By is the Slack ID of who asks, Reason their words.
	By     string
	Reason string
	// Channel is where it was asked.
	Channel string
	// Inputs are what the workflow is given, by name, as people typed it.
	Inputs map[string]string
	// Exactly says that a rollback is given just Inputs, and not also what was given before.
	Exactly bool
	// Anyway deploys also what already runs there.
	Anyway bool

	// Glass skips the gates that the environment lets a broken glass skip.
	Glass bool
	// From is the SHA that a rollback goes back from, as the asker saw it; empty for what is to be undone now.
	From string

	back    *Rollback // what is undone
	retryOf string    // the deployment this is a retry of
	asking  bool      // nothing is to be deployed
}

// maxReason is how many characters of a reason are kept.
const maxReason = 500

// maxPlans is how often a plan is made anew because what runs there changed while it was made.
const maxPlans = 3

// errMoved says that what runs there is not what the plan was made from.
var errMoved = errors.New("what runs there has changed meanwhile")

// Preview returns the deployment that Deploy would make now, without making it, or the *Refused it would return. A
// request that has made its deployment gets that one.
func (s *Service) Preview(ctx context.Context, w Want) (*Deployment, error) {
	d, err := s.preview(ctx, w)
	return d, s.hold(ctx, w, err)
}

func (s *Service) preview(ctx context.Context, w Want) (*Deployment, error) {
	if d, err := s.made(ctx, w); d != nil || err != nil {
		return d, err
	}
	p, err := s.plan(ctx, w)
	if err != nil {
		return nil, err
	}
	all, err := s.judged(ctx, p)
	if err != nil {
		return nil, err
	}
	waits, barred := waitsFor(all)
	if barred {
		return nil, refusal(&p.facts, p.Ref, all)
	}
	p.Open = waits
	if w.Glass {
		p.Glass.Skipped = skipped(all)
		err = s.db.View(ctx, func(snap store.Snapshot) error { return p.mayBreak(snap) })
	}
	return p.Deployment, err
}

// judged says how every gate stands before the planned deployment.
func (s *Service) judged(ctx context.Context, p *planned) (all []Gate, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		all, err = p.judge(snap)
		return err
	})
	return all, err
}

// Deploy writes down that a commit is wanted in an environment and takes the slot for it, or has it wait for its checks and
// approvals without; steps make it so. It returns
// the deployment, or a *Refused with the reason, or a *github.Error when GitHub could not be asked. Nothing is changed
// then, but that the ledger keeps since when somebody is held up.
func (s *Service) Deploy(ctx context.Context, w Want) (*Deployment, error) {
	d, err := s.deploy(ctx, w)
	return d, s.hold(ctx, w, err)
}

func (s *Service) deploy(ctx context.Context, w Want) (*Deployment, error) {
	for range maxPlans {
		d, err := s.made(ctx, w)
		if d != nil || err != nil {
			return d, err
		}
		p, err := s.plan(ctx, w)
		if err != nil {
			return nil, err
		}
		d, err = s.decide(ctx, w, p)
		if !errors.Is(err, errMoved) {
			return d, err
		}
	}
	return nil, fmt.Errorf("deploying %s to %s: %w", w.Service, w.Environment, errMoved)
}

// made returns the deployment that the request made before, nil when there is none.
func (s *Service) made(ctx context.Context, w Want) (*Deployment, error) {
	d, err := s.Deployment(ctx, ID(w.Request))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return d, err
}

// decide is the one place where a deployment comes to be: it looks at every gate again and writes, in one transaction.
func (s *Service) decide(ctx context.Context, w Want, p *planned) (*Deployment, error) {
	var d *Deployment
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		d, err = load(tx, p.ID)
		if !errors.Is(err, ErrNotFound) {
			return err // the same request was faster
		}
		copied := *p.Deployment
		d = &copied
		ledger, err := readLedger(tx, d.Service, d.Environment)
		if err != nil {
			return err
		}
		if ledger != p.facts.Ledger {
			return errMoved
		}
		all, err := p.judge(tx)
		if err != nil {
			return err
		}
		waits, barred := waitsFor(all)
		if barred {
			return refusal(&p.facts, d.Ref, all)
		}
		if d.Glass != nil {
			glass := *d.Glass // this may run again
			d.Glass = &glass
			d.Glass.Skipped = skipped(all)
			if err := d.mayBreak(tx); err != nil {
				return err
			}
			if err := tx.Put(reviewKey(d.By), []byte(d.ID)); err != nil {
				return err
			}
		}
		if d.Rollback != nil {
			if err := s.goBack(tx, d, s.clock.Now()); err != nil {
				return err
			}
		}
		if w.retryOf != "" {
			if err := s.markRetried(tx, w, d.ID); err != nil {
				return err
			}
		}
		if err := release(tx, d); err != nil {
			return err
		}
		if d.State = Wanted; len(waits) > 0 {
			d.State = Waiting
			if err := waitIn(tx, d, waits, p.facts.Environment); err != nil {
				return err
			}
			p.closes(d, d.Created)
		}
		return s.create(tx, d)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// holder returns the deployment that holds the slot, nil when it is free.
func holder(g store.Getter, service, environment string) (*Deployment, error) {
	id, err := g.Get(slotKey(service, environment))
	if err != nil || id == nil {
		return nil, err
	}
	d, err := load(g, string(id))
	if err != nil {
		return nil, fmt.Errorf("reading who holds the slot of %s in %s: %w", service, environment, err)
	}
	return d, nil
}

// cleanReason makes a reason one line of bounded length.
func cleanReason(reason string) string {
	runes := []rune(strings.Join(strings.Fields(reason), " "))
	if len(runes) > maxReason {
		return string(runes[:maxReason-1]) + "…"
	}
	return string(runes)
}
