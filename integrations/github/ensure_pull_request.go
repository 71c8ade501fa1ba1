package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

const opPropose = "open a pull request"

// EnsurePullRequest finds the pull request of p.Request, or opens it, going on from wherever an earlier call has come to: the commit is
// made before the branch, so that a branch always tells whose it is, and the branch, of which GitHub makes one only, decides between
// two who want the same name. A pull request that was merged or closed is found as such; nothing is opened again. What it carries is as
// it was when the branch was made, whatever the files of a later call are.
//
// Errors: *BranchTaken; ErrNotYet when GitHub says that it is there and does not show it; an *Error with Unclear when a branch or pull
// request may or may not have been made; any other *Error is definite, with what to do in its UserMessage. After every one of them the
// call may simply be made again with Retry. Labels and reviewers never fail it: see Proposed.Problems.
func (c *Client) EnsurePullRequest(ctx context.Context, p Proposal) (Proposed, error) {
	if err := p.check(opPropose); err != nil {
		return Proposed{}, err
	}
	if p.Base == "" {
		var err error
		if p.Base, err = c.DefaultBranch(ctx, p.Repo); err != nil {
			return Proposed{}, err
		}
	}
	if p.Branch == p.Base {
		return Proposed{}, refuse(opPropose, p.Repo, "a pull request cannot go from %s to itself", p.Base)
	}
	if p.Retry {
		pull, found, err := c.findPull(ctx, p)
		if err != nil {
			return Proposed{}, err
		}
		if found {
			return c.dress(ctx, p, pull), nil
		}
	}
	if err := c.ensureBranch(ctx, p); err != nil {
		return Proposed{}, err
	}
	pull, problem, err := c.openPull(ctx, p)
	if err != nil {
		return Proposed{}, err
	}
	out := c.dress(ctx, p, pull)
	if problem != "" {
		out.Problems = append([]string{problem}, out.Problems...)
	}
	return out, nil
}

// openPull opens it, or finds that it is open already. A repository without drafts gets an open one, which is told as a problem.
func (c *Client) openPull(ctx context.Context, p Proposal) (pull *gh.PullRequest, problem string, err error) {
	body := map[string]any{"title": titled(p.Title), "head": p.Branch, "base": p.Base, "body": withMarker(p.Body, requestMarker(p.Request)), "draft": p.Draft}
	pull = &gh.PullRequest{}
	_, err = c.postRepo(ctx, opPropose, p.Repo, body, pull, "pulls")
	if p.Draft && refusedFor(err, "draft") {
		problem = fmt.Sprintf("%s has no draft pull requests, so this one is open for review.", p.Repo)
		body["draft"] = false
		_, err = c.postRepo(ctx, opPropose, p.Repo, body, pull, "pulls")
	}
	switch {
	case err == nil && pull.GetNumber() == 0:
		return nil, "", &Error{Op: opPropose, about: p.Repo, Message: "GitHub opened none", Unclear: true}
	case err == nil:
		return pull, problem, nil
	case refusedFor(err, "already exists"):
		found, ok, lookErr := c.findPull(ctx, p)
		if lookErr == nil && !ok {
			lookErr = ErrNotYet
		}
		return found, "", lookErr
	case refusedFor(err, "head invalid"):
		return nil, "", ErrNotYet // the branch was there a moment ago: what answered has not seen it yet, or it was just deleted
	}
	return nil, "", proposalAdvice(p, err)
}

// refusedFor tells whether GitHub found a request not valid (422) and says so with this word.
func refusedFor(err error, word string) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusUnprocessableEntity && strings.Contains(strings.ToLower(e.Message), word)
}

// proposalAdvice adds to a definite refusal what people can do about it.
func proposalAdvice(p Proposal, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || e.advice != "" || IsRateLimited(err) {
		return err
	}
	switch {
	case e.Status == http.StatusNotFound, e.Status == http.StatusForbidden && aboutAccess(e.Message):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate open pull requests in %s: its token or App needs the permission Pull requests: read and write.", p.Repo))
	case refusedFor(err, "no commits between"):
		return withAdvice(err, fmt.Sprintf("%s of %s brings nothing that %s has not: there is nothing to open a pull request for.", p.Branch, p.Repo, p.Base))
	case refusedFor(err, "base invalid"):
		return withAdvice(err, fmt.Sprintf("%s has no branch %s that a pull request could go to.", p.Repo, p.Base))
	case e.Status == http.StatusUnprocessableEntity:
		return withAdvice(err, fmt.Sprintf("GitHub does not open this pull request in %s: %s", p.Repo, sentence(e.Message)))
	}
	return err
}

const (
	maxHeadPages   = 3  // of pull requests from one branch, 100 each
	maxCommitPages = 3  // of commits of a pull request; GitHub lists 250
	maxPullLooks   = 20 // pull requests from one branch whose commits are looked at
)

// findPull looks for the pull request of a request among all that ever came from its branch: by the marker in its description, else,
// since descriptions are edited, by the trailer of its commits. An open one goes before a merged one, and that before a closed one.
func (c *Client) findPull(ctx context.Context, p Proposal) (found *gh.PullRequest, ok bool, err error) {
	const op = "look for a pull request"
	path, err := repoPath(op, p.Repo, "pulls")
	if err != nil {
		return nil, false, err
	}
	owner, _, _ := strings.Cut(p.Repo, "/")
	query := url.Values{"head": {owner + ":" + p.Branch}, "state": {"all"}}
	var all []*gh.PullRequest
	complete, err := pages(ctx, c, get(op, p.Repo, path, query, nil), maxHeadPages, func(page []*gh.PullRequest) bool {
		for _, one := range page {
			if comesFrom(one, p.Branch) { // a filter that GitHub cannot read is left out by it
				all = append(all, one)
			}
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	left := maxPullLooks
	for _, one := range all {
		ours := strings.Contains(one.GetBody(), requestMarker(p.Request))
		if left--; !ours && left < 0 {
			complete = false
		} else if !ours {
			if ours, err = c.pullAnswers(ctx, p, one.GetNumber()); err != nil {
				return nil, false, err
			}
		}
		if ours && (found == nil || standing(one) > standing(found)) {
			found = one
		}
	}
	if found == nil && !complete {
		return nil, false, &Error{Op: op, about: p.Repo, Message: "too many pull requests to look through",
			advice: fmt.Sprintf("%s has had too many pull requests from %s; look on GitHub whether one of them is this.", p.Repo, p.Branch)}
	}
	return found, found != nil, nil
}

// comesFrom tells whether a pull request comes from a branch of the repository itself.
func comesFrom(p *gh.PullRequest, branch string) bool {
	return p.GetHead().GetRef() == branch && p.GetHead().GetRepo().GetID() == p.GetBase().GetRepo().GetID()
}

func standing(p *gh.PullRequest) int {
	switch {
	case p.GetState() == "open":
		return 2
	case p.MergedAt != nil:
		return 1
	}
	return 0
}

// pullAnswers tells whether one of a pull request's commits answers the request.
func (c *Client) pullAnswers(ctx context.Context, p Proposal, number int) (bool, error) {
	const op = "list a pull request's commits"
	path, err := repoPath(op, p.Repo, "pulls", fmt.Sprint(number), "commits")
	if err != nil {
		return false, err
	}
	ours := false
	_, err = pages(ctx, c, get(op, p.Repo, path, nil, nil), maxCommitPages, func(page []*gh.RepositoryCommit) bool {
		for _, commit := range page {
			ours = ours || answers(commit.GetCommit().GetMessage(), p.Request)
		}
		return !ours
	})
	return ours, err
}
