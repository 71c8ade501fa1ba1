package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/github"
)

const (
	// askAgain is how long a run may live on after GitHub was asked to cancel it, before it is asked again.
	askAgain = time.Minute
	// newRun is how long a run may be too new for GitHub to show it, before people hear of it.
	newRun = 20 * time.Second
	// maxJobs is how many jobs of a run a record keeps.
	maxJobs = 30
	// maxLines and maxLine bound the log of a failure that a record keeps.
	maxLines = 15
	maxLine  = 300
)

// follow looks at the run and writes down what it sees, until GitHub says that it has completed.
func (s *Service) follow(ctx context.Context, d *Deployment) (time.Time, error) {
	run, err := s.github.Run(ctx, d.Repo, d.Run.ID)
	switch {
	case github.IsNotFound(err):
		return s.missing(ctx, d)
	case err != nil:
		return s.trouble(ctx, d, err, nil)
	}
	now := s.clock.Now()
	wait := pause(now.Sub(d.begun()))
	var asked time.Time
	if d.Cancel != nil && !run.Done() {
		wait = pause(0)
		if now.Sub(d.Cancel.Sent) >= askAgain {
			stopped, err := s.github.EnsureCancelled(ctx, d.Repo, run.ID)
			if err != nil {
				return s.trouble(ctx, d, err, func(d *Deployment) { d.see(run, nil, now) })
			}
			asked = now
			if stopped.Done() {
				run = stopped
			}
		}
	}
	failure := s.failure(ctx, d, run)
	return s.move(ctx, d.ID, wait, func(d *Deployment) {
		d.see(run, failure, now)
		if d.Cancel != nil && !asked.IsZero() {
			d.Cancel.Sent = asked
		}
	})
}

// missing notes that GitHub does not know the run: at first it may only be new there, then it was deleted or hidden.
func (s *Service) missing(ctx context.Context, d *Deployment) (time.Time, error) {
	now := s.clock.Now()
	return s.move(ctx, d.ID, minTrouble, func(d *Deployment) {
		d.read()
		if d.Jobs == nil && now.Sub(d.Dispatched) < newRun {
			return
		}
		if d.Missing.IsZero() {
			d.Missing = now
		}
		if now.Sub(d.Missing) < d.Decided.Search.Duration {
			return
		}
		d.Lost = RunGone
		if d.Cancel != nil {
			d.State, d.Ended = Abandoned, now // somebody wanted the slot free, and there is nothing left to stop
			return
		}
		d.State = Lost
	})
}

// see takes over what GitHub says about the run.
func (d *Deployment) see(run github.Run, failure *Failure, now time.Time) {
	d.read()
	d.Lost, d.Missing = "", time.Time{}
	url := run.URL
	if url == "" {
		url = d.Run.URL
	}
	d.Run = &Run{ID: run.ID, URL: url, Attempt: run.Attempt, Status: run.Status, Conclusion: run.Conclusion}
	d.Jobs = nil
	for _, j := range run.Jobs[:min(maxJobs, len(run.Jobs))] {
		d.Jobs = append(d.Jobs, jobOf(j))
	}
	begun := firstStart(run)
	if d.Started.IsZero() {
		d.Started = begun
	}
	switch {
	case !run.Done() && begun.IsZero():
		d.State = Queued
	case !run.Done():
		d.State = Running
	default:
		d.end(run, failure, now)
	}
}

// end takes over how the run ended. A run that ended as it was about to be cancelled ended as it did, but one that left a
// job out after somebody asked to stop it has not deployed for certain, whatever its conclusion says.
func (d *Deployment) end(run github.Run, failure *Failure, now time.Time) {
	d.Ended, d.Noticed = lastEnd(run, now), now
	if d.Ended.Before(d.Created) {
		d.Ended = now
	}
	switch {
	case run.Succeeded() && d.leftOut(run):
		d.State = Cancelled
	case run.Succeeded():
		d.State = Succeeded
	case run.Conclusion == "cancelled":
		d.State = Cancelled
	default:
		d.State, d.Failure = Failed, failure
	}
}

// clockSkew is how far GitHub's clock and ours may be apart.
const clockSkew = time.Minute

// leftOut tells whether the run did not do all of its jobs once somebody had asked to stop it. A job that was skipped long
// before was skipped by its own condition.
func (d *Deployment) leftOut(run github.Run) bool {
	return d.Cancel != nil && slices.ContainsFunc(run.Jobs, func(j github.Job) bool {
		return d.spared(j.Conclusion, j.CompletedAt)
	})
}

// LeftOut are the names of the jobs that did not run, or not to their end, after somebody had asked to stop the deployment.
func (d *Deployment) LeftOut() []string {
	var names []string
	for _, j := range d.Jobs {
		if d.Cancel != nil && d.spared(j.Conclusion, j.Ended) {
			names = append(names, j.Name)
		}
	}
	return names
}

func (d *Deployment) spared(conclusion string, ended time.Time) bool {
	unrun := conclusion == "skipped" || conclusion == "cancelled"
	return unrun && (ended.IsZero() || !ended.Before(d.Cancel.At.Add(-clockSkew)))
}

// firstStart is when the first job began, the zero time before that.
func firstStart(run github.Run) time.Time {
	var first time.Time
	for _, j := range run.Jobs {
		began := j.Status == "in_progress" || j.Status == "completed" && j.Conclusion != "skipped"
		if began && !j.StartedAt.IsZero() && (first.IsZero() || j.StartedAt.Before(first)) {
			first = j.StartedAt
		}
	}
	return first
}

// lastEnd is when the run ended: with its last job, else when GitHub last touched it, and never after now.
func lastEnd(run github.Run, now time.Time) time.Time {
	var last time.Time
	for _, j := range run.Jobs {
		if j.CompletedAt.After(last) {
			last = j.CompletedAt
		}
	}
	if last.IsZero() {
		last = run.UpdatedAt
	}
	if last.IsZero() || last.After(now) {
		last = now
	}
	return last
}

func jobOf(j github.Job) Job {
	out := Job{Name: j.Name, Status: j.Status, Conclusion: j.Conclusion, Ended: j.CompletedAt, URL: j.URL}
	if j.Status == "in_progress" || j.Status == "completed" {
		out.Started = j.StartedAt
	}
	if step, ok := j.FailedStep(); ok {
		out.Step = step.Name
	}
	for _, step := range j.Steps {
		if step.Status == "in_progress" {
			out.Step = step.Name
		}
	}
	return out
}

// failure says why a run failed, with the last lines of the step that did; nil when it did not fail. Without a log the
// rest is still told.
func (s *Service) failure(ctx context.Context, d *Deployment, run github.Run) *Failure {
	if !run.Done() || run.Succeeded() || run.Conclusion == "cancelled" {
		return nil
	}
	job, ok := run.FailedJob()
	if !ok {
		return &Failure{URL: run.URL, Why: conclusionSentence(run.Conclusion)}
	}
	f := &Failure{Job: job.Name, URL: job.URL}
	if step, ok := job.FailedStep(); ok {
		f.Step = step.Name
	}
	lines, err := s.github.LogTail(ctx, d.Repo, job.ID, maxLines)
	if err != nil {
		why, _ := explain(err)
		f.Why = "The log could not be read: " + why
		return f
	}
	for _, line := range lines {
		f.Log = append(f.Log, cut(line))
	}
	return f
}

// cut shortens what others wrote to maxLine characters.
func cut(line string) string {
	runes := []rune(strings.TrimRight(line, " \r\n"))
	if len(runes) > maxLine {
		return string(runes[:maxLine-1]) + "…"
	}
	return string(runes)
}

// conclusionSentence is a run's conclusion when no job of it failed.
func conclusionSentence(conclusion string) string {
	switch conclusion {
	case "skipped":
		return "GitHub skipped the run: none of its jobs had anything to do."
	case "startup_failure":
		return "GitHub could not start the run: the workflow file has an error."
	case "timed_out":
		return "The run took longer than GitHub allows."
	case "action_required":
		return "The run waits for somebody to allow it on GitHub."
	}
	return "GitHub says that the run ended as " + conclusion + "."
}
