package delivery

import (
	"context"
	"errors"
	"slices"

	"shipmate/integrations/github"
)

// issue finds what closes an issue: the newest pull requests that say so, then commits.
func (l *locator) issue(ctx context.Context, repo string, n int) error {
	issue, err := l.github.Issue(ctx, repo, n)
	if err != nil {
		return err
	}
	closers, err := l.github.ClosersOf(ctx, repo, n)
	if err != nil {
		return err
	}
	l.out.Issue = &TitledIssue{Issue: Issue{Repo: repo, Number: issue.Number, URL: issue.URL}, Title: cut(issue.Title), State: issue.State}
	l.out.AtLeast = closers.Truncated
	left := maxClosers
	for _, ref := range slices.Backward(closers.Pulls) {
		if left == 0 {
			l.out.More++
			continue
		}
		seen, err := l.closer(ctx, ref)
		if err != nil {
			return err
		}
		if seen {
			left--
		}
	}
	for _, sha := range slices.Backward(closers.Commits) {
		if left == 0 {
			l.out.More++
			continue
		}
		left--
		if err := l.closingCommit(ctx, repo, sha); err != nil {
			return err
		}
	}
	return nil
}

// closer locates a pull request that says it closes an issue; one of a repository without a service is only named.
func (l *locator) closer(ctx context.Context, ref github.IssueRef) (seen bool, err error) {
	services, err := candidates(l.current(), Sought{Repo: ref.Repo})
	if err != nil {
		l.out.Elsewhere = append(l.out.Elsewhere, Issue(ref))
		return false, nil
	}
	pull, err := l.github.PullRequest(ctx, string(services[0].Repo), ref.Number)
	if err != nil {
		return false, err
	}
	return true, l.pull(ctx, services, pull)
}

// closingCommit locates a commit whose message closed an issue. One that the repository has no more was pushed over.
func (l *locator) closingCommit(ctx context.Context, repo, sha string) error {
	services, err := candidates(l.current(), Sought{Repo: repo})
	if err == nil {
		err = l.commits(ctx, services, sha)
	}
	var refused *Refused
	if errors.As(err, &refused) {
		l.out.More++
		return nil
	}
	return err
}
