package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// NotMergeable says why GitHub does not merge a pull request: a conflict, a check or review that is missing, a draft, one that is closed.
type NotMergeable struct {
	Repo   string
	Number int
	Why    string // one sentence, GitHub's own where it has one
}

// Error is for logs.
func (e *NotMergeable) Error() string {
	return fmt.Sprintf("github: pull request #%d of %s cannot be merged: %s", e.Number, e.Repo, e.Why)
}

// UserMessage is one sentence for people.
func (e *NotMergeable) UserMessage() string {
	return fmt.Sprintf("GitHub does not merge #%d of %s: %s", e.Number, e.Repo, sentence(e.Why))
}

// mergeMethods are GitHub's; a repository may allow some of them only.
var mergeMethods = []string{"merge", "squash", "rebase"}

// MergePullRequest merges a pull request if its newest commit is still head, the one that was judged; method is merge, squash or rebase.
// One that is merged already is success, so that after an unclear failure the call may simply be made again.
//
// Errors: *Changed when more was pushed, *NotMergeable when GitHub refuses; else an *Error.
func (c *Client) MergePullRequest(ctx context.Context, repo string, number int, head, method string) error {
	const op = "merge a pull request"
	switch {
	case !fullSHA.MatchString(head):
		return refuse(op, repo, "a pull request is merged at a commit, not at %.50q", head)
	case !slices.Contains(mergeMethods, method):
		return refuse(op, repo, "%.50q is no way to merge, which are %s", method, strings.Join(mergeMethods, ", "))
	}
	pull, err := c.readPull(ctx, repo, number)
	if err != nil {
		return err
	}
	if done, err := mergeStands(repo, pull, head); done || err != nil {
		return err
	}
	var out struct {
		Merged  bool
		Message string
	}
	path, err := repoPath(op, repo, "pulls", strconv.Itoa(number), "merge")
	if err != nil {
		return err
	}
	k := post(op, repo, path, map[string]string{"sha": head, "merge_method": method}, &out)
	k.method = http.MethodPut
	_, err = c.do(ctx, k)
	switch {
	case err != nil:
		return c.mergeRefused(ctx, repo, number, head, err)
	case !out.Merged:
		return &NotMergeable{Repo: repo, Number: number, Why: c.oneLine(out.Message)}
	}
	return nil
}

// mergeStands tells whether there is nothing left to merge, or nothing that may be merged.
func mergeStands(repo string, pull *gh.PullRequest, head string) (done bool, err error) {
	switch {
	case pull.GetMerged():
		return true, nil
	case pull.GetState() != "open":
		return false, &NotMergeable{Repo: repo, Number: pull.GetNumber(), Why: "it is closed"}
	case pull.GetHead().GetSHA() != head:
		return false, &Changed{Repo: repo, What: fmt.Sprintf("pull request #%d", pull.GetNumber()), Seen: head, Now: pull.GetHead().GetSHA()}
	}
	return false, nil
}

// mergeRefused looks again after a refusal: somebody else may have merged it, or pushed to it, in between.
func (c *Client) mergeRefused(ctx context.Context, repo string, number int, head string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Status == http.StatusMethodNotAllowed, e.Status == http.StatusConflict:
	case !e.Unclear && !IsRateLimited(err) && (e.Status == http.StatusNotFound || e.Status == http.StatusForbidden && aboutAccess(e.Message)):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate merge in %s: its token or App needs the permission Contents: read and write.", repo))
	default:
		return err
	}
	pull, lookErr := c.readPull(ctx, repo, number)
	if lookErr != nil {
		return lookErr
	}
	if done, stands := mergeStands(repo, pull, head); done || stands != nil {
		return stands
	}
	if strings.Contains(strings.ToLower(e.Message), "base branch was modified") {
		again := *e // two were merged at once; nothing is wrong with this one
		again.RetryAfter = time.Second
		return &again
	}
	return &NotMergeable{Repo: repo, Number: number, Why: e.Message}
}
