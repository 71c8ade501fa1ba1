package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// PullRequestFiles is an open pull request that puts files where there are none.
type PullRequestFiles struct {
	Number int
	Title  string
	Author string // login
	URL    string
	Head   string   // SHA of its newest commit
	Base   string   // branch it goes to
	Files  []string // paths that it adds, from the repository's root, sorted
}

const (
	maxOpenPulls     = 2000 // open pull requests that are looked through
	maxPullFilePages = 30   // of 100: GitHub lists 3,000 files of a pull request and no more (GitHub REST: List pull requests files)
	maxPullFiles     = 100 * maxPullFilePages
	keptPulls        = 10_000 // pull requests of which it is remembered what they add
)

// OpenPullRequestFiles finds the open pull requests, drafts too and whoever opened them from wherever, also from copies of the
// repository, that add files below a directory or move them there; dir is "" for all. Oldest first.
//
// It takes a call for each hundred open pull requests, and one for each hundred files of those whose newest commit or base is another
// than the last time. More than 2,000 open pull requests are an error, not half a list. One of more files than GitHub lists is looked at
// by listing the directory in its newest commit and in its base.
func (c *Client) OpenPullRequestFiles(ctx context.Context, repo, dir string) ([]PullRequestFiles, error) {
	const op = "list open pull requests"
	dir = strings.TrimSuffix(dir, "/")
	if why := pathMistake(dir); dir != "" && why != "" {
		return nil, refuse(op, repo, "%.100q cannot be a directory's path: %s", dir, why)
	}
	pulls, err := c.openPulls(ctx, op, repo)
	if err != nil {
		return nil, err
	}
	var out []PullRequestFiles
	for _, p := range pulls {
		one := PullRequestFiles{Number: p.GetNumber(), Title: p.GetTitle(), Author: p.GetUser().GetLogin(), URL: p.GetHTMLURL(), Head: p.GetHead().GetSHA(), Base: p.GetBase().GetRef()}
		key := strings.Join([]string{repo, dir, strconv.Itoa(one.Number), one.Head, one.Base}, "\n")
		added, known := c.added.Get(key)
		if !known {
			if added, err = c.addedBy(ctx, repo, dir, one); err != nil {
				return nil, err
			}
			c.added.Add(key, added)
		}
		if one.Files = slices.Clone(added); len(added) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// openPulls lists them oldest first, so that those which come meanwhile stand at the end.
func (c *Client) openPulls(ctx context.Context, op, repo string) ([]*gh.PullRequest, error) {
	path, err := repoPath(op, repo, "pulls")
	if err != nil {
		return nil, err
	}
	var all []*gh.PullRequest
	query := url.Values{"state": {"open"}, "sort": {"created"}, "direction": {"asc"}}
	complete, err := pages(ctx, c, get(op, repo, path, query, nil), maxOpenPulls/100, func(page []*gh.PullRequest) bool {
		all = append(all, page...)
		return true
	})
	switch {
	case isHidden(err):
		return nil, withAdvice(err, fmt.Sprintf("GitHub does not show Shipmate the pull requests of %s: its token or App needs the permission Pull requests: read.", repo))
	case err != nil:
		return nil, err
	case !complete:
		return nil, withAdvice(&Error{Op: op, about: repo, Message: "more open pull requests than are read"}, fmt.Sprintf("%s has more than %d open pull requests, which is more than Shipmate looks through.", repo, maxOpenPulls))
	}
	return all, nil
}

// addedBy are the paths below dir that a pull request adds, sorted.
func (c *Client) addedBy(ctx context.Context, repo, dir string, p PullRequestFiles) ([]string, error) {
	const op = "list a pull request's files"
	path, err := repoPath(op, repo, "pulls", strconv.Itoa(p.Number), "files")
	if err != nil {
		return nil, err
	}
	var out []string
	listed := 0
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), maxPullFilePages, func(page []*gh.CommitFile) bool {
		listed += len(page)
		for _, f := range page {
			if name := f.GetFilename(); slices.Contains([]string{"added", "renamed", "copied"}, f.GetStatus()) && below(dir, name) {
				out = append(out, name)
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if !complete || listed >= maxPullFiles {
		return c.addedByTrees(ctx, repo, dir, p)
	}
	slices.Sort(out)
	return out, nil
}

func below(dir, path string) bool { return dir == "" || strings.HasPrefix(path, dir+"/") }

// addedByTrees are the files below dir that the newest commit has and the base has not. Also a commit of a copy can be read in the
// repository that the pull request goes to.
func (c *Client) addedByTrees(ctx context.Context, repo, dir string, p PullRequestFiles) ([]string, error) {
	there, err := c.pathsAt(ctx, repo, p.Head, dir)
	if err != nil {
		return nil, err
	}
	before, err := c.pathsAt(ctx, repo, p.Base, dir)
	if err != nil {
		return nil, err
	}
	had := map[string]bool{}
	for _, path := range before {
		had[path] = true
	}
	return slices.DeleteFunc(there, func(path string) bool { return had[path] }), nil
}

// pathsAt are the files below a directory; none where there is no such directory.
func (c *Client) pathsAt(ctx context.Context, repo, ref, dir string) ([]string, error) {
	files, err := c.ListFiles(ctx, repo, ref, dir)
	var noRef *RefNotFound
	if IsNotFound(err) && !errors.As(err, &noRef) {
		return nil, nil
	}
	var out []string
	for _, f := range files {
		out = append(out, f.Path)
	}
	return out, err
}
