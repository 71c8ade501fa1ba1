package delivery

import (
	"slices"
	"strings"

	"shipmate/config"
	"shipmate/integrations/github"
)

// gateCodes are the reasons that gates give, in the order of the gates.
var gateCodes = []Code{
	NotPermitted, PermissionUnknown, InvalidInputs, SlotTaken, AlreadyWaiting, StillCancelling, Locked, Frozen, IncidentOpen, Vetoed, NotInOrder, Soaking,
	Outdated, NotInDefaultBranch, LineageUnread, AlreadyRunning, ChecksPending, ChecksFailed, NoChecks, ChecksUnread,
	ApprovalsMissing, ApprovalVoid, Rejected, StartMissing,
}

// GateCodes are all reasons that a gate can give: what a case of a policy can expect.
func GateCodes() []string {
	var out []string
	for _, c := range gateCodes {
		out = append(out, string(c))
	}
	return out
}

// Tried is how a case of a policy went.
type Tried struct {
	// Open are the gates that did not pass.
	Open []Gate
	// Unexpected are those of them that the case does not expect, Missing the codes it expects and no gate gives.
	Unexpected []Gate
	Missing    []string
}

// Passed tells whether all is as the case expects.
func (t Tried) Passed() bool { return len(t.Unexpected) == 0 && len(t.Missing) == 0 }

// Try judges a case of a policy, which was read for the configuration, by the very gates of a real deployment.
func Try(cfg *config.Config, c config.Case) Tried {
	t := Tried{Open: open(Judge(factsOf(cfg, c)))}
	given := map[string]bool{}
	for _, g := range t.Open {
		given[string(g.Code)] = true
		if !slices.Contains(c.Expect, string(g.Code)) {
			t.Unexpected = append(t.Unexpected, g)
		}
	}
	for _, code := range c.Expect {
		if !given[code] {
			t.Missing = append(t.Missing, code)
		}
	}
	return t
}

// What stands in a case for what it does not name.
const (
	somebody = "somebody"
	asStated = "as the case states"
)

var (
	caseCommit = strings.Repeat("c", 40) // what would be deployed
	caseOther  = strings.Repeat("0", 40) // what runs there, when it is something else
)

// factsOf makes facts of a case. What it does not state has not happened or is not known.
func factsOf(cfg *config.Config, c config.Case) Facts {
	service, e := cfg.Services[c.What.Service], cfg.Environments[c.What.Environment]
	f := Facts{Now: c.When.Time, Config: cfg, Service: service, Environment: e, Commit: Commit{SHA: caseCommit},
		Inputs: c.What.Inputs,
		Anyway: c.What.Again, Glass: c.What.BreakGlass, By: c.Who.Person.Value()}
	if c.What.Rollback {
		f.Rollback = &Rollback{Of: "other", Bad: Commit{SHA: caseOther}, Cancels: c.Given.Slot == "cancelling"}
	}
	f.Permission = Permission{Known: !c.Who.Unknown, Allowed: !c.Who.Unknown && c.Who.OneOf(cfg, f.allowed())}
	f.stateCommit(c.Given)
	f.statePlace(c.Given)
	f.stateApprovals(c.Given)
	if started := c.Given.Started; started != nil {
		f.Start = &Start{Asked: f.Now}
		if *started {
			f.Start.At = f.Now
		}
	}
	return f
}

// stateCommit says how the commit lies to others, what judges it and where it has been.
func (f *Facts) stateCommit(g config.CaseFacts) {
	f.Before = Before{SHA: caseOther, Source: FromLedger}
	switch g.Runs {
	case "same":
		f.Before.SHA, f.Lineage.ToRunning = caseCommit, "identical"
	case "older":
		f.Lineage.ToRunning = "ahead"
	case "newer":
		f.Lineage.ToRunning = "behind"
	case "aside":
		f.Lineage.ToRunning = "diverged"
	case "nothing":
		f.Before = Before{}
	}
	if g.Merged != nil {
		f.Lineage.ToDefault = "ahead"
		if *g.Merged {
			f.Lineage.ToDefault = "behind"
		}
	}
	if g.Soaked != nil {
		f.Earlier = &Success{At: f.Now.Add(-g.Soaked.Duration)}
	}
	if g.Checks != nil {
		f.Checks = &github.Checks{RequiredKnown: true}
		for name, state := range g.Checks {
			f.Checks.All = append(f.Checks.All, github.Check{Name: name, State: checkState(state), Required: true})
		}
		slices.SortFunc(f.Checks.All, func(a, b github.Check) int { return strings.Compare(a.Name, b.Name) })
	}
	if g.Veto {
		f.Veto = &Veto{By: somebody, At: f.Now, Reason: asStated}
	}
}

// checkState is a check's state by its word, which package config has checked.
func checkState(word string) github.State {
	if word == "pending" {
		return github.Running
	}
	return github.State(word)
}

// statePlace says what people have done with the place, and what else is deployed there.
func (f *Facts) statePlace(g config.CaseFacts) {
	switch lock := (&Lock{Service: f.Service.Name, Environment: f.Environment.Name, By: somebody, At: f.Now, Reason: asStated}); g.Lock {
	case "rollback":
		lock.Rollback = "other"
		f.Locks = []*Lock{lock}
	case "all":
		lock.Service = ""
		f.Locks = []*Lock{lock}
	case "service":
		f.Locks = []*Lock{lock}
	}
	switch freeze := (&Freeze{By: somebody, At: f.Now, Reason: asStated}); g.Freeze {
	case "environment":
		freeze.Environment = f.Environment.Name
		f.Freezes = []*Freeze{freeze}
	case "all":
		f.Freezes = []*Freeze{freeze}
	}
	if severity, _, _ := f.Config.Incidents.Severity(g.Incident); severity.Freeze && f.Rollback == nil {
		f.Holds = []Hold{{ID: "other", Number: 1, Title: asStated, Severity: severity.Name, Status: "investigating", By: somebody}}
	}
	other := &Deployment{ID: "other", Service: f.Service.Name, Environment: f.Environment.Name, By: somebody, Created: f.Now}
	switch {
	case g.Slot == "taken" || g.Slot == "cancelling":
		f.Slot = other
	case g.Slot == "waiting" && f.Rollback == nil: // who waits keeps nobody from going back
		f.Twin = other
	}
}

// stateApprovals says who has approved, and what.
func (f *Facts) stateApprovals(g config.CaseFacts) {
	f.Bound = bind(&Deployment{Service: f.Service.Name, Environment: f.Environment.Name, Commit: f.Commit, Rollback: f.Rollback},
		f.Before.SHA, f.Service, f.Environment)
	if len(g.Approvals) == 0 && !g.Rejected && g.Moved == "" {
		return
	}
	rule, _ := approvalRule(f.Environment, f.Rollback != nil)
	who := approvers(f.Config, f.Service, f.Environment, rule)
	f.Approval, f.Approvers = &Approval{Bound: f.Bound}, map[string]bool{}
	for _, p := range g.Approvals {
		by := p.Person.Value()
		f.Approval.Votes = append(f.Approval.Votes, Vote{By: by, At: f.Now})
		f.Approvers[by] = !p.Unknown && p.OneOf(f.Config, who)
	}
	if g.Rejected {
		f.Approval.Rejected = &Vote{By: somebody, At: f.Now, Reason: asStated}
	}
	switch g.Moved {
	case "runs":
		f.Approval.Bound.From = "moved"
	case "rules":
		f.Approval.Bound.Policy = "moved"
	case "inputs":
		f.Approval.Bound.Inputs = "moved"
	}
}
