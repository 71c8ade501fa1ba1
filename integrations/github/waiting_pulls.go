package github

import (
	"context"
	"fmt"
	"net/url"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// OpenPull is an open pull request as a list shows it: who is waited for, and nothing of what reviewers have said.
type OpenPull struct {
	Number    int
	Title     string
	URL       string
	Author    string // login; Ghost when the account is gone
	AuthorBot bool   // an App or another bot opened it
	Draft     bool
	Created   time.Time
	Updated   time.Time // by anything: a push, a comment, a label, a request for a review
	Base      string    // branch it goes to
	Reviewers []string  // logins of whom a review is awaited; who has given one is no longer among them unless asked again
	Teams     []string  // slugs of teams, likewise: one review by a member of the team is enough
	Labels    []string
}

// Ghost is the login that GitHub's pages show in place of an account that is gone. Its answers have nobody there, or this one.
const Ghost = "ghost"

const maxWaitingPages = 2 // of open pull requests, 100 each

// OpenPullRequests lists the open pull requests, drafts too and whoever opened them from wherever, oldest first. At most 200 are read,
// the oldest; truncated says that there are more.
//
// It takes one call for up to 100, else two, both cheap while nothing changes. Errors are *Error; of what the token may not see, the
// permission is told that it would need.
func (c *Client) OpenPullRequests(ctx context.Context, repo string) (pulls []OpenPull, truncated bool, err error) {
	all, complete, err := c.listOpenPulls(ctx, "list open pull requests", repo, maxWaitingPages)
	if err != nil {
		return nil, false, err
	}
	for _, p := range all {
		one := OpenPull{Number: p.GetNumber(), Title: p.GetTitle(), URL: p.GetHTMLURL(), Author: loginOf(p.User), AuthorBot: p.GetUser().GetType() == "Bot",
			Draft: p.GetDraft(), Created: at(p.CreatedAt), Updated: at(p.UpdatedAt), Base: p.GetBase().GetRef(), Labels: namesOf(p.Labels)}
		for _, u := range p.RequestedReviewers {
			if login := u.GetLogin(); login != "" {
				one.Reviewers = append(one.Reviewers, login)
			}
		}
		for _, t := range p.RequestedTeams {
			one.Teams = append(one.Teams, t.GetSlug())
		}
		pulls = append(pulls, one)
	}
	return pulls, !complete, nil
}

// listOpenPulls lists them oldest first, so that those which come meanwhile stand at the end. It reports whether all were read.
func (c *Client) listOpenPulls(ctx context.Context, op, repo string, maxPages int) (all []*gh.PullRequest, complete bool, err error) {
	path, err := repoPath(op, repo, "pulls")
	if err != nil {
		return nil, false, err
	}
	query := url.Values{"state": {"open"}, "sort": {"created"}, "direction": {"asc"}}
	complete, err = pages(ctx, c, get(op, repo, path, query, nil), maxPages, func(page []*gh.PullRequest) bool {
		all = append(all, page...)
		return true
	})
	switch {
	case isHidden(err):
		return nil, false, withAdvice(err, fmt.Sprintf("GitHub does not show Shipmate the pull requests of %s: its token or App needs the permission Pull requests: read.", repo))
	case err != nil:
		return nil, false, err
	}
	return all, complete, nil
}

// loginOf is whose account it is; Ghost when it is gone.
func loginOf(u *gh.User) string {
	if login := u.GetLogin(); login != "" {
		return login
	}
	return Ghost
}
