package adr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// decide merges a proposal that has its thumbs and whose checks pass, or has its author told that it can be merged. One that is to be
// recorded as rejected needs no thumbs.
func (s *Service) decide(ctx context.Context, p *Proposal, stands github.PullState, checks github.Checks) error {
	tally, err := s.Tally(ctx, p)
	if err != nil {
		return err
	}
	if p.Renumber { // its record is about to have another name
		return nil
	}
	if p.Ending == nil && !tally.Reached() {
		return s.holds(ctx, p)
	}
	if stands.Draft {
		return nil
	}
	log, err := s.logOf(p)
	if err != nil {
		return err
	}
	if p.Ending != nil {
		if err := s.recordRejection(ctx, p, stands); err != nil {
			return err
		}
	} else if err := s.sayAccepted(ctx, p, stands); err != nil {
		return err
	} else if err := s.align(ctx, p, log, stands); err != nil {
		return err
	}
	switch others(checks).Verdict() {
	case github.Success:
	case github.None: // checks may not have begun
		if left := checksBegin - s.clock.Now().Sub(p.Pull.Since); left > 0 {
			return &notYet{left}
		}
	default:
		return nil
	}
	found, err := s.examine(ctx, log, p, stands.Head)
	if err != nil || len(found) > 0 {
		return err
	}
	if err := s.intended(ctx, p, stands.Head); err != nil {
		return err
	}
	if log.Merge == config.MergeAuthor && p.Ending == nil && p.MergeBy == "" {
		_, err := s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error { return s.tellReady(tx, p) })
		return inStore(err)
	}
	return s.merge(ctx, p, stands)
}

// checksBegin is how long it is waited for checks of a new commit to begin, where none is required: until then nobody knows whether there
// are any.
const checksBegin = time.Minute

// holds takes back that its author was told that it can be merged, when that is so no more.
func (s *Service) holds(ctx context.Context, p *Proposal) error {
	if p.Ready.IsZero() && p.MergeBy == "" {
		return nil
	}
	_, err := s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error {
		p.Ready, p.MergeBy = time.Time{}, ""
		return nil
	})
	return inStore(err)
}

// intended makes sure that the record says in a commit what was decided: on its branch somebody may have written another status.
func (s *Service) intended(ctx context.Context, p *Proposal, sha string) error {
	name, content, err := s.textAt(ctx, p, sha)
	if err != nil {
		return err
	}
	want := StatusAccepted
	switch {
	case p.Ending != nil:
		want = StatusRejected
	case p.Change != nil:
		want = p.Change.To
	}
	if got := Parse(name, content).Status; got != want {
		return &otherStatus{p.Name(), got, want}
	}
	return nil
}

// otherStatus says that a record on its branch says something else than what was decided.
type otherStatus struct {
	name      string
	got, want Status
}

func (e *otherStatus) Error() string { return e.name + " says " + string(e.got) }

// UserMessage is the sentence for people.
func (e *otherStatus) UserMessage() string {
	return fmt.Sprintf("On its branch %s says %s and not %s, so it is not merged; put its status right there.", e.name, cmp.Or(string(e.got), "no status"), e.want)
}

// merge has GitHub merge a proposal, unless somebody said something since it was looked at. From when that is written down until it is
// seen what came of it nobody can say anything: it would come too late.
func (s *Service) merge(ctx context.Context, p *Proposal, stands github.PullState) error {
	moves := p.Moves
	p, err := s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error {
		if p.Moves == moves && p.State == Open {
			p.Merging = stands.Head
		}
		return nil
	})
	switch {
	case err != nil:
		return inStore(err)
	case p.Merging == "":
		return &notYet{} // at once, to count again
	}
	err = s.github.MergePullRequest(ctx, p.Repo, p.Pull.Number, stands.Head, "squash")
	var moved *github.Changed
	if errors.As(err, &moved) { // somebody pushed: it is judged anew
		return &notYet{time.Second}
	}
	if err != nil {
		if _, err := s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error { p.Merging = ""; return nil }); err != nil && !github.IsUnclear(err) {
			return inStore(err)
		}
		return err
	}
	return &notYet{} // at once, to see it merged
}

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
	if stands.Merged || p.closes() {
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
