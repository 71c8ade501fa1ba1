package githubtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// actionsUser is the account that Actions acts as.
const actionsUser = "github-actions[bot]"

// deployments are all of the repository, newest first: those created here and those of jobs with an environment, which
// exist from when the job is queued.
func (q *request) deployments() []*deployment {
	out := slices.Clone(q.repo.Deployments)
	for _, r := range q.visibleRuns() {
		for _, a := range r.Attempts {
			for i, v := range q.repo.view(a, q.now).Jobs {
				if j := a.Jobs[i]; j.Deployment != 0 && !v.Created.After(q.now) && v.Conclusion != "skipped" {
					out = append(out, q.jobDeployment(r, j, v))
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *deployment) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID)) })
	return out
}

func (q *request) jobDeployment(r *run, j *job, v jobView) *deployment {
	d := &deployment{ID: j.Deployment, SHA: r.SHA, Ref: r.Branch, Task: "deploy", Environment: j.Def.Environment, Payload: obj{},
		Creator: actionsUser, Production: j.Def.Environment == "production", Created: v.Created}
	add := func(state string, at time.Time) {
		d.Statuses = append(d.Statuses, &deploymentStatus{ID: j.Statuses[len(d.Statuses)], State: state, Environment: d.Environment,
			LogURL: q.page("actions/runs/%d/job/%d", r.ID, v.ID), Creator: actionsUser, Created: at})
	}
	if v.Status == "queued" {
		add("queued", v.Created)
	} else {
		add("in_progress", v.Started)
	}
	if v.Status == "completed" {
		add(map[string]string{"success": "success", "failure": "failure", "cancelled": "error"}[v.Conclusion], v.Completed)
	}
	d.Statuses = append(d.Statuses, q.repo.Extra[d.ID]...)
	return d
}

func (q *request) deployment(d *deployment) obj {
	at := q.of("deployments/%d", d.ID)
	updated := d.Created
	for _, st := range d.Statuses {
		updated = latest(updated, st.Created)
	}
	return obj{"id": d.ID, "node_id": nodeID("DE", d.ID), "url": at, "sha": d.SHA, "ref": d.Ref, "task": d.Task, "payload": d.Payload,
		"original_environment": d.Environment, "environment": d.Environment, "description": orNil(d.Description), "creator": q.user(d.Creator),
		"created_at": stamp(d.Created), "updated_at": stamp(updated), "statuses_url": at + "/statuses", "repository_url": q.api("repos/%s", q.repo.full()),
		"transient_environment": d.Transient, "production_environment": d.Production, "performed_via_github_app": nil}
}

func listDeployments(q *request) reply {
	is := func(filter, value string) bool {
		return q.query.Get(filter) == "" || q.query.Get(filter) == "none" || q.query.Get(filter) == value
	}
	all := slices.DeleteFunc(q.deployments(), func(d *deployment) bool {
		return !is("sha", d.SHA) || !is("ref", d.Ref) || !is("task", d.Task) || !is("environment", d.Environment)
	})
	return listed(q, all, q.deployment)
}

func (q *request) deploymentAsked() *deployment {
	for _, d := range q.deployments() {
		if d.ID == q.num("id") {
			return d
		}
	}
	return nil
}

func getDeployment(q *request) reply {
	d := q.deploymentAsked()
	if d == nil {
		return q.notFound()
	}
	return ok(q.deployment(d))
}

// deploymentRequest is the body of a creation, nil where GitHub has a default of its own.
type deploymentRequest struct {
	Ref, Task, Description string
	Environment            string
	AutoMerge              *bool     `json:"auto_merge"`
	RequiredContexts       *[]string `json:"required_contexts"`
	Payload                any
	Transient              bool  `json:"transient_environment"`
	Production             *bool `json:"production_environment"`
}

func createDeployment(q *request) reply {
	in := deploymentRequest{Task: "deploy", Environment: "production"}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	if in.Ref == "" {
		return q.fail(422, "Invalid request.\n\n\"ref\" wasn't supplied.")
	}
	sha := q.repo.Git.resolve(in.Ref)
	if sha == "" {
		return q.fail(422, "No ref found for: "+in.Ref)
	}
	if in.AutoMerge == nil || *in.AutoMerge {
		if merged := q.autoMerge(in.Ref, sha); merged != nil {
			return *merged
		}
	}
	if bad := q.unmet(sha, in.RequiredContexts); len(bad) > 0 {
		return q.fail(409, fmt.Sprintf("Conflict: Commit status checks failed for %s.", in.Ref),
			obj{"contexts": bad, "resource": "Deployment", "field": "required_contexts", "code": "invalid"})
	}
	production := in.Environment == "production"
	if in.Production != nil {
		production = *in.Production
	}
	if in.Payload == nil {
		in.Payload = obj{}
	}
	d := &deployment{ID: q.s.w.id(), SHA: sha, Ref: in.Ref, Task: in.Task, Environment: in.Environment, Description: in.Description,
		Payload: in.Payload, Transient: in.Transient, Production: production, Creator: q.who.login, Created: q.now}
	q.repo.Deployments = append(q.repo.Deployments, d)
	q.s.environment(q.repo, d.Environment, q.now)
	return created(q.deployment(d)).with("Location", q.of("deployments/%d", d.ID))
}

// autoMerge brings a branch that lacks commits of the default branch up to date, instead of deploying it.
func (q *request) autoMerge(ref, sha string) *reply {
	g, branch := &q.repo.Git, q.repo.DefaultBranch
	base := g.Refs["refs/heads/"+branch]
	if g.Refs["refs/heads/"+ref] == "" || g.ancestors(sha)[base] {
		return nil
	}
	mb := g.mergeBase(sha, base)
	if mb == "" || q.repo.conflict(mb, sha, base) {
		return refuse(q.fail(409, fmt.Sprintf("Conflict merging %s into %s.", branch, ref)))
	}
	by := q.s.mustAccount(q.who.login).signature(q.now)
	merge := g.putCommit(gitCommit{Tree: g.build(q.repo.mergedFiles(sha, base)), Parents: []string{sha, base}, Author: by, Committer: by,
		Message: fmt.Sprintf("Merge branch '%s' into %s", branch, ref)})
	q.s.pushed(q.repo, "refs/heads/"+ref, merge, q.who.login, q.now)
	return &reply{status: 202, body: obj{"message": fmt.Sprintf("Auto-merged %s into %s on deployment.", branch, ref)}}
}

// conflict tells whether both sides changed the same file differently.
func (d *repo) conflict(mb, a, b string) bool {
	g := &d.Git
	ours := map[string]string{}
	for _, c := range g.diff(g.Commits[mb].Tree, g.Commits[a].Tree) {
		ours[c.Path] = c.Status + c.SHA
	}
	return slices.ContainsFunc(g.diff(g.Commits[mb].Tree, g.Commits[b].Tree), func(c change) bool {
		other, both := ours[c.Path]
		return both && other != c.Status+c.SHA
	})
}

// unmet lists the contexts that are not success: of those required, or of all there are when none are named.
func (q *request) unmet(sha string, required *[]string) []obj {
	states := map[string]string{}
	for _, c := range q.checks(sha) {
		if c.latest {
			states[c.name] = cmp.Or(c.conclusion, "pending")
		}
	}
	for _, st := range q.repo.latestStatuses(sha) {
		states[st.Context] = st.State
	}
	var names []string
	if required != nil {
		names = *required
	} else {
		for name := range states {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	var out []obj
	for _, name := range names {
		if state := cmp.Or(states[name], "pending"); state != "success" {
			out = append(out, obj{"context": name, "state": state})
		}
	}
	return out
}

func (q *request) deploymentStatus(d *deployment, st *deploymentStatus) obj {
	at := q.of("deployments/%d", d.ID)
	return obj{"id": st.ID, "node_id": nodeID("DES", st.ID), "url": fmt.Sprintf("%s/statuses/%d", at, st.ID), "state": st.State, "creator": q.user(st.Creator),
		"description": st.Description, "environment": st.Environment, "target_url": st.LogURL, "log_url": st.LogURL,
		"environment_url": st.EnvironmentURL, "created_at": stamp(st.Created), "updated_at": stamp(st.Created), "deployment_url": at,
		"repository_url": q.api("repos/%s", q.repo.full()), "performed_via_github_app": nil}
}

func listDeploymentStatuses(q *request) reply {
	d := q.deploymentAsked()
	if d == nil {
		return q.notFound()
	}
	newest := slices.Clone(d.Statuses)
	slices.Reverse(newest)
	return listed(q, newest, func(st *deploymentStatus) obj { return q.deploymentStatus(d, st) })
}

var deploymentStates = []string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}

func createDeploymentStatus(q *request) reply {
	var in struct {
		State, Description, Environment string
		TargetURL                       string `json:"target_url"`
		LogURL                          string `json:"log_url"`
		EnvironmentURL                  string `json:"environment_url"`
		AutoInactive                    *bool  `json:"auto_inactive"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	d := q.deploymentAsked()
	switch {
	case d == nil:
		return q.notFound()
	case !slices.Contains(deploymentStates, in.State):
		return q.invalid("DeploymentStatus", "state", "custom")
	case len([]rune(in.Description)) > 140:
		return q.custom("DeploymentStatus", "description is too long (maximum is 140 characters)")
	}
	st := &deploymentStatus{ID: q.s.w.id(), State: in.State, Description: in.Description, Environment: cmp.Or(in.Environment, d.Environment),
		LogURL: cmp.Or(in.LogURL, in.TargetURL), EnvironmentURL: in.EnvironmentURL, Creator: q.who.login, Created: q.now}
	q.add(d, st)
	if in.State == "success" && (in.AutoInactive == nil || *in.AutoInactive) {
		q.deactivate(d)
	}
	return created(q.deploymentStatus(d, st)).with("Location", q.of("deployments/%d/statuses/%d", d.ID, st.ID))
}

// add keeps a status: with its deployment, or beside it when the deployment is a job's.
func (q *request) add(d *deployment, st *deploymentStatus) {
	if slices.Contains(q.repo.Deployments, d) {
		d.Statuses = append(d.Statuses, st)
		return
	}
	if q.repo.Extra == nil {
		q.repo.Extra = map[int64][]*deploymentStatus{}
	}
	q.repo.Extra[d.ID] = append(q.repo.Extra[d.ID], st)
}

// deactivate marks the earlier successful deployments of the environment inactive, the transient and production ones
// excepted ("GitHub REST: Deployments, inactive deployments").
func (q *request) deactivate(newest *deployment) {
	for _, d := range q.deployments() {
		if d.ID == newest.ID || !strings.EqualFold(d.Environment, newest.Environment) || d.Transient || d.Production || len(d.Statuses) == 0 {
			continue
		}
		if d.Statuses[len(d.Statuses)-1].State == "success" && !d.Created.After(newest.Created) {
			q.add(d, &deploymentStatus{ID: q.s.w.id(), State: "inactive", Environment: d.Environment, Creator: newest.Creator, Created: q.now})
		}
	}
}

func (q *request) environment(e *environment) obj {
	return obj{"id": e.ID, "node_id": nodeID("EN", e.ID), "name": e.Name, "url": q.of("environments/%s", e.Name),
		"html_url": q.page("deployments/activity_log?environments_filter=%s", e.Name), "created_at": stamp(e.Created),
		"updated_at": stamp(e.Created), "protection_rules": []obj{}, "deployment_branch_policy": nil}
}

func listEnvironments(q *request) reply {
	return counted(q, "environments", q.repo.Environments, q.environment)
}

func getEnvironment(q *request) reply {
	for _, e := range q.repo.Environments {
		if strings.EqualFold(e.Name, q.vars["name"]) {
			return ok(q.environment(e))
		}
	}
	return q.notFound()
}
