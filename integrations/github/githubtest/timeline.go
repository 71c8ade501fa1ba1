package githubtest

import (
	"slices"
	"time"
)

// runView is a run as it stands at a moment; jobView and stepView the same of its parts. Everything in them follows from
// what was asked for, the script and the time.
type runView struct {
	Status     string // queued, pending (waits for its concurrency group), in_progress, completed
	Conclusion string
	Started    time.Time
	Updated    time.Time
	Jobs       []jobView
}

type jobView struct {
	ID         int64
	Def        jobDef
	Name       string
	Status     string
	Conclusion string
	Created    time.Time
	Started    time.Time
	Completed  time.Time
	Steps      []stepView
	After      struct{ Failed, Cancelled bool } // how a job it hangs on went, at any distance
	Cut        bool                             // it was skipped because the run was cancelled before its turn
}

type stepView struct {
	Number     int
	Name       string
	Run        string
	Status     string
	Conclusion string
	Started    time.Time
	Completed  time.Time
	Log        []string
}

// never is later than everything: what has no end ends then.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// view tells how an attempt stands at now.
func (d *repo) view(a *attempt, now time.Time) runView {
	plan := d.plan(a)
	v := runView{Status: "queued", Started: a.Started, Updated: a.Started}
	if d.groupFree(a).After(now) && len(plan) > 0 {
		v.Status = "pending"
	}
	done, begun := 0, false
	for _, j := range plan {
		j.cut(now)
		v.Jobs = append(v.Jobs, j)
		for _, t := range []time.Time{j.Started, j.Completed} {
			if !t.After(now) && t.After(v.Updated) {
				v.Updated = t
			}
		}
		if j.Status == "completed" {
			done++
		}
		begun = begun || j.Status != "queued"
	}
	switch {
	case done == len(plan):
		v.Status, v.Conclusion = "completed", conclude(v.Jobs)
	case begun:
		v.Status = "in_progress"
	}
	return v
}

// conclude is a run's conclusion from its jobs'. A cancelled run whose next job did not get its turn is cancelled, even
// when every job that ran had ended well.
func conclude(jobs []jobView) string {
	has := func(c string) bool {
		return slices.ContainsFunc(jobs, func(j jobView) bool { return j.Conclusion == c })
	}
	switch {
	case has("cancelled"), slices.ContainsFunc(jobs, func(j jobView) bool { return j.Cut }):
		return "cancelled"
	case has("failure"):
		return "failure"
	case has("success"), len(jobs) == 0:
		return "success"
	}
	return "skipped"
}

// groupFree is when an attempt may begin: at once, or when the run of its group that was before it has ended.
func (d *repo) groupFree(a *attempt) time.Time {
	free := a.Started
	if before := d.run(a.After); before != nil {
		if end := d.ends(before.Attempts[a.AfterAttempt-1]); end.After(free) {
			free = end
		}
	}
	if stop := a.stop(); stop != nil && stop.Before(free) {
		return *stop
	}
	return free
}

// ends is when an attempt ends; never is a possible answer.
func (d *repo) ends(a *attempt) time.Time {
	var end time.Time
	for _, j := range d.plan(a) {
		if j.Completed.After(end) {
			end = j.Completed
		}
	}
	return end
}

// stop is when cancelling begins to work.
func (a *attempt) stop() *time.Time {
	if a.Forced != nil {
		return a.Forced
	}
	return a.Canceled
}

// plan lays out a whole attempt, past and future, job after job in order of their needs.
func (d *repo) plan(a *attempt) []jobView {
	free := d.groupFree(a)
	placed := map[string]*jobView{}
	plan := make([]jobView, len(a.Jobs))
	for i, j := range a.Jobs { // what needs a job that does not exist stays like this
		plan[i] = jobView{ID: j.ID, Def: j.Def, Name: j.Name, Created: never, Started: never, Completed: never}
	}
	for range a.Jobs { // each round places at least the jobs whose needs are placed
		for i, j := range a.Jobs {
			if placed[j.Def.Key] != nil || slices.ContainsFunc(j.Def.Needs, func(n string) bool { return placed[n] == nil }) {
				continue
			}
			plan[i] = a.place(j, free, placed)
			a.cancelJob(&plan[i])
			placed[j.Def.Key] = &plan[i]
		}
	}
	return plan
}

// place lays out one job after the jobs it needs.
func (a *attempt) place(j *job, free time.Time, placed map[string]*jobView) jobView {
	if j.Kept != nil {
		v := *j.Kept
		v.ID, v.Steps, v.Cut = j.ID, slices.Clone(v.Steps), false // what an earlier attempt was spared is not this one's
		return v
	}
	ready, sc := free, &scope{}
	for _, n := range j.Def.Needs {
		ready = latest(ready, placed[n].Completed)
		need := placed[n]
		sc.failed = sc.failed || need.After.Failed || need.Conclusion == "failure"
		sc.cancelled = sc.cancelled || need.After.Cancelled || need.Conclusion == "cancelled"
		sc.blocked = sc.blocked || need.Conclusion != "success"
	}
	v := jobView{ID: j.ID, Def: j.Def, Name: j.Name, Status: "completed", Created: ready, Started: ready, Completed: ready}
	v.After.Failed, v.After.Cancelled = sc.failed, sc.cancelled
	if ready == never {
		return v
	}
	if !sc.condition(j.Def.If) {
		v.Conclusion = "skipped"
		return v
	}
	js := a.Script.Jobs[j.Def.Key]
	if a.Script.NeverStarts || js.NeverStarts {
		v.Started, v.Completed = never, never
		return v
	}
	v.Started = ready.Add(a.Script.queue(j.Def.Key))
	a.runSteps(&v, js)
	return v
}

// runSteps lays out a job's steps one after the other, between the two that the runner adds.
func (a *attempt) runSteps(v *jobView, js JobScript) {
	at, failed := v.Started, false
	add := func(name, run, conclusion string, took time.Duration, log []string) {
		end := never
		if at != never && conclusion != string(Hang) {
			end = at.Add(took)
		}
		v.Steps = append(v.Steps, stepView{len(v.Steps) + 1, name, run, "completed", conclusion, at, end, log})
		at = end
	}
	add("Set up job", "", "success", time.Second, nil)
	for _, st := range v.Def.Steps {
		sc, how := &scope{failed: failed}, js.Steps[st.Name]
		switch {
		case !sc.condition(st.If):
			add(st.Name, st.Run, "skipped", 0, nil)
		case how.Outcome == Success:
			add(st.Name, st.Run, "success", a.Script.step(v.Def.Key, st.Name), how.Log)
		default:
			add(st.Name, st.Run, string(how.Outcome), a.Script.step(v.Def.Key, st.Name), how.Log)
			failed = true
		}
	}
	add("Complete job", "", "success", 0, nil)
	v.Completed, v.Conclusion = at, "success"
	if failed {
		v.Conclusion = "failure"
	}
}

// cancelJob applies a cancel or a force-cancel to a planned job. One that was still to be created is skipped.
func (a *attempt) cancelJob(v *jobView) {
	switch {
	case a.Canceled == nil || a.Script.IgnoresCancel || v.Def.outlivesCancel():
	case v.Created.After(*a.Canceled):
		v.Cut = v.Conclusion != "skipped"
		v.Started, v.Completed, v.Conclusion, v.Steps = v.Created, v.Created, "skipped", nil
	default:
		running := v.Started.Before(*a.Canceled)
		end := *a.Canceled
		if running {
			end = end.Add(a.Script.cancelTakes())
		}
		v.end(end, "cancelled")
	}
	if a.Forced != nil {
		v.end(*a.Forced, "cancelled")
	}
}

// outlivesCancel tells whether a job's condition lets it run in a cancelled run, as always() does.
func (j jobDef) outlivesCancel() bool {
	sc := &scope{cancelled: true}
	return j.If != "" && sc.condition(j.If)
}

// end cuts a job off at a time, if it is not over by then.
func (v *jobView) end(at time.Time, conclusion string) {
	if !v.Completed.After(at) {
		return
	}
	if v.Started.After(at) {
		v.Started, v.Created, v.Steps = at, earliest(v.Created, at), nil
	}
	v.Status, v.Completed, v.Conclusion = "completed", at, conclusion
	for i := range v.Steps {
		st := &v.Steps[i]
		switch {
		case !st.Completed.After(at):
		case st.Started.After(at):
			st.Started, st.Completed, st.Status, st.Conclusion = at, at, "completed", "skipped"
		default:
			st.Completed, st.Status, st.Conclusion = at, "completed", conclusion
		}
	}
}

// cut turns a planned job into how it stands at now.
func (v *jobView) cut(now time.Time) {
	switch {
	case !v.Completed.After(now):
		v.Status = "completed"
		return
	case v.Started.After(now):
		v.Status, v.Steps = "queued", nil
	default:
		v.Status = "in_progress"
	}
	v.Conclusion = ""
	for i := range v.Steps {
		st := &v.Steps[i]
		switch {
		case !st.Completed.After(now):
			st.Status = "completed"
		case st.Started.After(now):
			st.Status, st.Conclusion = "queued", ""
		default:
			st.Status, st.Conclusion = "in_progress", ""
		}
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
