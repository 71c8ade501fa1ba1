package config

import "cmp"

// Slack is the workspace the bot lives in and who may use it.
type Slack struct {
	// APIURL is the base of Slack's Web API. Default https://slack.com/api/. A change needs a restart.
	APIURL string `json:"api_url" default:"https://slack.com/api/" format:"url"`
	// AdminChannel is told what goes wrong: a broken configuration, lost connections, work that was given up. A channel's
	// name in quotes, such as "#platform", or its ID.
	AdminChannel string `json:"admin_channel,omitempty" format:"channel"`
	// Admins may do what only administrators may. Each is a team of this file, a Slack user ID, an e-mail address or
	// group:handle for a Slack user group. Nobody by default.
	Admins []Principal `json:"admins,omitempty" format:"principal"`
	// Guests says whether guests of the workspace may use the bot, with the permissions they are given. Default false.
	Guests bool `json:"guests,omitempty"`
}

// GitHub is where repositories, workflows and pull requests are.
type GitHub struct {
	// APIURL is the base of GitHub's REST API. Default https://api.github.com/; on GitHub Enterprise Server it ends in
	// /api/v3/. A change needs a restart.
	APIURL string `json:"api_url" default:"https://api.github.com/" format:"url"`
	// Owner is the organisation or user of every repository that is given without one.
	Owner string `json:"owner,omitempty" format:"owner"`
}

// PagerDuty is where pages go and where on-call schedules are read.
type PagerDuty struct {
	// APIURL is the base of PagerDuty's REST API. Default https://api.pagerduty.com; in the EU
	// https://api.eu.pagerduty.com. A change needs a restart.
	APIURL string `json:"api_url" default:"https://api.pagerduty.com" format:"url"`
	// EventsURL is the base of PagerDuty's Events API. Default https://events.pagerduty.com. A change needs a restart.
	EventsURL string `json:"events_url" default:"https://events.pagerduty.com" format:"url"`
	// From is the e-mail address of the PagerDuty user in whose name the bot acts when a person has no account there.
	From string `json:"from,omitempty" format:"email"`
	// Service is the ID of the service on PagerDuty on which people and teams are paged, as PagerDuty knows no page without a
	// service. By default the first one of the team's services that has a pagerduty_service.
	Service string `json:"service,omitempty" format:"pagerduty"`
}

// Store is where Shipmate keeps its state.
type Store struct {
	// Path is the file of the state, relative to the directory of this file. Default shipmate.db.
	Path string `json:"path" default:"shipmate.db" format:"file"`
}

// Limits bound what the bot takes on at once.
type Limits struct {
	// Backlog is how many accepted requests may wait; beyond it a request is answered "not taken, try again". Default
	// 10000, from 1 to 1000000.
	Backlog int `json:"backlog" default:"10000" min:"1" max:"1000000"`
}

// Postmortem is where post-mortems are kept and when they are due.
type Postmortem struct {
	// Repo is the repository of the documents, "owner/name", or "name" when github.owner is set.
	Repo Repo `json:"repo,omitempty" format:"repo" required:"true"`
	// Dir is the directory of the documents in the repository. Default postmortems.
	Dir string `json:"dir,omitempty" default:"postmortems" format:"dir"`
	// Due is how long after an incident's end its post-mortem is due. Default 72h, from 1h to 90d.
	Due Duration `json:"due" default:"72h" min:"1h" max:"90d"`
	// Severities are the severities of incidents that need a post-mortem. None by default; /postmortem new makes one of any.
	Severities []string `json:"severities,omitempty" format:"name"`
	// PrivateRepo is the repository of the documents and action items of restricted incidents. Without one such a document is posted in
	// the incident's channel and goes nowhere else.
	PrivateRepo Repo `json:"private_repo,omitempty" format:"repo"`
	// ItemsRepo is the repository in which action items become issues. By default that of the incident's first service, else repo.
	ItemsRepo Repo `json:"items_repo,omitempty" format:"repo"`
	// Label marks the issues of action items. Default action-item.
	Label string `json:"label,omitempty" default:"action-item" format:"label"`
}

// Debt is how technical debt is found and reminded of.
type Debt struct {
	// Label marks the GitHub issues that are technical debt, in the repositories of the services. Default tech-debt.
	Label string `json:"label,omitempty" default:"tech-debt" format:"label"`
	// Remind is when teams are reminded, each that has a channel and a service: a cron expression with five fields, in the team's time
	// zone. Never by default.
	Remind string `json:"remind,omitempty" format:"cron"`
}

// IssueLabel is the label of issues that are technical debt.
func (d Debt) IssueLabel() string { return cmp.Or(d.Label, "tech-debt") }
