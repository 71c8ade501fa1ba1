package github

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	gh "github.com/google/go-github/v60/github"
)

// Branches returns up to limit names of branches that begin with prefix, in GitHub's order (by name). A prefix that no
// branch can have gives none.
func (c *Client) Branches(ctx context.Context, repo, prefix string, limit int) ([]string, error) {
	if limit <= 0 {
		return nil, nil
	}
	prefix = strings.TrimSpace(prefix)
	if prefix == "" {
		return c.allBranches(ctx, repo, limit)
	}
	if refMistake(prefix+"x") != "" { // the beginning of a name may end with what a name may not
		return nil, nil
	}
	var refs []*gh.Reference // all of them: this list has no pages
	if _, err := c.getRepo(ctx, "list branches", repo, nil, &refs, "git", "matching-refs", "heads/"+prefix); err != nil {
		return nil, err
	}
	var names []string
	for _, ref := range refs[:min(limit, len(refs))] {
		names = append(names, strings.TrimPrefix(ref.GetRef(), "refs/heads/"))
	}
	return names, nil
}

func (c *Client) allBranches(ctx context.Context, repo string, limit int) ([]string, error) {
	path, err := repoPath("list branches", repo, "branches")
	if err != nil {
		return nil, err
	}
	var names []string
	_, err = pages(ctx, c, get("list branches", repo, path, nil, nil), 1+limit/100, func(branches []*gh.Branch) bool {
		for _, b := range branches {
			names = append(names, b.GetName())
		}
		return len(names) < limit
	})
	return names[:min(limit, len(names))], err
}

const (
	nearNames = 3   // names suggested for one that does not exist
	nearAmong = 100 // names of each kind it is compared with
)

// near finds names like ref among the first branches and tags.
func (c *Client) near(ctx context.Context, repo, ref string) ([]string, error) {
	names, err := c.allBranches(ctx, repo, nearAmong)
	if err != nil {
		return nil, err
	}
	var tags []*gh.RepositoryTag
	if _, err := c.getRepo(ctx, "list tags", repo, url.Values{"per_page": {"100"}}, &tags, "tags"); err != nil {
		return nil, err
	}
	for _, t := range tags {
		names = append(names, t.GetName())
	}
	return nearest(ref, names), nil
}

// nearest picks names that differ from ref in a few letters, or contain it, nearest first.
func nearest(ref string, names []string) []string {
	type scored struct {
		name string
		far  int
	}
	ref = strings.ToLower(ref)
	var close []scored
	for _, name := range names {
		low := strings.ToLower(name)
		far := levenshtein.Distance(ref, low, nil)
		if far > max(2, len(ref)/3) && !(len(ref) >= 3 && strings.Contains(low, ref)) {
			continue
		}
		if !slices.Contains(close, scored{name, far}) {
			close = append(close, scored{name, far})
		}
	}
	slices.SortStableFunc(close, func(a, b scored) int { return cmp.Compare(a.far, b.far) })
	var out []string
	for _, s := range close[:min(nearNames, len(close))] {
		out = append(out, s.name)
	}
	return out
}
