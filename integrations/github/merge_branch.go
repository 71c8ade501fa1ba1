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

// Conflict says that a branch cannot be merged into another by itself: both changed the same lines.
type Conflict struct {
	Repo, Into, From string
}

// Error is for logs.
func (e *Conflict) Error() string {
	return fmt.Sprintf("github: %s cannot be merged into %s of %s: they conflict", e.From, e.Into, e.Repo)
}

// UserMessage is one sentence for people.
func (e *Conflict) UserMessage() string {
	return fmt.Sprintf("%s and %s of %s changed the same lines; somebody has to merge them by hand.", e.Into, e.From, e.Repo)
}

// MergeBranch merges one branch into another by a merge commit, and tells whether there was anything to merge. After an unclear failure
// the call may simply be made again: then there is nothing left.
//
// Errors: *Conflict; IsNotFound when a branch is gone; else an *Error, with advice when the rules keep the branch.
func (c *Client) MergeBranch(ctx context.Context, repo, into, from string) (merged bool, err error) {
	const op = "merge a branch"
	for _, branch := range []string{into, from} {
		if !ownBranch(branch) {
			return false, refuse(op, repo, "%.100q cannot be a branch", branch)
		}
	}
	path, err := repoPath(op, repo, "merges")
	if err != nil {
		return false, err
	}
	a, err := c.do(ctx, post(op, repo, path, map[string]string{"base": into, "head": from}, nil))
	var e *Error
	switch {
	case err == nil:
		return a.status == http.StatusCreated, nil // 204 when it has all of it already (GitHub REST: Merge a branch)
	case errors.As(err, &e) && e.Status == http.StatusConflict && strings.Contains(strings.ToLower(e.Message), "merge conflict"):
		return false, &Conflict{Repo: repo, Into: into, From: from}
	case IsNotFound(err):
		return false, err
	}
	return false, pushAdvice(repo, into, err)
}

// MergeBase is where the histories of two commits parted, as its SHA; both are SHAs, branches or tags.
func (c *Client) MergeBase(ctx context.Context, repo, a, b string) (string, error) {
	const op = "find where two commits parted"
	for _, ref := range []string{a, b} {
		if ref == "" || refMistake(ref) != "" {
			return "", refuse(op, repo, "%q is not something that can be compared", ref)
		}
	}
	var found gh.CommitsComparison
	// Files come with the first page only, and of commits one is the least.
	query := url.Values{"per_page": {"1"}, "page": {"2"}}
	if _, err := c.getRepo(ctx, op, repo, query, &found, "compare", a+"..."+b); err != nil {
		return "", err
	}
	if sha := found.GetMergeBaseCommit().GetSHA(); fullSHA.MatchString(sha) {
		return sha, nil
	}
	return "", &Error{Op: op, about: repo, Status: http.StatusOK, Message: "GitHub did not say where the commits parted"}
}
