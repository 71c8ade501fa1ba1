package delivery

import (
	"slices"
	"time"

	"shipmate/integrations/github"
)

// Look says which pipeline somebody wants to see.
type Look struct {
	// Service is a name or an alias; its repository is the one that is read.
	Service string
	// Ref is a branch, tag or commit; empty is the default branch.
	Ref string
	// Pull is the number of a pull request, whose newest commit is meant instead of Ref; 0 is none.
	Pull int
}

// Pipeline is everything GitHub knows of one commit: what judges it, and the workflow runs it started.
type Pipeline struct {
	Service string `json:"service"`
	Repo    string `json:"repo"`
	// Ref is the branch, tag or commit that was asked for; Commit is what it was then.
	Ref    string `json:"ref"`
	Commit Commit `json:"commit"`
	Pull   *Pull  `json:"pull,omitempty"`
	// Branch is the one whose rules say what is required: that of a pull request's base, else the default branch.
	Branch string `json:"branch"`
	// RequiredKnown is false when the token may not read the rules; then nothing is known to be required.
	RequiredKnown bool `json:"required_known"`

	// Checks are the most telling ones: what failed first, then what goes on, then the rest. At most maxChecks.
	Checks []Check `json:"checks,omitempty"`
	// Tally counts all of them.
	Tally Tally `json:"tally"`
	// Truncated says that GitHub has more checks than were read.
	Truncated bool `json:"truncated,omitempty"`

	// Runs are the newest workflow runs, at most maxRuns; MoreRuns says that there may be others.
	Runs     []PipelineRun `json:"runs,omitempty"`
	MoreRuns bool          `json:"more_runs,omitempty"`
	// Others is how many of the runs read were started by people or deployments; they and their checks are left out.
	Others int `json:"others,omitempty"`
	// RunsHidden is why runs and steps could not be read, one sentence; the checks stand without them.
	RunsHidden string `json:"runs_hidden,omitempty"`

	// Failure is the first check that failed, with the end of its log; FailureOf is its job's ID.
	Failure   *Failure `json:"failure,omitempty"`
	FailureOf int64    `json:"failure_of,omitempty"`
}

// Pull is the pull request that was asked for.
type Pull struct {
	PullRequest
	State string `json:"state,omitempty"` // open, closed, merged
	Base  string `json:"base,omitempty"`
}

// Check is one thing that judges the commit: a commit status, a check run, or the job of a workflow.
type Check struct {
	Name     string       `json:"name"`
	Workflow string       `json:"workflow,omitempty"` // of a job
	State    github.State `json:"state"`
	Required bool         `json:"required,omitempty"`
	URL      string       `json:"url,omitempty"`
	Started  time.Time    `json:"started,omitzero"`
	Ended    time.Time    `json:"ended,omitzero"`
	// Step is where a job failed, or is now: the StepNumber-th of Steps.
	Step       string `json:"step,omitempty"`
	StepNumber int    `json:"step_number,omitempty"`
	Steps      int    `json:"steps,omitempty"`

	job int64 // the job's ID, for its log
}

// Tally counts checks by how they stand.
type Tally struct {
	Total    int `json:"total"`
	Failed   int `json:"failed,omitempty"`   // failed or timed out
	Unpassed int `json:"unpassed,omitempty"` // ended otherwise without being good: cancelled, stale, waiting for somebody
	Running  int `json:"running,omitempty"`
	Queued   int `json:"queued,omitempty"`
	Expected int `json:"expected,omitempty"` // required, and nobody has reported them
	Passed   int `json:"passed,omitempty"`
	Skipped  int `json:"skipped,omitempty"` // skipped or neutral

	Required    int `json:"required,omitempty"`
	RequiredBad int `json:"required_bad,omitempty"` // required ones among Failed and Unpassed
}

// Bad is how many ended without being good.
func (t Tally) Bad() int { return t.Failed + t.Unpassed }

// Pending is how many have not ended.
func (t Tally) Pending() int { return t.Running + t.Queued + t.Expected }

// PipelineRun is a workflow run of the commit, in its latest attempt.
type PipelineRun struct {
	ID         int64     `json:"id"`
	Attempt    int       `json:"attempt"`
	Workflow   string    `json:"workflow"`
	Event      string    `json:"event,omitempty"`
	Status     string    `json:"status"`               // GitHub's word
	Conclusion string    `json:"conclusion,omitempty"` // GitHub's word, once it has completed
	URL        string    `json:"url,omitempty"`
	Started    time.Time `json:"started,omitzero"` // when this attempt was
	Ended      time.Time `json:"ended,omitzero"`
	Jobs       int       `json:"jobs,omitempty"`
	Failed     int       `json:"failed,omitempty"` // jobs that failed or were cancelled
}

// Done tells whether the run has ended.
func (r PipelineRun) Done() bool { return r.Status == "completed" }

// Under are the runs that have not ended.
func (p *Pipeline) Under() []PipelineRun {
	return slices.DeleteFunc(slices.Clone(p.Runs), PipelineRun.Done)
}

// Ended tells whether nothing is to be expected any more: every check and every run has ended. Without any check nothing
// has ended.
func (p *Pipeline) Ended() bool {
	return p.Tally.Total > 0 && p.Tally.Pending() == 0 && len(p.Under()) == 0
}

// Good tells whether everything ended without an objection, and everything was read.
func (p *Pipeline) Good() bool { return p.Ended() && p.Tally.Bad() == 0 && !p.Truncated }

// Attempt is one attempt of a workflow run, as somebody saw it.
type Attempt struct {
	Run     int64 `json:"run"`
	Attempt int   `json:"attempt"`
}

// Jobs says which jobs of a run are run again.
type Jobs string

// The jobs.
const (
	FailedJobs Jobs = "failed" // those that failed, and what depends on them
	AllJobs    Jobs = "all"
)

// Rerunnable are the runs that can be run again, newest first. All jobs are offered only when no run goes on.
func (p *Pipeline) Rerunnable(jobs Jobs) []Attempt {
	var out []Attempt
	for _, r := range p.Runs {
		if jobs == AllJobs && r.startedByCommit() && !r.Done() {
			return nil
		}
		if r.rerunnable(jobs) {
			out = append(out, Attempt{Run: r.ID, Attempt: r.Attempt})
		}
	}
	return out[:min(len(out), maxReruns)]
}

func (r PipelineRun) rerunnable(jobs Jobs) bool {
	if !r.Done() || !r.startedByCommit() || r.Jobs == 0 {
		return false
	}
	return jobs == AllJobs || r.Failed > 0
}

// startedByCommit tells the runs that judge a commit from those that people or deployments started on it. The latter are
// never run again from here: a deployment that comes back beside the gates helps nobody.
func (r PipelineRun) startedByCommit() bool { return !byHand(r.Event) }

func byHand(event string) bool {
	return slices.Contains([]string{"workflow_dispatch", "repository_dispatch", "deployment", "deployment_status"}, event)
}
