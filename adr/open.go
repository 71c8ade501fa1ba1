package adr

import (
	"context"
	"errors"
	"path"
	"slices"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

func wantsOpening(p *Proposal, now time.Time) time.Time {
	if p.State != Numbering {
		return time.Time{}
	}
	return now
}

// open gives a proposal the next number and opens its pull request. One proposal of a log has the turn at a time, from before its number
// is looked for until its pull request is there, so that a number of one that comes to nothing is free for the next: there are no gaps.
// It is the branch, of which GitHub makes one only, that decides between this and whatever else numbers records there.
func (s *Service) open(ctx context.Context, p *Proposal, now time.Time) error {
	if p.Ending != nil {
		return s.withdraw(ctx, p, now)
	}
	log, err := s.logOf(p)
	if err != nil {
		return err
	}
	if log, err = s.place(ctx, log); err != nil {
		return err
	}
	if p.Adds() {
		mine, err := s.takeTurn(ctx, p)
		if err != nil {
			return inStore(err)
		}
		if !mine {
			return &notYet{turnLook}
		}
		if p.Number == 0 {
			if p, err = s.number(ctx, p, log); err != nil {
				return err
			}
		}
	}
	number := p.Number
	made, err := s.propose(ctx, p)
	var taken *github.BranchTaken
	if errors.As(err, &taken) && p.Adds() {
		if _, err := s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error { return p.loseNumber(tx, number) }); err != nil {
			return inStore(err)
		}
		return &notYet{} // at once, for the next number
	}
	if err != nil {
		return s.letOthers(ctx, p, err)
	}
	content, _, err := s.github.ReadFile(ctx, p.Repo, made.Head, p.File)
	if err != nil && !github.IsNotFound(err) {
		return err
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		p.Text = p.normal(path.Base(p.File), content)
		p.Pull, p.Problems = &Pull{Number: made.Number, URL: made.URL, Head: made.Head}, made.Problems
		if p.State == Numbering {
			p.State, p.Opened = Open, now.UTC()
		}
		if err := tx.Put(pullKey(p.Repo, made.Number), []byte(p.ID)); err != nil {
			return err
		}
		return s.leaveLine(tx, p)
	})
	if err == nil {
		s.wakeNext(ctx, p.Scope)
	}
	return inStore(err)
}

// withdraw ends a proposal whose pull request could not be opened. Where it is there all the same it is closed like any other.
func (s *Service) withdraw(ctx context.Context, p *Proposal, now time.Time) error {
	var there *github.PullRequestFiles
	if p.Branch != "" {
		pulls, err := s.github.OpenPullRequestFiles(ctx, p.Repo, p.Dir)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(pulls, func(pull github.PullRequestFiles) bool { return pull.Branch == p.Branch && !pull.Fork }); at >= 0 {
			there = &pulls[at]
		}
	}
	_, err := s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.State != Numbering {
			return nil
		}
		if p.State, p.Ended = Closed, now.UTC(); there != nil {
			p.State, p.Opened, p.Ended = Open, now.UTC(), time.Time{}
			p.Pull = &Pull{Number: there.Number, URL: there.URL, Head: there.Head}
			if err := tx.Put(pullKey(p.Repo, there.Number), []byte(p.ID)); err != nil {
				return err
			}
		} else if err := s.announce(tx, p, nil); err != nil {
			return err
		}
		if p.Change != nil && there == nil {
			if err := tx.Delete(changeKey(p.Scope, p.Number)); err != nil {
				return err
			}
		}
		return s.leaveLine(tx, p)
	})
	if err == nil {
		s.wakeNext(ctx, p.Scope)
	}
	return inStore(err)
}
