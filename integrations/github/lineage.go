package github

import (
	"context"
	"net/http"
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
	// Files come with the first page only, and of commits one is the least: how both lie to each other is all there is to know.
	query := url.Values{"per_page": {"1"}, "page": {"2"}}
	if _, err := c.getRepo(ctx, op, repo, query, &found, "compare", base+"..."+head); err != nil {
		return "", err
	}
	switch found.GetStatus() {
	case "ahead", "behind", "diverged", "identical":
		return found.GetStatus(), nil
	}
	return "", &Error{Op: op, about: repo, Status: http.StatusOK, Message: "GitHub did not say how the commits lie to each other"}
}
