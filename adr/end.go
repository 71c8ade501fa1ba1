package adr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// close closes the pull request of a proposal that is not decided for, with the reason as a comment.
func (s *Service) close(ctx context.Context, p *Proposal) error {
	why := fmt.Sprintf("Closed, since ADR-%d supersedes it: this record went onto the branch with that one, and says so.", p.SupersededBy)
	if p.SupersededBy == 0 {
		why = "Closed without a decision"
		if name, _ := s.people.Name(ctx, p.Ending.By); name != "" {
			why += " by " + markdown(name)
		}
		if p.Ending.Why != "" {
			why += ": " + markdown(p.Ending.Why)
		}
	}
	if _, err := s.github.EnsureComment(ctx, p.Repo, p.Pull.Number, why, p.ID+"-closed"); err != nil {
		return err
	}
	if _, err := s.github.ClosePullRequest(ctx, p.Repo, p.Pull.Number); err != nil {
		return err
	}
	return &notYet{} // at once, to see it closed
}

// dropBranch removes the branch of a proposal that has ended, unless somebody has pushed to it since, or GitHub does not let us.
func (s *Service) dropBranch(ctx context.Context, p *Proposal, head string) error {
	err := s.github.EnsureBranchGone(ctx, p.Repo, p.Branch, head)
	var moved *github.Changed
	if errors.As(err, &moved) {
		return nil
	}
	if err != nil && github.Lasts(err) {
		return nil // it is in nobody's way: its number is not given again
	}
	return err
}

// closes tells whether its pull request is to be closed without a decision.
func (p *Proposal) closes() bool { return p.SupersededBy != 0 || p.Ending != nil && !p.Ending.Record }

// end notes what became of a pull request that is not open any more. A branch that was merged, or whose pull request was closed from here,
// is removed; that of a pull request that somebody closed on GitHub stays, so that they can open it again.
func (s *Service) end(ctx context.Context, p *Proposal, stands github.PullState, now time.Time) error {
	log, err := s.logOf(p)
	if err != nil {
		return err
	}
	outcome := Closed
	base, err := s.baseOf(ctx, log)
	if err != nil {
		return err
	}
	switch {
	case stands.Merged && stands.Base != base: // it was, and not to where decisions are
	case stands.Merged:
		if outcome, err = s.outcome(ctx, p, stands); err != nil {
			return err
		}
	case p.SupersededBy != 0:
		outcome = Overtaken
	}
	if (stands.Merged || p.closes()) && !p.Adopted { // that branch is its author's
		if err := s.dropBranch(ctx, p, stands.Head); err != nil {
			return err
		}
	}
	renamed, err := s.isRenamed(ctx, p, stands.Head)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.State.Ended() {
			return nil
		}
		if err := s.settleNumber(tx, p, renamed); err != nil {
			return err
		}
		p.State, p.Ended, p.Pull.Head, p.Merging = outcome, now.UTC(), stands.Head, ""
		if outcome == Accepted {
			p.Ending = nil // it came too late
		}
		if stands.Merged {
			p.Ended, p.Pull.MergeSHA = stands.MergedAt.UTC(), stands.MergeSHA
		}
		if p.Change != nil {
			if err := tx.Delete(changeKey(p.Scope, p.Number)); err != nil {
				return err
			}
		}
		if outcome == Accepted {
			if err := s.overtake(tx, p); err != nil {
				return err
			}
		}
		if outcome != Accepted && outcome != Rejected {
			return s.announce(tx, p, nil)
		}
		return s.announce(tx, p, log.Announce)
	})
	s.looked.Delete(p.ID)
	s.anew(log)
	return inStore(err)
}

// outcome is what a merged proposal has become, which its record says.
func (s *Service) outcome(ctx context.Context, p *Proposal, stands github.PullState) (State, error) {
	name, content, err := s.textAt(ctx, p, stands.Head)
	if err != nil {
		return "", err
	}
	switch r := Parse(name, content); {
	case r.Status == StatusRejected:
		return Rejected, nil
	case r.Status == StatusSuperseded && p.Adds():
		return Overtaken, nil
	}
	return Accepted, nil
}

// overtake has the proposals closed whose records went onto the branch as superseded by this one.
func (s *Service) overtake(tx store.Tx, p *Proposal) error {
	for _, o := range p.Supersedes {
		id, err := tx.Get(numberKey(p.Scope, o.Number))
		if err != nil || id == nil {
			if err != nil {
				return err
			}
			continue
		}
		if _, err := s.changeIn(tx, string(id), func(tx store.Tx, old *Proposal) error {
			if old.State.Ended() {
				return nil
			}
			old.SupersededBy = p.Number
			old.moved(s.clock.Now())
			return s.wake(tx, old.ID)
		}); err != nil && !errors.Is(err, ErrNotFound) { // one that was decided long ago is swept, and its number stays
			return err
		}
	}
	return nil
}
