package github

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Issue is an issue.
type Issue struct {
	Number      int       `json:"number"`
	Title       string    `json:"title"`
	State       string    `json:"state"`                  // open, closed
	StateReason string    `json:"state_reason,omitempty"` // completed, not_planned, duplicate, reopened; may be empty
	URL         string    `json:"url"`
	Author      string    `json:"author,omitempty"`    // login
	Assignees   []string  `json:"assignees,omitempty"` // logins
	Labels      []string  `json:"labels,omitempty"`
	Body        string    `json:"body,omitempty"` // Markdown, as whoever wrote it left it
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"` // when anything of it changed last, comments among it
	ClosedAt    time.Time `json:"closed_at,omitzero"`

	// Problems are what EnsureIssue was asked for and GitHub has not taken, in sentences for people.
	Problems []string `json:"problems,omitempty"`
}

func issueOf(i *gh.Issue) Issue {
	out := Issue{Number: i.GetNumber(), Title: i.GetTitle(), State: i.GetState(), StateReason: i.GetStateReason(), URL: i.GetHTMLURL(),
		Author: i.GetUser().GetLogin(), Labels: namesOf(i.Labels), Body: i.GetBody(), CreatedAt: at(i.CreatedAt), UpdatedAt: at(i.UpdatedAt), ClosedAt: at(i.ClosedAt)}
	out.Assignees = loginsOf(i.Assignees)
	return out
}

// Issue reads one issue; GitHub also knows a pull request as one.
func (c *Client) Issue(ctx context.Context, repo string, n int) (Issue, error) {
	var i gh.Issue
	if _, err := c.getRepo(ctx, "read an issue", repo, nil, &i, "issues", strconv.Itoa(n)); err != nil {
		if isHidden(err) {
			return Issue{}, withAdvice(err, fmt.Sprintf("%s has no pull request and no issue #%d that Shipmate can see; for issues it needs "+
				"the permission Issues: read.", repo, n))
		}
		return Issue{}, err
	}
	return issueOf(&i), nil
}

// Closers are what says that it closes an issue.
type Closers struct {
	Pulls     []IssueRef // pull requests, open or not, oldest first; also of other repositories
	Commits   []string   // SHAs of commits of the same repository whose message closed it
	Truncated bool       // the issue's timeline is longer than what is read of it
}

const closerPages = 3 // of an issue's timeline, 100 events each

// happening is what is needed of an event of an issue's timeline (GitHub REST: Timeline events).
type happening struct {
	Event    string `json:"event"`
	CommitID string `json:"commit_id"`
	Source   struct {
		Issue *struct {
			Number      int       `json:"number"`
			Body        string    `json:"body"`
			HTMLURL     string    `json:"html_url"`
			RepoURL     string    `json:"repository_url"`
			PullRequest *struct{} `json:"pull_request"`
		} `json:"issue"`
	} `json:"source"`
}

// ClosersOf finds what says that it closes an issue, as the issue's timeline tells: the pull requests that mention it with a
// closing word, and the commits that closed it. What somebody linked by hand is not told by it.
func (c *Client) ClosersOf(ctx context.Context, repo string, n int) (Closers, error) {
	const op = "read an issue's timeline"
	path, err := repoPath(op, repo, "issues", strconv.Itoa(n), "timeline")
	if err != nil {
		return Closers{}, err
	}
	var out Closers
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), closerPages, func(events []happening) bool {
		for _, e := range events {
			out.add(e, IssueRef{Repo: repo, Number: n})
		}
		return true
	})
	out.Truncated = !complete
	return out, err
}

func (c *Closers) add(e happening, closed IssueRef) {
	from := e.Source.Issue
	switch {
	case e.Event == "closed" && fullSHA.MatchString(e.CommitID):
		c.Commits = append(c.Commits, e.CommitID)
	case e.Event != "cross-referenced" || from == nil || from.PullRequest == nil:
	default:
		_, repo, _ := strings.Cut(from.RepoURL, "/repos/")
		ref := IssueRef{Repo: repo, Number: from.Number, URL: from.HTMLURL}
		if slices.ContainsFunc(closedBy(from.Body, repo, ""), closed.same) && !slices.ContainsFunc(c.Pulls, ref.same) {
			c.Pulls = append(c.Pulls, ref)
		}
	}
}

// CommitOf reads a commit by its SHA or the first seven or more digits of it; found is false when the repository has none, or
// several. Unlike Resolve it looks for nothing else, in one call.
func (c *Client) CommitOf(ctx context.Context, repo, sha string) (commit Commit, found bool, err error) {
	sha = strings.ToLower(sha)
	if !fullSHA.MatchString(sha) && !shortSHA.MatchString(sha) {
		return Commit{}, false, refuse("read a commit", repo, "%q is not a commit's SHA", sha)
	}
	var got gh.RepositoryCommit
	_, err = c.getRepo(ctx, "read a commit", repo, nil, &got, "commits", sha)
	if noSuchCommit(err) && !IsNotFound(err) { // for a commit GitHub answers 422; what it does not find is the repository
		return Commit{}, false, nil
	}
	if err != nil || !strings.HasPrefix(got.GetSHA(), sha) { // a branch may be called so
		return Commit{}, false, err
	}
	return plainCommit(&got), true, nil
}

// Contains tells whether head is the commit or comes after it, so that what head is has the commit in it. Both are SHAs. Of
// commits without a common history, and of one that is not there, GitHub answers not found.
func (c *Client) Contains(ctx context.Context, repo, head, commit string) (bool, error) {
	const op = "compare two commits"
	if !fullSHA.MatchString(head) || !fullSHA.MatchString(commit) {
		return false, refuse(op, repo, "%.50q and %.50q cannot be compared", head, commit)
	}
	if head == commit {
		return true, nil
	}
	lies, err := c.Lineage(ctx, repo, commit, head)
	return lies == "ahead" || lies == "identical", err
}
