package adr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// align has a proposal that is about to be merged change the records it supersedes in the same commit, as they stand now: on the base
// branch, or in a pull request that is open still, whose record comes along then. Where the branches have parted over such a record,
// what this one did to it is taken back, the base branch merged in, and it is changed anew; each of these steps is seen on GitHub before
// the next, so that none is lost and none is done twice.
func (s *Service) align(ctx context.Context, p *Proposal, log config.DecisionLog, stands github.PullState) error {
	if len(p.Supersedes) == 0 {
		return nil
	}
	if err := s.followOld(ctx, p, stands); err != nil {
		return err
	}
	base, err := s.github.Resolve(ctx, p.Repo, p.Base)
	if err != nil {
		return err
	}
	var changes []github.FileChange
	for _, o := range p.Supersedes {
		change, err := s.alignOne(ctx, p, log, o, base.SHA, stands.Head)
		if err != nil {
			return err
		}
		if change != nil {
			changes = append(changes, *change)
		}
	}
	if len(changes) == 0 && stands.Mergeable != "dirty" {
		return nil
	}
	merged, err := s.github.MergeBranch(ctx, p.Repo, p.Branch, stands.Base)
	var conflict *github.Conflict
	switch {
	case errors.As(err, &conflict):
		return s.unstick(ctx, p, stands, base.SHA)
	case err != nil:
		return err
	case merged:
		return &notYet{time.Second} // from the new commit
	case len(changes) == 0: // GitHub may not have found out yet that there is no conflict any more
		return &notYet{10 * time.Second}
	}
	return s.commit(ctx, p, stands, changes, fmt.Sprintf("Supersede what %s supersedes", p.Name()), "supersedes-"+stands.Head[:12])
}

// sayAccepted has a record that says it is proposed, as people write it by hand, say that it is accepted when it is about to be.
func (s *Service) sayAccepted(ctx context.Context, p *Proposal, stands github.PullState) error {
	if !p.Adds() {
		return nil
	}
	content, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, p.File)
	if err != nil {
		return err
	}
	if Parse(path.Base(p.File), content).Status != StatusProposed {
		return nil
	}
	content, err = SetStatus(path.Base(p.File), content, StatusAccepted, "")
	if err != nil {
		return err
	}
	return s.commit(ctx, p, stands, []github.FileChange{{Path: p.File, Content: content}}, "Accept "+p.Name(), "accepts-"+stands.Head[:12])
}

// followOld has a proposal name the records that it supersedes as they are called now: one that is proposed still may have got another
// number.
func (s *Service) followOld(ctx context.Context, p *Proposal, stands github.PullState) error {
	open, err := s.OpenProposals(ctx, p.Scope)
	if err != nil {
		return inStore(err)
	}
	for n, o := range p.Supersedes {
		at := slices.IndexFunc(open, func(q *Proposal) bool { return slices.Contains(q.Former, path.Join(p.Dir, o.File)) })
		if at < 0 {
			continue
		}
		now := Old{Number: open[at].Number, Title: open[at].Title, File: path.Base(open[at].File)}
		content, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, p.File)
		if err != nil {
			return err
		}
		if relinked := Relink(content, o.File, now.File, now.Number); !bytes.Equal(relinked, content) {
			return s.commit(ctx, p, stands, []github.FileChange{{Path: p.File, Content: relinked}}, fmt.Sprintf("Name ADR-%d as it is called now", now.Number), "names-"+stands.Head[:12])
		}
		if _, err := s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error { p.Supersedes[n] = now; return nil }); err != nil {
			return inStore(err)
		}
		return &notYet{} // at once, by its new name
	}
	return nil
}

// alignOne is what has to change on the branch for one superseded record; nil when it stands as it should.
func (s *Service) alignOne(ctx context.Context, p *Proposal, log config.DecisionLog, o Old, base, head string) (*github.FileChange, error) {
	file := path.Join(p.Dir, o.File)
	source, _, err := s.github.ReadFile(ctx, p.Repo, base, file)
	if github.IsNotFound(err) {
		pull, name, lookErr := s.inPull(ctx, log, o.Number)
		switch {
		case lookErr != nil:
			return nil, lookErr
		case name != o.File:
			return nil, nil // it was closed, or has another number now: there is nothing that could say that it is superseded
		}
		source, _, err = s.github.ReadFile(ctx, p.Repo, pull.Head, file)
	}
	if err != nil {
		return nil, err
	}
	want, err := Supersede(o.File, source, p.ref())
	if err != nil {
		return nil, err
	}
	has, _, err := s.github.ReadFile(ctx, p.Repo, head, file)
	if err != nil && !github.IsNotFound(err) {
		return nil, err
	}
	if err == nil && bytes.Equal(has, want) {
		return nil, nil
	}
	return &github.FileChange{Path: file, Content: want}, nil
}

// unstick has the superseded records on the branch stand as they did where the branches parted, so that the base branch can be merged in.
func (s *Service) unstick(ctx context.Context, p *Proposal, stands github.PullState, base string) error {
	parted, err := s.github.MergeBase(ctx, p.Repo, base, stands.Head)
	if err != nil {
		return err
	}
	var changes []github.FileChange
	for _, o := range p.Supersedes {
		file := path.Join(p.Dir, o.File)
		was, _, err := s.github.ReadFile(ctx, p.Repo, parted, file)
		if err != nil && !github.IsNotFound(err) {
			return err
		}
		has, _, hasErr := s.github.ReadFile(ctx, p.Repo, stands.Head, file)
		if hasErr != nil && !github.IsNotFound(hasErr) {
			return hasErr
		}
		switch {
		case err != nil && hasErr == nil:
			changes = append(changes, github.FileChange{Path: file, Remove: true})
		case err == nil && !bytes.Equal(was, has):
			changes = append(changes, github.FileChange{Path: file, Content: was})
		}
	}
	if len(changes) == 0 {
		return &stuck{p.Pull.Number, stands.Base}
	}
	return s.commit(ctx, p, stands, changes, fmt.Sprintf("Take back what %s does to older records", p.Name()), "unstick-"+stands.Head[:12])
}

// stuck says that a pull request conflicts with its base in what people wrote.
type stuck struct {
	number int
	base   string
}

func (e *stuck) Error() string {
	return fmt.Sprintf("pull request %d conflicts with %s", e.number, e.base)
}

// UserMessage is the sentence for people.
func (e *stuck) UserMessage() string {
	return fmt.Sprintf("Its branch conflicts with %s in more than the records it supersedes; somebody has to resolve that on GitHub.", e.base)
}

func isChanged(err error) bool {
	var moved *github.Changed
	return errors.As(err, &moved)
}
