package github

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// PullRequest is a pull request.
type PullRequest struct {
	Number   int       `json:"number"`
	Title    string    `json:"title"`
	Author   string    `json:"author,omitempty"` // login
	URL      string    `json:"url"`
	Body     string    `json:"body,omitempty"`
	State    string    `json:"state,omitempty"` // open, closed, merged
	Draft    bool      `json:"draft,omitempty"`
	Base     string    `json:"base,omitempty"`     // branch it goes to
	Head     string    `json:"head,omitempty"`     // branch it comes from
	HeadSHA  string    `json:"head_sha,omitempty"` // its newest commit
	MergeSHA string    `json:"merge_sha,omitempty"`
	MergedAt time.Time `json:"merged_at,omitzero"`
}

// PullRequest reads one pull request.
func (c *Client) PullRequest(ctx context.Context, repo string, n int) (PullRequest, error) {
	var p gh.PullRequest
	if _, err := c.getRepo(ctx, "read a pull request", repo, nil, &p, "pulls", strconv.Itoa(n)); err != nil {
		if IsNotFound(err) {
			return PullRequest{}, withAdvice(err, fmt.Sprintf("%s has no pull request #%d that Shipmate can see.", repo, n))
		}
		return PullRequest{}, err
	}
	return pullOf(&p), nil
}

func pullOf(p *gh.PullRequest) PullRequest {
	out := PullRequest{
		Number: p.GetNumber(), Title: p.GetTitle(), Author: p.GetUser().GetLogin(), URL: p.GetHTMLURL(), Body: p.GetBody(),
		State: p.GetState(), Draft: p.GetDraft(), Base: p.GetBase().GetRef(), Head: p.GetHead().GetRef(),
		HeadSHA: p.GetHead().GetSHA(), MergedAt: at(p.MergedAt),
	}
	if !out.MergedAt.IsZero() {
		out.State, out.MergeSHA = "merged", p.GetMergeCommitSHA()
	}
	return out
}

const (
	// One call for the pull requests merged last answers for most ranges; what is left is asked for one by one, up to
	// this many calls for a comparison.
	maxPullLookups = 12
)

var (
	squashed = regexp.MustCompile(`\(#(\d{1,9})\)\s*$`)
	merged   = regexp.MustCompile(`^Merge pull request #(\d{1,9}) from `)
)

// pullNumber reads the number GitHub itself writes into the subject of a squashed or merged pull request; 0 when there
// is none.
func pullNumber(message string) int {
	subject, _, _ := strings.Cut(message, "\n")
	for _, pattern := range []*regexp.Regexp{merged, squashed} {
		if m := pattern.FindStringSubmatch(strings.TrimSpace(subject)); m != nil {
			n, _ := strconv.Atoi(m[1])
			return n
		}
	}
	return 0
}

// pullsOf finds the pull requests that brought the commits. It is not complete when some commits were not looked up, or when
// the token may not see pull requests.
func (c *Client) pullsOf(ctx context.Context, repo string, commits []*gh.RepositoryCommit) (*pullFinder, error) {
	f := &pullFinder{c: c, repo: repo, left: maxPullLookups, complete: true}
	if len(commits) == 0 {
		return f, nil
	}
	var err error
	f.recent, err = c.recentlyMerged(ctx, repo)
	if isHidden(err) {
		return &pullFinder{unread: len(commits)}, nil
	}
	if err != nil {
		return nil, err
	}
	inside := broughtByMerges(commits)
	for _, commit := range commits {
		if inside[commit.GetSHA()] {
			continue
		}
		if err := f.add(ctx, commit); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// recentlyMerged reads the hundred pull requests closed last.
func (c *Client) recentlyMerged(ctx context.Context, repo string) ([]PullRequest, error) {
	query := url.Values{"state": {"closed"}, "sort": {"updated"}, "direction": {"desc"}, "per_page": {"100"}}
	var list []*gh.PullRequest
	if _, err := c.getRepo(ctx, "list pull requests", repo, query, &list, "pulls"); err != nil {
		return nil, err
	}
	var out []PullRequest
	for _, p := range list {
		if one := pullOf(p); one.State == "merged" {
			out = append(out, one)
		}
	}
	return out, nil
}

// broughtByMerges are the commits that a merged pull request's merge commit brought along: they need no look-up.
func broughtByMerges(commits []*gh.RepositoryCommit) map[string]bool {
	bySHA := map[string]*gh.RepositoryCommit{}
	for _, commit := range commits {
		bySHA[commit.GetSHA()] = commit
	}
	brought := map[string]bool{}
	for _, commit := range commits {
		if len(commit.Parents) < 2 || pullNumber(commit.GetCommit().GetMessage()) == 0 {
			continue
		}
		before := reachable(bySHA, commit.Parents[0].GetSHA(), nil)
		for _, side := range commit.Parents[1:] {
			for sha := range reachable(bySHA, side.GetSHA(), before) {
				brought[sha] = true
			}
		}
	}
	return brought
}

// reachable walks from a commit within the range, without what is in stop.
func reachable(bySHA map[string]*gh.RepositoryCommit, from string, stop map[string]bool) map[string]bool {
	seen := map[string]bool{}
	todo := []string{from}
	for len(todo) > 0 {
		sha := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		commit := bySHA[sha]
		if commit == nil || seen[sha] || stop[sha] {
			continue
		}
		seen[sha] = true
		for _, parent := range commit.Parents {
			todo = append(todo, parent.GetSHA())
		}
	}
	return seen
}

// pullFinder collects pull requests, each once, with a bound on the calls it makes.
type pullFinder struct {
	c        *Client
	repo     string
	recent   []PullRequest
	left     int
	found    []PullRequest
	complete bool
	direct   []Commit // those that no pull request has brought
	unread   int      // those of which it is not known
}

func (f *pullFinder) add(ctx context.Context, commit *gh.RepositoryCommit) error {
	n := pullNumber(commit.GetCommit().GetMessage())
	i := slices.IndexFunc(f.recent, func(p PullRequest) bool { return n != 0 && p.Number == n || p.MergeSHA == commit.GetSHA() })
	switch {
	case i >= 0:
		f.keep(f.recent[i])
		return nil
	case n != 0 && slices.ContainsFunc(f.found, func(p PullRequest) bool { return p.Number == n }):
		return nil
	case f.left <= 0:
		f.complete = false
		if n != 0 {
			f.keep(fromSubject(commit, n))
		} else {
			f.unread++
		}
		return nil
	}
	f.left--
	if n != 0 {
		p, err := f.c.PullRequest(ctx, f.repo, n)
		if IsNotFound(err) {
			f.unread++ // the number is an issue's
			return nil
		}
		if err == nil {
			f.keep(p)
		}
		return err
	}
	return f.lookUp(ctx, commit)
}

// lookUp asks GitHub which merged pull request introduced a commit.
func (f *pullFinder) lookUp(ctx context.Context, commit *gh.RepositoryCommit) error {
	var list []*gh.PullRequest
	if _, err := f.c.getRepo(ctx, "find a commit's pull request", f.repo, nil, &list, "commits", commit.GetSHA(), "pulls"); err != nil {
		return err
	}
	brought := false
	for _, p := range list {
		if one := pullOf(p); one.State == "merged" {
			f.keep(one)
			brought = true
		}
	}
	if !brought {
		f.direct = append(f.direct, plainCommit(commit))
	}
	return nil
}

func (f *pullFinder) keep(p PullRequest) {
	if !slices.ContainsFunc(f.found, func(q PullRequest) bool { return q.Number == p.Number }) {
		f.found = append(f.found, p)
	}
}

// fromSubject is what a commit says about its pull request, for those beyond the bound.
func fromSubject(commit *gh.RepositoryCommit, n int) PullRequest {
	subject, rest, _ := strings.Cut(commit.GetCommit().GetMessage(), "\n")
	title := strings.TrimSpace(squashed.ReplaceAllString(subject, ""))
	if merged.MatchString(subject) {
		title, _, _ = strings.Cut(strings.TrimSpace(rest), "\n")
	}
	p := PullRequest{Number: n, Title: title, State: "merged", MergeSHA: commit.GetSHA()}
	if web := webURL(commit); web != "" {
		p.URL = fmt.Sprintf("%s/pull/%d", web, n)
	}
	return p
}
