package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Commit is a commit, and the name it was found by.
type Commit struct {
	SHA         string    `json:"sha"`     // all 40 digits
	Subject     string    `json:"subject"` // first line of the message
	Author      string    `json:"author"`  // login, or the name in the commit when GitHub knows no account for it
	AuthorLogin string    `json:"author_login,omitempty"`
	Date        time.Time `json:"date"` // when it was committed
	URL         string    `json:"url"`
	Ref         string    `json:"ref"`              // as asked; the default branch's name when nothing was asked
	Kind        RefKind   `json:"kind"`             // what Ref turned out to be
	Branch      string    `json:"branch,omitempty"` // the branch's name when Ref is a branch
}

// RefKind is what a ref turned out to be.
type RefKind string

// The kinds of refs.
const (
	RefBranch RefKind = "branch"
	RefTag    RefKind = "tag"
	RefCommit RefKind = "commit"
)

// RefNotFound says that a repository has no such branch, tag or commit.
type RefNotFound struct {
	Repo string
	Ref  string
	Why  string   // set when Ref cannot be a name at all
	Near []string // up to three names that look like it, nearest first
}

// Error is for logs.
func (e *RefNotFound) Error() string {
	if e.Why != "" {
		return "github: ref of " + e.Repo + " refused: " + e.Why
	}
	return "github: " + e.Repo + " has no branch, tag or commit " + e.Ref
}

// UserMessage is one sentence for people.
func (e *RefNotFound) UserMessage() string {
	switch {
	case e.Why != "":
		return "That cannot be a branch, tag or commit: " + e.Why + "."
	case len(e.Near) > 0:
		return e.Repo + " has no branch, tag or commit " + e.Ref + "; did you mean " + strings.Join(e.Near, " or ") + "?"
	}
	return e.Repo + " has no branch, tag or commit " + e.Ref + "."
}

// Resolve finds the commit behind a branch, a tag, a full SHA or the first seven or more digits of one; "" and HEAD
// mean the default branch. Where a branch and a tag have the same name the branch wins, and both win over a short SHA;
// refs/heads/… and refs/tags/… name one kind. A full SHA is always a commit.
//
// GitHub also finds commits by SHA that only a fork of the repository has: that the SHA exists says nothing about who
// wrote it or who reviewed it.
func (c *Client) Resolve(ctx context.Context, repo, ref string) (Commit, error) {
	asked := strings.TrimSpace(ref)
	if asked == "" || asked == "HEAD" {
		branch, err := c.DefaultBranch(ctx, repo)
		if err != nil {
			return Commit{}, err
		}
		return c.firstOf(ctx, repo, branch, candidate{RefBranch, branch, "heads/" + branch})
	}
	if why := refMistake(asked); why != "" {
		return Commit{}, &RefNotFound{Repo: repo, Ref: asked, Why: why}
	}
	return c.firstOf(ctx, repo, asked, candidates(asked)...)
}

// candidate is one reading of a ref; name is what GitHub's commits API is asked for.
type candidate struct {
	kind  RefKind
	short string
	name  string
}

func candidates(ref string) []candidate {
	if branch, found := strings.CutPrefix(ref, "refs/heads/"); found {
		return []candidate{{RefBranch, branch, "heads/" + branch}}
	}
	if tag, found := strings.CutPrefix(ref, "refs/tags/"); found {
		return []candidate{{RefTag, tag, "tags/" + tag}}
	}
	sha := strings.ToLower(ref)
	if fullSHA.MatchString(sha) {
		return []candidate{{RefCommit, sha, sha}}
	}
	all := []candidate{{RefBranch, ref, "heads/" + ref}, {RefTag, ref, "tags/" + ref}}
	if shortSHA.MatchString(sha) {
		all = append(all, candidate{RefCommit, sha, sha})
	}
	return all
}

func (c *Client) firstOf(ctx context.Context, repo, ref string, all ...candidate) (Commit, error) {
	for _, one := range all {
		var found gh.RepositoryCommit
		_, err := c.getRepo(ctx, "resolve a ref", repo, nil, &found, "commits", one.name)
		if noSuchCommit(err) {
			continue
		}
		if err != nil {
			return Commit{}, err
		}
		if one.kind == RefCommit && !strings.HasPrefix(found.GetSHA(), one.short) {
			continue // GitHub read the digits as something else
		}
		return commitOf(&found, ref, one), nil
	}
	near, err := c.near(ctx, repo, ref)
	if err != nil {
		return Commit{}, err // above all: the repository itself is not known
	}
	return Commit{}, &RefNotFound{Repo: repo, Ref: ref, Near: near}
}

// noSuchCommit: GitHub answers 404 or 422 "No commit found for SHA" (GitHub REST: Get a commit), and 409 while a
// repository is empty.
func noSuchCommit(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Status == http.StatusNotFound || e.Status == http.StatusUnprocessableEntity || e.Status == http.StatusConflict
}

func commitOf(found *gh.RepositoryCommit, ref string, one candidate) Commit {
	c := plainCommit(found)
	c.Ref, c.Kind = ref, one.kind
	if one.kind == RefBranch {
		c.Branch = one.short
	}
	return c
}

func plainCommit(found *gh.RepositoryCommit) Commit {
	c := Commit{SHA: found.GetSHA(), URL: found.GetHTMLURL(), AuthorLogin: found.GetAuthor().GetLogin()}
	c.Subject, _, _ = strings.Cut(found.GetCommit().GetMessage(), "\n")
	c.Subject = strings.TrimSpace(c.Subject)
	c.Author = c.AuthorLogin
	if c.Author == "" {
		c.Author = found.GetCommit().GetAuthor().GetName()
	}
	if date := found.GetCommit().GetCommitter().GetDate(); !date.IsZero() {
		c.Date = date.UTC()
	}
	return c
}
