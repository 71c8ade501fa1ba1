package config

import "slices"

// Service is something that can be deployed.
type Service struct {
	// Name is the key the service stands under.
	Name string `json:"name,omitempty" jsonschema:"-"`
	// Repo is the service's repository, "owner/name", or "name" when github.owner is set.
	Repo Repo `json:"repo" format:"repo" required:"true"`
	// Team owns the service: the name of a team of this file. Its people may deploy the service to every environment that
	// names no deployers.
	Team string `json:"team,omitempty" format:"name"`
	// Aliases are other names people may type. Each belongs to one service only.
	Aliases []string `json:"aliases,omitempty" format:"name"`
	// Links are shown with the service, by their name: dashboards, runbooks.
	Links map[string]string `json:"links,omitempty" format:"url" keys:"label"`
	// PagerDutyService is the ID of the service on PagerDuty.
	PagerDutyService string `json:"pagerduty_service,omitempty" format:"pagerduty"`
	// DependsOn are services of this file that this one needs: when it fails, what was deployed of those is suspected too.
	DependsOn []string `json:"depends_on,omitempty" format:"name" min:"1"`
	// Deploy is how the service is deployed.
	Deploy Deploy `json:"deploy"`
	// Health is how one finds out whether what was deployed works; without it nobody looks.
	Health *Health `json:"health,omitempty"`
	// Environments are where the service can be deployed: names of environments of this file.
	Environments []string `json:"environments,omitempty" format:"name"`
}

// Deploy is how a service is deployed: by a GitHub workflow that is dispatched with the commit to deploy, or by whoever listens
// to GitHub's deployments.
type Deploy struct {
	// Workflow is the file name of the workflow in .github/workflows. Default deploy.yml, unless deployment is set.
	Workflow string `json:"workflow" default:"deploy.yml" format:"workflow"`
	// Deployment creates a deployment through GitHub's API instead of dispatching a workflow, for whoever listens to those and
	// says of it how it goes. Default false.
	Deployment bool `json:"deployment,omitempty"`
	// Record also writes a deployment on GitHub beside the workflow's run, and how it goes. Workflows that start on: deployment
	// would start with it; `/shipmate doctor` warns of them. Default false.
	Record bool `json:"record,omitempty"`
	// EnvironmentURL is where what was deployed is to be seen, for the deployment that is recorded. {service} and {environment}
	// in it stand for their names.
	EnvironmentURL string `json:"environment_url,omitempty" format:"template"`
	// Search is how long the run of a dispatch whose answer was lost is looked for before it is dispatched once more.
	// Default 90s, from 1s to 10m.
	Search Duration `json:"search" default:"90s" min:"1s" max:"10m"`
	// Start is how long a run may take to start; then people are told and what to check. Default 5m, from 10s to 6h.
	Start Duration `json:"start" default:"5m" min:"10s" max:"6h"`
	// Inputs are what the workflow is given beside the three that Shipmate sends itself: sha, correlation_id and environment; of a
	// deployment they stand in its payload.
	// Each is a text, which is always sent, or a section that says what whoever deploys may give, as in
	// /deploy checkout staging region=eu. At most 22, as GitHub takes 25 (GitHub REST: Create a workflow dispatch event).
	Inputs map[string]Input `json:"inputs,omitempty" keys:"input" max:"22"`
}

// DeploysTo tells whether the service can be deployed to the environment of this canonical name.
func (s *Service) DeploysTo(environment string) bool {
	return slices.Contains(s.Environments, environment)
}
