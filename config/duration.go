package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"shipmate/clock"
)

// Duration is a length of time, written with its unit: 90s, 15m, 72h, 3d, 1h30m.
type Duration struct{ time.Duration }

// durationShape is how a duration is written in the file; the JSON Schema shows it to editors too.
var durationShape = regexp.MustCompile(`^([0-9]{1,5}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$`)

// UnmarshalText reads a duration as it is written in the file. Its errors are sentences about the value.
func (d *Duration) UnmarshalText(text []byte) error {
	value := string(text)
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return fmt.Errorf("%s has no unit; write for example %ss, %sm, %sh or %sd", value, value, value, value, value)
	}
	if value == "" || !durationShape.MatchString(value) {
		return fmt.Errorf("%s is not a duration; write for example 90s, 15m, 72h, 1h30m or 3d", quote(value))
	}
	// Days are counted here, since clock.ParseDuration is for what people type and ends at a year.
	rest := value
	d.Duration = 0
	if days, after, found := strings.Cut(value, "d"); found {
		number, _ := strconv.Atoi(days) // at most five digits, so that the sum is far from overflow
		d.Duration, rest = time.Duration(number)*24*time.Hour, after
	}
	if strings.Trim(rest, "0s") == "" { // none, or the zero that MarshalText writes
		return nil
	}
	length, err := clock.ParseDuration(rest)
	d.Duration += length
	return err
}

// MarshalText writes the duration as UnmarshalText reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is the duration in the largest unit that says it in one number: 72h is 3d, 90s stays 90s.
func (d Duration) String() string {
	for _, unit := range []struct {
		length time.Duration
		letter string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d.Duration != 0 && d.Duration%unit.length == 0 {
			return strconv.FormatInt(int64(d.Duration/unit.length), 10) + unit.letter
		}
	}
	return d.Duration.String()
}

// outside is the sentence about a duration that is not from least to most.
func (d Duration) outside(least, most string) string {
	if d.Duration >= mustDuration(least).Duration && d.Duration <= mustDuration(most).Duration {
		return ""
	}
	return fmt.Sprintf("must be from %s to %s, not %s", least, most, d)
}

// mustDuration reads a duration that stands in this package's own tags.
func mustDuration(text string) Duration {
	var d Duration
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic("config: a struct tag: " + err.Error())
	}
	return d
}
