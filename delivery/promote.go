package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"shipmate/config"
	"shipmate/store"
)

// Promotion asks for what runs in one environment to be deployed to another.
type Promotion struct {
	// Service, From and To are names or aliases. Without From it is the environment that To comes after.
	Service string
	From    string
	To      string
	// Only is all of the commit that is meant, when it is just one: whatever else runs in From by now is not promoted.
	Only string
}

// askedFrom marks a Ref that names an environment instead: what ran there was asked for. No branch or tag has a colon in its
// name.
const askedFrom = "from:"

// AskedFrom is the Want.Asked of a deployment of what runs in an environment.
func AskedFrom(environment string) string { return askedFrom + environment }

// PromotedFrom is the environment whose commit was asked for; empty when a branch, tag or commit was.
func (d *Deployment) PromotedFrom() string {
	environment, found := strings.CutPrefix(d.Ref, askedFrom)
	if !found {
		return ""
	}
	return environment
}

// Promotable says what a promotion promotes: how it stands in From, where a deployment of Shipmate's has succeeded. That a later
// one did not is no reason to refuse, but people should be shown it. Else it is a *Refused.
func (s *Service) Promotable(ctx context.Context, p Promotion) (*Standing, error) {
	refused, err := promoted(s.current(), p)
	if err != nil {
		return nil, err
	}
	var one Standing
	if err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		one, err = standing(snap, refused.Service, refused.From)
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading what is to be promoted: %w", err)
	}
	refused.Commit = one.Ledger.Commit
	switch {
	case one.Ledger.Deployment == "":
		refused.Code = NothingToPromote
		return nil, refused
	case p.Only != "" && p.Only != one.Ledger.Commit.SHA:
		refused.Code, refused.Ref = SourceMoved, p.Only
		return nil, refused
	}
	return &one, nil
}

// promoted finds the two places of a promotion. What it returns is a refusal without a reason yet, for what is found there.
func promoted(cfg *config.Config, p Promotion) (*Refused, error) {
	service, to, err := place(cfg, p.Service, p.To)
	if err != nil {
		return nil, err
	}
	refused := &Refused{Service: service.Name, Environment: to.Name, From: to.After}
	if p.From != "" {
		refused.From = p.From
		if from, ok := cfg.Environment(p.From); ok {
			refused.From = from.Name
		}
	}
	switch {
	case refused.From == "":
		refused.Code = NoSource
		refused.Environments = slices.DeleteFunc(slices.Clone(service.Environments), func(name string) bool { return name == to.Name })
		return nil, refused
	case refused.From == to.Name:
		refused.Code = SamePlace
		return nil, refused
	case !service.DeploysTo(refused.From):
		return nil, &Refused{Code: NotDeployedThere, Service: service.Name, Environment: refused.From, Environments: service.Environments}
	}
	return refused, nil
}

// next is the environment that a service's commits are promoted to from another; empty when none comes after it, or several do.
func next(cfg *config.Config, service *config.Service, environment string) string {
	found := ""
	for _, name := range service.Environments {
		if e, ok := cfg.Environment(name); !ok || e.After != environment {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}
