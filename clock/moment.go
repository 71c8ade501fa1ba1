package clock

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// wallLayout is how a moment is written in a file: what a wall clock and a calendar beside it show.
const wallLayout = "2006-01-02 15:04"

// ParseWall reads a moment as a file has it, "2026-12-24 12:00", on the wall clock of zone. One that comes twice when the
// clock goes back is the first of the two, one that is left out the end of the gap. Errors are one sentence that says what
// would be right.
func ParseWall(s string, zone *time.Location) (time.Time, error) {
	wall, err := time.Parse(wallLayout, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no date with a time of day: write it as 2026-12-24 12:00", s)
	}
	return momentOf(wall, zone).UTC(), nil
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

var hourShape = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):[0-5][0-9]$`)

// IsDay tells whether a word names a day as ParseMoment reads it: a date, a weekday, today or tomorrow.
func IsDay(word string) bool {
	word = strings.ToLower(word)
	if word == "today" || word == "tomorrow" || weekday(word) >= 0 {
		return true
	}
	_, err := time.Parse(time.DateOnly, word)
	return err == nil
}

// IsHour tells whether a word is a time of day as ParseMoment reads it: "9:00", "17:30".
func IsHour(word string) bool { return hourShape.MatchString(word) }

// ParseMoment reads a moment to come as people type it, on the wall clock of zone: "17:00" (the next time it is), "monday
// 9:00", "tomorrow 12:00", "2026-12-24 18:00". A day without a time of day is its beginning, and a weekday is the next one
// whose time has not passed. It must be later than now and at most MaxDuration away. Errors are one sentence that says what
// would be right.
func ParseMoment(s string, now time.Time, zone *time.Location) (time.Time, error) {
	words := strings.Fields(strings.ToLower(s))
	date, hour := "", ""
	switch {
	case len(words) == 1 && IsHour(words[0]):
		hour = words[0]
	case len(words) == 1 && IsDay(words[0]):
		date = words[0]
	case len(words) == 2 && IsDay(words[0]) && IsHour(words[1]):
		date, hour = words[0], words[1]
	default:
		return time.Time{}, fmt.Errorf("%q is no time: write it as 17:00, monday 9:00 or 2026-12-24 18:00", s)
	}
	at := firstAfter(now, zone, date, hour)
	switch {
	case !at.After(now):
		return time.Time{}, fmt.Errorf("%q has passed: it must be later than now", s)
	case at.Sub(now) > MaxDuration:
		return time.Time{}, fmt.Errorf("%q is too far away: the most is %d days", s, MaxDuration/day)
	}
	return at.UTC(), nil
}

// firstAfter is the first moment after now that the words mean. A date, today and tomorrow mean one day, whether it has passed
// or not.
func firstAfter(now time.Time, zone *time.Location, dayWord, hour string) time.Time {
	sinceMidnight := time.Duration(0)
	if t, err := time.Parse("15:04", hour); err == nil {
		sinceMidnight = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	if date, err := time.Parse(time.DateOnly, dayWord); err == nil {
		return momentOf(date.Add(sinceMidnight), zone)
	}
	y, m, d := now.In(zone).Date()
	on := func(days int) time.Time {
		return momentOf(time.Date(y, m, d+days, 0, 0, 0, 0, time.UTC).Add(sinceMidnight), zone)
	}
	switch dayWord {
	case "":
		if at := on(0); at.After(now) {
			return at
		}
		return on(1)
	case "today":
		return on(0)
	case "tomorrow":
		return on(1)
	}
	ahead := (weekday(dayWord) - int(now.In(zone).Weekday()) + 7) % 7
	if at := on(ahead); at.After(now) {
		return at
	}
	return on(ahead + 7)
}

// weekday is the number of a weekday by its name or the first three letters of it, -1 when it is none.
func weekday(word string) int {
	return slices.IndexFunc(weekdays, func(name string) bool { return word == name || word == name[:3] })
}
