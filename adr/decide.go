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
