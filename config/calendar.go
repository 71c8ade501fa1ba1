package config

import (
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
