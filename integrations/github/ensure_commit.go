package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// NewCommit is a commit that is wanted on top of a branch, exactly one for its Request.
type NewCommit struct {
	Repo    string
	Branch  string
	Head    string       // SHA of the branch's newest commit, the one that Changes were made from
	Changes []FileChange // at most 100 with 10 MiB together, ten of them no text; no path twice
	Message string       // of the commit, without the trailer
	Request string       // another one for each commit; 8 to 200 plain characters without spaces, < and >
	Author  *Signature   // nil for Shipmate's own account
}

// FileChange is what becomes of one file: written with Content; with From moved from there, and its content kept when Content is nil; or
// removed, where it does not matter whether it was there.
type FileChange struct {
	Path    string
	Content []byte
	From    string
	Remove  bool
}

const opCommit = "make a commit on a branch"

// lookedThrough is how many of a branch's newest commits are looked through for one that was made before; GitHub lists as many at once.
const lookedThrough = 100

// EnsureCommit makes one commit on a branch that is there, by tree, commit and a move of the branch without force, and returns its SHA.
// A commit for the request that is among the newest 100 of the branch already is found, whatever came after it; so after an unclear
// failure the call may simply be made again, also with Changes that were made anew from another Head. Where nothing would change there
// is no commit, and the SHA is Head.
//
// Errors: *Changed, with the new head as Now, when the branch has moved on ("" when it is gone): make Changes anew from there. An *Error
// with Unclear when the commit may or may not have been made; any other *Error is definite, with advice where the rules of the
// repository keep the branch.
func (c *Client) EnsureCommit(ctx context.Context, n NewCommit) (sha string, err error) {
	const op = opCommit
	if err := n.check(op); err != nil {
		return "", err
	}
	now, err := c.refSHA(ctx, n.Repo, n.Branch)
	switch {
	case IsNotFound(err):
		return "", c.moved(n, "")
	case err != nil:
		return "", err
	}
	if made, err := c.commitAnswering(ctx, n, now); made != "" || err != nil {
		return made, err
	}
	if now != n.Head {
		return "", c.moved(n, now)
	}
	sha, err = c.commitOn(ctx, n)
	if err != nil || sha == n.Head {
		return sha, pushAdvice(n.Repo, n.Branch, err)
	}
	path, err := repoPath(op, n.Repo, "git", "refs", "heads/"+n.Branch)
	if err != nil {
		return "", err
	}
	k := post(op, n.Repo, path, map[string]any{"sha": sha, "force": false}, nil)
	k.method = http.MethodPatch
	if _, err := c.do(ctx, k); err != nil {
		return c.moveRefused(ctx, n, err)
	}
	return sha, nil
}

func (c *Client) moved(n NewCommit, now string) error {
	return &Changed{Repo: n.Repo, What: "the branch " + n.Branch, Seen: n.Head, Now: now}
}

// moveRefused looks again after a definite refusal: somebody may have pushed, or this may have been done at the same time.
func (c *Client) moveRefused(ctx context.Context, n NewCommit, err error) (string, error) {
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusUnprocessableEntity && e.Status != http.StatusConflict {
		return "", pushAdvice(n.Repo, n.Branch, err)
	}
	now, lookErr := c.refSHA(ctx, n.Repo, n.Branch)
	switch {
	case IsNotFound(lookErr):
		return "", c.moved(n, "")
	case lookErr != nil:
		return "", lookErr
	case now == n.Head:
		return "", pushAdvice(n.Repo, n.Branch, err)
	}
	if made, lookErr := c.commitAnswering(ctx, n, now); made != "" || lookErr != nil {
		return made, lookErr
	}
	return "", c.moved(n, now)
}

// commitAnswering looks for the commit among the newest of the branch.
func (c *Client) commitAnswering(ctx context.Context, n NewCommit, head string) (sha string, err error) {
	var commits []*gh.RepositoryCommit
	query := url.Values{"sha": {head}, "per_page": {number(lookedThrough)}}
	if _, err := c.getRepo(ctx, "look through a branch", n.Repo, query, &commits, "commits"); err != nil {
		return "", err
	}
	for _, commit := range commits {
		if answers(commit.GetCommit().GetMessage(), n.Request) {
			return commit.GetSHA(), nil
		}
	}
	return "", nil
}

// commitOn makes the commit, which nothing refers to yet; the head itself when nothing would change.
func (c *Client) commitOn(ctx context.Context, n NewCommit) (sha string, err error) {
	base, err := c.gitCommit(ctx, n.Repo, n.Head)
	if err != nil {
		return "", err
	}
	before := base.GetTree().GetSHA()
	entries, err := c.changeEntries(ctx, n, before)
	if err != nil || len(entries) == 0 {
		return n.Head, err
	}
	tree, err := c.makeTree(ctx, n.Repo, before, entries)
	if err != nil || tree == before {
		return n.Head, err
	}
	return c.makeCommitObject(ctx, n.Repo, withTrailer(n.Message, n.Request), tree, n.Head, n.Author)
}

// changeEntries says in a tree's terms what changes: first what goes, so that a directory can stand where a file was. GitHub refuses to
// delete what is not there, so that is looked up.
func (c *Client) changeEntries(ctx context.Context, n NewCommit, tree string) ([]treeEntry, error) {
	var gone, there []treeEntry
	for _, ch := range n.Changes {
		entry, left := treeEntry{}, ch.leaves()
		if left != "" {
			found, err := c.entryAt(ctx, n.Repo, tree, left)
			switch {
			case err != nil:
				return nil, err
			case found == nil && ch.Remove:
				continue
			case found == nil:
				return nil, withAdvice(&Error{Op: opCommit, about: n.Repo, Status: http.StatusNotFound, Message: "no file " + left},
					fmt.Sprintf("%s has no file %s on %s.", n.Repo, left, n.Branch))
			}
			gone = append(gone, treeEntry{"path": left, "mode": found["mode"], "type": "blob", "sha": nil})
			entry = treeEntry{"path": ch.Path, "mode": found["mode"], "type": "blob", "sha": found["sha"]}
		}
		if ch.Remove {
			continue
		}
		if ch.From == "" || ch.Content != nil {
			var err error
			if entry, err = c.fileEntry(ctx, n.Repo, File{ch.Path, ch.Content}); err != nil {
				return nil, err
			}
		}
		there = append(there, entry)
	}
	return append(gone, there...), nil
}

// leaves is the path where no file is any more afterwards; "" when there is none.
func (ch FileChange) leaves() string {
	if ch.Remove {
		return ch.Path
	}
	return ch.From
}

// entryAt is a file's entry below a tree; nil when there is none.
func (c *Client) entryAt(ctx context.Context, repo, tree, path string) (treeEntry, error) {
	for {
		dir, rest, deeper := strings.Cut(path, "/")
		listed, err := c.tree(ctx, repo, tree, false)
		if err != nil {
			return nil, err
		}
		if !deeper {
			for _, e := range listed.Tree {
				if e.Path == path && e.Type == "blob" {
					return treeEntry{"mode": e.Mode, "sha": e.SHA}, nil
				}
			}
			return nil, nil
		}
		if tree, path = listed.find(dir), rest; tree == "" {
			return nil, nil
		}
	}
}

// check refuses what could not be carried out, before anything is.
func (n NewCommit) check(op string) error {
	if err := checkRequest(op, n.Repo, n.Request); err != nil {
		return err
	}
	switch {
	case !ownBranch(n.Branch):
		return refuse(op, n.Repo, "%.100q cannot be a branch", n.Branch)
	case !fullSHA.MatchString(n.Head):
		return refuse(op, n.Repo, "a commit is made on top of another, not of %.50q", n.Head)
	case strings.TrimSpace(n.Message) == "":
		return refuse(op, n.Repo, "a commit needs a message")
	case n.Author != nil && !n.Author.valid():
		return refuse(op, n.Repo, "the commit's author needs a name and an address")
	}
	return checkChanges(op, n.Repo, n.Changes)
}

func checkChanges(op, repo string, changes []FileChange) error {
	if len(changes) == 0 || len(changes) > maxProposedFiles {
		return refuse(op, repo, "a commit has 1 to %d changes", maxProposedFiles)
	}
	var files []File
	touched := map[string]bool{}
	for _, ch := range changes {
		for _, path := range []string{ch.Path, ch.From} {
			switch why := pathMistake(path); {
			case path == "" && ch.Path != "":
				continue
			case why != "":
				return refuse(op, repo, "%.100q cannot be a file's path: %s", path, why)
			case touched[path]:
				return refuse(op, repo, "%.100q is given twice", path)
			}
			touched[path] = true
		}
		switch {
		case !ch.Remove:
			files = append(files, File{ch.Path, ch.Content})
		case ch.From != "" || ch.Content != nil:
			return refuse(op, repo, "%.100q cannot be written and removed", ch.Path)
		}
	}
	if len(files) == 0 {
		return nil
	}
	return checkFiles(op, repo, files)
}
