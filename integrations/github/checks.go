package github

import (
	"context"
	"net/url"
	"slices"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// State is how far a check is and how it ended.
type State string

// The states of a check. Only success, neutral and skipped are good ends, as for GitHub's own merge rules.
const (
	Expected       State = "expected" // required, and nobody has reported it yet
	Queued         State = "queued"
	Running        State = "running" // also a commit status that is "pending"
	Success        State = "success"
	Failure        State = "failure" // also a commit status that is "error"
	Cancelled      State = "cancelled"
	Skipped        State = "skipped"
	Neutral        State = "neutral"
	TimedOut       State = "timed out"
	ActionRequired State = "action required"
	Stale          State = "stale"
	None           State = "none" // of Verdict only: there is nothing to judge by
)

// Ended reports whether the check says nothing more.
func (s State) Ended() bool { return s != Expected && s != Queued && s != Running }

// Good reports whether the check ended without an objection. A pending one is not good.
func (s State) Good() bool { return s == Success || s == Neutral || s == Skipped }

// Where a check comes from.
const (
	SourceStatus   = "status"    // a commit status
	SourceCheckRun = "check run" // a GitHub App
	SourceActions  = "Actions"   // a job of a workflow
)

// Check is one thing that judges a commit.
type Check struct {
	ID          int64     `json:"id,omitempty"` // for Actions also the ID of the job, see LogTail
	Name        string    `json:"name"`
	Source      string    `json:"source,omitempty"` // empty when Expected
	State       State     `json:"state"`
	Required    bool      `json:"required,omitempty"`
	URL         string    `json:"url,omitempty"`
	StartedAt   time.Time `json:"started_at,omitzero"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
}

// Checks is everything that judges a commit.
type Checks struct {
	All []Check `json:"all,omitempty"`
	// RequiredKnown: the branch's rules could be read. Otherwise Required is false everywhere and means nothing.
	RequiredKnown bool `json:"required_known"`
	Truncated     bool `json:"truncated,omitempty"` // there are more than were read
}

// Verdict sums up: None when there is no check at all, Failure when one ended badly, Running while one has not ended or
// not all were read, else Success.
func (c Checks) Verdict() State { return verdict(c.All, c.Truncated) }

// RequiredVerdict is Verdict over the required checks alone. Ask RequiredKnown first.
func (c Checks) RequiredVerdict() State {
	return verdict(slices.DeleteFunc(slices.Clone(c.All), func(one Check) bool { return !one.Required }), c.Truncated)
}

func verdict(all []Check, truncated bool) State {
	switch {
	case slices.ContainsFunc(all, func(c Check) bool { return c.State.Ended() && !c.State.Good() }):
		return Failure
	case truncated || slices.ContainsFunc(all, func(c Check) bool { return !c.State.Ended() }):
		return Running
	case len(all) == 0:
		return None
	}
	return Success
}

const maxCheckPages = 10 // 1,000 of each kind

// Checks reads commit statuses and check runs of a commit, and which of them the rules of branch require ("" asks for no
// rules). A required check that nobody has reported is listed as Expected. Several check runs of one name are all
// listed: every one has to be good. GitHub looks at the 1,000 newest check suites of a commit.
func (c *Client) Checks(ctx context.Context, repo, sha, branch string) (Checks, error) {
	var out Checks
	if err := c.statuses(ctx, repo, sha, &out); err != nil {
		return Checks{}, err
	}
	if err := c.checkRuns(ctx, repo, sha, &out); err != nil {
		return Checks{}, err
	}
	if branch == "" {
		return out, nil
	}
	required, known, err := c.required(ctx, repo, branch)
	if err != nil {
		return Checks{}, err
	}
	out.RequiredKnown = known
	if known {
		out.require(required)
	}
	return out, nil
}

// require marks the required checks and adds those nobody reported.
func (c *Checks) require(names []string) {
	for _, name := range names {
		reported := false
		for i := range c.All {
			if c.All[i].Name == name {
				c.All[i].Required, reported = true, true
			}
		}
		if !reported {
			c.All = append(c.All, Check{Name: name, State: Expected, Required: true})
		}
	}
}

// statuses reads the newest commit status of each context.
func (c *Client) statuses(ctx context.Context, repo, sha string, out *Checks) error {
	const op = "read commit statuses"
	path, err := repoPath(op, repo, "commits", sha, "status")
	if err != nil {
		return err
	}
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), maxCheckPages, func(page gh.CombinedStatus) bool {
		for _, s := range page.Statuses {
			one := Check{ID: s.GetID(), Name: s.GetContext(), Source: SourceStatus, State: statusState(s.GetState()), URL: s.GetTargetURL(), StartedAt: at(s.CreatedAt)}
			if one.State.Ended() {
				one.CompletedAt = at(s.UpdatedAt)
			}
			out.All = append(out.All, one)
		}
		return true
	})
	out.Truncated = out.Truncated || !complete
	return err
}

func statusState(s string) State {
	switch s {
	case "success":
		return Success
	case "failure", "error":
		return Failure
	}
	return Running
}

// checkRuns reads the latest check run of each name in each check suite.
func (c *Client) checkRuns(ctx context.Context, repo, sha string, out *Checks) error {
	const op = "read check runs"
	path, err := repoPath(op, repo, "commits", sha, "check-runs")
	if err != nil {
		return err
	}
	complete, err := pages(ctx, c, get(op, repo, path, url.Values{"filter": {"latest"}}, nil), maxCheckPages, func(page gh.ListCheckRunsResults) bool {
		for _, r := range page.CheckRuns {
			out.All = append(out.All, checkOf(r))
		}
		return true
	})
	out.Truncated = out.Truncated || !complete
	return err
}

func checkOf(r *gh.CheckRun) Check {
	one := Check{ID: r.GetID(), Name: r.GetName(), Source: SourceCheckRun, State: checkState(r.GetStatus(), r.GetConclusion()),
		URL: r.GetHTMLURL(), StartedAt: at(r.StartedAt), CompletedAt: at(r.CompletedAt)}
	if r.GetApp().GetSlug() == "github-actions" {
		one.Source = SourceActions
	}
	if one.URL == "" {
		one.URL = r.GetDetailsURL()
	}
	return one
}

// checkState reads status and conclusion. What GitHub may add later counts as not ended, or as not good.
func checkState(status, conclusion string) State {
	switch {
	case status == "in_progress":
		return Running
	case status != "completed":
		return Queued
	}
	switch conclusion {
	case "success", "failure", "cancelled", "skipped", "neutral", "stale":
		return State(conclusion)
	case "timed_out":
		return TimedOut
	case "action_required":
		return ActionRequired
	}
	return Failure
}
