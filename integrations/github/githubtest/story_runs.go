package githubtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// PastRun is a workflow run to have, however it came about.
type PastRun struct {
	File   string // of the workflow, such as "ci.yml"; it has to be on the default branch and on the run's
	Branch string // the default branch when empty; the run is of its newest commit
	Event  string // push when empty; whether the workflow listens to it is not asked
	Actor  string // DefaultLogin when empty
	// Attempts says how each went: success, failure or cancelled; the last can be in_progress, which has no end. One success when
	// there is none. Each begins a minute after the one before has ended.
	Attempts []string
}

// betweenAttempts is how long it takes somebody to run something again.
const betweenAttempts = time.Minute

// AddRun adds a run that was created when the handle says (see At), and returns its ID. Neither scripts nor concurrency groups have a
// say in it. Its last attempt has to have begun by now.
func (r *Repo) AddRun(p PastRun) int64 {
	var id int64
	r.change(func(d *repo) {
		def, w := d.mustWorkflow(p)
		at, actor := r.when(), r.s.mustAccount(cmp.Or(p.Actor, DefaultLogin)).Login
		branch := cmp.Or(p.Branch, d.DefaultBranch)
		next := &d.script(p.File).Next
		kept := *next
		*next = nil
		defer func() { *next = kept }()
		if len(p.Attempts) == 0 {
			p.Attempts = []string{"success"}
		}
		var added *run
		for n, how := range p.Attempts {
			if at.After(r.s.now()) {
				panic(fmt.Sprintf("githubtest: attempt %d of a run of %s would begin only at %s", n+1, p.File, stamp(at)))
			}
			if n == 0 {
				added = r.s.startRun(d, w, def, trigger{event: cmp.Or(p.Event, "push"), branch: branch, sha: d.must(branch), actor: actor, at: at}, nil, nil, at)
			} else {
				r.s.rerun(d, added, func(jobView) bool { return true }, actor, at)
			}
			added.last().goes(how, at)
			at = d.ends(added.last()).Add(betweenAttempts)
		}
		id = added.ID
	})
	return id
}

// mustWorkflow finds the workflow, and what its file says on the run's branch.
func (d *repo) mustWorkflow(p PastRun) (*definition, *workflow) {
	w := d.workflow(p.File)
	if w == nil {
		panic(fmt.Sprintf("githubtest: %s has no workflow %q", d.full(), p.File))
	}
	def, err := d.definition(d.must(cmp.Or(p.Branch, d.DefaultBranch)), w.Path)
	if err != nil {
		panic(fmt.Sprintf("githubtest: %s of %s: %v", p.File, d.full(), err))
	}
	def.Concurrency = nil
	return def, w
}

// goes makes an attempt that has begun go as a conclusion says, by its first job that has steps.
func (a *attempt) goes(how string, at time.Time) {
	a.Script = Script{}
	if how == "success" {
		return
	}
	i := slices.IndexFunc(a.Jobs, func(j *job) bool { return len(j.Def.Steps) > 0 })
	if i < 0 {
		panic("githubtest: a workflow without a step cannot be " + how)
	}
	def := a.Jobs[i].Def
	switch how {
	case "failure":
		a.Script = FailAt(def.Key, def.Steps[0].Name)
	case "cancelled", "in_progress":
		a.Script = HangAt(def.Key, def.Steps[0].Name)
		if how == "cancelled" {
			soon := at.Add(10 * time.Second)
			a.Canceled = &soon
		}
	default:
		panic(fmt.Sprintf("githubtest: no attempt goes %q", how))
	}
}
