package config

import (
	"strings"
	"time"

	"shipmate/clock"
)

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
	// GitHubTeam is the slug of the team on GitHub: a review that it is asked for waits in the home tab of everybody in the team.
	GitHubTeam string `json:"github_team,omitempty" format:"slug"`
	// Schedule is the ID of the team's on-call schedule on PagerDuty.
	Schedule string `json:"schedule,omitempty" format:"pagerduty"`
	// EscalationPolicy is the ID of the escalation policy on PagerDuty by which the team is paged: all its levels are shown and
	// called. Without one those of the team's services are shown, and who is on call by the schedule is called.
	EscalationPolicy string `json:"escalation_policy,omitempty" format:"pagerduty"`
	// Timezone is where the team's times are meant: an IANA name such as Europe/Berlin. Default UTC.
	Timezone string `json:"timezone,omitempty" default:"UTC" format:"timezone"`
	// Workdays are the days on which the team works: mon, tue, wed, thu, fri, sat and sun. Default Monday to Friday.
	Workdays []string `json:"workdays,omitempty" format:"weekday"`
	// Hours are when it works on them, in its time zone: two times of day with a dash between, "22:00-6:00" for a night. Default
	// 9:00-17:00. Ages in digests count working hours, and reminders come in them.
	Hours string `json:"hours,omitempty" default:"9:00-17:00" format:"hours"`
	// Holidays are dates on which nobody works, such as "2026-12-25": ages do not count them, and what happens on working days is left
	// out on them, digests too.
	Holidays []string `json:"holidays,omitempty" format:"date"`
	// Digest is when the team's channel gets its digest: a cron expression with five fields, in the team's time zone.
	// Never by default.
	Digest string `json:"digest,omitempty" format:"cron"`
	// Handover is when the team's channel gets the hand-over of who is on call: what happened since the last, what is open, and who comes
	// next. A cron expression with five fields, in the team's time zone, such as "0 9 * * 1". Never by default.
	Handover string `json:"handover,omitempty" format:"cron"`
}

// Location is the team's time zone.
func (t *Team) Location() *time.Location { return locationOf(t.Timezone) }

// HasMembers tells whether the file says who the team's people are; without them the team may do nothing.
func (t *Team) HasMembers() bool { return t.SlackGroup != "" || len(t.Members) > 0 }

// weekdays are the days of a week as the file has them.
var weekdays = map[string]time.Weekday{"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday,
	"sat": time.Saturday, "sun": time.Sunday}

// defaultHours hold where nothing else is given.
const defaultHours = "9:00-17:00"

// WorkingHours are when the team works.
func (t *Team) WorkingHours() clock.Hours {
	h := clock.Hours{Zone: t.Location(), Holidays: t.Holidays}
	for _, word := range t.Workdays {
		h.Days = append(h.Days, weekdays[word])
	}
	if len(h.Days) == 0 {
		h.Days = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	h.From, h.To = hoursOf(t.Hours)
	return h
}

// hoursOf reads two times of day with a dash between, which were checked when the file was read; the default for none.
func hoursOf(s string) (from, to time.Duration) {
	if s == "" {
		s = defaultHours
	}
	first, second, _ := strings.Cut(s, "-")
	return timeOfDay(first), timeOfDay(second)
}

func timeOfDay(s string) time.Duration {
	if s == "24:00" {
		return 24 * time.Hour
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}
