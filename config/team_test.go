package config

import (
	"testing"
	"time"
)

func TestWorkingHours(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := Parse("shipmate.yaml", []byte(`
teams:
  usual: {timezone: Europe/Berlin}
  night: {workdays: [fri, sat], hours: "22:00-6:00", holidays: ["2026-12-25"], timezone: UTC}
  always: {workdays: [mon, tue, wed, thu, fri, sat, sun], hours: "0:00-24:00"}
`), Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for _, c := range []struct {
		team string
		at   time.Time
		open bool
	}{
		{"usual", time.Date(2026, 12, 24, 8, 0, 0, 0, time.UTC), true},
		{"usual", time.Date(2026, 12, 24, 7, 59, 0, 0, time.UTC), false},
		{"usual", time.Date(2026, 12, 26, 12, 0, 0, 0, time.UTC), false},
		{"night", time.Date(2026, 12, 26, 23, 0, 0, 0, time.UTC), true},
		{"night", time.Date(2026, 12, 27, 5, 0, 0, 0, time.UTC), true},
		{"night", time.Date(2026, 12, 25, 23, 0, 0, 0, time.UTC), false},
		{"always", time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC), true},
	} {
		team, _ := cfg.Team(c.team)
		if err := team.WorkingHours().Check(); err != nil {
			t.Error(err)
		}
		if got := team.WorkingHours().Open(c.at); got != c.open {
			t.Errorf("%s works at %s: %v", c.team, c.at, got)
		}
	}
}
