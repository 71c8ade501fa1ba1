package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// EnsureAssignee gives an issue to somebody, beside those who have it already, and returns it as it stands then. Nothing is sent when they
// have it, or when the issue is closed, so that after an unclear failure the call may simply be made again.
//
// GitHub leaves out in silence who cannot have an issue: that is an *Error with what to do.
func (c *Client) EnsureAssignee(ctx context.Context, repo string, number int, login string) (Issue, error) {
	const op = "assign an issue"
	if login == "" {
		return Issue{}, refuse(op, repo, "an issue is assigned to somebody")
	}
	stands, err := c.Issue(ctx, repo, number)
	if err != nil || stands.State != "open" || hasLogin(stands.Assignees, login) {
		return stands, err
	}
	var got gh.Issue
	_, err = c.postRepo(ctx, op, repo, map[string]any{"assignees": []string{login}}, &got, "issues", strconv.Itoa(number), "assignees")
	if err != nil {
		return Issue{}, changeAdvice(repo, number, err)
	}
	out := issueOf(&got)
	if !hasLogin(out.Assignees, login) {
		return Issue{}, &Error{Op: op, about: repo, Status: http.StatusUnprocessableEntity, Message: "GitHub assigned it to nobody",
			advice: fmt.Sprintf("GitHub does not give #%d of %s to %s: only people with access to the repository can have an issue, only ten of them, and only Shipmate's write access "+
				"lets it do so.", number, repo, login)}
	}
	return out, nil
}

func hasLogin(logins []string, login string) bool {
	return slices.ContainsFunc(logins, func(l string) bool { return strings.EqualFold(l, login) })
}

// The reasons for which an issue is closed (GitHub REST: Update an issue, state_reason).
const (
	Completed  = "completed"
	NotPlanned = "not_planned"
)

// EnsureIssueClosed closes an issue for a reason, and returns it as it stands then. One that is closed already is success, whatever it was
// closed for, so that after an unclear failure the call may simply be made again.
func (c *Client) EnsureIssueClosed(ctx context.Context, repo string, number int, reason string) (Issue, error) {
	const op = "close an issue"
	if reason != Completed && reason != NotPlanned {
		return Issue{}, refuse(op, repo, "%.50q is no reason to close an issue", reason)
	}
	stands, err := c.Issue(ctx, repo, number)
	if err != nil || stands.State == "closed" {
		return stands, err
	}
	path, err := repoPath(op, repo, "issues", strconv.Itoa(number))
	if err != nil {
		return Issue{}, err
	}
	var got gh.Issue
	k := post(op, repo, path, map[string]string{"state": "closed", "state_reason": reason}, &got)
	k.method = http.MethodPatch
	if _, err := c.do(ctx, k); err != nil {
		return Issue{}, changeAdvice(repo, number, err)
	}
	return issueOf(&got), nil
}

// changeAdvice adds to a definite refusal of a change what people can do about it.
func changeAdvice(repo string, n int, err error) error {
	var e *Error
	if errors.As(err, &e) && !e.Unclear && !IsRateLimited(err) && (e.Status == http.StatusNotFound || e.Status == http.StatusForbidden && aboutAccess(e.Message)) {
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate change #%d of %s: its token or App needs the permission Issues: read and write.", n, repo))
	}
	return err
}
