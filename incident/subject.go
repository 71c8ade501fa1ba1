package incident

import (
	"context"
	"slices"

	"shipmate/config"
	"shipmate/store"
)

// Kind says what is asked about.
type Kind string

// The kinds of subjects.
const (
	Team    Kind = "team"
	Of      Kind = "service" // of the configuration
	Someone Kind = "person"  // a Slack ID
)

// Subject is what people ask who is on call for, or page.
type Subject struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"` // canonical; of a person their Slack ID
}

// Key names the subject among all.
func (s Subject) Key() string { return string(s.Kind) + "/" + s.Name }

// Find is the team or service of that name or alias, the service when both have it; "team:payments" is the team.
func Find(cfg *config.Config, word string) (Subject, bool) {
	if name, ok := cutPrefix(word, TeamPrefix); ok {
		t, ok := cfg.Team(name)
		if !ok {
			return Subject{}, false
		}
		return Subject{Team, t.Name}, true
	}
	if service, ok := cfg.Service(word); ok {
		return Subject{Of, service.Name}, true
	}
	if t, ok := cfg.Team(word); ok {
		return Subject{Team, t.Name}, true
	}
	return Subject{}, false
}

// TeamPrefix in front of a name says that the team is meant and not the service of that name.
const TeamPrefix = "team:"

// Subjects are all teams that somebody is on call for as the configuration has them.
func Subjects(cfg *config.Config) []Subject {
	var out []Subject
	for _, name := range cfg.TeamNames() {
		if placed(cfg, cfg.Teams[name]) {
			out = append(out, Subject{Team, name})
		}
	}
	return out
}

// placed tells whether the configuration says where on PagerDuty a team is.
func placed(cfg *config.Config, t *config.Team) bool {
	return t.Schedule != "" || t.EscalationPolicy != "" || len(pagedServices(cfg, t.Name)) > 0
}

// pagedServices are the services of a team that stand on PagerDuty, in order of their names.
func pagedServices(cfg *config.Config, team string) []*config.Service {
	var out []*config.Service
	for _, name := range cfg.ServiceNames() {
		if one := cfg.Services[name]; one.Team == team && one.PagerDutyService != "" {
			out = append(out, one)
		}
	}
	return out
}

// source is where on PagerDuty the people of a subject are found.
type source struct{ policies, schedules, users []string }

// source finds where the people of a subject are.
func (s *Service) source(ctx context.Context, cfg *config.Config, sub Subject) (source, error) {
	switch sub.Kind {
	case Someone:
		u, err := s.user(ctx, sub.Name)
		return source{users: []string{u.ID}}, err
	case Of:
		service, ok := cfg.Service(sub.Name)
		if !ok {
			return source{}, &Refused{Code: NoSubject, Subject: sub}
		}
		if service.PagerDutyService != "" {
			policy, err := s.policyOf(ctx, service.PagerDutyService)
			return source{policies: []string{policy}}, err
		}
		if t, ok := cfg.Team(service.Team); ok && placed(cfg, t) {
			return s.source(ctx, cfg, Subject{Team, service.Team})
		}
		return source{}, &Refused{Code: NoRota, Subject: sub}
	}
	t, ok := cfg.Team(sub.Name)
	switch {
	case !ok:
		return source{}, &Refused{Code: NoSubject, Subject: sub}
	case t.EscalationPolicy != "":
		return source{policies: []string{t.EscalationPolicy}}, nil
	case t.Schedule != "":
		return source{schedules: []string{t.Schedule}}, nil
	}
	var out source
	for _, one := range pagedServices(cfg, t.Name) {
		policy, err := s.policyOf(ctx, one.PagerDutyService)
		if err != nil {
			return source{}, err
		}
		if !slices.Contains(out.policies, policy) {
			out.policies = append(out.policies, policy)
		}
	}
	if len(out.policies) == 0 {
		return source{}, &Refused{Code: NoRota, Subject: sub}
	}
	return out, nil
}

// policyOf is the escalation policy of a service on PagerDuty. It seldom changes, so what was read is kept and asked for again
// only after policyFresh; when PagerDuty does not answer, what is known holds.
func (s *Service) policyOf(ctx context.Context, service string) (string, error) {
	var known aged[string]
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		known, _, err = store.Load[aged[string]](snap, policyKey(service))
		return err
	})
	if err != nil {
		return "", err
	}
	now := s.clock.Now()
	if known.Value != "" && now.Sub(known.At) < policyFresh {
		return known.Value, nil
	}
	read, err := s.pager.Service(ctx, service)
	switch {
	case err != nil && known.Value != "":
		return known.Value, nil
	case err != nil:
		return "", err
	}
	fresh := aged[string]{Value: read.Policy.ID, At: now}
	return fresh.Value, s.db.Update(ctx, func(tx store.Tx) error { return store.Save(tx, policyKey(service), fresh) })
}
