package github

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// repoName is owner/name as GitHub allows it; "." and ".." are refused where an address is built.
var repoName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}$`)

// repoPath is the address of something in a repository.
func repoPath(op, repo string, rest ...string) ([]string, error) {
	if !repoName.MatchString(repo) {
		return nil, refuse(op, repo, "%q is not a repository, which is written owner/name", repo)
	}
	owner, name, _ := strings.Cut(repo, "/")
	return append([]string{"repos", owner, name}, rest...), nil
}

// getRepo reads one thing of a repository into out.
func (c *Client) getRepo(ctx context.Context, op, repo string, query url.Values, out any, rest ...string) (*answer, error) {
	path, err := repoPath(op, repo, rest...)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, get(op, repo, path, query, out))
}

// postRepo changes something in a repository.
func (c *Client) postRepo(ctx context.Context, op, repo string, body, out any, rest ...string) (*answer, error) {
	path, err := repoPath(op, repo, rest...)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, post(op, repo, path, body, out))
}

// pages reads a list of a repository page by page, 100 each, until there are no more, maxPages are read or take
// answers false. It reports whether everything was read.
func pages[T any](ctx context.Context, c *Client, k call, maxPages int, take func(T) bool) (complete bool, err error) {
	if k.query == nil {
		k.query = url.Values{}
	}
	k.query.Set("per_page", "100")
	for range maxPages {
		var page T
		k.out = &page
		ans, err := c.do(ctx, k)
		if err != nil {
			return false, err
		}
		if !take(page) {
			return false, nil
		}
		if ans.next == "" {
			return true, nil
		}
		k.query.Set("page", ans.next)
	}
	return false, nil
}

// DefaultBranch returns the name of the repository's default branch.
func (c *Client) DefaultBranch(ctx context.Context, repo string) (string, error) {
	var r gh.Repository
	if _, err := c.getRepo(ctx, "read the repository", repo, nil, &r); err != nil {
		return "", err
	}
	return r.GetDefaultBranch(), nil
}

// at is a time of GitHub's in UTC; the zero time when there is none.
func at(t *gh.Timestamp) time.Time {
	if t == nil || t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
