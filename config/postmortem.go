package config

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// defaultPostmortemDue holds where nothing else is given: a meeting within three days of a bad incident is what PagerDuty's guide
// asks for (PagerDuty Postmortem documentation).
const defaultPostmortemDue = 72 * time.Hour

// Needs tells whether the end of an incident of this severity, in any case, schedules a post-mortem.
func (p Postmortem) Needs(severity string) bool {
	return slices.ContainsFunc(p.Severities, func(s string) bool { return strings.EqualFold(s, severity) })
}

// PostmortemDue is how long after its end the post-mortem of an incident of this severity is due: as the severity says, else as
// postmortem.due does.
func (c *Config) PostmortemDue(severity string) time.Duration {
	s, _, _ := c.Incidents.Severity(severity)
	return cmp.Or(s.PostmortemDue.Duration, c.Postmortem.Due.Duration, defaultPostmortemDue)
}

// DocumentsIn is the directory of the documents, without a slash at its end.
func (p Postmortem) DocumentsIn() string { return cmp.Or(p.Dir, "postmortems") }

// ItemLabel is the label of action items.
func (p Postmortem) ItemLabel() string { return cmp.Or(p.Label, "action-item") }
