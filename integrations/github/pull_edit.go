package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// ClosePullRequest closes a pull request without merging it, and returns it as it stands then: its State is merged when somebody was
// faster, else closed. One that is closed already is success, so that after an unclear failure the call may simply be made again.
func (c *Client) ClosePullRequest(ctx context.Context, repo string, number int) (PullRequest, error) {
	pull, err := c.readPull(ctx, repo, number)
	if err != nil {
		return PullRequest{}, err
	}
	if pull.GetState() == "open" {
		if pull, err = c.patchPull(ctx, "close a pull request", repo, number, map[string]string{"state": "closed"}); err != nil {
			return PullRequest{}, err
		}
	}
	return pullOf(pull), nil
}

// PullRequestEdit is what a pull request is to say.
type PullRequestEdit struct {
	Repo    string
	Number  int
	Title   string // cut at GitHub's 256 characters
	Body    string // Markdown, cut with a note at GitHub's 65,536 characters
	Request string // of the proposal it was opened for: its hidden marker stands below Body again
}

// EditPullRequest makes a pull request say what it is to say; nothing is sent when it does already, so that after an unclear failure the
// call may simply be made again. GitHub has no compare-and-swap for this: what somebody else wrote into the description since it was
// read is written over.
func (c *Client) EditPullRequest(ctx context.Context, e PullRequestEdit) error {
	const op = "edit a pull request"
	if err := checkRequest(op, e.Repo, e.Request); err != nil {
		return err
	}
	title, body := titled(e.Title), withMarker(e.Body, requestMarker(e.Request))
	if title == "" {
		return refuse(op, e.Repo, "a pull request needs a title")
	}
	pull, err := c.readPull(ctx, e.Repo, e.Number)
	if err != nil {
		return err
	}
	stands := strings.TrimSpace(strings.ReplaceAll(pull.GetBody(), "\r\n", "\n")) // the page ends lines with both, and trims
	if pull.GetTitle() == title && stands == strings.TrimSpace(body) {
		return nil
	}
	_, err = c.patchPull(ctx, op, e.Repo, e.Number, map[string]string{"title": title, "body": body})
	return err
}

func (c *Client) patchPull(ctx context.Context, op, repo string, number int, change map[string]string) (*gh.PullRequest, error) {
	path, err := repoPath(op, repo, "pulls", strconv.Itoa(number))
	if err != nil {
		return nil, err
	}
	pull := &gh.PullRequest{}
	k := post(op, repo, path, change, pull)
	k.method = http.MethodPatch
	_, err = c.do(ctx, k)
	var e *Error
	switch {
	case err == nil:
		return pull, nil
	case errors.As(err, &e) && !e.Unclear && !IsRateLimited(err) && (e.Status == http.StatusNotFound || e.Status == http.StatusForbidden && aboutAccess(e.Message)):
		return nil, withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate change #%d of %s: its token or App needs the permission Pull requests: read and write.", number, repo))
	}
	return nil, err
}

// EnsureBranchGone deletes a branch, but only while its newest commit is head, so that nobody's work goes with it; GitHub closes the
// open pull requests that come from it. A branch that is gone is success, so that after an unclear failure the call may simply be made
// again. What is pushed in the moment between looking and deleting is not seen: GitHub has no compare-and-swap for this.
//
// Errors: *Changed when there are other commits on it; else an *Error, with advice when the rules keep the branch.
func (c *Client) EnsureBranchGone(ctx context.Context, repo, branch, head string) error {
	const op = "delete a branch"
	switch {
	case !ownBranch(branch):
		return refuse(op, repo, "%.100q cannot be a branch", branch)
	case !fullSHA.MatchString(head):
		return refuse(op, repo, "a branch is deleted at a commit, not at %.50q", head)
	}
	now, err := c.refSHA(ctx, repo, branch)
	switch {
	case IsNotFound(err):
		return c.branchGone(ctx, repo)
	case err != nil:
		return err
	case now != head:
		return &Changed{Repo: repo, What: "the branch " + branch, Seen: head, Now: now}
	}
	path, err := repoPath(op, repo, "git", "refs", "heads/"+branch)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, call{op: op, about: repo, method: http.MethodDelete, path: path})
	if refusedFor(err, "does not exist") {
		return nil
	}
	return pushAdvice(repo, branch, err)
}

// branchGone makes sure that it is the branch that is not there, and not the repository that cannot be seen.
func (c *Client) branchGone(ctx context.Context, repo string) error {
	_, err := c.DefaultBranch(ctx, repo)
	return err
}

// pushAdvice adds to a definite refusal to move or delete a branch what people can do about it. Rules refuse with 422, 409 or 403 and
// say why in their own words.
func pushAdvice(repo, branch string, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || e.advice != "" || IsRateLimited(err) {
		return err
	}
	switch {
	case e.Status == http.StatusNotFound, e.Status == http.StatusForbidden && aboutAccess(e.Message):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate write to %s: its token or App needs the permission Contents: read and write.", repo))
	case e.Status == http.StatusUnprocessableEntity, e.Status == http.StatusConflict, e.Status == http.StatusForbidden:
		return withAdvice(err, fmt.Sprintf("The rules of %s do not let Shipmate change the branch %s; whoever looks after them can allow it: %s", repo, branch, sentence(e.Message)))
	}
	return err
}
