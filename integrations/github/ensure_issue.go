package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// NewIssue is an issue that is wanted, exactly one for its Request, which stands hidden in its description.
type NewIssue struct {
	Repo      string
	Title     string // cut at GitHub's 256 characters
	Body      string // Markdown, cut with a note at GitHub's 65,536 characters
	Labels    []string
	Assignees []string // logins
	Request   string   // 8 to 200 plain characters without spaces, < and >

	// Retry says that this was asked for before, the first time not before Since, which is when the caller wrote that down. Then what is
	// there is looked for first. Nothing keeps GitHub from making an issue twice, so that it is made again only if it has not appeared
	// within Search: an answer that was lost may be that of a call still under way. Latest is when the caller wrote down the latest of
	// several attempts, from which Search counts then; without it from Since.
	Retry  bool
	Since  time.Time
	Latest time.Time
	Search time.Duration // IssueSearch when 0
}

const (
	// IssueSearch is how long an issue may take to be in GitHub's lists. GitHub gives a call up after ten seconds (GitHub REST:
	// Troubleshooting, timeouts), and the lists are not those of its search, which lags.
	IssueSearch = 30 * time.Second

	maxIssuePages = 20 // of issues created since, 100 each
)

const opOpenIssue = "open an issue"

// EnsureIssue finds the issue of n.Request, or opens it. Of several, as when somebody has copied one with what is hidden in it, the
// oldest is the one. Of two callers at the same time both would open one: the record has one owner. An issue that was closed is found
// as such, and nothing is opened again.
//
// Labels and assignees that GitHub has not taken are told in the issue's Problems; they never fail it.
//
// Errors: ErrNotYet in a retry while Search lasts; an *Error with Unclear when the issue may or may not have been opened; any other *Error
// is definite, with what to do in its UserMessage. After every one of them the call may simply be made again with Retry and Since.
func (c *Client) EnsureIssue(ctx context.Context, n NewIssue) (Issue, error) {
	if err := checkRequest(opOpenIssue, n.Repo, n.Request); err != nil {
		return Issue{}, err
	}
	switch {
	case strings.TrimSpace(n.Title) == "":
		return Issue{}, refuse(opOpenIssue, n.Repo, "an issue needs a title")
	case n.Retry && n.Since.IsZero():
		return Issue{}, refuse(opOpenIssue, n.Repo, "without the time of the first attempt the issue cannot be looked for")
	}
	if !n.Retry {
		return c.openIssue(ctx, n)
	}
	found, ok, err := c.findIssue(ctx, n)
	switch {
	case err != nil:
		return Issue{}, err
	case ok:
		found.Problems = n.missing(found)
		return found, nil
	case c.clock.Now().Before(later(n.Since, n.Latest).Add(cmp.Or(n.Search, IssueSearch))):
		return Issue{}, ErrNotYet
	}
	return c.openIssue(ctx, n)
}

// missing says what an issue lacks. Of one that is over nothing is told.
func (n NewIssue) missing(i Issue) []string {
	if i.State != "open" {
		return nil
	}
	problems := withoutLabels(n.Labels, i.Labels)
	if left := lacking(n.Assignees, i.Assignees); len(left) > 0 {
		problems = append(problems, fmt.Sprintf("It is not assigned to %s: GitHub gives issues only to people who have access to %s, and only Shipmate's write access lets it do so.",
			strings.Join(left, ", "), n.Repo))
	}
	return problems
}

// openIssue opens it. When GitHub refuses it for one of the people, it is opened without them, and then given to those who can have it.
func (c *Client) openIssue(ctx context.Context, n NewIssue) (Issue, error) {
	body := map[string]any{"title": titled(n.Title), "body": withMarker(n.Body, requestMarker(n.Request))}
	if len(n.Labels) > 0 {
		body["labels"] = n.Labels
	}
	if len(n.Assignees) > 0 {
		body["assignees"] = n.Assignees
	}
	var made gh.Issue
	_, err := c.postRepo(ctx, opOpenIssue, n.Repo, body, &made, "issues")
	if refusedFor(err, "assignee") && body["assignees"] != nil {
		delete(body, "assignees")
		_, err = c.postRepo(ctx, opOpenIssue, n.Repo, body, &made, "issues")
		if err == nil {
			assigned := made
			// It is there without them as well: what GitHub says to this is seen in what the issue has.
			if _, err := c.postRepo(ctx, "assign an issue", n.Repo, map[string]any{"assignees": n.Assignees}, &assigned, "issues", strconv.Itoa(made.GetNumber()), "assignees"); err == nil {
				made = assigned
			}
		}
	}
	if err == nil && made.GetNumber() == 0 {
		err = &Error{Op: opOpenIssue, about: n.Repo, Message: "GitHub opened none", Unclear: true}
	}
	if err != nil {
		return Issue{}, issueAdvice(n.Repo, err)
	}
	out := issueOf(&made)
	out.Problems = n.missing(out)
	return out, nil
}

// issueAdvice adds to a definite refusal what people can do about it.
func issueAdvice(repo string, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || IsRateLimited(err) {
		return err
	}
	switch {
	case e.Status == http.StatusGone:
		return withAdvice(err, fmt.Sprintf("Issues are switched off in %s: switch them on under Settings, or name another repository for them.", repo))
	case e.Status == http.StatusNotFound, e.Status == http.StatusForbidden && aboutAccess(e.Message):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate open issues in %s: its token or App needs the permission Issues: read and write.", repo))
	case e.Status == http.StatusUnprocessableEntity:
		return withAdvice(err, fmt.Sprintf("GitHub does not open this issue in %s: %s", repo, sentence(e.Message)))
	}
	return err
}

// findIssue looks through the issues that were created since, newest first, whatever has become of them. Neither their labels nor who
// opened them is asked for: people change the one, and an App's name the other.
func (c *Client) findIssue(ctx context.Context, n NewIssue) (found Issue, ok bool, err error) {
	const op = "look for an issue"
	path, err := repoPath(op, n.Repo, "issues")
	if err != nil {
		return Issue{}, false, err
	}
	from := n.Since.Add(-clockSlack - c.budget.behind()).UTC().Truncate(time.Second)
	query := url.Values{"state": {"all"}, "since": {from.Format(time.RFC3339)}, "sort": {"created"}, "direction": {"desc"}}
	older := false
	complete, err := pages(ctx, c, get(op, n.Repo, path, query, nil), maxIssuePages, func(page []*gh.Issue) bool {
		for _, i := range page {
			if older = i.CreatedAt != nil && i.CreatedAt.Before(from); older {
				return false
			}
			if i.PullRequestLinks == nil && strings.Contains(i.GetBody(), requestMarker(n.Request)) {
				found, ok = issueOf(i), true // the last that is found is the oldest
			}
		}
		return true
	})
	switch {
	case err != nil:
		return Issue{}, false, issueAdvice(n.Repo, err)
	case !ok && !complete && !older:
		// Not having seen all of them, "none" would be a guess, and a second issue the price.
		return Issue{}, false, &Error{Op: op, about: n.Repo, Message: "too many issues to look through",
			advice: fmt.Sprintf("%s has had too many issues since; look on GitHub whether one of them is %q.", n.Repo, titled(n.Title))}
	}
	return found, ok, nil
}

// IssueQuery says which issues are wanted.
type IssueQuery struct {
	Labels []string  // all of them
	State  string    // open (also when empty), closed, all
	Since  time.Time // changed since then; zero for all
}

const maxListedPages = 10 // 100 each, pull requests counted

// ListIssues lists issues, oldest first; truncated says that there are more than are read, which are a thousand with the pull requests
// among them.
func (c *Client) ListIssues(ctx context.Context, repo string, q IssueQuery) (issues []Issue, truncated bool, err error) {
	const op = "list issues"
	path, err := repoPath(op, repo, "issues")
	if err != nil {
		return nil, false, err
	}
	query := url.Values{"state": {cmp.Or(q.State, "open")}, "sort": {"created"}, "direction": {"asc"}}
	switch {
	case !slices.Contains([]string{"open", "closed", "all"}, query.Get("state")):
		return nil, false, refuse(op, repo, "%.50q is no state of an issue", q.State)
	case slices.ContainsFunc(q.Labels, func(l string) bool { return l == "" || strings.Contains(l, ",") }):
		return nil, false, refuse(op, repo, "a label is empty or has a comma")
	}
	if len(q.Labels) > 0 {
		query.Set("labels", strings.Join(q.Labels, ","))
	}
	if !q.Since.IsZero() {
		query.Set("since", q.Since.UTC().Format(time.RFC3339))
	}
	complete, err := pages(ctx, c, get(op, repo, path, query, nil), maxListedPages, func(page []*gh.Issue) bool {
		for _, i := range page {
			if i.PullRequestLinks == nil {
				issues = append(issues, issueOf(i))
			}
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	return issues, !complete, nil
}
