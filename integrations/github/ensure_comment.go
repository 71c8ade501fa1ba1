package github

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Comment is a comment below an issue or pull request.
type Comment struct {
	ID  int64
	URL string
}

const maxCommentPages = 10 // 100 each

// EnsureComment finds the comment that carries mark below an issue or pull request, or writes it; one that says something else is
// rewritten, so that it can be kept up to date. mark is 8 to 200 plain characters without spaces, < and >. What is too long is cut with a
// note.
//
// After an unclear failure the call may simply be made again, best half a minute later: nothing keeps GitHub from writing a comment
// twice while a call whose answer was lost is still under way. Of several the oldest is the one.
func (c *Client) EnsureComment(ctx context.Context, repo string, number int, body, mark string) (Comment, error) {
	const op = "write a comment"
	if err := checkRequest(op, repo, mark); err != nil {
		return Comment{}, err
	}
	path, err := repoPath(op, repo, "issues", strconv.Itoa(number), "comments")
	if err != nil {
		return Comment{}, err
	}
	marker := commentMarker(mark)
	text := withMarker(body, marker)
	var found *gh.IssueComment
	complete, err := pages(ctx, c, get("list comments", repo, path, nil, nil), maxCommentPages, func(page []*gh.IssueComment) bool {
		for _, one := range page { // oldest first
			if strings.Contains(one.GetBody(), marker) {
				found = one
				return false
			}
		}
		return true
	})
	switch {
	case err != nil:
		return Comment{}, commentAdvice(repo, number, err)
	case found == nil && !complete:
		return Comment{}, &Error{Op: op, about: repo, Message: "too many comments to look through",
			advice: fmt.Sprintf("#%d of %s has too many comments to look through.", number, repo)}
	case found != nil && strings.TrimSpace(strings.ReplaceAll(found.GetBody(), "\r\n", "\n")) == strings.TrimSpace(text):
		return Comment{ID: found.GetID(), URL: found.GetHTMLURL()}, nil
	}
	k := post(op, repo, path, map[string]string{"body": text}, nil)
	if found != nil {
		id := strconv.FormatInt(found.GetID(), 10) // number is the issue's here
		if k.path, err = repoPath(op, repo, "issues", "comments", id); err != nil {
			return Comment{}, err
		}
		k.method = http.MethodPatch
	}
	var written gh.IssueComment
	k.out = &written
	if _, err := c.do(ctx, k); err != nil {
		return Comment{}, commentAdvice(repo, number, err)
	}
	return Comment{ID: written.GetID(), URL: written.GetHTMLURL()}, nil
}

func commentAdvice(repo string, n int, err error) error {
	if IsUnclear(err) || !isHidden(err) {
		return err
	}
	return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate comment on #%d of %s: it has to be there, and the token or App needs the permission Issues: read and write, "+
		"or for a pull request Pull requests: read and write.", n, repo))
}
