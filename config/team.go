package config

import "time"

// Team is a group of people: who owns services, where their messages go, who is on call.
type Team struct {
	// Name is the key the team stands under.
	Name string `json:"name,omitempty" jsonschema:"-"`
	// Channel is where the team's messages go: a name in quotes, such as "#payments", or a channel's ID.
	Channel string `json:"channel,omitempty" format:"channel"`
	// SlackGroup is the handle of the Slack user group whose members are the team, without @.
	SlackGroup string `json:"slack_group,omitempty" format:"handle"`
	// Members are people of the team beside the user group: Slack user IDs or e-mail addresses.
	Members []Principal `json:"members,omitempty" format:"person"`
	// GitHubTeam is the slug of the team on GitHub.
	GitHubTeam string `json:"github_team,omitempty" format:"slug"`
	// Schedule is the ID of the team's on-call schedule on PagerDuty.
	Schedule string `json:"schedule,omitempty" format:"pagerduty"`
	// EscalationPolicy is the ID of the escalation policy on PagerDuty by which the team is paged: all its levels are shown and
	// called. Without one those of the team's services are shown, and who is on call by the schedule is called.
	EscalationPolicy string `json:"escalation_policy,omitempty" format:"pagerduty"`
	// Timezone is where the team's times are meant: an IANA name such as Europe/Berlin. Default UTC.
	Timezone string `json:"timezone,omitempty" default:"UTC" format:"timezone"`
	// Digest is when the team's channel gets its digest: a cron expression with five fields, in the team's time zone.
	// Never by default.
	Digest string `json:"digest,omitempty" format:"cron"`
}

// Location is the team's time zone.
func (t *Team) Location() *time.Location { return locationOf(t.Timezone) }

// HasMembers tells whether the file says who the team's people are; without them the team may do nothing.
func (t *Team) HasMembers() bool { return t.SlackGroup != "" || len(t.Members) > 0 }
