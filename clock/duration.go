package clock

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// MaxDuration is the longest duration people may give: a year is always meant as a date.
const MaxDuration = 366 * 24 * time.Hour

var durationUnits = map[string]time.Duration{
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hrs": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": day, "day": day, "days": day, "w": week, "week": week, "weeks": week,
}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

var durationPart = regexp.MustCompile(`^(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]+)\s*`)

// ParseDuration reads a duration as people type it: "90m", "2h", "1h30m", "3 days", "1w". Units are seconds to weeks, the
// larger first and each once; a day is 24 hours. It must be longer than nothing and at most MaxDuration. Errors are one
// sentence that says what would be right.
func ParseDuration(s string) (time.Duration, error) {
	rest := strings.ToLower(strings.TrimSpace(s))
	if _, err := strconv.ParseFloat(rest, 64); err == nil {
		return 0, fmt.Errorf("%q has no unit: write %sm for minutes or %sh for hours", s, rest, rest)
	}
	total, last := time.Duration(0), MaxDuration
	for rest != "" {
		part := durationPart.FindStringSubmatch(rest)
		if part == nil {
			return 0, fmt.Errorf("%q is not a duration: write it as 90m, 2h, 1h30m, 3d or 1w", s)
		}
		unit, known := durationUnits[part[2]]
		if !known {
			return 0, fmt.Errorf("%q has the unknown unit %q: the units are s, m, h, d and w", s, part[2])
		}
		if unit >= last {
			return 0, fmt.Errorf("%q has its units out of order: write the larger first and each once, as in 1h30m", s)
		}
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil || n > float64(MaxDuration/unit) {
			return 0, tooLong(s)
		}
		total, last = total+time.Duration(n*float64(unit)), unit
		rest = rest[len(part[0]):]
	}
	switch {
	case s == "" || total <= 0:
		return 0, fmt.Errorf("%q is no time at all: write it as 90m, 2h, 1h30m, 3d or 1w", s)
	case total > MaxDuration:
		return 0, tooLong(s)
	}
	return total, nil
}

func tooLong(s string) error {
	return fmt.Errorf("%q is too long: the most is %d days", s, MaxDuration/day)
}

// Format writes a duration for people, in its two largest units and rounded down: "2 h 5 min", "3 d 4 h", "12 s".
func Format(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Format(-max(d, -math.MaxInt64))
	case d == 0:
		return "0 s"
	case d < time.Second:
		return "under 1 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return twoUnits(d, time.Minute, "min", time.Second, "s")
	case d < day:
		return twoUnits(d, time.Hour, "h", time.Minute, "min")
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	whole, rest := d/large, d%large/small
	if rest == 0 {
		return fmt.Sprintf("%d %s", whole, largeName)
	}
	return fmt.Sprintf("%d %s %d %s", whole, largeName, rest, smallName)
}
