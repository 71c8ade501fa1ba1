package clock

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

const wallFormat = "2006-01-02 15:04 -0700"

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func cronOf(t *testing.T, expr, zoneName string) Cron {
	t.Helper()
	c, err := ParseCron(expr, zone(t, zoneName))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCronNext(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		zone, expr, after string
		want              string // the following moments on the wall clock, without the year
	}{
		{"UTC", "0 9 * * 1-5", "2026-03-06 08:59 +0000", "03-06 09:00 +0000, 03-09 09:00 +0000"},
		{"UTC", "0 9 * * 1-5", "2026-03-06 09:00 +0000", "03-09 09:00 +0000"},
		{"UTC", "0 0 29 2 *", "2026-03-06 09:00 +0000", "02-29 00:00 +0000"},
		{"UTC", "0 0 29 2 *", "2097-01-01 00:00 +0000", "02-29 00:00 +0000"}, // seven years on: 2100 has none
		{"UTC", "0 9 13 * FRI", "2026-03-06 10:00 +0000", "03-13 09:00 +0000, 03-20 09:00 +0000"},
		{"UTC", "*/20 6,7 * jan MON", "2026-01-05 07:30 +0000", "01-05 07:40 +0000, 01-12 06:00 +0000"},
		{"UTC", "@daily", "2026-01-05 07:30 +0000", "01-06 00:00 +0000"},
		{"UTC", "@Weekly", "2026-01-05 07:30 +0000", "01-11 00:00 +0000"},
		{"UTC", " @monthly ", "2026-01-05 07:30 +0000", "02-01 00:00 +0000"},

		// Berlin: 02:00 becomes 03:00 on 29 March, 03:00 becomes 02:00 on 25 October 2026.
		{"Europe/Berlin", "30 2 * * *", "2026-03-28 01:00 +0100", "03-28 02:30 +0100, 03-29 03:00 +0200, 03-30 02:30 +0200"},
		{"Europe/Berlin", "0 2,3 * * *", "2026-03-29 00:00 +0100", "03-29 03:00 +0200, 03-30 02:00 +0200"},
		{"Europe/Berlin", "*/15 2 * * *", "2026-03-29 00:00 +0100", "03-29 03:00 +0200, 03-30 02:00 +0200"},
		{"Europe/Berlin", "30 2 * * *", "2026-10-25 00:00 +0200", "10-25 02:30 +0200, 10-26 02:30 +0100"},
		{"Europe/Berlin", "30 2 * * *", "2026-10-25 02:10 +0100", "10-26 02:30 +0100"}, // asked in the second pass
		{"Europe/Berlin", "0 1-3 * * *", "2026-10-25 00:00 +0200", "10-25 01:00 +0200, 10-25 02:00 +0200, 10-25 03:00 +0100"},
		{"Europe/Berlin", "30 * * * *", "2026-03-29 00:45 +0100", "03-29 01:30 +0100, 03-29 03:30 +0200"},
		{"Europe/Berlin", "@hourly", "2026-10-25 01:30 +0200", "10-25 02:00 +0200, 10-25 02:00 +0100, 10-25 03:00 +0100"},
		{"Europe/Berlin", "0 */2 * * *", "2026-03-28 23:00 +0100", "03-29 00:00 +0100, 03-29 03:00 +0200, 03-29 04:00 +0200"},
		{"Europe/Berlin", "0 */2 * * *", "2026-10-25 01:00 +0200", "10-25 02:00 +0200, 10-25 02:00 +0100, 10-25 04:00 +0100"},
		{"Europe/Berlin", "30 2 29 3 *", "2026-03-01 00:00 +0100", "03-29 03:00 +0200"},

		// New York: 02:00 becomes 03:00 on 8 March, 02:00 becomes 01:00 on 1 November 2026.
		{"America/New_York", "0 2 * * *", "2026-03-07 12:00 -0500", "03-08 03:00 -0400, 03-09 02:00 -0400"},
		{"America/New_York", "30 1 * * *", "2026-10-31 12:00 -0400", "11-01 01:30 -0400, 11-02 01:30 -0500"},
		{"America/New_York", "45 0-23 * * *", "2026-11-01 00:50 -0400", "11-01 01:45 -0400, 11-01 01:45 -0500"},

		// Sao Paulo left out midnight on 4 November 2018 and repeated 23:00 on 17 February.
		{"America/Sao_Paulo", "0 0 * * *", "2018-11-03 12:00 -0300", "11-04 01:00 -0200, 11-05 00:00 -0200"},
		{"America/Sao_Paulo", "@midnight", "2018-11-03 12:00 -0300", "11-04 01:00 -0200"},
		{"America/Sao_Paulo", "0 23 * * *", "2018-02-17 12:00 -0200", "02-17 23:00 -0200, 02-18 23:00 -0300"},
		{"America/Sao_Paulo", "0 0 * * *", "2018-02-17 12:00 -0200", "02-18 00:00 -0300, 02-19 00:00 -0300"},

		// Lord Howe moves by half an hour: 02:00 becomes 02:30 on 4 October, 02:00 becomes 01:30 on 5 April 2026.
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-04 00:00 +1030", "10-04 02:30 +1100, 10-05 02:15 +1100"},
		{"Australia/Lord_Howe", "45 2 * * *", "2026-10-04 00:00 +1030", "10-04 02:45 +1100"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-05 00:00 +1100", "04-05 01:45 +1100, 04-06 01:45 +1030"},
		{"Australia/Lord_Howe", "45 * * * *", "2026-04-05 01:00 +1100", "04-05 01:45 +1100, 04-05 01:45 +1030, 04-05 02:45 +1030"},
	} {
		c := cronOf(t, tc.expr, tc.zone)
		at, err := time.Parse(wallFormat, tc.after)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range strings.Split(tc.want, ", ") {
			at = c.Next(at)
			got = append(got, at.In(c.zone).Format("01-02 15:04 -0700"))
			if at.Location() != time.UTC {
				t.Errorf("%s: Next is not in UTC", c)
			}
		}
		if got := strings.Join(got, ", "); got != tc.want {
			t.Errorf("%s after %s:\n got %s\nwant %s", c, tc.after, got, tc.want)
		}
	}
}

// Over several years of every zone: moments only go forward, asking from in between gives the same one, and an expression
// of numbered hours never shows people the same wall-clock time twice.
func TestCronProperties(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC", "Pacific/Apia"}
	for range 40 {
		var fields []string
		r := func(n int) int { return rand.IntN(n) }
		numbered := r(2) == 0
		fields = append(fields, []string{fmt.Sprint(r(60)), "*/15", fmt.Sprintf("%d,%d", r(60), r(60)), "*"}[r(4)])
		if numbered {
			fields = append(fields, []string{fmt.Sprint(r(4)), "0-3", "1,2,23"}[r(3)])
		} else {
			fields = append(fields, []string{"*", "*/2", "0-23"}[r(3)])
		}
		c := cronOf(t, strings.Join(fields, " ")+" * * *", zones[r(len(zones))])
		at := time.Date(2011+r(15), time.Month(1+r(12)), 1, 0, 0, 0, 0, time.UTC)
		shown := map[string]bool{}
		for end := at.AddDate(0, 3, 0); at.Before(end); {
			next := c.Next(at)
			if !next.After(at) {
				t.Fatalf("%s: %v is followed by %v", c, at, next)
			}
			if between := at.Add(time.Duration(rand.Int64N(int64(next.Sub(at))))); !c.Next(between).Equal(next) {
				t.Fatalf("%s: after %v comes %v, but after %v comes %v", c, at, next, between, c.Next(between))
			}
			wall := next.In(c.zone).Format("2006-01-02 15:04")
			if numbered && shown[wall] {
				t.Fatalf("%s fires twice at %s", c, wall)
			}
			shown[wall], at = true, next
		}
	}
}

// Every hour fires 24 times in each 24 hours, whatever the clocks do.
func TestHourlyCronRunsEachRealHour(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "UTC"} {
		c := cronOf(t, "17 * * * *", name)
		at := c.Next(time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC))
		for range 365 * 24 {
			next := c.Next(at)
			if next.Sub(at) != time.Hour {
				t.Fatalf("%s: %v is followed by %v", c, at, next)
			}
			at = next
		}
	}
}

func TestCronString(t *testing.T) {
	t.Parallel()
	if got, want := cronOf(t, " 0  9 * *  1-5", "Europe/Berlin").String(), "0 9 * * 1-5 (Europe/Berlin)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseCronErrors(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"":                               "missing",
		"   ":                            "missing",
		"TZ=UTC":                         "set the time zone beside it",
		"CRON_TZ=Europe/Berlin":          "set the time zone beside it",
		"TZ=0":                           "set the time zone beside it",
		"CRON_TZ= 0 9 * * *":             "set the time zone beside it",
		"CRON_TZ=Asia/Tokyo 0 9 * * *":   "set the time zone beside it",
		"@every 2h":                      `"0 */2 * * *"`,
		"@every":                         "no fixed moment",
		"@reboot":                        "@hourly, @daily",
		"0 9 * *":                        "has 4 fields",
		"0 0 9 * * *":                    "has 6 fields",
		"0 0 31 2 *":                     "never fires",
		"0 0 30 FEB *":                   "never fires",
		"0 0 31 4,6,9,11 *":              "never fires",
		"60 9 * * *":                     `the minute "60" is not valid: values are 0 to 59`,
		"0 24 * * *":                     `the hour "24" is not valid: values are 0 to 23`,
		"0 9 0 * *":                      `the day of the month "0"`,
		"0 9 * 13 *":                     `the month "13"`,
		"0 9 * * 7":                      "Sunday is 0",
		"0 9 * * monday":                 "SUN to SAT",
		"0 9 * january *":                "JAN to DEC",
		"0 9 * * 5-1":                    "two ranges",
		"0 22-6 * * *":                   "two ranges",
		"*/90 * * * *":                   "steps are 1 to 59",
		"*/0 * * * *":                    "steps are 1 to 59",
		"*/99999999999999999999 * * * *": "steps are 1 to 59",
		"0 9 L * *":                      `the day of the month "l"`,
		"0 9 * * 5#2":                    "cannot be read",
		"*-5 9 * * *":                    "cannot be read",
		"1,,2 9 * * *":                   "cannot be read",
		", 9 * * *":                      "cannot be read",
		"-1 9 * * *":                     "cannot be read",
		"1-2-3 9 * * *":                  "cannot be read",
		"1/2/3 9 * * *":                  "cannot be read",
	} {
		_, err := ParseCron(expr, time.UTC)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseCron(%q): %v, want it to say %q", expr, err, want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("ParseCron(%q): more than one line: %v", expr, err)
		}
	}
	if _, err := ParseCron("0 9 * * *", nil); err == nil {
		t.Error("no zone is accepted")
	}
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"0 9 * * 1-5", "TZ=UTC", "@daily", "*/90 ? l 1#2 mon-", ", - / * 99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		c, err := ParseCron(expr, time.UTC)
		if err != nil {
			return
		}
		if next := c.Next(start); !next.After(start) {
			t.Errorf("%q: %v is followed by %v", expr, start, next)
		}
	})
}

// A year that begins or ends anywhere in the next decades has its times, in each zone: also the last days of leap years.
func TestLastDaysOfLeapYears(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Lisbon", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Sydney", "Africa/Casablanca", "Asia/Kolkata", "UTC"} {
		z := zone(t, name)
		newYears, last := cronOf(t, "@yearly", name), cronOf(t, "30 12 31 12 *", name)
		at := time.Date(2036, 6, 1, 0, 0, 0, 0, z)
		for year := 2036; year < 2064; year++ {
			if got, want := last.Next(at), time.Date(year, 12, 31, 12, 30, 0, 0, z); !got.Equal(want) {
				t.Fatalf("%s: %s, want %s", name, got.In(z), want)
			}
			if got, want := newYears.Next(last.Next(at)), time.Date(year+1, 1, 1, 0, 0, 0, 0, z); !got.Equal(want) {
				t.Fatalf("%s: %s, want %s", name, got.In(z), want)
			}
			at = newYears.Next(at)
			last.Changes(at, at.AddDate(1, 0, 0))
		}
	}
}
