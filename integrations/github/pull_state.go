package github

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// PullState is how a pull request stands, with what its reviewers say.
type PullState struct {
	Number    int       `json:"number"`
	Title     string    `json:"title"`
	URL       string    `json:"url"`
	Author    string    `json:"author,omitempty"` // login
	State     string    `json:"state"`            // open, closed; a merged one is closed
	Draft     bool      `json:"draft,omitempty"`
	Branch    string    `json:"branch"`
	Base      string    `json:"base"`
	Head      string    `json:"head"` // SHA of its newest commit
	Merged    bool      `json:"merged,omitempty"`
	MergedAt  time.Time `json:"merged_at,omitzero"`
	MergeSHA  string    `json:"merge_sha,omitempty"`
	MergedBy  string    `json:"merged_by,omitempty"` // login
	ClosedAt  time.Time `json:"closed_at,omitzero"`
	Mergeable string    `json:"mergeable,omitempty"` // GitHub's mergeable_state: clean, dirty (conflicts), blocked, behind, unstable, draft, unknown

	Approvals []Review `json:"approvals,omitempty"` // of those whose last word it is, the author left out
	Objecting []Review `json:"objecting,omitempty"` // changes requested, likewise
	Awaited   []string `json:"awaited,omitempty"`   // logins, and teams as org/slug, of whom a review is awaited
}

// Review is what somebody has last said of a pull request.
type Review struct {
	Login string    `json:"login"`
	SHA   string    `json:"sha"` // the commit that was looked at; another one than Head when more was pushed since
	At    time.Time `json:"at"`
	URL   string    `json:"url,omitempty"`
}

// Decision sums the reviews up: changes_requested, approved, or empty when nobody has said either. How many approvals and whose a
// branch asks for only GitHub knows; Mergeable tells.
func (s PullState) Decision() string {
	switch {
	case len(s.Objecting) > 0:
		return "changes_requested"
	case len(s.Approvals) > 0:
		return "approved"
	}
	return ""
}

// PullRequestState reads how a pull request stands: two calls, both cheap while nothing changes.
func (c *Client) PullRequestState(ctx context.Context, repo string, number int) (PullState, error) {
	pull, err := c.readPull(ctx, repo, number)
	if err != nil {
		return PullState{}, err
	}
	out := PullState{
		Number: pull.GetNumber(), Title: pull.GetTitle(), URL: pull.GetHTMLURL(), Author: pull.GetUser().GetLogin(), State: pull.GetState(),
		Draft: pull.GetDraft(), Branch: pull.GetHead().GetRef(), Base: pull.GetBase().GetRef(), Head: pull.GetHead().GetSHA(),
		Merged: pull.GetMerged(), MergedAt: at(pull.MergedAt), MergedBy: pull.GetMergedBy().GetLogin(), ClosedAt: at(pull.ClosedAt),
		Mergeable: pull.GetMergeableState(), Awaited: loginsOf(pull.RequestedReviewers),
	}
	if out.Merged {
		out.MergeSHA = pull.GetMergeCommitSHA() // before, it is that of a trial
	}
	owner, _, _ := strings.Cut(repo, "/")
	for _, t := range pull.RequestedTeams {
		out.Awaited = append(out.Awaited, owner+"/"+t.GetSlug())
	}
	reviews, err := c.reviews(ctx, repo, number)
	if err != nil {
		return PullState{}, err
	}
	out.judge(reviews)
	return out, nil
}

func (c *Client) readPull(ctx context.Context, repo string, number int) (*gh.PullRequest, error) {
	var pull gh.PullRequest
	_, err := c.getRepo(ctx, "read a pull request", repo, nil, &pull, "pulls", strconv.Itoa(number))
	if IsNotFound(err) {
		return nil, withAdvice(err, fmt.Sprintf("%s has no pull request #%d that Shipmate can see.", repo, number))
	}
	return &pull, err
}

const maxReviewPages = 5 // 100 each

// reviews lists them oldest first. Of a pull request with more than is read an error is told: the newest are at the end.
func (c *Client) reviews(ctx context.Context, repo string, number int) ([]*gh.PullRequestReview, error) {
	const op = "list reviews"
	path, err := repoPath(op, repo, "pulls", strconv.Itoa(number), "reviews")
	if err != nil {
		return nil, err
	}
	var all []*gh.PullRequestReview
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), maxReviewPages, func(page []*gh.PullRequestReview) bool {
		all = append(all, page...)
		return true
	})
	if err == nil && !complete {
		err = refuse(op, repo, "#%d has more reviews than can be read", number)
	}
	return all, err
}

// judge takes of each reviewer the last word that approves, objects or takes that back; comments are none.
func (s *PullState) judge(reviews []*gh.PullRequestReview) {
	last := map[string]*gh.PullRequestReview{}
	var order []string
	for _, r := range reviews {
		login := r.GetUser().GetLogin()
		switch r.GetState() {
		case "APPROVED", "CHANGES_REQUESTED", "DISMISSED":
			order = append(slices.DeleteFunc(order, func(l string) bool { return l == login }), login)
			last[login] = r
		}
	}
	for _, login := range order {
		if login == "" || strings.EqualFold(login, s.Author) {
			continue // an account that is gone, or one's own
		}
		r := last[login]
		said := Review{Login: login, SHA: r.GetCommitID(), At: at(r.SubmittedAt), URL: r.GetHTMLURL()}
		switch r.GetState() {
		case "APPROVED":
			s.Approvals = append(s.Approvals, said)
		case "CHANGES_REQUESTED":
			s.Objecting = append(s.Objecting, said)
		}
	}
}
