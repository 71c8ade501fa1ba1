package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// StepDebtDecision does on GitHub what somebody decided, once, and says when to try again.
func (s *Service) StepDebtDecision(ctx context.Context, id string) (time.Time, error) {
	d, err := s.DebtDecision(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil || d.State != DecisionWanted {
		return time.Time{}, err
	}
	now := s.clock.Now()
	if d.Hitch != nil && d.Hitch.Next.After(now) {
		return d.Hitch.Next, nil
	}
	if ready := d.Attempted.Add(github.IssueSearch); !d.Attempted.IsZero() && ready.After(now) {
		return ready, nil // what was sent may still be on its way
	}
	moot, wrong := s.decideOnGitHub(ctx, d, now)
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	var failed *unwritten
	if errors.As(wrong, &failed) {
		return time.Time{}, failed.error
	}
	if wrong == nil {
		s.repos.forgetDebts(d.Repo, s.current().Debt.IssueLabel())
	}
	d, err = s.changeDecision(ctx, id, func(tx store.Tx, d *DebtDecision) error {
		switch {
		case wrong == nil && moot:
			d.State = DecisionMoot
		case wrong == nil:
			d.State = DecisionDone
		default:
			d.Hitch = hitched(d.Hitch, wrong, now)
			if now.Sub(d.At) <= giveUp {
				return nil
			}
			d.State = DecisionFailed
		}
		d.Ended = now
		if d.State == DecisionDone {
			d.Hitch = nil
			return nil
		}
		return takeBack(tx, d)
	})
	if err != nil || d.State != DecisionWanted {
		return time.Time{}, err
	}
	return d.Hitch.Next, nil
}

// takeBack has an issue stand as if a decision had not been made that came to nothing.
func takeBack(tx store.Tx, d *DebtDecision) error {
	st, err := standing(tx, d.Repo, d.Number)
	if err != nil || st.Decision != d.ID {
		return err
	}
	st.Decision, st.Verb, st.By, st.At, st.Until, st.Day, st.Why = "", "", "", time.Time{}, time.Time{}, "", ""
	return saveStanding(tx, st)
}

// unwritten is an error of the store's, which is not GitHub's.
type unwritten struct{ error }

// decideOnGitHub does what is decided. It finds what it has done before. moot says that the issue was closed before anything was done.
func (s *Service) decideOnGitHub(ctx context.Context, d *DebtDecision, now time.Time) (moot bool, err error) {
	if d.Verb == Take {
		issue, err := s.github.EnsureAssignee(ctx, d.Repo, d.Number, d.Login)
		return err == nil && issue.State == "closed", err
	}
	if d.Attempted.IsZero() { // else it may be closed by us
		issue, err := s.github.Issue(ctx, d.Repo, d.Number)
		if err != nil || issue.State == "closed" {
			return err == nil, err
		}
	}
	if _, err := s.changeDecision(ctx, d.ID, func(_ store.Tx, d *DebtDecision) error {
		d.Attempted = now
		return nil
	}); err != nil {
		return false, &unwritten{err}
	}
	if _, err := s.github.EnsureComment(ctx, d.Repo, d.Number, d.comment(s.called(ctx, d.By)), "debt-"+d.ID); err != nil {
		return false, err
	}
	if d.Verb == Drop {
		_, err = s.github.EnsureIssueClosed(ctx, d.Repo, d.Number, github.NotPlanned)
	}
	return false, err
}

// comment is what is written below the issue.
func (d *DebtDecision) comment(by string) string {
	if d.Verb == Drop {
		return fmt.Sprintf("Not worth it, says %s:\n\n%s\n", by, quotedMarkdown(d.Why))
	}
	return fmt.Sprintf("Snoozed until %s by %s:\n\n%s\n", d.Day, by, quotedMarkdown(d.Why))
}
