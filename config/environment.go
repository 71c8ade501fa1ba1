package config

import (
	"time"

	"shipmate/clock"
)

// Environment is where services run, with the rules for deploying there.
type Environment struct {
	// Name is the key the environment stands under.
	Name string `json:"name,omitempty" jsonschema:"-"`
	// Aliases are other names people may type. Each belongs to one environment only.
	Aliases []string `json:"aliases,omitempty" format:"name"`
	// After names an environment in which the same commit must have succeeded first.
	After string `json:"after,omitempty" format:"name"`
	// Soak is how long the commit must have stood in the environment that comes before: the time since it succeeded there.
	// Default 0s, from 0s to 30d.
	Soak Duration `json:"soak,omitzero" default:"0s" min:"0s" max:"30d"`
	// Checks must have succeeded on the commit: a list of their names, or required (those the branch's protection requires),
	// all, or none. Default none.
	Checks Checks `json:"checks,omitzero"`
	// ForwardOnly refuses a commit that what runs here already has, or that lacks what runs here; a rollback may go back all the
	// same. Default false.
	ForwardOnly bool `json:"forward_only,omitempty"`
	// DefaultBranchOnly refuses a commit that is not in the repository's default branch. Default false.
	DefaultBranchOnly bool `json:"default_branch_only,omitempty"`
	// Approvals are what a deployment needs before it starts; none by default.
	Approvals *Approvals `json:"approvals,omitempty"`
	// Bake is how long a deployment must have run here to count as one that stayed good, which a rollback goes back to. Default
	// 0s, from 0s to 7d.
	Bake Duration `json:"bake,omitzero" default:"0s" min:"0s" max:"7d"`
	// Rollback is what going back needs instead of approvals; without it the environment's approvals.
	Rollback *Rollback `json:"rollback,omitempty"`
	// BreakGlass is what may be skipped in an emergency; nothing without it.
	BreakGlass *BreakGlass `json:"break_glass,omitempty"`
	// Confirm asks the person once more before a deployment starts. Default false.
	Confirm bool `json:"confirm,omitempty"`
	// Deployers may deploy here. Each is a team of this file, a Slack user ID, an e-mail address or group:handle for a Slack
	// user group. Without any, each service's own team may.
	Deployers []Principal `json:"deployers,omitempty" format:"principal" min:"1"`
	// Freeze are the times in which nothing is deployed here.
	Freeze []Freeze `json:"freeze,omitempty"`
}

// Approvals are what a deployment needs before it starts.
type Approvals struct {
	// Count is how many people must approve. Default 1, from 1 to 10.
	Count int `json:"count" default:"1" min:"1" max:"10"`
	// From may approve; each as in deployers. Without any, those who may deploy here.
	From []Principal `json:"from,omitempty" format:"principal" min:"1"`
	// Self says whether the asker's own approval counts. Default false.
	Self bool `json:"self,omitempty"`
	// NotAuthor keeps whoever wrote all of the change from approving it. Whoever has no account on GitHub linked can then not
	// approve, since nobody knows what they wrote. Default false.
	NotAuthor bool `json:"not_author,omitempty"`
	// Reuse is how long an approval counts for another deployment of just the same: the same commit over the same one that
	// runs there, with the same inputs under the same rules. Default 0s, from 0s to 30d.
	Reuse Duration `json:"reuse,omitzero" default:"0s" min:"0s" max:"30d"`
	// Expire is how long a request for approval stays open. Default 4h, from 1m to 30d.
	Expire Duration `json:"expire" default:"4h" min:"1m" max:"30d"`
}

// Rollback is what going back to a deployment that stayed good needs.
type Rollback struct {
	// Approvals are what a rollback needs before it starts; none by default.
	Approvals *Approvals `json:"approvals,omitempty"`
}

// BreakGlass is what may be skipped in an emergency, and by whom.
type BreakGlass struct {
	// Skip are the gates that may be skipped: lock, freeze, incident, veto, order, outdated, checks, approvals.
	Skip []string `json:"skip" format:"gate" min:"1" required:"true"`
	// By may do so; each as in deployers. Without any, those who may deploy here.
	By []Principal `json:"by,omitempty" format:"principal" min:"1"`
}

// Freeze is a time in which nothing is deployed: one that comes again, by cron and for, or a single one, by from and until.
type Freeze struct {
	// Cron is when a freeze that comes again begins: a cron expression with five fields.
	Cron string `json:"cron,omitempty" format:"cron"`
	// For is how long a freeze that comes again lasts. From 1m to 31d.
	For Duration `json:"for,omitzero" min:"1m" max:"31d"`
	// From is when a single freeze begins, as the clocks of its time zone show it: "2026-12-24 12:00".
	From string `json:"from,omitempty" format:"moment"`
	// Until is when a single freeze ends, written as from.
	Until string `json:"until,omitempty" format:"moment"`
	// Reason is shown to whoever is refused.
	Reason string `json:"reason,omitempty" format:"text"`
	// Timezone is where the times are meant: an IANA name such as Europe/Berlin. Default UTC.
	Timezone string `json:"timezone,omitempty" default:"UTC" format:"timezone"`
}

// Location is the freeze's time zone.
func (f Freeze) Location() *time.Location { return locationOf(f.Timezone) }

// Dated tells whether the freeze is a single one.
func (f Freeze) Dated() bool { return f.From != "" || f.Until != "" }

// Span is from when until when a single freeze lasts. The error is one sentence.
func (f Freeze) Span() (from, until time.Time, err error) {
	if from, err = clock.ParseWall(f.From, f.Location()); err != nil {
		return from, until, err
	}
	until, err = clock.ParseWall(f.Until, f.Location())
	return from, until, err
}
