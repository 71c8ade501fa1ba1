package store

import (
	"fmt"
	"time"
)

const stampForm = "2006-01-02T15:04:05.000000000Z"

// Stamp writes t in UTC, to the nanosecond, so that it can be part of a key: all stamps have the same length and sort as
// their times do. A time before the year 0 or after 9999 becomes the first or last one there is.
func Stamp(t time.Time) string {
	first := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	switch {
	case t.Before(first):
		t = first
	case t.After(last):
		t = last
	}
	return t.UTC().Format(stampForm)
}

// ParseStamp returns the time, in UTC, that Stamp wrote. Anything else is an error.
func ParseStamp(s string) (time.Time, error) {
	t, err := time.Parse(stampForm, s)
	if err != nil || Stamp(t) != s {
		return time.Time{}, fmt.Errorf("%q is not a time as store.Stamp writes it", s)
	}
	return t, nil
}
