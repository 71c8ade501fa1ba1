package config

import (
	"strings"
	"time"

	"shipmate/clock"
)

// zone is the sentence about a time zone that does not exist.
func zone(name string) string {
	if _, err := clock.LoadZone(name); err != nil {
		return err.Error()
	}
	return ""
}

// locationOf is the zone of a name that was checked when the file was read; UTC for none.
func locationOf(name string) *time.Location {
	location, err := clock.LoadZone(name)
	if name == "" || err != nil {
		return time.UTC
	}
	return location
}

// cron is the sentence about a cron expression that is broken or never fires.
func cron(expression string, in *time.Location) string {
	if _, err := clock.ParseCron(expression, in); err != nil {
		return err.Error()
	}
	return ""
}

// moment is the sentence about a date and time of day that there is in no calendar.
func moment(value string) string {
	if _, err := clock.ParseWall(value, time.UTC); err != nil {
		return err.Error()
	}
	return ""
}

// date is the sentence about a date that there is in no calendar.
func date(value string) string {
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return quote(value) + ` is not a date; write it as "2026-12-25"`
	}
	return ""
}

// hours is the sentence about working hours that begin and end at the same time.
func hours(value string) string {
	if from, to := hoursOf(value); strings.Count(value, ":") == 2 && from == to {
		return quote(value) + " is no time at all; all day is 0:00-24:00"
	}
	return ""
}
