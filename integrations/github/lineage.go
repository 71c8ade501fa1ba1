package github

import (
	"context"
	"net/url"

	gh "github.com/google/go-github/v60/github"
)

// Lineage tells how head lies to base, both SHAs, branches or tags: ahead, behind (base has it already), diverged or identical.
// It is one call, where Compare also finds out what changed.
func (c *Client) Lineage(ctx context.Context, repo, base, head string) (string, error) {
	const op = "see how two commits lie to each other"
	for _, ref := range []string{base, head} {
		if ref == "" || refMistake(ref) != "" {
			return "", refuse(op, repo, "%q is not something that can be compared", ref)
		}
	}
	var found gh.CommitsComparison
	if _, err := c.getRepo(ctx, op, repo, url.Values{"per_page": {"1"}}, &found, "compare", base+"..."+head); err != nil {
		return "", err
	}
	return found.GetStatus(), nil
}
