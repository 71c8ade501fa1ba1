package adr

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// watchLook is how often logs are looked at for pull requests of people, and for what was merged. GitHub answers such a look from its
// cache while nothing has changed, which costs nothing of the rate (GitHub REST: Best practices, conditional requests).
const watchLook = time.Minute

// StepLog judges the pull requests that add or change records of the log with that name, whoever opened them; each once, and again when
// something changes that its judgement depends on. What cannot be read or said now is tried again, each pull request by itself; what was
// said before stands on GitHub meanwhile.
func (s *Service) StepLog(ctx context.Context, name string) (time.Time, error) {
	log, ok := s.current().DecisionLog(name)
	if !ok {
		return time.Time{}, nil // a configuration that has it wakes this again
	}
	next := s.clock.Now().Add(max(watchLook, s.github.Pace()))
	all, err := s.seen(ctx, log)
	if err != nil {
		return next, ctx.Err()
	}
	for _, pull := range all.pulls {
		if len(recordNames(all.log, slices.Concat(pull.Files, pull.Changed))) > 0 {
			s.watch(ctx, all, pull)
		}
		if ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
	}
	return next, nil
}

// watched is how a pull request was last judged: by what, and what was in the way.
type watched struct {
	by    string
	found bool // something was wrong
	hitch github.Hitch
}

// watch judges a pull request, when anything has changed since it was last judged.
func (s *Service) watch(ctx context.Context, all examined, pull github.PullRequestFiles) {
	key := fmt.Sprintf("%s#%d", all.log.Scope(), pull.Number)
	kept, _ := s.judged.Load(key)
	last, _ := kept.(watched)
	by, err := s.depends(ctx, all, pull, last.found)
	switch {
	case err != nil, last.hitch.Next.After(s.clock.Now()):
		return
	case last.by == by && last.hitch.Next.IsZero():
		return
	}
	found, err := s.judge(ctx, all, pull)
	if err == nil {
		err = s.tellFound(ctx, all.log, pull, found)
	}
	now := watched{found: len(found) > 0}
	if err == nil {
		now.by, err = s.depends(ctx, all, pull, now.found)
	}
	if err != nil {
		now = watched{by: last.by, found: last.found, hitch: last.hitch.Again(err, s.clock.Now())}
	}
	s.judged.Store(key, now)
}

// depends is everything that the judgement of a pull request depends on, as one comparable value: its commit and base, and of its records
// what the log has under their names and numbers, who was given those, and who else proposes them. Where something was wrong it is all of
// the log, since that may have been mended there.
func (s *Service) depends(ctx context.Context, all examined, pull github.PullRequestFiles, wrong bool) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", pull.Head, pull.Base)
	if wrong {
		b.WriteString(" " + all.book.Commit)
	}
	for _, name := range recordNames(all.log, slices.Concat(pull.Files, pull.Changed)) {
		fmt.Fprintf(&b, " %s@%s", name, all.book.blobs[path.Join(all.log.Dir, name)])
		n, ok := NumberOf(name)
		if !ok {
			continue
		}
		if e, there := all.book.Get(n); there {
			b.WriteString(" =" + e.File)
		}
		p, err := s.Numbered(ctx, all.log.Scope(), n)
		if err == nil {
			fmt.Fprintf(&b, " %s:%v", p.ID, p.Pull != nil)
		} else if !errors.Is(err, ErrNotFound) {
			return "", err
		}
		for _, other := range all.numbered[n] {
			fmt.Fprintf(&b, " #%d", other)
		}
	}
	return b.String(), nil
}

// tellFound notes on a proposal what is wrong with its records, and tells whoever opened a pull request by hand, once, that its number
// is taken.
func (s *Service) tellFound(ctx context.Context, log config.DecisionLog, pull github.PullRequestFiles, found []Problem) error {
	p, err := s.OfPull(ctx, string(log.Repo), pull.Number)
	if err != nil {
		return err
	}
	if p != nil && p.Scope != log.Scope() {
		return nil // what is wrong with it, its own log says
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
