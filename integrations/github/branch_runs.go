package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// BranchRun is a workflow run of a branch in its latest attempt, without its jobs. GitHub's lists show no other attempt: one that has
// succeeded with Attempt above 1 was run again, as is done after a failure.
type BranchRun struct {
	ID         int64
	Workflow   string // the workflow's name; its path when it has none
	WorkflowID int64
	Path       string // of the workflow's file, such as .github/workflows/ci.yml; begins with dynamic/ for what GitHub runs by itself
	Event      string // push, schedule, workflow_dispatch, …
	Status     string // queued, requested, waiting, pending, in_progress, completed
	Conclusion string // set when completed: success, failure, cancelled, skipped, timed_out, …
	Attempt    int
	URL        string
	HeadSHA    string
	Created    time.Time // when the first attempt was
	Updated    time.Time
	Actor      string // login of who started it; Ghost when the account is gone
}

// listedRun is a run as GitHub lists it (GitHub REST: List workflow runs for a repository); go-github's has no path.
type listedRun struct {
	gh.WorkflowRun
	Path string `json:"path"`
}

// BranchRuns lists the workflow runs of a branch that were created since, to the second, newest first; the zero time asks for all of
// them. Runs for pull requests are left out: also those from a branch of the same name in somebody's copy of the repository are among
// what GitHub lists for it. A run belongs to when it was created, however late it is run again.
//
// It takes one call, for the hundred newest of all that GitHub lists; truncated says that there are older ones. (GitHub itself lists no
// more than 1,000 for such a search.) Errors are *Error; of what the token may not see, the permission is told that it would need.
func (c *Client) BranchRuns(ctx context.Context, repo, branch string, since time.Time) (runs []BranchRun, truncated bool, err error) {
	const op = "list the runs of a branch"
	if why := refMistake(branch); why != "" {
		return nil, false, refuse(op, repo, "%.100q cannot be a branch: %s", branch, why)
	}
	// Without what GitHub would else add to each run: the open pull requests that come from the branch. It leaves out no run.
	query := url.Values{"branch": {branch}, "exclude_pull_requests": {"true"}, "per_page": {"100"}}
	if !since.IsZero() {
		query.Set("created", ">="+since.UTC().Format(time.RFC3339))
	}
	var found struct {
		Runs []*listedRun `json:"workflow_runs"`
	}
	ans, err := c.getRepo(ctx, op, repo, query, &found, "actions", "runs")
	switch {
	case isHidden(err):
		return nil, false, withAdvice(err, fmt.Sprintf("GitHub does not show Shipmate the workflow runs of %s: its token or App needs the permission Actions: read.", repo))
	case err != nil:
		return nil, false, err
	}
	for _, r := range found.Runs {
		if !forPull(r.GetEvent()) {
			runs = append(runs, branchRunOf(repo, r))
		}
	}
	slices.SortStableFunc(runs, func(a, b BranchRun) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID)) })
	return runs, ans.next != "", nil
}

// forPull tells whether an event is one of a pull request (GitHub Actions: Events that trigger workflows): pull_request,
// pull_request_target, pull_request_review, pull_request_review_comment.
func forPull(event string) bool { return strings.HasPrefix(event, "pull_request") }

func branchRunOf(repo string, r *listedRun) BranchRun {
	path, _, _ := strings.Cut(r.Path, "@") // GitHub can add the ref, and the repository before it
	if own := len(repo) + 1; len(path) > own && strings.EqualFold(path[:own], repo+"/") {
		path = path[own:]
	}
	return BranchRun{
		ID: r.GetID(), Workflow: r.GetName(), WorkflowID: r.GetWorkflowID(), Path: path, Event: r.GetEvent(), Status: r.GetStatus(),
		Conclusion: r.GetConclusion(), Attempt: r.GetRunAttempt(), URL: r.GetHTMLURL(), HeadSHA: r.GetHeadSHA(), Created: at(r.CreatedAt), Updated: at(r.UpdatedAt),
		Actor: loginOf(r.Actor),
	}
}
