package githubtest

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// maxFiltered is how many runs a filtered list reaches back to, and runFilters are the filters ("GitHub REST: List workflow runs for a
// repository").
const maxFiltered = 1000

var runFilters = []string{"actor", "branch", "check_suite_id", "created", "event", "head_sha", "status"}

// visibleRuns are the runs the API shows by now, newest first.
func (q *request) visibleRuns() []*run {
	var out []*run
	for _, r := range q.repo.Runs {
		if !r.Visible.After(q.now) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *run) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID)) })
	return out
}

// jobs are the jobs of an attempt that exist by now: one that needs others is created when they are done.
func (q *request) jobs(a *attempt) []jobView {
	return slices.DeleteFunc(q.repo.view(a, q.now).Jobs, func(v jobView) bool { return v.Created.After(q.now) })
}

func (q *request) run(r *run, a *attempt) obj {
	v, at := q.repo.view(a, q.now), q.of("actions/runs/%d", r.ID)
	var previous any
	if a.Number > 1 {
		previous = q.of("actions/runs/%d/attempts/%d", r.ID, a.Number-1)
	}
	html := q.page("actions/runs/%d", r.ID)
	if a != r.last() {
		html += "/attempts/" + num(a.Number)
	}
	return obj{"id": r.ID, "node_id": nodeID("WFR", r.ID), "name": r.Name, "display_title": r.Title, "head_branch": r.Branch, "head_sha": r.SHA, "path": r.Path,
		"run_number": r.Number, "run_attempt": a.Number, "event": r.Event, "status": v.Status, "conclusion": orNil(v.Conclusion),
		"workflow_id": r.Workflow, "check_suite_id": r.Suite, "check_suite_node_id": nodeID("CS", r.Suite), "url": at, "html_url": html,
		"pull_requests": q.pullsOf(r), "created_at": stamp(r.Created), "updated_at": stamp(v.Updated), "run_started_at": stamp(v.Started),
		"actor": q.actor(r.Actor), "triggering_actor": q.actor(a.Actor), "referenced_workflows": []obj{}, "jobs_url": at + "/jobs",
		"logs_url": at + "/logs", "check_suite_url": q.of("check-suites/%d", r.Suite), "artifacts_url": at + "/artifacts",
		"cancel_url": at + "/cancel", "rerun_url": at + "/rerun", "previous_attempt_url": previous,
		"workflow_url": q.of("actions/workflows/%d", r.Workflow), "head_commit": q.simpleCommit(r.SHA), "repository": q.repository(),
		"head_repository": q.repository()}
}

// pullsOf shows the open pull requests with the branch or the commit of a run, unless they are not wanted; those of copies of the
// repository are not shown.
func (q *request) pullsOf(r *run) []obj {
	if q.query.Get("exclude_pull_requests") == "true" {
		return []obj{}
	}
	open := slices.DeleteFunc(q.repo.pulls(), func(i *issue) bool {
		return i.State != "open" || i.PR.Fork != "" || i.PR.HeadRef != r.Branch && i.PR.HeadSHA != r.SHA
	})
	end := func(ref, sha string) obj {
		return obj{"ref": ref, "sha": sha, "repo": obj{"id": q.repo.ID, "url": q.api("repos/%s", q.repo.full()), "name": q.repo.Name}}
	}
	return each(open, func(i *issue) obj {
		return obj{"id": i.PR.ID, "number": i.Number, "url": q.of("pulls/%d", i.Number), "head": end(i.PR.HeadRef, i.PR.HeadSHA),
			"base": end(i.PR.BaseRef, cmp.Or(q.repo.Git.Refs["refs/heads/"+i.PR.BaseRef], i.PR.BaseSHA))}
	})
}

// listRuns lists the runs of the repository, or of one workflow.
func listRuns(q *request) reply {
	all := q.visibleRuns()
	if _, one := q.vars["workflow"]; one {
		w := q.workflowAsked()
		if w == nil {
			return q.notFound()
		}
		all = slices.DeleteFunc(all, func(r *run) bool { return r.Workflow != w.ID })
	}
	all = slices.DeleteFunc(all, func(r *run) bool { return !q.matches(r) })
	if slices.ContainsFunc(runFilters, q.query.Has) {
		all = all[:min(len(all), maxFiltered)]
	}
	return counted(q, "workflow_runs", all, func(r *run) obj { return q.run(r, r.last()) })
}

// matches applies the filters of a list of runs. The status filter takes conclusions, too.
func (q *request) matches(r *run) bool {
	is := func(filter, value string) bool {
		want := q.query.Get(filter)
		return want == "" || strings.EqualFold(want, value)
	}
	if !is("event", r.Event) || !is("branch", r.Branch) || !is("actor", r.Actor) || !is("head_sha", r.SHA) || !is("check_suite_id", num(r.Suite)) {
		return false
	}
	if !createdWithin(q.query.Get("created"), r.Created) {
		return false
	}
	v := q.repo.view(r.last(), q.now)
	return is("status", v.Status) || is("status", v.Conclusion)
}

// createdWithin reads a date as GitHub's search does: 2026-11-20, >=…, >…, <=…, <…, a..b, with or without a time. What it
// cannot read matches nothing.
func createdWithin(want string, t time.Time) bool {
	if want == "" {
		return true
	}
	t = t.Truncate(time.Second)
	if from, to, ok := strings.Cut(want, ".."); ok {
		return (from == "*" || createdWithin(">="+from, t)) && (to == "*" || createdWithin("<="+to, t))
	}
	value := strings.TrimLeft(want, "<>=")
	op := strings.TrimSuffix(want, value)
	first, err := time.Parse(time.RFC3339, value)
	last := first
	if err != nil {
		if first, err = time.Parse(time.DateOnly, value); err != nil {
			return false
		}
		last = first.Add(24*time.Hour - time.Second)
	}
	switch op {
	case ">=":
		return !t.Before(first)
	case ">":
		return t.After(last)
	case "<=":
		return !t.After(last)
	case "<":
		return t.Before(first)
	}
	return !t.Before(first) && !t.After(last)
}

// runAsked finds the run of the path and its attempt, the last unless named.
func (q *request) runAsked() (*run, *attempt) {
	r := q.repo.run(q.num("run"))
	if r == nil || r.Visible.After(q.now) {
		return nil, nil
	}
	if _, named := q.vars["attempt"]; !named {
		return r, r.last()
	}
	if n := q.num("attempt"); n >= 1 && int(n) <= len(r.Attempts) {
		return r, r.Attempts[n-1]
	}
	return nil, nil
}

func getRun(q *request) reply {
	r, a := q.runAsked()
	if r == nil {
		return q.notFound()
	}
	return ok(q.run(r, a))
}

func (q *request) job(r *run, a *attempt, v jobView) obj {
	html := q.page("actions/runs/%d/job/%d", r.ID, v.ID)
	o := obj{"id": v.ID, "node_id": nodeID("CR", v.ID), "run_id": r.ID, "run_url": q.of("actions/runs/%d", r.ID), "run_attempt": a.Number, "head_sha": r.SHA,
		"head_branch": r.Branch, "workflow_name": r.Name, "name": v.Name, "url": q.of("actions/jobs/%d", v.ID), "html_url": html,
		"check_run_url": q.of("check-runs/%d", v.ID), "status": v.Status, "conclusion": orNil(v.Conclusion), "created_at": stamp(v.Created),
		"started_at": stamp(v.Created), "completed_at": nil, "labels": list0(v.Def.Labels), "runner_id": nil, "runner_name": nil,
		"runner_group_id": nil, "runner_group_name": nil, "steps": each(v.Steps, step)}
	if v.Status == "completed" {
		o["completed_at"] = stamp(v.Completed)
	}
	if v.Status != "queued" && v.Conclusion != "skipped" {
		o["started_at"], o["runner_id"], o["runner_name"] = stamp(v.Started), v.ID%900+100, "GitHub Actions "+num(v.ID%900+100)
		o["runner_group_id"], o["runner_group_name"] = 0, "GitHub Actions"
	}
	return o
}

func step(st stepView) obj {
	o := obj{"number": st.Number, "name": st.Name, "status": st.Status, "conclusion": orNil(st.Conclusion), "started_at": nil, "completed_at": nil}
	if st.Status != "queued" {
		o["started_at"] = stamp(st.Started)
	}
	if st.Status == "completed" {
		o["completed_at"] = stamp(st.Completed)
	}
	return o
}

// listJobs lists the jobs of the last attempt, of one, or with filter=all of all.
func listJobs(q *request) reply {
	r, a := q.runAsked()
	if r == nil {
		return q.notFound()
	}
	attempts := []*attempt{a}
	if q.query.Get("filter") == "all" {
		attempts = r.Attempts
	}
	var jobs []obj
	for _, a := range attempts {
		jobs = append(jobs, each(q.jobs(a), func(v jobView) obj { return q.job(r, a, v) })...)
	}
	return counted(q, "jobs", jobs, func(o obj) obj { return o })
}

// jobAsked finds a job of any attempt.
func (q *request) jobAsked(id int64) (*run, *attempt, *jobView) {
	for _, r := range q.visibleRuns() {
		for _, a := range r.Attempts {
			for _, v := range q.jobs(a) {
				if v.ID == id {
					return r, a, &v
				}
			}
		}
	}
	return nil, nil, nil
}

func getJob(q *request) reply {
	r, a, v := q.jobAsked(q.num("job"))
	if v == nil {
		return q.notFound()
	}
	return ok(q.job(r, a, *v))
}

// cancelRun asks a run to stop; with force it is over at once.
func cancelRun(q *request) reply {
	r, a := q.runAsked()
	at := q.now // a copy: the request is not kept with the run
	switch {
	case r == nil:
		return q.notFound()
	case q.repo.view(a, q.now).Status == "completed":
		return q.fail(409, "Cannot cancel a workflow run that is completed.")
	case strings.HasSuffix(q.route.path, "/force-cancel"):
		a.Forced = &at
	case a.Canceled == nil:
		a.Canceled = &at
	}
	return reply{status: 202, body: obj{}}
}

func rerunAll(q *request) reply {
	return q.rerun(func(jobView) bool { return true })
}

func rerunFailed(q *request) reply {
	return q.rerun(func(v jobView) bool {
		return v.Conclusion == "failure" || v.Conclusion == "cancelled" || v.Conclusion == "timed_out"
	})
}

func (q *request) rerun(again func(jobView) bool) reply {
	r, a := q.runAsked()
	if r == nil {
		return q.notFound()
	}
	v := q.repo.view(a, q.now)
	switch {
	case v.Status != "completed":
		return q.fail(403, "This workflow is already running")
	case !slices.ContainsFunc(v.Jobs, again):
		return q.fail(403, "The workflow run containing this job has no failed jobs and cannot be retried")
	}
	q.s.rerun(q.repo, r, again, q.who.login, q.now)
	return created(obj{})
}

func rerunJob(q *request) reply {
	r, a, v := q.jobAsked(q.num("job"))
	switch {
	case v == nil:
		return q.notFound()
	case a != r.last():
		return q.fail(403, "This job is not part of the latest attempt and cannot be re-run")
	}
	q.vars["run"] = num(r.ID)
	return q.rerun(func(other jobView) bool { return other.ID == v.ID })
}
