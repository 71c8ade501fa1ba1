package githubtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// run is a workflow run. What is stored is what was asked for and when; how far it got is computed by timeline.go.
type run struct {
	ID       int64
	Suite    int64
	Workflow int64
	Path     string
	Name     string
	Title    string
	Number   int
	Event    string
	Branch   string
	SHA      string
	Actor    string
	Pull     int
	Inputs   map[string]string
	Created  time.Time
	Visible  time.Time // from when the API shows it
	Attempts []*attempt
}

func (r *run) last() *attempt { return r.Attempts[len(r.Attempts)-1] }

// attempt is one try of a run: its jobs as the workflow file has them, and the script they follow.
type attempt struct {
	Number       int
	Actor        string
	Started      time.Time
	Script       Script
	Group        string // concurrency group
	After        int64  // the run of the group it waits for; 0 for none
	AfterAttempt int
	Canceled     *time.Time
	Forced       *time.Time
	Jobs         []*job
}

type job struct {
	ID         int64
	Def        jobDef
	Name       string
	Deployment int64    // 0 without an environment
	Statuses   [2]int64 // IDs of the deployment's statuses: of its start and of its end
	Kept       *jobView // as it went in an earlier attempt, when it is not run again
}

// trigger is what may start runs.
type trigger struct {
	event  string
	branch string
	base   string // of a pull request
	tag    bool
	sha    string
	actor  string
	pull   int
	at     time.Time
}

var errNoFile = errors.New("no such file")

// startRuns starts a run of every workflow of the commit that listens to the event.
func (s *Server) startRuns(d *repo, t trigger) {
	dir, ok := d.Git.entry(t.sha, workflowDir)
	if !ok {
		return
	}
	for _, e := range d.Git.Trees[dir.SHA] {
		w := d.workflow(e.Name)
		def, err := d.definition(t.sha, workflowDir+"/"+e.Name)
		if w == nil || w.State != "active" || err != nil || !def.listens(t) {
			continue
		}
		s.startRun(d, w, def, t, nil, nil, t.at)
	}
}

func (def *definition) listens(t trigger) bool {
	f, ok := def.On[t.event]
	switch {
	case !ok:
		return false
	case t.event == "pull_request":
		return len(f.Branches) == 0 || matchAny(f.Branches, t.base)
	case t.tag:
		return len(f.Tags) > 0 && matchAny(f.Tags, t.branch) || len(f.Branches) == 0 && len(f.Tags) == 0
	}
	return len(f.Branches) > 0 && matchAny(f.Branches, t.branch) || len(f.Branches) == 0 && len(f.Tags) == 0
}

// matchAny matches a name against filter patterns: * within a part, ** over all.
func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return wild(strings.ReplaceAll(p, "**", "\x00"), name) })
}

func wild(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*' || p[0] == 0:
		return wild(p[1:], s) || s != "" && (p[0] == 0 || s[0] != '/') && wild(p, s[1:])
	}
	return s != "" && p[0] == s[0] && wild(p[1:], s[1:])
}

// startRun starts a run of a workflow as it is defined at the trigger's commit.
func (s *Server) startRun(d *repo, w *workflow, def *definition, t trigger, inputs map[string]string, typed map[string]any, visible time.Time) *run {
	r := &run{ID: s.w.id(), Suite: s.w.id(), Workflow: w.ID, Path: w.Path, Name: w.Name, Event: t.event, Branch: t.branch, SHA: t.sha,
		Actor: t.actor, Pull: t.pull, Inputs: inputs, Created: t.at, Visible: visible, Number: 1}
	for _, other := range d.Runs {
		if other.Workflow == w.ID {
			r.Number++
		}
	}
	sc := d.scope(r, typed)
	switch {
	case def.RunName != "":
		r.Title = sc.render(def.RunName)
	case t.event == "workflow_dispatch":
		r.Title = w.Name
	case t.pull != 0:
		r.Title = d.issue(t.pull).Title
	default:
		r.Title, _, _ = strings.Cut(d.Git.Commits[t.sha].Message, "\n")
	}
	a := &attempt{Number: 1, Actor: t.actor, Started: t.at, Script: d.script(baseName(w.Path)).take()}
	for _, j := range def.Jobs {
		a.Jobs = append(a.Jobs, s.newJob(d, j, sc, t.at))
	}
	r.Attempts = []*attempt{a}
	if def.Concurrency != nil {
		a.Group = sc.render(def.Concurrency.Group)
		d.enterGroup(r, a, def.Concurrency.Cancel, t.at)
	}
	d.Runs = append(d.Runs, r)
	return r
}

func (d *repo) scope(r *run, typed map[string]any) *scope {
	kind := "branch"
	if d.Git.Refs["refs/heads/"+r.Branch] == "" && d.Git.Refs["refs/tags/"+r.Branch] != "" {
		kind = "tag"
	}
	full := map[string]string{"branch": "refs/heads/", "tag": "refs/tags/"}[kind] + r.Branch
	vars := map[string]any{"github.ref_name": r.Branch, "github.ref": full, "github.ref_type": kind, "github.sha": r.SHA,
		"github.actor": r.Actor, "github.triggering_actor": r.Actor, "github.event_name": r.Event, "github.workflow": r.Name,
		"github.repository": d.full(), "github.repository_owner": d.Owner, "github.run_id": num(r.ID),
		"github.run_number": num(r.Number), "github.run_attempt": "1", "github.server_url": "https://github.com"}
	if r.Pull != 0 {
		vars["github.head_ref"], vars["github.event.pull_request.number"] = r.Branch, num(r.Pull)
		vars["github.event.pull_request.title"] = d.issue(r.Pull).Title
	}
	for name, v := range typed {
		vars["inputs."+name] = v
	}
	return &scope{vars: vars}
}

func (s *Server) newJob(d *repo, def jobDef, sc *scope, at time.Time) *job {
	j := &job{ID: s.w.id(), Def: def, Name: sc.render(def.Name)}
	j.Def.If = sc.settle(def.If)
	if j.Def.Environment = sc.render(def.Environment); j.Def.Environment != "" {
		s.environment(d, j.Def.Environment, at)
		j.Deployment = s.w.id()
		j.Statuses = [2]int64{s.w.id(), s.w.id()}
	}
	j.Def.Steps = slices.Clone(def.Steps)
	for i := range j.Def.Steps {
		st := &j.Def.Steps[i]
		st.Name, st.Run, st.If = sc.render(st.Name), sc.render(st.Run), sc.settle(st.If)
	}
	return j
}

// enterGroup makes a run wait for the one of its concurrency group that is running. One may wait: an older waiting one is
// cancelled; with cancel-in-progress the running one is, too ("GitHub Actions: Control the concurrency of workflows").
func (d *repo) enterGroup(r *run, a *attempt, cancel bool, at time.Time) {
	for _, other := range d.Runs {
		o := other.last()
		if other == r || o.Group != a.Group {
			continue
		}
		switch v := d.view(o, at); {
		case v.Status == "completed":
		case v.Status == "pending":
			o.Canceled = &at
		default:
			a.After, a.AfterAttempt = other.ID, o.Number
			if cancel && o.Canceled == nil {
				o.Canceled = &at
			}
		}
	}
}

func (d *repo) run(id int64) *run {
	i := slices.IndexFunc(d.Runs, func(r *run) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return d.Runs[i]
}

// rerun starts another attempt: of everything, of the failed jobs and what hangs on them, or of one job and what hangs on
// it. What is not run again is taken over as it went.
func (s *Server) rerun(d *repo, r *run, again func(jobView) bool, actor string, at time.Time) {
	old := r.last()
	views := d.view(old, at).Jobs
	todo := map[string]bool{}
	for _, v := range views {
		todo[v.Def.Key] = again(v)
	}
	for range views { // to a fixed point: at most one more level each time
		for _, v := range views {
			if slices.ContainsFunc(v.Def.Needs, func(n string) bool { return todo[n] }) {
				todo[v.Def.Key] = true
			}
		}
	}
	a := &attempt{Number: old.Number + 1, Actor: actor, Started: at, Script: d.script(baseName(r.Path)).take(), Group: old.Group}
	for i, j := range old.Jobs {
		next := &job{ID: s.w.id(), Def: j.Def, Name: j.Name}
		if j.Deployment != 0 && todo[j.Def.Key] {
			next.Deployment, next.Statuses = s.w.id(), [2]int64{s.w.id(), s.w.id()}
		}
		if !todo[j.Def.Key] {
			next.Kept = &views[i]
		}
		a.Jobs = append(a.Jobs, next)
	}
	if a.Group != "" {
		d.enterGroup(r, a, false, at)
	}
	r.Attempts = append(r.Attempts, a)
}

// FinishRun ends the jobs a run has now, with conclusion success, failure or cancelled, and lets the rest follow: for a
// test that holds a run with Hang and lets it go.
func (s *Server) FinishRun(repo string, id int64, conclusion string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.w.Repos[strings.ToLower(repo)]
	if d == nil || d.run(id) == nil {
		panic(fmt.Sprintf("githubtest: %s has no run %d", repo, id))
	}
	a, now := d.run(id).last(), s.now()
	for i, v := range d.view(a, now).Jobs {
		if v.Status != "completed" && !v.Created.After(now) {
			v.end(now, conclusion)
			a.Jobs[i].Kept = &v
		}
	}
	s.touch()
}

// typedInputs are the inputs as expressions see them: booleans are booleans in the inputs context.
func typedInputs(def *definition, inputs map[string]string) map[string]any {
	typed := map[string]any{}
	for name, v := range inputs {
		typed[name] = v
	}
	for _, in := range def.Inputs {
		if in.Type == "boolean" {
			typed[in.Name] = inputs[in.Name] == "true"
		}
	}
	return typed
}
