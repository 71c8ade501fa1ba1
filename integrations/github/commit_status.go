package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// CommitStatus is what Shipmate says of a commit, shown with the pull requests it is the newest of.
type CommitStatus struct {
	Repo        string
	SHA         string // of the commit, all 40 digits
	Context     string // who says it, such as "shipmate/decision"; GitHub tells "A" and "a" not apart
	State       string // pending, success, failure, error
	Description string // one line, cut at GitHub's 140 characters
	URL         string // where there is more, http or https; may be empty
}

// maxStatusText is how many characters a status's description may have; GitHub says so in its refusal.
const maxStatusText = 140

// statusStates are GitHub's (GitHub REST: Create a commit status).
var statusStates = []string{"pending", "success", "failure", "error"}

// EnsureCommitStatus says something of a commit, unless the newest status of that context says just that: GitHub takes 1,000 statuses
// for a commit and context and then no more, ever (GitHub REST: Create a commit status). After an unclear failure the call may simply
// be made again; one more of the same changes nothing, the newest counts.
//
// It is a commit status and not a check run since check runs can be made by Apps only, while both an App and a token may set statuses.
// Branch rules can require either by its name.
func (c *Client) EnsureCommitStatus(ctx context.Context, s CommitStatus) error {
	const op = "set a commit status"
	if err := s.check(op); err != nil {
		return err
	}
	s.Description = line(s.Description, maxStatusText)
	newest, found, err := c.newestStatus(ctx, s)
	switch {
	case err != nil:
		return statusAdvice(s, err)
	case found && newest.GetState() == s.State && newest.GetDescription() == s.Description && newest.GetTargetURL() == s.URL:
		return nil
	}
	body := map[string]string{"context": s.Context, "state": s.State, "description": s.Description}
	if s.URL != "" {
		body["target_url"] = s.URL
	}
	_, err = c.postRepo(ctx, op, s.Repo, body, nil, "statuses", s.SHA)
	return statusAdvice(s, err)
}

func (s CommitStatus) check(op string) error {
	address, err := url.Parse(s.URL)
	switch {
	case !fullSHA.MatchString(s.SHA):
		return refuse(op, s.Repo, "a status is of a commit, not of %.50q", s.SHA)
	case s.Context == "" || units(s.Context) > maxTitle || line(s.Context, maxTitle) != s.Context:
		return refuse(op, s.Repo, "%.50q cannot be the name of a status", s.Context)
	case !slices.Contains(statusStates, s.State):
		return refuse(op, s.Repo, "%.50q is no state of a commit, which are %s", s.State, strings.Join(statusStates, ", "))
	case s.URL != "" && (err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http"):
		return refuse(op, s.Repo, "a status can lead to an address with http or https only")
	}
	return nil
}

// newestStatus is the newest status of the context; the combined status holds one of each.
func (c *Client) newestStatus(ctx context.Context, s CommitStatus) (newest *gh.RepoStatus, found bool, err error) {
	const op = "read commit statuses"
	path, err := repoPath(op, s.Repo, "commits", s.SHA, "status")
	if err != nil {
		return nil, false, err
	}
	_, err = pages(ctx, c, get(op, s.Repo, path, nil, nil), maxCheckPages, func(page gh.CombinedStatus) bool {
		for _, one := range page.Statuses {
			if strings.EqualFold(one.GetContext(), s.Context) {
				newest, found = one, true
			}
		}
		return !found
	})
	return newest, found, err
}

// statusAdvice adds to a definite refusal what people can do about it.
func statusAdvice(s CommitStatus, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || e.advice != "" || IsRateLimited(err) {
		return err
	}
	switch {
	case e.Status == http.StatusNotFound, e.Status == http.StatusForbidden && aboutAccess(e.Message):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate set commit statuses in %s: the commit has to be there, and the token or App needs the permission Commit statuses: read and write.", s.Repo))
	case refusedFor(err, "maximum number of statuses"):
		return withAdvice(err, fmt.Sprintf("GitHub takes no more statuses %q for this commit of %s, it has a thousand; the next commit starts anew.", s.Context, s.Repo))
	case refusedFor(err, "no commit found"):
		return withAdvice(err, fmt.Sprintf("%s has no commit %.7s any more.", s.Repo, s.SHA))
	}
	return err
}
