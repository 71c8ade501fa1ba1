package config

import (
	"slices"
	"strings"
	"time"
)

// ServicesOnCall stands among what a severity pages for whoever is on call for the incident's services.
const ServicesOnCall = "services"

// Incidents is how incidents are run.
type Incidents struct {
	// Channel is where incidents are announced beside the channel they are declared in. Restricted ones never are. None by default.
	Channel string `json:"channel,omitempty" format:"channel"`
	// Updates are the channels of those who want to know how an incident goes and not how it is worked on: they get its beginning,
	// its updates and its end.
	Updates []string `json:"updates,omitempty" format:"channel" min:"1"`
	// Name is how the channel of an incident is called. {number}, {date}, {severity}, {service} and {title} in it stand for those
	// of the incident. Default inc-{number}-{title}.
	Name string `json:"name" default:"inc-{number}-{title}" format:"room"`
	// Severities are how bad an incident can be, the worst first. By default sev1, sev2 and sev3: the first two keep deployments of
	// the incident's services out, and sev1 pages whoever is on call for them.
	Severities []Severity `json:"severities,omitempty" min:"1"`
}

// Severity is how bad an incident is, and what that brings with it.
type Severity struct {
	// Name is what people call it, such as sev1.
	Name string `json:"name" format:"name" required:"true"`
	// Means says when an incident is of this severity, where people choose one.
	Means string `json:"means,omitempty" format:"text"`
	// Update is how long after an update the next one is due; people are reminded then, from 5m to 7d. Never by
	// default.
	Update Duration `json:"update,omitempty" min:"5m" max:"7d"`
	// Freeze keeps deployments of the incident's services out until it is mitigated; rollbacks pass. Default false.
	Freeze bool `json:"freeze,omitempty"`
	// Page are whom an incident pages when it reaches this severity, each once: teams of this file, and services for whoever is on
	// call for the incident's services. Nobody by default.
	Page []string `json:"page,omitempty" format:"name" min:"1"`
	// HandOver is how long somebody has a role before they are reminded to hand it over. Default 6h, from 30m to 7d.
	HandOver Duration `json:"hand_over" default:"6h" min:"30m" max:"7d"`
	// PostmortemDue is how long after the end of an incident of this severity its post-mortem is due, from 1h to 90d. By default
	// as postmortem.due says.
	PostmortemDue Duration `json:"postmortem_due,omitempty" min:"1h" max:"90d"`
}

// defaultSeverities hold where the file names none.
var defaultSeverities = []Severity{
	{Name: "sev1", Means: "Customers cannot use what they came for, or data is lost", Update: Duration{30 * time.Minute}, Freeze: true,
		Page: []string{ServicesOnCall}, HandOver: Duration{4 * time.Hour}},
	{Name: "sev2", Means: "Many customers are hampered, or some cannot go on", Update: Duration{time.Hour}, Freeze: true, HandOver: Duration{6 * time.Hour}},
	{Name: "sev3", Means: "Some are hampered and have a way around it", HandOver: Duration{6 * time.Hour}},
}

// Levels are the severities in force, the worst first.
func (i Incidents) Levels() []Severity {
	if len(i.Severities) == 0 {
		return slices.Clone(defaultSeverities)
	}
	return i.Severities
}

// names are those of the severities in force.
func (i Incidents) names() []string {
	var out []string
	for _, s := range i.Levels() {
		out = append(out, s.Name)
	}
	return out
}

// Severity finds one by its name, in any case, and how many are worse.
func (i Incidents) Severity(name string) (s Severity, rank int, found bool) {
	for rank, s := range i.Levels() {
		if strings.EqualFold(s.Name, name) {
			return s, rank, true
		}
	}
	return Severity{}, 0, false
}
