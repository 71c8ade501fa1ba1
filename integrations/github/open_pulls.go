package github

import (
	"context"
	"errors"
	"fmt"
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
	Draft  bool
	Branch string // it comes from
	Fork   bool   // that is in a copy of the repository
	Head   string // SHA of its newest commit
	Base   string // branch it goes to

	PullFiles
}

// PullFiles are paths from the repository's root, sorted.
type PullFiles struct {
	Files   []string // that a pull request adds
	Changed []string // that it changes, removes or moves away
	Others  []string // that it touches elsewhere, the first ten
}

const (
	maxOpenPulls     = 2000 // open pull requests that are looked through
	maxPullFilePages = 30   // of 100: GitHub lists 3,000 files of a pull request and no more (GitHub REST: List pull requests files)
	maxPullFiles     = 100 * maxPullFilePages
	maxOthers        = 10
	keptPulls        = 10_000 // pull requests of which it is remembered what they add
)

// OpenPullRequestFiles finds the open pull requests, drafts too and whoever opened them from wherever, also from copies of the
// repository, that do anything to files below a directory; dir is "" for all. Oldest first.
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
		one := PullRequestFiles{Number: p.GetNumber(), Title: p.GetTitle(), Author: p.GetUser().GetLogin(), URL: p.GetHTMLURL(), Draft: p.GetDraft(), Branch: p.GetHead().GetRef(),
			Fork: !strings.EqualFold(p.GetHead().GetRepo().GetFullName(), p.GetBase().GetRepo().GetFullName()), Head: p.GetHead().GetSHA(), Base: p.GetBase().GetRef()}
		key := strings.Join([]string{repo, dir, strconv.Itoa(one.Number), one.Head, one.Base}, "\n")
		files, known := c.pullFiles.Get(key)
		if !known {
			if files, err = c.filesOf(ctx, repo, dir, one); err != nil {
				return nil, err
			}
			c.pullFiles.Add(key, files)
		}
		if one.PullFiles = (PullFiles{slices.Clone(files.Files), slices.Clone(files.Changed), slices.Clone(files.Others)}); len(files.Files)+len(files.Changed) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// openPulls lists them oldest first: all of them or none.
func (c *Client) openPulls(ctx context.Context, op, repo string) ([]*gh.PullRequest, error) {
	all, complete, err := c.listOpenPulls(ctx, op, repo, maxOpenPulls/100)
	switch {
	case err != nil:
		return nil, err
	case !complete:
		return nil, withAdvice(&Error{Op: op, about: repo, Message: "more open pull requests than are read"}, fmt.Sprintf("%s has more than %d open pull requests, which is more than Shipmate looks through.", repo, maxOpenPulls))
	}
	return all, nil
}

// filesOf are the paths below dir that a pull request touches.
func (c *Client) filesOf(ctx context.Context, repo, dir string, p PullRequestFiles) (PullFiles, error) {
	const op = "list a pull request's files"
	path, err := repoPath(op, repo, "pulls", strconv.Itoa(p.Number), "files")
	if err != nil {
		return PullFiles{}, err
	}
	var out PullFiles
	listed := 0
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), maxPullFilePages, func(page []*gh.CommitFile) bool {
		listed += len(page)
		for _, f := range page {
			out.add(dir, f)
		}
		return true
	})
	if err != nil {
		return PullFiles{}, err
	}
	if !complete || listed >= maxPullFiles {
		return c.filesByTrees(ctx, repo, dir, p)
	}
	slices.Sort(out.Files)
	slices.Sort(out.Changed)
	return out, nil
}

// add puts a file in by what was done to it (GitHub REST: List pull requests files).
func (f *PullFiles) add(dir string, one *gh.CommitFile) {
	name, was := one.GetFilename(), one.GetPreviousFilename()
	switch one.GetStatus() {
	case "added", "copied":
		was = ""
	case "renamed":
	case "unchanged":
		return
	default:
		name, was = "", name
	}
	for _, path := range []string{name, was} {
		switch {
		case path == "":
		case !below(dir, path):
			if len(f.Others) < maxOthers {
				f.Others = append(f.Others, path)
			}
		case path == name:
			f.Files = append(f.Files, path)
		default:
			f.Changed = append(f.Changed, path)
		}
	}
}

func below(dir, path string) bool { return dir == "" || strings.HasPrefix(path, dir+"/") }

// filesByTrees compares the newest commit with the base. Also a commit of a copy can be read in the repository that the pull request goes to.
func (c *Client) filesByTrees(ctx context.Context, repo, dir string, p PullRequestFiles) (PullFiles, error) {
	there, err := c.filesAt(ctx, repo, p.Head, dir)
	if err != nil {
		return PullFiles{}, err
	}
	before, err := c.filesAt(ctx, repo, p.Base, dir)
	if err != nil {
		return PullFiles{}, err
	}
	var out PullFiles
	for path, sha := range there {
		if was, had := before[path]; !had {
			out.Files = append(out.Files, path)
		} else if was != sha {
			out.Changed = append(out.Changed, path)
		}
	}
	for path := range before {
		if _, stays := there[path]; !stays {
			out.Changed = append(out.Changed, path)
		}
	}
	slices.Sort(out.Files)
	slices.Sort(out.Changed)
	out.Others = []string{"more files than GitHub lists"}
	return out, nil
}

// filesAt are the files below a directory, each with the SHA of its content; none where there is no such directory.
func (c *Client) filesAt(ctx context.Context, repo, ref, dir string) (map[string]string, error) {
	files, err := c.ListFiles(ctx, repo, ref, dir)
	var noRef *RefNotFound
	if IsNotFound(err) && !errors.As(err, &noRef) {
		return nil, nil
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = f.SHA
	}
	return out, err
}
