package adr

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// maxBranches bounds the branches adr/… that are looked at: one for each number.
const maxBranches = MaxNumber + 1

// number looks for the next number, which is above everything that has one, and writes it down.
func (s *Service) number(ctx context.Context, p *Proposal, log config.DecisionLog) (*Proposal, error) {
	next, err := s.free(ctx, p, log)
	if err != nil {
		return nil, err
	}
	p, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.State != Numbering || p.Number != 0 {
			return nil
		}
		n, err := s.reserve(tx, p, next)
		if err != nil || n > MaxNumber {
			return err
		}
		p.Number, p.Branch, p.Dir = n, branchOf(log, n), log.Dir
		p.File = path.Join(p.Dir, FileName(n, p.Title))
		return nil
	})
	switch {
	case err != nil:
		return nil, inStore(err)
	case p.Number == 0:
		return nil, &full{}
	}
	return p, nil
}

// free is the lowest number that nothing on GitHub has or is beyond.
func (s *Service) free(ctx context.Context, p *Proposal, log config.DecisionLog) (int, error) {
	names, err := s.numbered(ctx, log)
	if err != nil {
		return 0, err
	}
	next, err := NextNumber(names)
	if errors.Is(err, ErrFull) {
		return 0, &full{}
	}
	return max(next, p.Floor+1), err
}

// reserve gives a proposal the first number from one on that nobody was given: what was numbered and closed is in the store alone.
func (s *Service) reserve(tx store.Tx, p *Proposal, n int) (int, error) {
	for ; n <= MaxNumber; n++ {
		holder, err := tx.Get(numberKey(p.Scope, n))
		if err != nil {
			return 0, err
		}
		if holder == nil || string(holder) == p.ID {
			return n, tx.Put(numberKey(p.Scope, n), []byte(p.ID))
		}
	}
	return n, nil
}

// full says that a log has no number left.
type full struct{}

func (*full) Error() string { return "no number left" }

// UserMessage is the sentence for people.
func (*full) UserMessage() string {
	return fmt.Sprintf("There is no number left: other tools read four digits, and %d is taken. Begin a new directory in adr.logs.", MaxNumber)
}

// loseNumber gives a number up that somebody else's branch has, unless it has another one by now.
func (p *Proposal) loseNumber(tx store.Tx, number int) error {
	if p.Pull != nil || p.Number != number {
		return nil
	}
	if err := p.release(tx); err != nil {
		return err
	}
	p.Floor, p.Number, p.Branch, p.File, p.Attempts = number, 0, "", "", 0
	return nil
}

// release has its number belong to it no more.
func (p *Proposal) release(tx store.Tx) error {
	holder, err := tx.Get(numberKey(p.Scope, p.Number))
	if err != nil || string(holder) != p.ID {
		return err
	}
	return tx.Delete(numberKey(p.Scope, p.Number))
}

// branchOf is the branch of a number: by the number only, so that two titles fight for the same name.
func branchOf(log config.DecisionLog, n int) string { return branchesOf(log) + fmt.Sprintf("%04d", n) }

func branchesOf(log config.DecisionLog) string {
	if log.Shared {
		return "adr/" + log.Name + "/"
	}
	return "adr/"
}

// numbered are the names of everything that has a number in a log: entries of its directory on all branches that live long, branches of
// proposals, and files of open pull requests. One of them that cannot be read is an error: no number is given then.
func (s *Service) numbered(ctx context.Context, log config.DecisionLog) ([]string, error) {
	repo := string(log.Repo)
	var names []string
	for _, branch := range append([]string{log.Branch}, log.Branches...) {
		commit, err := s.github.Resolve(ctx, repo, branch)
		if err != nil {
			return nil, err
		}
		files, err := s.github.ListFiles(ctx, repo, commit.SHA, log.Dir)
		if err != nil && !github.IsNotFound(err) { // a log without its directory has no records yet
			return nil, err
		}
		for _, f := range files {
			names = append(names, firstBelow(log.Dir, f.Path))
		}
	}
	branches, err := s.github.Branches(ctx, repo, branchesOf(log), maxBranches)
	if err != nil {
		return nil, err
	}
	for _, b := range branches {
		name, _, _ := strings.Cut(strings.TrimPrefix(b, branchesOf(log)), "/") // those of another log are below its name
		names = append(names, name)
	}
	pulls, err := s.github.OpenPullRequestFiles(ctx, repo, log.Dir)
	if err != nil {
		return nil, err
	}
	for _, pull := range pulls {
		for _, f := range pull.Files {
			names = append(names, firstBelow(log.Dir, f))
		}
	}
	return names, nil
}

// firstBelow is the entry of a directory that a path goes through.
func firstBelow(dir, file string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(file, dir+"/"), "/")
	return name
}
