package github

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Comparison is what head has that base has not.
type Comparison struct {
	Status       string        `json:"status"`                  // ahead, behind (head is older: a rollback), diverged, identical
	Ahead        int           `json:"ahead"`                   // commits head has more
	Behind       int           `json:"behind"`                  // commits base has more
	Commits      []Commit      `json:"commits,omitempty"`       // oldest first
	PullRequests []PullRequest `json:"pull_requests,omitempty"` // in the order of their commits, oldest first
	URL          string        `json:"url"`
	Truncated    bool          `json:"truncated,omitempty"` // there is more than is listed

	Direct []Commit   `json:"direct,omitempty"` // the commits listed that GitHub knows no merged pull request for, oldest first
	Unread int        `json:"unread,omitempty"` // how many of the listed were not looked up, so that nobody knows
	Issues []IssueRef `json:"issues,omitempty"` // what the pull requests and commits listed say they close
	Size   Size       `json:"size,omitzero"`
}

// Size is how much differs from where both have parted.
type Size struct {
	Files     int  `json:"files,omitempty"`
	Additions int  `json:"additions,omitempty"` // lines
	Deletions int  `json:"deletions,omitempty"`
	AtLeast   bool `json:"at_least,omitempty"` // GitHub has not listed all files
}

// maxFiles is how many files GitHub lists in a comparison (GitHub REST: Compare two commits).
const maxFiles = 300

// Compare tells what changed from base to head, both SHAs, branches or tags, and which pull requests brought it. GitHub
// lists the newest 250 commits. For what a rollback takes away, ask with base and head exchanged.
func (c *Client) Compare(ctx context.Context, repo, base, head string) (Comparison, error) {
	const op = "compare two commits"
	for _, ref := range []string{base, head} {
		if ref == "" || refMistake(ref) != "" {
			return Comparison{}, refuse(op, repo, "%q is not something that can be compared", ref)
		}
	}
	var found gh.CommitsComparison
	// Without paging GitHub gives the newest commits of a long range, with it the oldest.
	if _, err := c.getRepo(ctx, op, repo, nil, &found, "compare", base+"..."+head); err != nil {
		return Comparison{}, err
	}
	out := Comparison{
		Status: found.GetStatus(), Ahead: found.GetAheadBy(), Behind: found.GetBehindBy(), URL: found.GetHTMLURL(),
		Truncated: found.GetTotalCommits() > len(found.Commits),
	}
	for _, commit := range found.Commits {
		out.Commits = append(out.Commits, plainCommit(commit))
	}
	out.Size = sizeOf(found.Files)
	pulls, err := c.pullsOf(ctx, repo, found.Commits)
	if err != nil {
		return Comparison{}, fmt.Errorf("finding the pull requests between %.12s and %.12s: %w", base, head, err)
	}
	out.PullRequests, out.Direct, out.Unread = pulls.found, pulls.direct, pulls.unread
	out.Truncated = out.Truncated || !pulls.complete
	out.Issues = closedBetween(repo, out.PullRequests, found.Commits)
	return out, nil
}

func sizeOf(files []*gh.CommitFile) Size {
	s := Size{Files: len(files), AtLeast: len(files) >= maxFiles}
	for _, f := range files {
		s.Additions += f.GetAdditions()
		s.Deletions += f.GetDeletions()
	}
	return s
}

// webURL is the repository's address for people, taken from that of one of its commits; "" when it has none.
func webURL(commit *gh.RepositoryCommit) string {
	repo, _, found := strings.Cut(commit.GetHTMLURL(), "/commit/")
	if !found {
		return ""
	}
	return repo
}
