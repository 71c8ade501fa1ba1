package github

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	gh "github.com/google/go-github/v60/github"
)

// Comments are the newest comments below an issue or pull request, oldest first, without those on lines of code. pages says how many
// pages of 100 are read from the end, 1 to 10; complete tells that they are all there are. It takes a call more where there is more than
// one page, since GitHub lists the oldest first and in no other order, and is cheap while nothing changes.
func (c *Client) Comments(ctx context.Context, repo string, number, pages int) (newest []Comment, complete bool, err error) {
	const op = "list comments"
	path, err := repoPath(op, repo, "issues", strconv.Itoa(number), "comments")
	if err != nil {
		return nil, false, err
	}
	page := func(n int) (list []Comment, ans *answer, err error) {
		var found []*gh.IssueComment
		ans, err = c.do(ctx, get(op, repo, path, url.Values{"per_page": {"100"}, "page": {strconv.Itoa(n)}}, &found))
		if IsNotFound(err) {
			err = withAdvice(err, fmt.Sprintf("%s has no #%d that Shipmate can see.", repo, number))
		}
		for _, one := range found {
			list = append(list, commentOf(one))
		}
		return list, ans, err
	}
	first, ans, err := page(1)
	if err != nil || ans.next == "" {
		return first, err == nil, err
	}
	last, err := strconv.Atoi(ans.last)
	if err != nil {
		return nil, false, &Error{Op: op, about: repo, Status: ans.status, Message: "GitHub does not say where the list ends"}
	}
	from := max(1, last-min(max(pages, 1), maxCommentPages)+1)
	if from == 1 {
		newest, from = first, 2
	} else {
		first = nil
	}
	for n := from; ; n++ { // to where it ends now: more may have been written
		list, ans, err := page(n)
		if err != nil {
			return nil, false, err
		}
		newest = append(newest, list...)
		if ans.next == "" || n >= last+maxCommentPages {
			return slices.Clip(newest), first != nil, nil
		}
	}
}
