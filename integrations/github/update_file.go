package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// FileUpdate is a change of one file that is wanted, as one commit on a branch.
type FileUpdate struct {
	Repo    string
	Branch  string
	Path    string
	Content []byte
	Message string // of the commit, without the trailer
	Request string // another one for each update; 8 to 200 plain characters without spaces, < and >
	SeenSHA string // the blob that Content was made from; "" when there was no file
}

// Changed says that something is not any more what was judged or read.
type Changed struct {
	Repo string
	What string // such as "doc/adr/0001.md on main" or "pull request #7"
	Seen string // SHA; "" when there was nothing
	Now  string // SHA; "" when there is nothing
}

// Error is for logs.
func (e *Changed) Error() string {
	return fmt.Sprintf("github: %s of %s has changed from %q to %q", e.What, e.Repo, e.Seen, e.Now)
}

// UserMessage is one sentence for people.
func (e *Changed) UserMessage() string {
	return fmt.Sprintf("Somebody has changed %s of %s in the meantime.", e.What, e.Repo)
}

// How often an update is sent when the branch moved on under it while the file did not.
const updateTries = 3

// UpdateFile writes a file by compare-and-swap: only if it is still SeenSHA. A file that has the content already is done, and so is an
// update whose commit is among the last of the file, whatever came after it; so after an unclear failure the call may simply be made
// again. A file that is neither is *Changed. The branch must be there.
func (c *Client) UpdateFile(ctx context.Context, u FileUpdate) error {
	const op = "change a file"
	if err := checkRequest(op, u.Repo, u.Request); err != nil {
		return err
	}
	switch why := pathMistake(u.Path); {
	case why != "":
		return refuse(op, u.Repo, "%.100q cannot be a file's path: %s", u.Path, why)
	case !ownBranch(u.Branch):
		return refuse(op, u.Repo, "%.100q cannot be a branch", u.Branch)
	case u.SeenSHA != "" && !fullSHA.MatchString(u.SeenSHA):
		return refuse(op, u.Repo, "%.50q is no blob that was read", u.SeenSHA)
	case strings.TrimSpace(u.Message) == "":
		return refuse(op, u.Repo, "a commit needs a message")
	case len(u.Content) > maxFileBytes:
		return refuse(op, u.Repo, "a file has at most %d MiB", maxFileBytes>>20)
	}
	var err error
	for range updateTries {
		if done, lookErr := c.updateStands(ctx, u); done || lookErr != nil {
			return updateAdvice(u, lookErr)
		}
		if err = c.putFile(ctx, op, u); !movedUnder(err) {
			return updateAdvice(u, err)
		}
	}
	return updateAdvice(u, err)
}

// updateStands tells whether the update is done, and refuses when the file is not what it was made from.
func (c *Client) updateStands(ctx context.Context, u FileUpdate) (done bool, err error) {
	_, now, err := c.ReadFile(ctx, u.Repo, "refs/heads/"+u.Branch, u.Path)
	if err != nil && !IsNotFound(err) {
		return false, err
	}
	if now == BlobSHA(u.Content) {
		return true, nil
	}
	done, err = c.updateAnswers(ctx, u)
	if done || err != nil || now == u.SeenSHA {
		return done, err
	}
	return false, &Changed{Repo: u.Repo, What: u.Path + " on " + u.Branch, Seen: u.SeenSHA, Now: now}
}

// updateAnswers looks for the update's commit among the last thirty that touched the file: it may have been made, its answer lost, and
// others have changed the file since or put it back.
func (c *Client) updateAnswers(ctx context.Context, u FileUpdate) (bool, error) {
	var commits []*gh.RepositoryCommit
	query := url.Values{"sha": {u.Branch}, "path": {u.Path}, "per_page": {"30"}}
	if _, err := c.getRepo(ctx, "list a file's commits", u.Repo, query, &commits, "commits"); err != nil {
		return false, err
	}
	for _, commit := range commits {
		if answers(commit.GetCommit().GetMessage(), u.Request) {
			return true, nil
		}
	}
	return false, nil
}

func (c *Client) putFile(ctx context.Context, op string, u FileUpdate) error {
	path, err := repoPath(op, u.Repo, append([]string{"contents"}, strings.Split(u.Path, "/")...)...)
	if err != nil {
		return err
	}
	body := map[string]any{"message": withTrailer(u.Message, u.Request), "content": u.Content, "branch": u.Branch}
	if u.SeenSHA != "" {
		body["sha"] = u.SeenSHA
	}
	k := post(op, u.Repo, path, body, nil)
	k.method = http.MethodPut
	_, err = c.do(ctx, k)
	return err
}

// movedUnder tells of a refusal because the branch or the file has moved on: 409, and 422 for a file that has come to be since.
func movedUnder(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusConflict || refusedFor(err, "sha"))
}

// updateAdvice adds to a definite refusal what people can do about it.
func updateAdvice(u FileUpdate, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || e.advice != "" || IsRateLimited(err) {
		return err
	}
	switch {
	case e.Status == http.StatusNotFound, e.Status == http.StatusForbidden && aboutAccess(e.Message):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate write to %s on %s: the branch has to be there, and its token or App needs the permission Contents: read and write.", u.Repo, u.Branch))
	case e.Status == http.StatusConflict && strings.Contains(strings.ToLower(e.Message), "rule"):
		return withAdvice(err, fmt.Sprintf("The rules of %s do not let Shipmate write to %s: %s", u.Repo, u.Branch, sentence(e.Message)))
	case e.Status == http.StatusConflict:
		busy := *e
		busy.RetryAfter, busy.advice = 2*time.Second, fmt.Sprintf("Too much is written to %s of %s at once; nothing was changed.", u.Branch, u.Repo)
		return &busy
	}
	return err
}
