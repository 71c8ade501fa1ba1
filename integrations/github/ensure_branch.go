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

// ensureBranch makes the branch of a proposal with its commit, unless it is there. Creating a ref is create-if-absent, so it is what
// decides between two who want the name; a refusal is believed only after looking, since GitHub refuses with the same status for
// other reasons.
func (c *Client) ensureBranch(ctx context.Context, p Proposal) error {
	if p.Retry {
		if there, err := c.ownsBranch(ctx, p); there || err != nil {
			return err
		}
	}
	commit, err := c.makeCommit(ctx, p)
	if err != nil {
		return branchAdvice(p, err)
	}
	_, err = c.postRepo(ctx, "create a branch", p.Repo, map[string]string{"ref": "refs/heads/" + p.Branch, "sha": commit}, nil, "git", "refs")
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusUnprocessableEntity && e.Status != http.StatusConflict {
		return branchAdvice(p, err)
	}
	if there, lookErr := c.ownsBranch(ctx, p); there || lookErr != nil {
		return lookErr
	}
	return c.branchRefused(ctx, p, err)
}

// ownsBranch tells whether the branch is there with a commit for the request on it, be it the newest or one that others have built on.
// Somebody else's branch is a *BranchTaken.
func (c *Client) ownsBranch(ctx context.Context, p Proposal) (there bool, err error) {
	head, err := c.refSHA(ctx, p.Repo, p.Branch)
	if IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	commit, err := c.gitCommit(ctx, p.Repo, head)
	if err != nil {
		return false, err
	}
	if answers(commit.GetMessage(), p.Request) {
		return true, nil
	}
	ours, err := c.branchAnswers(ctx, p, head)
	if ours || err != nil {
		return ours, err
	}
	return false, &BranchTaken{Repo: p.Repo, Branch: p.Branch, SHA: head, Author: commit.GetAuthor().GetName(), At: commit.GetAuthor().GetDate().UTC()}
}

// refSHA is the newest commit of a branch; IsNotFound when there is no such branch.
func (c *Client) refSHA(ctx context.Context, repo, branch string) (string, error) {
	var ref gh.Reference
	_, err := c.getRepo(ctx, "read a branch", repo, nil, &ref, "git", "ref", "heads/"+branch)
	return ref.GetObject().GetSHA(), err
}

func (c *Client) gitCommit(ctx context.Context, repo, sha string) (*gh.Commit, error) {
	var commit gh.Commit
	_, err := c.getRepo(ctx, "read a commit", repo, nil, &commit, "git", "commits", sha)
	return &commit, err
}

// branchAnswers looks through what the branch has and the base has not, oldest first, as the comparison gives it.
func (c *Client) branchAnswers(ctx context.Context, p Proposal, head string) (bool, error) {
	const op = "look through a branch"
	path, err := repoPath(op, p.Repo, "compare", p.Base+"..."+head)
	if err != nil {
		return false, err
	}
	ours := false
	_, err = pages(ctx, c, get(op, p.Repo, path, url.Values{"page": {"1"}}, nil), maxCommitPages, func(page gh.CommitsComparison) bool {
		for _, commit := range page.Commits {
			ours = ours || answers(commit.GetCommit().GetMessage(), p.Request)
		}
		return !ours
	})
	if IsNotFound(err) {
		return false, nil // they have no history in common
	}
	return ours, err
}

// makeCommit makes the commit, which nothing refers to yet: what is left of it by a failure nobody sees, and GitHub clears it away.
func (c *Client) makeCommit(ctx context.Context, p Proposal) (sha string, err error) {
	parent, err := c.refSHA(ctx, p.Repo, p.Base)
	if err != nil {
		return "", baseAdvice(p, err)
	}
	base, err := c.gitCommit(ctx, p.Repo, parent)
	if err != nil {
		return "", err
	}
	var entries []treeEntry
	for _, f := range p.Files {
		entry, err := c.fileEntry(ctx, p.Repo, f)
		if err != nil {
			return "", err
		}
		entries = append(entries, entry)
	}
	tree, err := c.makeTree(ctx, p.Repo, base.GetTree().GetSHA(), entries)
	if err != nil {
		return "", err
	}
	if tree == base.GetTree().GetSHA() {
		return "", withAdvice(refuse(opPropose, p.Repo, "nothing would change"), fmt.Sprintf("%s of %s has all of this already: there is nothing to propose.", p.Base, p.Repo))
	}
	message := p.Message
	if strings.TrimSpace(message) == "" {
		message = titled(p.Title)
	}
	return c.makeCommitObject(ctx, p.Repo, withTrailer(message, p.Request), tree, parent, p.Author)
}

func (c *Client) makeCommitObject(ctx context.Context, repo, message, tree, parent string, by *Signature) (sha string, err error) {
	body := map[string]any{"message": message, "tree": tree, "parents": []string{parent}}
	if by != nil {
		body["author"] = map[string]string{"name": by.Name, "email": by.Email}
	}
	return c.makeObject(ctx, "make a commit", repo, body, "commits")
}

// treeEntry is what becomes of one path in a new tree: path, mode, type, and content or sha, which is null for what is deleted (GitHub
// REST: Create a tree).
type treeEntry map[string]any

// fileEntry is a plain file's. What is text rides along; other files need an object of their own first.
func (c *Client) fileEntry(ctx context.Context, repo string, f File) (treeEntry, error) {
	entry := treeEntry{"path": f.Path, "mode": "100644", "type": "blob"}
	if f.isText() {
		entry["content"] = string(f.Content)
		return entry, nil
	}
	sha, err := c.makeObject(ctx, "store a file", repo, map[string]any{"content": f.Content, "encoding": "base64"}, "blobs")
	entry["sha"] = sha
	return entry, err
}

// makeTree makes the tree of the base with the entries in it.
func (c *Client) makeTree(ctx context.Context, repo, base string, entries []treeEntry) (sha string, err error) {
	return c.makeObject(ctx, "make a tree", repo, map[string]any{"base_tree": base, "tree": entries}, "trees")
}

// makeObject makes a git object. Objects are named by what is in them and nothing refers to a new one, so that after an unclear
// failure nothing has to be looked for.
func (c *Client) makeObject(ctx context.Context, op, repo string, body any, kind string) (sha string, err error) {
	var made struct{ SHA string }
	_, err = c.postRepo(ctx, op, repo, body, &made, "git", kind)
	var e *Error
	switch {
	case errors.As(err, &e) && e.Unclear:
		harmless := *e
		harmless.Unclear = false
		return "", &harmless
	case err == nil && !fullSHA.MatchString(made.SHA):
		return "", &Error{Op: op, about: repo, Status: http.StatusCreated, Message: "GitHub did not say what it made"}
	}
	return made.SHA, err
}

func baseAdvice(p Proposal, err error) error {
	var e *Error
	switch {
	case IsNotFound(err):
		return withAdvice(err, fmt.Sprintf("%s has no branch %s that Shipmate can see.", p.Repo, p.Base))
	case errors.As(err, &e) && e.Status == http.StatusConflict:
		return withAdvice(err, fmt.Sprintf("%s is empty: it needs a first commit before anything can be proposed.", p.Repo))
	}
	return err
}

// branchAdvice adds to a definite refusal what people can do about it.
func branchAdvice(p Proposal, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || e.advice != "" || IsRateLimited(err) {
		return err
	}
	if e.Status == http.StatusNotFound || e.Status == http.StatusForbidden && aboutAccess(e.Message) {
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate write to %s: its token or App needs the permission Contents: read and write.", p.Repo))
	}
	return err
}

// branchRefused says why GitHub makes no branch although there is none of that name. Branches are files in directories to git, so
// that "adr" and "adr/0042" cannot both be; GitHub does not say so.
func (c *Client) branchRefused(ctx context.Context, p Proposal, err error) error {
	for dir := p.Branch; ; {
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			break
		}
		dir = dir[:i]
		if _, lookErr := c.refSHA(ctx, p.Repo, dir); lookErr == nil {
			return withAdvice(err, fmt.Sprintf("%s has a branch %s, and git has no room for %s beside it.", p.Repo, dir, p.Branch))
		}
	}
	if below, lookErr := c.Branches(ctx, p.Repo, p.Branch+"/", 1); lookErr == nil && len(below) > 0 {
		return withAdvice(err, fmt.Sprintf("%s has a branch %s, and git has no room for %s beside it.", p.Repo, below[0], p.Branch))
	}
	var e *Error
	if errors.As(err, &e) {
		return withAdvice(err, fmt.Sprintf("GitHub does not make the branch %s in %s: %s", p.Branch, p.Repo, sentence(e.Message)))
	}
	return err
}
