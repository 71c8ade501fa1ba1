package schedule

import (
	"slices"
	"time"

	"shipmate/config"
)

// maxFacts is how many of each sort are kept in a digest; how many more there are is counted.
const maxFacts = 50

// Facts are what a digest tells. People are named as they want to be called, not mentioned: nobody is to be called by a digest.
type Facts struct {
	Deploys   Some[Deploy]    `json:"deploys"`
	Waiting   Some[Waiting]   `json:"waiting"`
	Promotion Some[Promotion] `json:"promotions"`
	Pipelines Some[Pipeline]  `json:"pipelines"`
	Pulls     Some[Pull]      `json:"pulls"`
	OnCall    []Duty          `json:"on_call,omitempty"`
	Incidents Some[Incident]  `json:"incidents"`
	Followups Some[Followup]  `json:"followups"`
	Decisions Some[Decision]  `json:"decisions"`
	Debts     Some[Debt]      `json:"debts"`
	Holds     Some[Closure]   `json:"holds"`
	Figures   []Figure        `json:"figures,omitempty"`
	Pages     Some[Page]      `json:"pages,omitzero"`
	Baking    Some[Baking]    `json:"baking,omitzero"`
}

// Some are things of one sort, as many as are kept, and how many more there are.
type Some[T any] struct {
	All  []T `json:"all,omitempty"`
	More int `json:"more,omitempty"`
}

// some keeps the first of many.
func some[T any](all []T) Some[T] {
	return Some[T]{All: all[:min(len(all), maxFacts)], More: max(0, len(all)-maxFacts)}
}

// Count is how many there are.
func (s Some[T]) Count() int { return len(s.All) + s.More }

// Deploy is a deployment that has ended.
type Deploy struct {
	Service     string    `json:"service"`
	Environment string    `json:"environment"`
	SHA         string    `json:"sha"` // short
	URL         string    `json:"url,omitempty"`
	Subject     string    `json:"subject,omitempty"`
	By          string    `json:"by"`
	At          time.Time `json:"at"`
	State       string    `json:"state"` // succeeded, failed, cancelled, … as package delivery has it
	Back        bool      `json:"back,omitempty"`
	Last        bool      `json:"last,omitempty"` // of production
}

// Waiting is a deployment that waits for somebody.
type Waiting struct {
	Service     string    `json:"service"`
	Environment string    `json:"environment"`
	SHA         string    `json:"sha"`
	By          string    `json:"by"`
	Since       time.Time `json:"since"`
	Approval    bool      `json:"approval,omitempty"`
}

// Promotion is what runs in one environment and not in the one that comes after it.
type Promotion struct {
	Service string    `json:"service"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	SHA     string    `json:"sha"`
	URL     string    `json:"url,omitempty"`
	Subject string    `json:"subject,omitempty"`
	By      string    `json:"by,omitempty"`
	Since   time.Time `json:"since"` // since when it runs there
}

// Pipeline is a workflow that fails on the default branch, or did and was repeated.
type Pipeline struct {
	Repo     string    `json:"repo"`
	Workflow string    `json:"workflow"`
	Branch   string    `json:"branch"`
	URL      string    `json:"url,omitempty"`
	SHA      string    `json:"sha,omitempty"`
	By       string    `json:"by,omitempty"`
	Since    time.Time `json:"since"`
	// Flaky says that it went well in the end, after Repeats of it did not.
	Flaky   bool `json:"flaky,omitempty"`
	Repeats int  `json:"repeats,omitempty"`
}

// Pull is a pull request that waits.
type Pull struct {
	Repo   string        `json:"repo"`
	Number int           `json:"number"`
	Title  string        `json:"title"`
	URL    string        `json:"url,omitempty"`
	Author string        `json:"author"`
	Age    time.Duration `json:"age"`           // in working hours of the team
	Day    time.Duration `json:"day,omitempty"` // how long such a day is
	// Turn is whose turn it is: those who were asked for a review and have not said anything, else its author.
	Turn []string `json:"turn,omitempty"`
	Mine bool     `json:"mine,omitempty"` // it is its author's
	// Teams says, of what waits for one person, that it is for somebody of a team of theirs to review.
	Teams bool `json:"teams,omitempty"`
	// Created is when it was opened, where that is asked for.
	Created time.Time `json:"created,omitzero"`
}

// Duty is who is on call.
type Duty struct {
	Who   string    `json:"who"`
	Until time.Time `json:"until,omitzero"`
	Next  string    `json:"next,omitempty"`
	Old   time.Time `json:"old,omitzero"` // when that was known, when PagerDuty does not say now
}

// Incident is one that is open, or was resolved in the time that is told of.
type Incident struct {
	Number   int       `json:"number"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	Channel  string    `json:"channel,omitempty"`
	Lead     string    `json:"lead,omitempty"`
	Since    time.Time `json:"since"`
	Resolved time.Time `json:"resolved,omitzero"`
}

// Followup is a post-mortem or an action item that is due.
type Followup struct {
	Postmortem bool      `json:"postmortem,omitempty"`
	Number     int       `json:"number"` // of the incident
	What       string    `json:"what"`
	URL        string    `json:"url,omitempty"`
	Who        string    `json:"who,omitempty"`
	Due        time.Time `json:"due"`
	Day        bool      `json:"day,omitempty"` // it is due on a day, not at a time
	Late       bool      `json:"late,omitempty"`
}

// Decision is one that was proposed or decided.
type Decision struct {
	Name  string    `json:"name"`
	Title string    `json:"title"`
	URL   string    `json:"url,omitempty"`
	State string    `json:"state"` // as package adr has it
	By    string    `json:"by"`
	At    time.Time `json:"at"` // when it came to be so
	New   bool      `json:"new,omitempty"`
}

// Debt is an issue that is technical debt.
type Debt struct {
	Repo   string    `json:"repo"`
	Number int       `json:"number"`
	Title  string    `json:"title"`
	URL    string    `json:"url,omitempty"`
	Since  time.Time `json:"since"`
	New    bool      `json:"new,omitempty"`
}

// Closure is a lock or a freeze.
type Closure struct {
	Service     string    `json:"service,omitempty"` // empty for all
	Environment string    `json:"environment,omitempty"`
	Freeze      bool      `json:"freeze,omitempty"`
	By          string    `json:"by,omitempty"`
	Why         string    `json:"why,omitempty"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until,omitzero"`
}

// Page is one that has not ended.
type Page struct {
	Subject string    `json:"subject"`
	Message string    `json:"message"`
	State   string    `json:"state"` // as package incident has it
	Since   time.Time `json:"since"`
	URL     string    `json:"url,omitempty"`
}

// Baking is what runs somewhere and has not yet run for long enough to count as good.
type Baking struct {
	Service     string    `json:"service"`
	Environment string    `json:"environment"`
	SHA         string    `json:"sha"`
	URL         string    `json:"url,omitempty"`
	By          string    `json:"by,omitempty"`
	Until       time.Time `json:"until"`
}

// Figure is one of a week's, in words.
type Figure struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Note  string `json:"note,omitempty"` // what it rests on
}

// news tells whether anything of it happened or waits. Who is on call, what was being decided before, and debt that is not new, is none.
func (f *Facts) news() bool {
	if slices.ContainsFunc(f.Decisions.All, func(d Decision) bool { return d.New }) || slices.ContainsFunc(f.Debts.All, func(d Debt) bool { return d.New }) {
		return true
	}
	return f.Deploys.Count()+f.Waiting.Count()+f.Promotion.Count()+f.Pipelines.Count()+f.Pulls.Count()+f.Incidents.Count()+f.Followups.Count()+f.Holds.Count()+
		f.Pages.Count()+f.Baking.Count() > 0
}

// copy takes over what was read of a section.
func (f *Facts) copy(section config.DigestSection, from Facts) {
	switch section {
	case config.DigestDeploys:
		f.Deploys, f.Waiting = from.Deploys, from.Waiting
	case config.DigestPromotions:
		f.Promotion = from.Promotion
	case config.DigestPipelines:
		f.Pipelines = from.Pipelines
	case config.DigestReviews:
		f.Pulls = from.Pulls
	case config.DigestOnCall:
		f.OnCall = from.OnCall
	case config.DigestIncidents:
		f.Incidents = from.Incidents
	case config.DigestFollowups:
		f.Followups = from.Followups
	case config.DigestDecisions:
		f.Decisions = from.Decisions
	case config.DigestDebt:
		f.Debts = from.Debts
	case config.DigestHolds:
		f.Holds = from.Holds
	case config.DigestFigures:
		f.Figures = from.Figures
	case config.HandoverPages:
		f.Pages = from.Pages
	case config.HandoverBaking:
		f.Baking = from.Baking
	}
}
