package clock

import (
	"math/rand/v2"
	"testing"
	"time"
)

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

func TestHours(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	office := Hours{Days: workdays, From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute, Zone: berlin}
	night := Hours{Days: []time.Weekday{time.Saturday}, From: 22 * time.Hour, To: 6 * time.Hour, Zone: berlin}
	midnight := Hours{Days: []time.Weekday{time.Sunday}, From: 0, To: 2 * time.Hour, Zone: zone(t, "America/Sao_Paulo")}
	always := Hours{Days: append([]time.Weekday{time.Saturday, time.Sunday}, workdays...), To: 24 * time.Hour, Zone: berlin}
	for _, tc := range []struct {
		name     string
		hours    Hours
		at, next string
	}{
		{"before opening", office, "2026-03-06 08:59 +0100", "2026-03-06 09:00 +0100"},
		{"opening", office, "2026-03-06 09:00 +0100", "2026-03-06 09:00 +0100"},
		{"last minute", office, "2026-03-06 17:29 +0100", "2026-03-06 17:29 +0100"},
		{"closing", office, "2026-03-06 17:30 +0100", "2026-03-09 09:00 +0100"},
		{"a weekend in which summer begins", office, "2026-03-28 12:00 +0100", "2026-03-30 09:00 +0200"},
		{"a weekend in which winter begins", office, "2026-10-24 12:00 +0200", "2026-10-26 09:00 +0100"},
		{"an evening asked in another zone", office, "2026-03-06 23:30 +0900", "2026-03-06 15:30 +0100"},
		{"after midnight of a night", night, "2026-03-08 05:59 +0100", "2026-03-08 05:59 +0100"},
		{"after a night", night, "2026-03-08 06:00 +0100", "2026-03-14 22:00 +0100"},
		{"a day that begins at one", midnight, "2018-11-03 12:00 -0300", "2018-11-04 01:00 -0200"},
		{"always", always, "2026-03-29 03:00 +0200", "2026-03-29 03:00 +0200"},
	} {
		at, err := time.Parse(wallFormat, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := tc.hours.Next(at).In(tc.hours.Zone).Format(wallFormat); got != tc.next {
			t.Errorf("%s: after %s comes %s, want %s", tc.name, tc.at, got, tc.next)
		}
		next, _ := time.Parse(wallFormat, tc.next)
		if open := tc.hours.Open(at); open != at.Equal(next) {
			t.Errorf("%s: open at %s is %v", tc.name, tc.at, open)
		}
		if err := tc.hours.Check(); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestHoursBetween(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	office := Hours{Days: workdays, From: 9 * time.Hour, To: 17 * time.Hour, Zone: berlin}
	night := Hours{Days: []time.Weekday{time.Saturday}, From: 22 * time.Hour, To: 6 * time.Hour, Zone: berlin}
	always := Hours{Days: append([]time.Weekday{time.Saturday, time.Sunday}, workdays...), Zone: berlin}
	for _, tc := range []struct {
		name  string
		hours Hours
		a, b  string
		want  time.Duration
	}{
		{"within a day", office, "2026-03-06 10:00 +0100", "2026-03-06 11:30 +0100", 90 * time.Minute},
		{"over a weekend", office, "2026-03-06 16:00 +0100", "2026-03-09 10:00 +0100", 2 * time.Hour},
		{"a week", office, "2026-03-02 00:00 +0100", "2026-03-09 00:00 +0100", 40 * time.Hour},
		{"outside", office, "2026-03-07 00:00 +0100", "2026-03-08 00:00 +0100", 0},
		{"backwards", office, "2026-03-06 12:00 +0100", "2026-03-06 11:00 +0100", 0},
		{"the night summer begins", night, "2026-03-28 12:00 +0100", "2026-03-29 12:00 +0200", 7 * time.Hour},
		{"the night winter begins", night, "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", 9 * time.Hour},
		{"from within a night", night, "2026-03-08 05:00 +0100", "2026-03-08 12:00 +0100", time.Hour},
		{"always, summer begins", always, "2026-03-29 00:00 +0100", "2026-03-30 00:00 +0200", 23 * time.Hour},
		{"always, winter begins", always, "2026-10-25 00:00 +0200", "2026-10-26 00:00 +0100", 25 * time.Hour},
	} {
		a, err := time.Parse(wallFormat, tc.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := time.Parse(wallFormat, tc.b)
		if err != nil {
			t.Fatal(err)
		}
		if got := tc.hours.Between(a, b); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// Between counts exactly the moments at which it is open, whatever the hours and wherever the clocks change.
func TestHoursBetweenIsWhatOpenSays(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "America/New_York"}
	const grid = 30 * time.Minute
	for range 60 {
		h := Hours{Zone: zone(t, zones[rand.IntN(len(zones))]), Days: workdays[:1+rand.IntN(5)],
			From: grid * time.Duration(rand.IntN(48)), To: grid * time.Duration(rand.IntN(49))}
		if rand.IntN(2) == 0 {
			h.Days = append([]time.Weekday{time.Sunday, time.Saturday}, h.Days...)
		}
		a := time.Date(2018, time.Month(1+rand.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
		b := a.AddDate(0, 0, 30)
		var want time.Duration
		for at := a; at.Before(b); at = at.Add(grid) {
			if h.Open(at) {
				want += grid
			}
		}
		if got := h.Between(a, b); got != want {
			t.Fatalf("%v in %v: %v, but it is open for %v", h, a.Month(), got, want)
		}
	}
}

func TestHoursCheck(t *testing.T) {
	t.Parallel()
	good := Hours{Days: workdays, From: 9 * time.Hour, To: 17 * time.Hour, Zone: time.UTC}
	for name, spoil := range map[string]func(*Hours){
		"no zone": func(h *Hours) { h.Zone = nil }, "no days": func(h *Hours) { h.Days = nil },
		"from too late": func(h *Hours) { h.From = 24 * time.Hour }, "from before midnight": func(h *Hours) { h.From = -1 },
		"to too late": func(h *Hours) { h.To = 24*time.Hour + 1 }, "to before midnight": func(h *Hours) { h.To = -1 },
	} {
		h := good
		spoil(&h)
		if h.Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	h := Hours{Days: workdays, From: 9 * time.Hour, To: 17 * time.Hour,
		Zone: time.UTC, Holidays: []string{"2026-12-24", "2026-12-25"}}
	at := time.Date(2026, 12, 23, 16, 0, 0, 0, time.UTC) // a Wednesday
	if got := h.Next(at.Add(2 * time.Hour)); !got.Equal(time.Date(2026, 12, 28, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("after the holidays and a weekend comes %s", got)
	}
	if got := h.Between(at, at.AddDate(0, 0, 5)); got != 8*time.Hour {
		t.Errorf("%s of working time", got)
	}
	if !h.WorkingDay(at) || h.WorkingDay(at.AddDate(0, 0, 1)) || h.WorkingDay(at.AddDate(0, 0, 3)) {
		t.Error("a holiday or a weekend is a working day, or a Wednesday none")
	}
	for d := range 30 {
		h.Holidays = append(h.Holidays, at.AddDate(0, 0, d).Format(time.DateOnly))
	}
	if got := h.Next(at); !got.Equal(time.Date(2027, 1, 22, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("after a month of holidays comes %s", got)
	}
}
