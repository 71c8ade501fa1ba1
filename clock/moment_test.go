package clock

import (
	"strings"
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ now, zone, text, want string }{
		{"2026-11-20 09:00", "UTC", "17:00", "2026-11-20 17:00"}, // a Friday
		{"2026-11-20 17:00", "UTC", "17:00", "2026-11-21 17:00"},
		{"2026-11-20 09:00", "Europe/Berlin", "9:30", "2026-11-21 08:30"}, // it is 10:00 there
		{"2026-11-20 23:30", "Europe/Berlin", "17:00", "2026-11-21 16:00"},
		{"2026-11-20 09:00", "UTC", "Monday 9:00", "2026-11-23 09:00"},
		{"2026-11-20 09:00", "UTC", "mon", "2026-11-23 00:00"},
		{"2026-11-20 09:00", "UTC", "friday 10:00", "2026-11-20 10:00"},
		{"2026-11-20 09:00", "UTC", "friday 9:00", "2026-11-27 09:00"},
		{"2026-11-20 09:00", "UTC", "today 9:01", "2026-11-20 09:01"},
		{"2026-11-20 23:30", "Europe/Berlin", "tomorrow", "2026-11-21 23:00"},
		{"2026-11-20 09:00", "Europe/Berlin", "2026-12-24 18:00", "2026-12-24 17:00"},
		{"2026-11-20 09:00", "Europe/Berlin", "2026-12-24", "2026-12-23 23:00"},
		{"2026-03-28 12:00", "Europe/Berlin", "2:30", "2026-03-29 01:00"},        // left out: the end of the gap
		{"2026-10-24 12:00", "Europe/Berlin", "sunday 2:30", "2026-10-25 00:30"}, // twice: the first
	} {
		now, _ := time.Parse(wallLayout, tc.now)
		got, err := ParseMoment(tc.text, now, zone(t, tc.zone))
		if err != nil || got.Format(wallLayout) != tc.want || got.Location() != time.UTC {
			t.Errorf("%s in %s at %s is %s, %v, want %s", tc.text, tc.zone, tc.now, got, err, tc.want)
		}
	}
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"":                 "write it as 17:00",
		"25:00":            "write it as 17:00",
		"mondya 9:00":      "write it as 17:00",
		"monday 9":         "write it as 17:00",
		"9:00 monday":      "write it as 17:00",
		"2026-02-30":       "write it as 17:00",
		"today 9:00":       "has passed",
		"2026-11-19 18:00": "has passed",
		"2028-01-01":       "the most is 366 days",
	} {
		if _, err := ParseMoment(text, now, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", text, err, want)
		}
	}
}

func TestParseWall(t *testing.T) {
	t.Parallel()
	got, err := ParseWall("2026-12-24 12:00", zone(t, "Europe/Berlin"))
	if err != nil || !got.Equal(time.Date(2026, 12, 24, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("%s, %v", got, err)
	}
	for _, text := range []string{"", "2026-12-24", "2026-02-30 12:00", "2026-12-24 25:00", "24.12.2026 12:00"} {
		if _, err := ParseWall(text, time.UTC); err == nil || !strings.Contains(err.Error(), "write it as 2026-12-24 12:00") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
