package delivery

import (
	"slices"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
)

// Verdict is how a gate stands.
type Verdict string

// The verdicts.
const (
	Passed  Verdict = "passed"
	NotYet  Verdict = "waiting" // it will pass or refuse later
	Closed  Verdict = "refused"
	Skipped Verdict = "skipped" // it has not passed, and somebody has broken the glass
)

// Gate is one thing that must hold before a commit is deployed, and how it stands. Which fields are set depends on the Code;
// package commands makes the sentence.
type Gate struct {
	// Name says which gate it is: one of the names in gates.
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// Code is why it has not passed; empty when it has.
	Code Code `json:"code,omitempty"`
	// At is the line of the configuration that asks for it; empty for what is asked everywhere.
	At string `json:"at,omitempty"`
	// Environment is the one that comes before.
	Environment string `json:"environment,omitempty"`
	// Mistakes are what is wrong with inputs, a sentence each.
	Mistakes []string `json:"mistakes,omitempty"`
	// Checks are the names of those that have not passed, Total how many were asked for.
	Checks []string `json:"checks,omitempty"`
	Total  int      `json:"total,omitempty"`
	// By and Since are who made it so and when; Until is when it clears by itself, Why the words given for it.
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"why,omitempty"`
	// All says that a lock is of all services, or a freeze of all environments.
	All bool `json:"all,omitempty"`
	// Back says that a lock was made by a rollback.
	Back bool `json:"back,omitempty"`
	// Who can clear it, and Votes are the approvals there are; Total is then how many are needed.
	Who   []config.Principal `json:"who,omitempty"`
	Votes []Vote             `json:"votes,omitempty"`
	// Commit is the SHA of the one that is kept out.
	Commit string `json:"commit,omitempty"`
	// Except can make an exception in an emergency, by breaking the glass.
	Except []config.Principal `json:"except,omitempty"`
	// Holds are the incidents that keep it out. Of a private one nothing is said but that there is one.
	Holds []Hold `json:"holds,omitempty"`
	// Deployment is the one that stands in the way.
	Deployment *Deployment `json:"-"`
}

// Facts is everything that gates look at: read beforehand, so that the decision is a function of them and of nothing else.
type Facts struct {
	Now         time.Time
	Config      *config.Config
	Service     *config.Service
	Environment *config.Environment
	Commit      Commit
	// Inputs are what the asker gave the workflow.
	Inputs map[string]string
	// Before is what runs there now, Ledger what Shipmate knows of it.
	Before Before
	Ledger Ledger
	// Anyway deploys also what already runs there.
	Anyway bool

	// By is who asks, Slack ID; Permission is what Slack says of them.
	By         string
	Permission Permission
	// Rollback is set for a deployment that goes back, which some rules do not keep out; Veto is that of the commit, nil when
	// there is none.
	Rollback *Rollback
	Veto     *Veto
	// Approval is what approvers have said so far, nil before they are asked; Bound is what they would approve now, and
	// Approvers says of each who voted whether they still may.
	Approval  *Approval
	Bound     Bound
	Approvers map[string]bool
	// Glass is set when gates may be skipped that the environment lets a broken glass skip.
	Glass bool
	// Made is set for a deployment that is written down, which is asked for nothing more than it was asked for then.
	Made bool
	// Start is set when who asked is to say when it starts.
	Start *Start
	// Checks is what GitHub says of the commit; nil when the environment asks for none.
	Checks *github.Checks
	// Lineage is how the commit lies to what runs there and to the default branch, as far as the environment asks for it.
	Lineage Lineage
	// Earlier is the commit's success in the environment that comes before; nil when there is none.
	Earlier *Success
	// Locks are that of the service and that of all services; each may be nil or have run out.
	Locks []*Lock
	// Freezes are those people made, of the environment and of all; each may be nil or have run out.
	Freezes []*Freeze
	// Holds are the incidents that keep the service as it is.
	Holds []Hold
	// Slot is another deployment that has not ended there, Twin one that waits there with the same commit.
	Slot *Deployment
	Twin *Deployment
}

// gates are all there are, in the order in which people are told of them. Each returns nil when nothing is asked for.
var gates = []struct {
	name string
	look func(*Facts) *Gate
}{
	{"permission", permissionGate},
	{"inputs", inputsGate},
	{"slot", slotGate},
	{"lock", lockGate},
	{"freeze", freezeGate},
	{"incident", incidentGate},
	{"veto", vetoGate},
	{"order", orderGate},
	{"outdated", outdatedGate},
	{"running", runningGate},
	{"checks", checksGate},
	{"approvals", approvalsGate},
	{"start", startGate},
}

// Judge says of every gate that applies how it stands. It is pure: the same facts give the same answer.
func Judge(f Facts) []Gate {
	var all []Gate
	for _, one := range gates {
		if g := one.look(&f); g != nil {
			g.Name = one.name
			all = append(all, *g)
		}
	}
	return f.skip(all)
}

// open are the gates that have not passed.
func open(all []Gate) []Gate {
	var out []Gate
	for _, g := range all {
		if g.Verdict != Passed && g.Verdict != Skipped {
			out = append(out, g)
		}
	}
	return out
}

// waitsFor are the open gates that a deployment waits for, without holding its slot. barred tells whether there are others,
// that end it or keep it from being made.
func waitsFor(all []Gate) (waits []Gate, barred bool) {
	for _, g := range open(all) {
		switch {
		case g.Verdict == NotYet && g.Code != PermissionUnknown:
			waits = append(waits, g)
		default:
			barred = true
		}
	}
	return waits, barred
}

// passes tells whether a gate that is shut can open while a deployment waits for something else, so that it matters only when
// it is time to start.
func (g *Gate) passes() bool {
	return g.Verdict == NotYet || slices.Contains([]string{"slot", "lock", "freeze", "incident"}, g.Name)
}

// rule is the line of the configuration that says so.
func (f *Facts) rule(key string) string {
	return f.Config.At("environments." + f.Environment.Name + "." + key)
}

// refusal is what gates that have not passed mean to whoever asked; nil when all have.
func refusal(f *Facts, ref string, all []Gate) error {
	shut := open(all)
	if len(shut) == 0 {
		return nil
	}
	first := shut[0]
	return &Refused{Code: first.Code, Service: f.Service.Name, Environment: f.Environment.Name, Commit: f.Commit, Ref: ref, Given: f.Inputs,
		Deployment: first.Deployment, By: first.By, Since: first.Since, Gates: shut}
}
