package config

import (
	"cmp"
	"slices"
)

// Digest is what the digests of all teams say, unless a team chose otherwise with /digest settings. When a team's comes stands in its
// own section.
type Digest struct {
	// Sections are what digests tell of, in the order in which they stand here. Default all of them: incidents, pipelines, deploys, promotions,
	// reviews, followups, holds, decisions, debt, oncall and figures, which come once a week.
	Sections []DigestSection `json:"sections,omitempty" format:"section"`
	// Quiet is what is said of a time in which nothing happened and nothing waits: line says that in one line, nothing says nothing.
	// Default line.
	Quiet string `json:"quiet,omitempty" default:"line" format:"quiet"`
	// Details are the long lists: thread puts them into the digest's thread, button puts them there when somebody asks for them. Default
	// thread.
	Details string `json:"details,omitempty" default:"thread" format:"details"`
}

// DigestSection is one thing that a digest tells of.
type DigestSection string

// The sections.
const (
	DigestIncidents  DigestSection = "incidents"  // open ones, and those that were resolved
	DigestPipelines  DigestSection = "pipelines"  // that fail on default branches, or went well only when repeated
	DigestDeploys    DigestSection = "deploys"    // that ended, and those that wait
	DigestPromotions DigestSection = "promotions" // what runs in one environment and not in the next
	DigestReviews    DigestSection = "reviews"    // pull requests that wait
	DigestFollowups  DigestSection = "followups"  // post-mortems and action items that are due
	DigestHolds      DigestSection = "holds"      // locks and freezes
	DigestDecisions  DigestSection = "decisions"  // proposed and decided
	DigestDebt       DigestSection = "debt"       // technical debt
	DigestOnCall     DigestSection = "oncall"     // today, and next
	DigestFigures    DigestSection = "figures"    // of delivery and incidents, once a week, with pictures
)

// DigestSections are all sections, in the order in which digests have them: what is worst first, who is there to see to it last.
var DigestSections = []DigestSection{DigestIncidents, DigestPipelines, DigestDeploys, DigestPromotions, DigestReviews, DigestFollowups, DigestHolds, DigestDecisions,
	DigestDebt, DigestOnCall, DigestFigures}

// Sections that only the hand-over of who is on call has.
const (
	HandoverPages  DigestSection = "pages"  // that are still open
	HandoverBaking DigestSection = "baking" // deployments that are not known yet to have stayed good
)

// HandoverSections are what the hand-over of who is on call tells of.
var HandoverSections = []DigestSection{DigestIncidents, HandoverPages, HandoverBaking, DigestPipelines, DigestHolds, DigestFollowups, DigestOnCall}

// What is said of a quiet time, and where details go.
const (
	QuietLine       = "line"
	QuietNothing    = "nothing"
	DetailsInThread = "thread"
	DetailsByButton = "button"
)

// WithDefaults is d with what the file leaves out.
func (d Digest) WithDefaults() Digest {
	if len(d.Sections) == 0 {
		d.Sections = slices.Clone(DigestSections)
	}
	d.Quiet, d.Details = cmp.Or(d.Quiet, QuietLine), cmp.Or(d.Details, DetailsInThread)
	return d
}

// digests checks that what is said at an hour can be said somewhere.
func (k *checker) digests() {
	for _, name := range k.c.TeamNames() {
		t := k.c.Teams[name]
		for key, value := range map[string]string{"digest": t.Digest, "handover": t.Handover} {
			if value != "" && t.Channel == "" {
				k.at(join("teams", name)+"."+key, "goes nowhere: the team has no channel")
			}
		}
	}
}
