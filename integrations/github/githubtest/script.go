package githubtest

import "time"

// Script says how the runs of a workflow go. The zero value: queued for 2 s, every step takes 5 s and succeeds.
type Script struct {
	Queue       time.Duration        // from a job being ready to a runner taking it; 2 s when 0
	Step        time.Duration        // how long each step takes; 5 s when 0
	NeverStarts bool                 // no runner ever takes a job: the run stays queued
	Jobs        map[string]JobScript // by job id, as in the YAML
	// CancelTakes is how long running jobs live on after a cancel; 2 s when 0.
	CancelTakes time.Duration
	// IgnoresCancel makes running jobs end as if they had not been cancelled; only a force-cancel ends them.
	IgnoresCancel bool
}

// JobScript is how one job goes; zero durations are the Script's.
type JobScript struct {
	Queue       time.Duration
	Step        time.Duration
	NeverStarts bool
	Steps       map[string]StepScript // by the step's name as GitHub shows it
}

// StepScript is how one step goes; a zero duration is the job's.
type StepScript struct {
	Duration time.Duration
	Outcome  Outcome
	Log      []string // printed by the step, before its ending
}

// Outcome is how a step ends.
type Outcome string

// What a step can do.
const (
	Success Outcome = ""        // ends well
	Failure Outcome = "failure" // exits with 1: later steps are skipped, the job fails
	Hang    Outcome = "hang"    // never ends, unless the run is cancelled
)

// FailAt is a Script whose job fails at a step after printing these lines.
func FailAt(job, step string, log ...string) Script {
	return Script{Jobs: map[string]JobScript{job: {Steps: map[string]StepScript{step: {Outcome: Failure, Log: log}}}}}
}

// HangAt is a Script whose job never gets past a step.
func HangAt(job, step string) Script {
	return Script{Jobs: map[string]JobScript{job: {Steps: map[string]StepScript{step: {Outcome: Hang}}}}}
}

// Script sets how all coming runs of a workflow file (such as "deploy.yml") go.
func (r *Repo) Script(file string, sc Script) *Repo {
	r.change(func(d *repo) { d.script(file).All = sc })
	return r
}

// ScriptNext sets how the next runs or re-runs of a workflow file go, one Script each, before Script applies again.
func (r *Repo) ScriptNext(file string, scs ...Script) *Repo {
	r.change(func(d *repo) {
		s := d.script(file)
		s.Next = append(s.Next, scs...)
	})
	return r
}

// scripts are what is set for one workflow file.
type scripts struct {
	File string
	All  Script
	Next []Script
}

func (s *scripts) take() Script {
	if len(s.Next) == 0 {
		return s.All
	}
	next := s.Next[0]
	s.Next = s.Next[1:]
	return next
}

func (s Script) queue(job string) time.Duration {
	return orDefault(s.Jobs[job].Queue, s.Queue, 2*time.Second)
}

func (s Script) step(job, step string) time.Duration {
	j := s.Jobs[job]
	return orDefault(j.Steps[step].Duration, j.Step, s.Step, 5*time.Second)
}

func (s Script) cancelTakes() time.Duration { return orDefault(s.CancelTakes, 2*time.Second) }

func orDefault(ds ...time.Duration) time.Duration {
	for _, d := range ds {
		if d != 0 {
			return d
		}
	}
	return 0
}
