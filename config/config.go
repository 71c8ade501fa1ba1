// Package config reads shipmate.yaml: strictly, with every mistake reported at once by file, line and column.
//
// Parse turns a file into a Config or into the list of what is wrong with it, never both. The structs are the manual:
// each key's comment says what it does, its unit, its default and its limits, and the JSON Schema for editors is made
// from the same comments and tags. Live holds the configuration in force and follows the file. Secrets never stand in
// the file; ReadSecrets takes them from the environment.
package config

import (
	"maps"
	"slices"
	"strings"
)

// Config is one whole shipmate.yaml that has passed every check. It is read-only: it is shared between goroutines.
type Config struct {
	// Slack is the workspace the bot lives in and who may use it.
	Slack Slack `json:"slack"`
	// GitHub is where repositories, workflows and pull requests are.
	GitHub GitHub `json:"github"`
	// PagerDuty is where pages go and where on-call schedules are read.
	PagerDuty PagerDuty `json:"pagerduty"`
	// Store is where Shipmate keeps its state. A change needs a restart.
	Store Store `json:"store"`
	// Listen is the address of /healthz, such as 127.0.0.1:8080; nothing listens when it is empty, which is the default.
	// A change needs a restart.
	Listen string `json:"listen,omitempty" format:"address"`
	// Limits bound what the bot takes on at once.
	Limits Limits `json:"limits"`
	// Retention is how long finished records are kept. Default 400d, from 1d to 3650d. Open records and, for each
	// service and environment, the newest deployment, the last good one and the one to go back to are kept regardless.
	Retention Duration `json:"retention" default:"400d" min:"1d" max:"3650d"`
	// Teams by name: who owns services, where their messages go, who is on call.
	Teams map[string]*Team `json:"teams,omitempty" keys:"name"`
	// Services by name: what can be deployed, and from where.
	Services map[string]*Service `json:"services,omitempty" keys:"name"`
	// Environments by name: where services run, and the rules for deploying there.
	Environments map[string]*Environment `json:"environments,omitempty" keys:"name"`
	// Announce has deployments shown in further channels; nowhere by default.
	Announce []Announcement `json:"announce,omitempty"`
	// Incidents is how incidents are run.
	Incidents Incidents `json:"incidents"`
	// ADR is where architecture decision records are kept; off when absent.
	ADR ADR `json:"adr"`
	// Postmortem is where post-mortems are kept; off when absent.
	Postmortem Postmortem `json:"postmortem"`
	// Debt is how technical debt is found and reminded of.
	Debt Debt `json:"debt"`
	// Digest is what the digests of all teams say.
	Digest Digest `json:"digest"`

	file         string
	places       map[string]place
	services     map[string]*Service // by lower-case name and alias
	environments map[string]*Environment
	teams        map[string]*Team
}

// Service finds a service by its name or one of its aliases, in any case.
func (c *Config) Service(nameOrAlias string) (*Service, bool) {
	s, ok := c.services[strings.ToLower(nameOrAlias)]
	return s, ok
}

// Environment finds an environment by its name or one of its aliases, in any case.
func (c *Config) Environment(nameOrAlias string) (*Environment, bool) {
	e, ok := c.environments[strings.ToLower(nameOrAlias)]
	return e, ok
}

// Team finds a team by its name, in any case.
func (c *Config) Team(name string) (*Team, bool) {
	t, ok := c.teams[strings.ToLower(name)]
	return t, ok
}

// ServiceNames lists the services, without aliases, sorted.
func (c *Config) ServiceNames() []string { return sortedKeys(c.Services) }

// EnvironmentNames lists the environments, without aliases, sorted.
func (c *Config) EnvironmentNames() []string { return sortedKeys(c.Environments) }

// TeamNames lists the teams, sorted.
func (c *Config) TeamNames() []string { return sortedKeys(c.Teams) }

// Deployers says who may deploy the service to the environment: the environment's deployers, or without any the service's
// own team. It is never empty for a service and one of its environments.
func (c *Config) Deployers(s *Service, e *Environment) []Principal {
	if len(e.Deployers) > 0 {
		return e.Deployers
	}
	if s.Team == "" {
		return nil
	}
	return []Principal{Principal(s.Team)}
}

// Keepers says who may close an environment to everybody, by a lock of all services or a freeze, and open it again: its own
// deployers, or without any the administrators. An empty name is all environments, which are the administrators'.
func (c *Config) Keepers(environment string) []Principal {
	if e, ok := c.Environment(environment); ok && len(e.Deployers) > 0 {
		return e.Deployers
	}
	return c.Slack.Admins
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// index fills in names and the look-up by name and alias.
func (c *Config) index() {
	c.services = map[string]*Service{}
	c.environments = map[string]*Environment{}
	c.teams = map[string]*Team{}
	for name, s := range c.Services {
		s.Name = name
		for _, word := range append([]string{name}, s.Aliases...) {
			c.services[strings.ToLower(word)] = s
		}
	}
	for name, e := range c.Environments {
		e.Name = name
		for _, word := range append([]string{name}, e.Aliases...) {
			c.environments[strings.ToLower(word)] = e
		}
	}
	for name, t := range c.Teams {
		t.Name = name
		c.teams[strings.ToLower(name)] = t
	}
}
