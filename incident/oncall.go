package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
	"shipmate/work"
)

const (
	// policyFresh is how long the escalation policy of a service is believed.
	policyFresh = 10 * time.Minute
	// knownFresh is how old the last known answer may be before a new one is written over it.
	knownFresh = time.Minute
	// justAsked is how old an answer a page may go by without asking again.
	justAsked = 5 * time.Minute
	// rotaEvery is how often who is on call is read unasked, so that there is an answer when PagerDuty gives none.
	rotaEvery = 10 * time.Minute
	// maxOverridden is how many schedules are asked for their overrides for one answer: each is a call of its own.
	maxOverridden = 4
)

// Answer is who is on call for a subject.
type Answer struct {
	Subject Subject  `json:"subject"`
	Rosters []Roster `json:"rosters"`
	// AsOf is when PagerDuty said so.
	AsOf time.Time `json:"as_of"`
	// Old is why it is not newer: PagerDuty was asked and did not answer. Not stored.
	Old error `json:"-"`
	// outdated says that a shift has changed hands since.
	outdated bool
}

// OnCall are all who are on call now at the first level of each roster, each once.
func (a *Answer) OnCall() []Shift {
	var out []Shift
	for _, r := range a.Rosters {
		for _, s := range r.OnCall() {
			if !slices.ContainsFunc(out, func(o Shift) bool { return o.Who.ID == s.Who.ID }) {
				out = append(out, s)
			}
		}
	}
	return out
}

// OnCall asks PagerDuty who is on call for the subject. When it does not answer, what it said last is returned with Old set; an
// error means that there is nothing to say: a *Refused, or why PagerDuty did not answer the first question about it.
func (s *Service) OnCall(ctx context.Context, sub Subject) (*Answer, error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	a, err := s.ask(ctx, sub)
	if err == nil {
		return a, s.remember(ctx, a)
	}
	var refused *Refused
	if errors.As(err, &refused) {
		return nil, err
	}
	old, known, storeErr := s.known(context.WithoutCancel(ctx), sub) // its time may be over
	if storeErr != nil || !known {
		return nil, err
	}
	old.Old = err
	return old, nil
}

// OnCallAll asks for all subjects. One that cannot be answered is answered with its error in Old and no rosters.
func (s *Service) OnCallAll(ctx context.Context, subs []Subject) ([]*Answer, error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	var out []*Answer
	for _, sub := range subs {
		a, err := s.OnCall(ctx, sub)
		if err != nil {
			a = &Answer{Subject: sub, Old: err}
		}
		out = append(out, a)
	}
	return out, nil
}

// justAsked is OnCall for a page that somebody has just confirmed: it keeps to what they were told, and so does not wait for a
// PagerDuty that is slow to read while it may take pages.
func (s *Service) justAsked(ctx context.Context, sub Subject) (*Answer, error) {
	return s.OnCallLately(ctx, sub, justAsked)
}

// OnCallLately is OnCall for where an answer that is not older than that is as good as one of now: PagerDuty is asked only without one, and
// after a shift has changed hands.
func (s *Service) OnCallLately(ctx context.Context, sub Subject, old time.Duration) (*Answer, error) {
	a, known, err := s.known(ctx, sub)
	if err == nil && known && !a.outdated && s.clock.Now().Sub(a.AsOf) <= old {
		return a, nil
	}
	return s.OnCall(ctx, sub)
}

func (s *Service) ask(ctx context.Context, sub Subject) (*Answer, error) {
	from, err := s.source(ctx, s.current(), sub)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now().UTC()
	all, err := s.pager.OnCalls(ctx, pagerduty.OnCallQuery{Policies: from.policies, Schedules: from.schedules, Users: from.users,
		Since: now, Until: now.Add(Ahead)})
	if err != nil {
		return nil, err
	}
	found := map[string]Person{}
	who := func(u pagerduty.User) Person {
		p, ok := found[u.ID]
		if !ok {
			p = s.person(ctx, u)
			found[u.ID] = p
		}
		return p
	}
	a := &Answer{Subject: sub, Rosters: rosters(all, len(from.schedules) > 0, now, who), AsOf: now}
	if err := s.complete(ctx, a, from, now); err != nil {
		return nil, err
	}
	s.markOverrides(ctx, a, now)
	return a, nil
}

// complete sees to it that each policy or schedule that was asked about is in the answer, with all its levels: one that nobody is
// on call by is what people must be told of.
func (s *Service) complete(ctx context.Context, a *Answer, from source, now time.Time) error {
	for _, id := range from.policies {
		policy, err := s.pager.Policy(ctx, id)
		if err != nil {
			return err
		}
		a.roster(ref(policy.Ref)).complete(policy, now)
	}
	for _, id := range from.schedules {
		if r := a.roster(Ref{ID: id, Name: id}); len(r.Levels) == 0 {
			r.Levels = []Level{{N: 1, Gap: &Gap{Start: now}}}
		}
	}
	return nil
}

// roster is the one of that policy or schedule, added when it is not there.
func (a *Answer) roster(of Ref) *Roster {
	for i := range a.Rosters {
		if a.Rosters[i].Policy.ID == of.ID {
			return &a.Rosters[i]
		}
	}
	a.Rosters = append(a.Rosters, Roster{Policy: of})
	return &a.Rosters[len(a.Rosters)-1]
}

// markOverrides asks which of the people stand in for somebody. Without an answer nobody is said to.
func (s *Service) markOverrides(ctx context.Context, a *Answer, now time.Time) {
	overrides := map[string][]pagerduty.Override{}
	for i, id := range schedulesOf(a.Rosters) {
		if i >= maxOverridden {
			break
		}
		if schedule, err := s.pager.Schedule(ctx, id, now, now.Add(Ahead)); err == nil {
			overrides[id] = schedule.Overrides
		}
	}
	overridden(a.Rosters, overrides)
}

// known is what PagerDuty said last.
func (s *Service) known(ctx context.Context, sub Subject) (a *Answer, found bool, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		kept, ok, err := store.Load[Answer](snap, knownKey(sub))
		if a, found = &kept, ok; err != nil {
			return err
		}
		moved, _, err := store.Load[time.Time](snap, movedKey)
		kept.outdated = !kept.AsOf.After(moved)
		return err
	})
	return a, found, err
}

// remember keeps an answer for when there is none.
func (s *Service) remember(ctx context.Context, a *Answer) error {
	old, found, err := s.known(ctx, a.Subject)
	if err != nil || found && !old.outdated && a.AsOf.Sub(old.AsOf) < knownFresh {
		return err
	}
	err = s.db.Update(ctx, func(tx store.Tx) error { return store.Save(tx, knownKey(a.Subject), a) })
	if err != nil {
		return fmt.Errorf("keeping who is on call: %w", err)
	}
	return nil
}

// StepRota reads who is on call for every team, so that the answer is at hand when PagerDuty gives none, and says when to do so
// again.
func (s *Service) StepRota(ctx context.Context, _ string) (time.Time, error) {
	if !s.pager.Configured() {
		return time.Time{}, nil // a token needs a restart, which wakes this again
	}
	for _, sub := range Subjects(s.current()) {
		if _, err := s.OnCall(ctx, sub); err != nil && ctx.Err() != nil {
			return time.Time{}, err
		}
	}
	return s.clock.Now().Add(max(rotaEvery, s.pager.Pace())), nil
}

// wakePage makes the runner look at a page.
func wakePage(tx store.Tx, id string) error { return work.Wake(tx, Pages, id, time.Time{}) }
