package delivery

import (
	"testing"
	"time"

	"shipmate/config"
)

const windowsYAML = `
environments:
  live:
    freeze:
      - {cron: "0 16 * * 5", for: 64h, reason: weekend, timezone: Europe/Berlin}
      - {from: "2026-12-24 12:00", until: "2027-01-02 08:00", timezone: Europe/Berlin, reason: holidays}
      - {cron: "0 22 * * *", for: 8h, reason: night, timezone: Europe/Berlin}
  daily: {freeze: [{cron: "@daily", for: 1d}]}
  free: {}
`

func TestNextFreeze(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(windowsYAML), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for _, tc := range []struct {
		environment, now string
		within           time.Duration
		want             string
	}{
		{"live", "2026-11-20 14:00", time.Hour, "weekend at 2026-11-20 15:00"},
		{"live", "2026-11-20 14:00", time.Hour - time.Second, ""},
		{"live", "2026-11-20 15:00", time.Hour, ""}, // it has begun
		{"live", "2026-11-19 09:00", 48 * time.Hour, "night at 2026-11-19 21:00"},
		{"live", "2026-12-24 10:30", time.Hour, "holidays at 2026-12-24 11:00"},
		{"live", "2026-12-24 12:00", 48 * time.Hour, ""}, // in the holidays
		{"live", "2027-01-04 12:00", 24 * time.Hour, "night at 2027-01-04 21:00"},
		{"daily", "2026-11-20 14:00", 48 * time.Hour, ""}, // it never opens
		{"free", "2026-11-20 14:00", 48 * time.Hour, ""},
	} {
		now, err := time.Parse("2006-01-02 15:04", tc.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if w := nextFreeze(cfg, cfg.Environments[tc.environment], now, tc.within); w != nil {
			got = w.Reason + " at " + w.Since.Format("2006-01-02 15:04")
		}
		if got != tc.want {
			t.Errorf("%s within %s of %s: %q, want %q", tc.environment, tc.within, tc.now, got, tc.want)
		}
	}
}
