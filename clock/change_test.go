package clock

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// What Changes says of a year is what Next does in it.
func TestChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, zone string
		want       []string
	}{
		{"30 2 * * *", "Europe/Berlin", []string{"2026-03-29 02:30 left 1", "2026-10-25 02:30 twice 1"}},
		{"*/30 * * * *", "Europe/Berlin", []string{"2026-03-29 02:00 left 0", "2026-10-25 02:00 twice 2"}},
		{"0 */2 * * *", "Europe/Berlin", []string{"2026-03-29 02:00 left 1", "2026-10-25 02:00 twice 2"}},
		{"0 9 * * 1-5", "Europe/Berlin", nil},
		{"30 2 * * *", "Asia/Kolkata", nil},
		{"15 1 * * *", "America/New_York", []string{"2026-11-01 01:15 twice 1"}},
		{"45 1 * * 0", "Australia/Lord_Howe", []string{"2026-04-05 01:45 twice 1"}},
		{"15 2 * * 0", "Australia/Lord_Howe", []string{"2026-10-04 02:15 left 1"}},
	} {
		zone, err := LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		cron, err := ParseCron(c.expr, zone)
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var got []string
		for _, ch := range cron.Changes(from, from.AddDate(1, 0, 0)) {
			how := "twice"
			if ch.Left {
				how = "left"
			}
			got = append(got, fmt.Sprintf("%s %s %d", ch.Wall.Format("2006-01-02 15:04"), how, ch.Times))
			if n := firings(cron, ch, zone); n != ch.Times {
				t.Errorf("%s in %s at %s: Next happens %d times, Changes says %d", c.expr, c.zone, ch.Wall, n, ch.Times)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s in %s: %q, want %q", c.expr, c.zone, got, c.want)
		}
	}
}

// firings counts how often it happens for the wall-clock time of a change: showing it, or at the end of its gap.
func firings(cron Cron, ch ClockChange, zone *time.Location) (n int) {
	for at := cron.Next(ch.At.Add(-3 * time.Hour)); at.Before(ch.At.Add(3 * time.Hour)); at = cron.Next(at) {
		local := at.In(zone)
		shows := local.Format("2006-01-02 15:04") == ch.Wall.Format("2006-01-02 15:04")
		if !ch.Left && shows || ch.Left && at.Equal(ch.At) && cron.Next(ch.At.Add(-1)).Equal(ch.At) && !matchesItself(cron, local) {
			n++
		}
	}
	return n
}

// matchesItself tells whether it would happen then on a day like any other.
func matchesItself(cron Cron, local time.Time) bool {
	day := time.Date(local.Year(), local.Month(), local.Day()+7, local.Hour(), local.Minute(), 0, 0, local.Location())
	return cron.Next(day.Add(-time.Minute)).Equal(day)
}
