package github

import (
	"context"
	"net/url"
	"slices"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Run is a workflow run in its latest attempt.
type Run struct {
	ID         int64     `json:"id"`
	Attempt    int       `json:"attempt,omitempty"`
	Workflow   string    `json:"workflow,omitempty"`   // the workflow's name
	Event      string    `json:"event,omitempty"`      // what started it
	Status     string    `json:"status"`               // queued, requested, waiting, pending, in_progress, completed
	Conclusion string    `json:"conclusion,omitempty"` // set when completed: success, failure, cancelled, skipped, timed_out, …
	Title      string    `json:"title,omitempty"`
	URL        string    `json:"url"`
	HeadSHA    string    `json:"head_sha,omitempty"` // the commit the workflow file was taken from
	CreatedAt  time.Time `json:"created_at,omitzero"`
	StartedAt  time.Time `json:"started_at,omitzero"` // when this attempt was
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
	Jobs       []Job     `json:"jobs,omitempty"`
}

// Job is a job of a run.
type Job struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Status      string    `json:"status"` // queued, waiting, pending, requested, in_progress, completed
	Conclusion  string    `json:"conclusion,omitempty"`
	StartedAt   time.Time `json:"started_at,omitzero"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
	URL         string    `json:"url,omitempty"`
	Steps       []Step    `json:"steps,omitempty"`
}

// Step is a step of a job.
type Step struct {
	Number      int       `json:"number"`
	Name        string    `json:"name"`
	Status      string    `json:"status"`
	Conclusion  string    `json:"conclusion,omitempty"`
	StartedAt   time.Time `json:"started_at,omitzero"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
}

// Done reports whether the run has ended.
func (r Run) Done() bool { return r.Status == "completed" }

// Succeeded reports whether the run has ended well. Skipped, neutral and cancelled are not success.
func (r Run) Succeeded() bool { return r.Done() && r.Conclusion == "success" }

// FailedJob is the first job that failed or ran out of time.
func (r Run) FailedJob() (Job, bool) {
	i := slices.IndexFunc(r.Jobs, func(j Job) bool { return failed(j.Conclusion) })
	if i < 0 {
		return Job{}, false
	}
	return r.Jobs[i], true
}

// FailedStep is the first step that failed.
func (j Job) FailedStep() (Step, bool) {
	i := slices.IndexFunc(j.Steps, func(s Step) bool { return failed(s.Conclusion) })
	if i < 0 {
		return Step{}, false
	}
	return j.Steps[i], true
}

func failed(conclusion string) bool {
	return conclusion == "failure" || conclusion == "timed_out" || conclusion == "startup_failure"
}

const (
	maxJobPages = 5  // 500 jobs; a matrix has at most 256 (GitHub Actions: Usage limits)
	maxShaRuns  = 20 // runs of one commit whose jobs are read
)

// Run reads a run and the jobs of its latest attempt: two calls, both cheap while nothing changes.
func (c *Client) Run(ctx context.Context, repo string, id int64) (Run, error) {
	var found gh.WorkflowRun
	if _, err := c.getRepo(ctx, "read a workflow run", repo, nil, &found, "actions", "runs", number(id)); err != nil {
		return Run{}, err
	}
	run := runOf(&found)
	var err error
	run.Jobs, err = c.jobs(ctx, repo, id)
	return run, err
}

func (c *Client) jobs(ctx context.Context, repo string, runID int64) ([]Job, error) {
	const op = "list the jobs of a run"
	path, err := repoPath(op, repo, "actions", "runs", number(runID), "jobs")
	if err != nil {
		return nil, err
	}
	var out []Job
	_, err = pages(ctx, c, get(op, repo, path, url.Values{"filter": {"latest"}}, nil), maxJobPages, func(page gh.Jobs) bool {
		for _, j := range page.Jobs {
			out = append(out, jobOf(j))
		}
		return true
	})
	return out, err
}

// WorkflowRuns returns the runs of a commit, newest first, with their jobs and steps: up to 20.
func (c *Client) WorkflowRuns(ctx context.Context, repo, sha string) ([]Run, error) {
	var found gh.WorkflowRuns
	query := url.Values{"head_sha": {sha}, "per_page": {number(maxShaRuns)}}
	if _, err := c.getRepo(ctx, "list the runs of a commit", repo, query, &found, "actions", "runs"); err != nil {
		return nil, err
	}
	var out []Run
	for _, one := range found.WorkflowRuns {
		run := runOf(one)
		var err error
		if run.Jobs, err = c.jobs(ctx, repo, run.ID); err != nil {
			return nil, err
		}
		out = append(out, run)
	}
	return out, nil
}

func runOf(r *gh.WorkflowRun) Run {
	out := Run{
		ID: r.GetID(), Attempt: r.GetRunAttempt(), Workflow: r.GetName(), Event: r.GetEvent(), Status: r.GetStatus(),
		Conclusion: r.GetConclusion(), Title: r.GetDisplayTitle(), URL: r.GetHTMLURL(), HeadSHA: r.GetHeadSHA(),
		CreatedAt: at(r.CreatedAt), StartedAt: at(r.RunStartedAt), UpdatedAt: at(r.UpdatedAt),
	}
	return out
}

func jobOf(j *gh.WorkflowJob) Job {
	out := Job{
		ID: j.GetID(), Name: j.GetName(), Status: j.GetStatus(), Conclusion: j.GetConclusion(),
		StartedAt: at(j.StartedAt), CompletedAt: at(j.CompletedAt), URL: j.GetHTMLURL(),
	}
	for _, s := range j.Steps {
		out.Steps = append(out.Steps, Step{
			Number: int(s.GetNumber()), Name: s.GetName(), Status: s.GetStatus(), Conclusion: s.GetConclusion(),
			StartedAt: at(s.StartedAt), CompletedAt: at(s.CompletedAt),
		})
	}
	return out
}
