package adr

import (
	"context"
	"path"
	"slices"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// Renumber writes down that a proposal is to get the next free number instead of its own, which somebody else has. The thumbs it has
// stay: they are for what it says.
func (s *Service) Renumber(ctx context.Context, request, id string, at time.Time) (*Proposal, error) {
	return s.change(ctx, id, func(tx store.Tx, p *Proposal) error {
		done, err := store.Create(tx, askedKey(request), id)
		switch {
		case err != nil || !done:
			return err
		case p.State != Open || !p.Adds():
			return &Refused{Code: Ended, Proposal: p}
		case !p.Taken():
			return &Refused{Code: NotTaken, Proposal: p}
		}
		p.Renumber = true
		p.moved(at)
		return s.wake(tx, p.ID)
	})
}

// Taken tells whether its number belongs to another record.
func (p *Proposal) Taken() bool {
	return slices.ContainsFunc(p.Found, func(f Problem) bool { return f.Taken })
}

func wantsRenumbering(p *Proposal, now time.Time) time.Time {
	if p.State != Open || !p.Renumber {
		return time.Time{}
	}
	return now
}

// renumber gives a proposal another number: it is reserved, a commit renames the record, and the pull request says so. Nothing is pushed
// by force, so that what people said of its commits stays.
func (s *Service) renumber(ctx context.Context, p *Proposal, now time.Time) error {
	log, err := s.logOf(p)
	if err != nil {
		return err
	}
	mine, err := s.takeTurn(ctx, p)
	switch {
	case err != nil:
		return inStore(err)
	case !mine:
		return &notYet{turnLook}
	}
	if p.Next == 0 {
		if p, err = s.nextNumber(ctx, p, log); err != nil {
			return err
		}
	}
	stands, err := s.github.PullRequestState(ctx, p.Repo, p.Pull.Number)
	if err != nil {
		return err
	}
	if stands.State != "open" {
		return s.end(ctx, p, stands, now)
	}
	if err := s.rename(ctx, p, stands); err != nil {
		return s.letOthers(ctx, p, err)
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if err := s.settleNumber(tx, p, true); err != nil {
			return err
		}
		return s.wake(tx, p.ID)
	})
	if err == nil {
		s.wakeNext(ctx, p.Scope)
	}
	return inStore(err)
}

// settleNumber ends the renumbering of a proposal, whose record is renamed by now or never will be.
func (s *Service) settleNumber(tx store.Tx, p *Proposal, isRenamed bool) error {
	if !p.Renumber {
		return nil
	}
	if p.Next != 0 && isRenamed {
		if err := p.release(tx); err != nil {
			return err
		}
		p.Former = append(p.Former, p.File)
		p.Number, p.File = p.Next, renamed(p)
	} else if p.Next != 0 {
		if err := tx.Delete(numberKey(p.Scope, p.Next)); err != nil {
			return err
		}
	}
	p.Renumber, p.Next, p.Found = false, 0, nil
	return s.leaveLine(tx, p)
}

func (s *Service) nextNumber(ctx context.Context, p *Proposal, log config.DecisionLog) (*Proposal, error) {
	next, err := s.free(ctx, p, log)
	if err != nil {
		return nil, err
	}
	p, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.Next != 0 || !p.Renumber {
			return nil
		}
		n, err := s.reserve(tx, p, max(next, p.Number+1))
		if err == nil && n <= MaxNumber {
			p.Next = n
		}
		return err
	})
	switch {
	case err != nil:
		return nil, inStore(err)
	case p.Next == 0:
		return nil, &full{}
	}
	return p, nil
}

// isRenamed tells whether a proposal's record has its next number in a commit.
func (s *Service) isRenamed(ctx context.Context, p *Proposal, sha string) (bool, error) {
	if p.Next == 0 {
		return false, nil
	}
	_, _, err := s.github.ReadFile(ctx, p.Repo, sha, renamed(p))
	if github.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// renamed is the file of a proposal that gets its next number; the rest of its name stays.
func renamed(p *Proposal) string {
	file, _ := Renumber(p.File, nil, p.Next)
	return file
}

// rename commits the record under its new number, with what names it in the records that it supersedes, and has the pull request say so.
func (s *Service) rename(ctx context.Context, p *Proposal, stands github.PullState) error {
	was, to := path.Base(p.File), path.Base(renamed(p))
	content, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, p.File)
	if err != nil {
		if github.IsNotFound(err) { // it is renamed already
			return s.retitle(ctx, p)
		}
		return err
	}
	_, renumbered := Renumber(was, content, p.Next)
	changes := []github.FileChange{{Path: renamed(p), From: p.File, Content: renumbered}}
	for _, o := range p.Supersedes {
		file := path.Join(p.Dir, o.File)
		old, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, file)
		if github.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		changes = append(changes, github.FileChange{Path: file, Content: Relink(old, was, to, p.Next)})
	}
	next := *p
	next.Number = p.Next
	_, err = s.github.EnsureCommit(ctx, github.NewCommit{Repo: p.Repo, Branch: p.Branch, Head: stands.Head, Changes: changes,
		Message: "Renumber " + p.Name() + " to " + next.Name(), Request: p.ID + "-number-" + store.Key(to)})
	switch {
	case isChanged(err):
		return &notYet{time.Second}
	case err != nil:
		return err
	}
	return s.retitle(ctx, p)
}

func (s *Service) retitle(ctx context.Context, p *Proposal) error {
	if p.Adopted {
		return nil // its title is its author's
	}
	next := *p
	next.Number, next.File = p.Next, renamed(p)
	return s.github.EditPullRequest(ctx, github.PullRequestEdit{Repo: p.Repo, Number: p.Pull.Number, Title: next.Subject(), Body: next.description(), Request: p.ID})
}
