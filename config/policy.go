package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"shipmate/clock"
)

// Policy is a file of cases that try the rules of a configuration: who would deploy what and when, and what is expected to keep
// them from it. Nothing outside is asked; what a case does not state is taken to be as bad as it can be.
type Policy struct {
	// Given is known in every case that does not give the same key itself or name it in without.
	Given CaseFacts `json:"given"`
	// Cases are tried one by one; none knows of the others.
	Cases []Case `json:"cases"`
}

// Case is one wish to deploy.
type Case struct {
	// Name says what the case is about; no two have the same.
	Name string `json:"name" format:"text" required:"true"`
	// Who would deploy.
	Who CasePerson `json:"who" format:"person" required:"true"`
	// What would be deployed, and how.
	What CaseWhat `json:"what" required:"true"`
	// When is the moment, with its time zone: 2026-11-27 18:30 Europe/Berlin.
	When Moment `json:"when" format:"dated" required:"true"`
	// Given is what is known then.
	Given CaseFacts `json:"given"`
	// Without names keys of the file's given that are not known in this case.
	Without []string `json:"without" format:"name"`
	// Expect are the reason codes of all gates that are expected not to pass, in any order; [] when it would be deployed.
	Expect []string `json:"expect" format:"code"`

	// At is where the case stands: "policy.yaml:3:5".
	At string `json:"-" jsonschema:"-"`
}

// CasePerson is somebody: their name alone, or with what they are in. A person is who the configuration calls so; that two names
// are of one person nobody knows here.
type CasePerson struct {
	// Person is a Slack user ID or an e-mail address, as the configuration names them.
	Person Principal `json:"person" format:"person" required:"true"`
	// Teams are teams of the configuration that the person is in, beside those that name them among their members.
	Teams []string `json:"teams" format:"name"`
	// Groups are handles of Slack user groups that the person is in.
	Groups []string `json:"groups" format:"handle"`
	// Unknown says that Slack does not tell what the person is in. Default false.
	Unknown bool `json:"unknown"`
}

// CaseWhat is what would be deployed, and how.
type CaseWhat struct {
	// Service is the name of a service.
	Service string `json:"service" format:"name" required:"true"`
	// Environment is the name of one of its environments.
	Environment string `json:"environment" format:"name" required:"true"`
	// Inputs are given the workflow, by name. None by default.
	Inputs map[string]string `json:"inputs" format:"text" keys:"input"`
	// Again deploys also what already runs there. Default false.
	Again bool `json:"again"`
	// Rollback goes back to the commit instead. Default false.
	Rollback bool `json:"rollback"`
	// BreakGlass deploys past the gates that the environment's break_glass names. Default false.
	BreakGlass bool `json:"break_glass"`
}

// CaseFacts are what is known of the commit, the place and the people. What is not given has not happened, and what GitHub would
// have to tell it does not tell.
type CaseFacts struct {
	// Runs is what runs there, seen from the commit: same, older, newer, aside (neither holds all of the other) or nothing.
	Runs string `json:"runs" format:"runs"`
	// Merged says whether the commit is in the default branch.
	Merged *bool `json:"merged"`
	// Soaked is for how long the commit has stood in the environment that comes before.
	Soaked *Duration `json:"soaked" min:"0s" max:"3650d"`
	// Checks are the commit's checks and how they stand: success, failure, pending, cancelled, skipped, neutral or timed out.
	// Those that the branch's protection requires are these.
	Checks map[string]string `json:"checks" format:"check" keys:"text"`
	// Approvals are the people who have approved.
	Approvals []CasePerson `json:"approvals" format:"person"`
	// Rejected says that an approver has rejected it.
	Rejected bool `json:"rejected"`
	// Moved is what has changed since it was approved: runs (what runs there), rules or inputs.
	Moved string `json:"moved" format:"moved"`
	// Started answers the question to who asked, when checks have passed meanwhile, whether it starts; it is not asked without.
	Started *bool `json:"started"`
	// Lock is what somebody has locked: service, all, or rollback for the lock that a rollback leaves.
	Lock string `json:"lock" format:"lock"`
	// Freeze is what somebody has frozen: environment or all.
	Freeze string `json:"freeze" format:"freeze"`
	// Incident is the severity of an incident of the service that is open and not mitigated.
	Incident string `json:"incident" format:"name"`
	// Veto says that the commit was rolled back there.
	Veto bool `json:"veto"`
	// Slot is another deployment there: taken (one is under way), waiting (one of the same commit waits) or cancelling (a
	// rollback cancels what is under way).
	Slot string `json:"slot" format:"slot"`
}

func (p *CasePerson) readNode(d *decoder, path string, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		d.str(path, n, reflect.ValueOf(&p.Person).Elem(), `format:"person"`)
		return
	}
	d.object(path, n, reflect.ValueOf(p).Elem())
}

// OneOf tells whether the person is one of the principals of the configuration, as far as the case tells.
func (p CasePerson) OneOf(c *Config, principals []Principal) bool {
	return slices.ContainsFunc(principals, func(of Principal) bool {
		switch of.Kind() {
		case GroupPrincipal:
			return p.inGroup(of.Value())
		case TeamPrincipal:
			t, ok := c.Team(of.Value())
			return ok && (slices.Contains(p.Teams, t.Name) || slices.ContainsFunc(t.Members, p.is) || t.SlackGroup != "" && p.inGroup(t.SlackGroup))
		}
		return p.is(of)
	})
}

func (p CasePerson) is(other Principal) bool { return p.Person.Value() == other.Value() }

func (p CasePerson) inGroup(handle string) bool {
	return slices.ContainsFunc(p.Groups, func(g string) bool {
		return strings.EqualFold(strings.TrimPrefix(g, "@"), strings.TrimPrefix(handle, "@"))
	})
}

// Moment is a date and a time of day in a time zone, written 2026-11-27 18:30 Europe/Berlin; UTC without one.
type Moment struct{ time.Time }

// UnmarshalText reads a moment as it is written in the file. Its errors are sentences about the value.
func (m *Moment) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	if len(words) != 2 && len(words) != 3 {
		return fmt.Errorf("%s is not %s", quote(string(text)), formats["dated"].want)
	}
	location := time.UTC
	var err error
	if len(words) == 3 {
		if location, err = clock.LoadZone(words[2]); err != nil {
			return err
		}
	}
	at, err := clock.ParseWall(words[0]+" "+words[1], location)
	m.Time = at.In(location)
	return err
}
