package githubtest

import (
	"cmp"
	"slices"
	"strings"
)

func (q *request) status(st *status) obj {
	o := obj{"id": st.ID, "node_id": nodeID("SC", st.ID), "url": q.of("statuses/%s", st.SHA), "state": st.State, "context": st.Context,
		"description": nil, "target_url": nil, "created_at": stamp(st.Created), "updated_at": stamp(st.Created), "creator": q.user(st.Creator)}
	creator, _ := o["creator"].(obj)
	o["avatar_url"] = creator["avatar_url"]
	if st.Description != nil {
		o["description"] = *st.Description
	}
	if st.TargetURL != nil {
		o["target_url"] = *st.TargetURL
	}
	return o
}

// statusesOf lists a commit's statuses, newest first.
func (d *repo) statusesOf(sha string) []*status {
	var out []*status
	for _, st := range slices.Backward(d.Statuses) {
		if st.SHA == sha {
			out = append(out, st)
		}
	}
	return out
}

// maxStatuses is how many statuses a commit can have in one context ("GitHub REST: Create a commit status").
const maxStatuses = 1000

func (d *repo) fullOf(sha, context string) bool {
	n := 0
	for _, st := range d.Statuses {
		if st.SHA == sha && strings.EqualFold(st.Context, context) {
			n++
		}
	}
	return n >= maxStatuses
}

// latestStatuses keeps the newest of each context.
func (d *repo) latestStatuses(sha string) []*status {
	seen := map[string]bool{}
	return slices.DeleteFunc(d.statusesOf(sha), func(st *status) bool {
		context := strings.ToLower(st.Context)
		again := seen[context]
		seen[context] = true
		return again
	})
}

// getCombinedStatus is pending also when there is no status at all ("GitHub REST: Get the combined status").
func getCombinedStatus(q *request) reply {
	sha := q.repo.Git.resolve(q.vars["ref"])
	if sha == "" {
		return q.notFound()
	}
	latest := q.repo.latestStatuses(sha)
	state := "success"
	for _, st := range latest {
		switch {
		case st.State == "error" || st.State == "failure":
			state = "failure"
		case st.State == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(latest) == 0 {
		state = "pending"
	}
	shown, links := paged(q, latest)
	simple := each(shown, func(st *status) obj {
		o := q.status(st)
		delete(o, "creator")
		return o
	})
	return ok(obj{"state": state, "sha": sha, "total_count": len(latest), "statuses": simple, "repository": q.repository(),
		"commit_url": q.of("commits/%s", sha), "url": q.of("commits/%s/status", sha)}).linked(links)
}

func listStatuses(q *request) reply {
	sha := q.repo.Git.resolve(q.vars["ref"])
	if sha == "" {
		return q.notFound()
	}
	return listed(q, q.repo.statusesOf(sha), q.status)
}

func createStatus(q *request) reply {
	var in struct {
		State       string
		Context     string
		Description *string
		TargetURL   *string `json:"target_url"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	sha := q.vars["sha"]
	switch {
	case q.repo.Git.Commits[sha] == nil:
		return q.fail(422, "No commit found for SHA: "+sha)
	case !slices.Contains([]string{"error", "failure", "pending", "success"}, in.State):
		return q.invalid("Status", "state", "invalid")
	case in.TargetURL != nil && *in.TargetURL != "" && !strings.HasPrefix(*in.TargetURL, "http://") && !strings.HasPrefix(*in.TargetURL, "https://"):
		return q.custom("Status", "target_url must use http(s) scheme")
	case q.repo.fullOf(sha, cmp.Or(in.Context, "default")):
		return q.custom("Status", "This SHA and context has reached the maximum number of statuses.")
	case in.Description != nil && len([]rune(*in.Description)) > 140:
		return q.custom("Status", "description is too long (maximum is 140 characters)")
	}
	st := &status{ID: q.s.w.id(), SHA: sha, State: in.State, Context: cmp.Or(in.Context, "default"), Description: in.Description,
		TargetURL: in.TargetURL, Creator: q.who.login, Created: q.now}
	q.repo.Statuses = append(q.repo.Statuses, st)
	return created(q.status(st)).with("Location", q.of("statuses/%s", sha))
}

// actionsApp is the App that reports the jobs of workflow runs.
const (
	actionsApp   = "github-actions"
	actionsAppID = 15368
)

func (q *request) integration(slug string) obj {
	id := int64(len(slug)) + 100_000
	if slug == actionsApp {
		id = actionsAppID
	}
	return obj{"id": id, "slug": slug, "node_id": nodeID("A", id), "name": strings.ReplaceAll(slug, "-", " "), "description": "",
		"owner": q.user(q.repo.Owner), "external_url": q.html("apps/%s", slug), "html_url": q.html("apps/%s", slug), "events": []string{},
		"permissions": obj{"checks": "write"}, "created_at": stamp(q.repo.Created), "updated_at": stamp(q.repo.Created)}
}

// check is a check run as it stands now, of Actions or of another App.
type check struct {
	id, suite  int64
	sha        string
	app        string
	name       string
	status     string
	conclusion string
	started    any
	completed  any
	details    string
	title      string
	summary    string
	latest     bool // of its name in its suite
}

// checks lists the check runs of a commit, newest first.
func (q *request) checks(sha string) []check {
	var out []check
	for _, c := range q.repo.CheckRuns {
		if c.SHA == sha {
			out = append(out, check{c.ID, c.Suite, sha, c.App, c.Name, c.Status, c.Conclusion, stamp(c.Started), stampOrNil(c.Completed),
				c.DetailsURL, c.Title, c.Summary, false})
		}
	}
	for _, r := range q.visibleRuns() {
		if r.SHA != sha {
			continue
		}
		for _, a := range r.Attempts {
			for _, v := range q.jobs(a) {
				c := check{id: v.ID, suite: r.Suite, sha: sha, app: actionsApp, name: v.Name, status: v.Status, conclusion: v.Conclusion,
					started: stamp(v.Started), details: q.page("actions/runs/%d/job/%d", r.ID, v.ID)}
				if v.Status == "queued" {
					c.started = stamp(v.Created)
				}
				if v.Status == "completed" {
					c.completed = stamp(v.Completed)
				}
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b check) int { return cmp.Compare(b.id, a.id) })
	type key struct {
		suite int64
		name  string
	}
	seen := map[key]bool{}
	for i, c := range out {
		out[i].latest = !seen[key{c.suite, c.name}]
		seen[key{c.suite, c.name}] = true
	}
	return out
}

func (q *request) checkRun(c check) obj {
	return obj{"id": c.id, "node_id": nodeID("CR", c.id), "head_sha": c.sha, "name": c.name, "url": q.of("check-runs/%d", c.id), "html_url": q.page("runs/%d", c.id),
		"details_url": orNil(c.details), "external_id": "", "status": c.status, "conclusion": orNil(c.conclusion), "started_at": c.started,
		"completed_at": c.completed, "check_suite": obj{"id": c.suite}, "app": q.integration(c.app), "pull_requests": []obj{},
		"output": obj{"title": orNil(c.title), "summary": orNil(c.summary), "text": nil, "annotations_count": 0,
			"annotations_url": q.of("check-runs/%d/annotations", c.id)}}
}

func listCheckRuns(q *request) reply {
	sha, refusal := q.resolve(q.vars["ref"])
	if refusal != nil {
		return *refusal
	}
	is := func(filter, value string) bool { return q.query.Get(filter) == "" || q.query.Get(filter) == value }
	all := slices.DeleteFunc(q.checks(sha), func(c check) bool {
		return q.query.Get("filter") != "all" && !c.latest || !is("check_name", c.name) || !is("status", c.status) ||
			!is("app_id", num(q.integration(c.app)["id"]))
	})
	return counted(q, "check_runs", all, q.checkRun)
}

func getCheckRun(q *request) reply {
	id, sha := q.num("id"), ""
	if r, _, job := q.jobAsked(id); job != nil {
		sha = r.SHA
	}
	for _, c := range q.repo.CheckRuns {
		if c.ID == id {
			sha = c.SHA
		}
	}
	for _, c := range q.checks(sha) {
		if c.id == id {
			return ok(q.checkRun(c))
		}
	}
	return q.notFound()
}

// listCheckSuites groups a commit's check runs: one suite per workflow run and one per other App.
func listCheckSuites(q *request) reply {
	sha, refusal := q.resolve(q.vars["ref"])
	if refusal != nil {
		return *refusal
	}
	var ids []int64
	of := map[int64][]check{}
	for _, c := range q.checks(sha) {
		if c.latest {
			if of[c.suite] == nil {
				ids = append(ids, c.suite)
			}
			of[c.suite] = append(of[c.suite], c)
		}
	}
	return counted(q, "check_suites", ids, func(id int64) obj { return q.suite(id, sha, of[id]) })
}

func (q *request) suite(id int64, sha string, checks []check) obj {
	status, conclusion, branch := "completed", "success", any(nil)
	for _, c := range checks {
		switch {
		case c.status != "completed":
			status = "in_progress"
		case c.conclusion != "success" && c.conclusion != "skipped" && c.conclusion != "neutral":
			conclusion = c.conclusion
		}
	}
	if status != "completed" {
		conclusion = ""
	}
	for _, name := range q.repo.refNames("refs/heads/") {
		if q.repo.Git.Refs["refs/heads/"+name] == sha {
			branch = name
		}
	}
	at := q.of("check-suites/%d", id)
	return obj{"id": id, "node_id": nodeID("CS", id), "head_branch": branch, "head_sha": sha, "status": status, "conclusion": orNil(conclusion),
		"url": at, "before": nil, "after": sha, "pull_requests": []obj{}, "app": q.integration(checks[0].app), "repository": q.repository(),
		"created_at": checks[0].started, "updated_at": checks[0].started, "head_commit": q.simpleCommit(sha),
		"latest_check_runs_count": len(checks), "check_runs_url": at + "/check-runs"}
}
