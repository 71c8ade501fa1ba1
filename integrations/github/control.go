package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// EnsureCancelled asks GitHub to cancel a run. With nil and a run that is not Done GitHub has accepted it and the run
// ends in a while, or does not, when its steps ignore it: follow it with Run. A run that had ended before is returned as
// it ended. Asking twice does no harm, so an unclear failure may simply be followed by another call.
func (c *Client) EnsureCancelled(ctx context.Context, repo string, runID int64) (Run, error) {
	_, err := c.postRepo(ctx, "cancel a workflow run", repo, nil, nil, "actions", "runs", number(runID), "cancel")
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Status != http.StatusConflict) {
		return Run{}, err
	}
	run, lookErr := c.Run(ctx, repo, runID)
	switch {
	case err == nil && lookErr != nil:
		return Run{ID: runID, Status: "in_progress"}, nil // accepted; how far it is will be seen later
	case lookErr != nil:
		return Run{}, lookErr
	case err != nil && !run.Done():
		return run, withAdvice(err, "GitHub cannot cancel this run just now; try again in a moment.")
	}
	return run, nil
}

// RerunFailed runs the failed jobs of a run again, and what depends on them. attempt is the attempt that the asker saw:
// when the run is beyond it, it has been run again already and is returned as it is. The run keeps its ID.
func (c *Client) RerunFailed(ctx context.Context, repo string, runID int64, attempt int) (Run, error) {
	return c.rerun(ctx, repo, runID, attempt, "rerun-failed-jobs")
}

// RerunAll runs all jobs of a run again; otherwise as RerunFailed.
func (c *Client) RerunAll(ctx context.Context, repo string, runID int64, attempt int) (Run, error) {
	return c.rerun(ctx, repo, runID, attempt, "rerun")
}

func (c *Client) rerun(ctx context.Context, repo string, runID int64, attempt int, how string) (Run, error) {
	const op = "run a workflow run again"
	run, err := c.Run(ctx, repo, runID)
	switch {
	case err != nil:
		return Run{}, err
	case run.Attempt > attempt:
		return run, nil
	case !run.Done():
		return run, refuse(op, repo, "The run is still going; it can be run again when it has ended")
	}
	if _, err := c.postRepo(ctx, op, repo, nil, nil, "actions", "runs", number(runID), how); err != nil {
		return run, rerunAdvice(repo, err)
	}
	run.Attempt++
	run.Status, run.Conclusion, run.Jobs = "queued", "", nil
	return run, nil
}

func rerunAdvice(repo string, err error) error {
	var e *Error
	switch {
	case !errors.As(err, &e) || e.Status != http.StatusForbidden || IsRateLimited(err):
		return err
	case aboutAccess(e.Message):
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate run this again: it needs the permission Actions: read and write in %s.", repo))
	}
	return withAdvice(err, "GitHub does not run this again: "+sentence(e.Message))
}
