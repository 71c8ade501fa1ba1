package adr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// everyLog is the one record of its domain: all logs are seen to together.
const everyLog = "all"

// watchLook is how often logs are looked at for pull requests of people, and for what was merged. GitHub answers such a look from its
// cache while nothing has changed, which costs nothing of the rate (GitHub REST: Best practices, conditional requests).
const watchLook = time.Minute

// StepLog judges the pull requests that add or change records, whoever opened them, each again when its commit, its base or another one
// has changed. What cannot be read now is read the next time; what is wrong then stands on GitHub as it did.
func (s *Service) StepLog(ctx context.Context, _ string) (time.Time, error) {
	logs := s.current().DecisionLogs()
	if len(logs) == 0 {
		return time.Time{}, nil // another configuration wakes this again
	}
	for _, log := range logs {
		if err := s.watch(ctx, log); err != nil && ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
	}
	return s.clock.Now().Add(max(watchLook, s.github.Pace())), nil
}

// watch judges the pull requests of a log, when anything has changed since it last did.
func (s *Service) watch(ctx context.Context, log config.DecisionLog) error {
	all, err := s.seen(ctx, log)
	if err != nil {
		return err
	}
	given, err := s.OpenProposals(ctx, log.Scope())
	if err != nil {
		return err
	}
	state := all.state(given)
	if last, _ := s.judged.Load(log.Scope()); last == state {
		return nil
	}
	var failed []error
	for _, pull := range all.pulls {
		if len(recordNames(all.log, slices.Concat(pull.Files, pull.Changed))) == 0 {
			continue
		}
		found, err := s.judge(ctx, all, pull)
		if err == nil {
			err = s.tellFound(ctx, log, pull, found)
		}
		failed = append(failed, err)
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	s.judged.Store(log.Scope(), state)
	return nil
}

// state is everything that the judgement of a log's pull requests depends on, as one comparable value.
func (a examined) state(given []*Proposal) string {
	var b strings.Builder
	b.WriteString(a.book.Commit)
	for _, pull := range a.pulls {
		fmt.Fprintf(&b, " %d@%s", pull.Number, pull.Head)
	}
	for _, p := range given {
		fmt.Fprintf(&b, " %s:%d", p.ID, p.Number)
	}
	return b.String()
}

// tellFound notes on a proposal what is wrong with its records, and tells whoever opened a pull request by hand, once, that its number
// is taken.
func (s *Service) tellFound(ctx context.Context, log config.DecisionLog, pull github.PullRequestFiles, found []Problem) error {
	p, err := s.OfPull(ctx, string(log.Repo), pull.Number)
	if err != nil {
		return err
	}
	if p != nil {
		_, err := s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
			if slices.Equal(p.Found, found) {
				return nil
			}
			p.Found = slices.Clone(found)
			p.Moves++ // it is looked at again at once
			return s.wake(tx, p.ID)
		})
		return err
	}
	at := slices.IndexFunc(found, func(f Problem) bool { return f.Taken })
	if at < 0 {
		return nil
	}
	return s.db.Update(ctx, func(tx store.Tx) error {
		person, err := s.people.OnGitHub(tx, pull.Author)
		if err != nil || person == "" {
			return err
		}
		return s.tell(tx, Note{Person: person, ID: fmt.Sprintf("%s-%d-%s", log.Scope(), pull.Number, found[at].File), Kind: NoteTaken, At: s.clock.Now(),
			Log: log.Name, Pull: pull.Number, URL: pull.URL, Problem: found[at]})
	})
}
