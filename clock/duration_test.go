package clock

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"2h": 2 * time.Hour, "90m": 90 * time.Minute, "3d": 72 * time.Hour, "1w": 168 * time.Hour, "64h": 64 * time.Hour,
		"1h30m": 90 * time.Minute, "1d 12h": 36 * time.Hour, " 2 Hours ": 2 * time.Hour, "1 hour 5 min": 65 * time.Minute,
		"1.5h": 90 * time.Minute, "45s": 45 * time.Second, "1w2d3h4m5s": 219*time.Hour + 4*time.Minute + 5*time.Second,
		"366d": MaxDuration, "52w": 52 * 168 * time.Hour,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) is %v, %v; want %v", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"": "no time at all", "0m": "no time at all", "90": "90m for minutes", "1.5": "no unit", "-2h": "is not a duration",
		"h": "is not a duration", "2h-": "is not a duration", "2 fortnights": `unit "fortnights"`, "1y": `unit "y"`, "30m1h": "out of order", "1h1h": "out of order",
		"1m 1min": "out of order", "367d": "the most is 366 days", "53w": "the most is 366 days", "999999999w": "the most is 366 days",
		"366d1s": "the most is 366 days", "9999999999h": "is not a duration", "5µs": "is not a duration",
	} {
		if got, err := ParseDuration(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseDuration(%q) is %v, %v; want it to say %q", s, got, err, want)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 1: "under 1 s", 999 * time.Millisecond: "under 1 s", 12900 * time.Millisecond: "12 s", time.Minute: "1 min",
		303 * time.Second: "5 min 3 s", 2*time.Hour + 5*time.Minute + 59*time.Second: "2 h 5 min", 24 * time.Hour: "1 d",
		76*time.Hour + 59*time.Minute: "3 d 4 h", 400 * 24 * time.Hour: "400 d", -90 * time.Second: "-1 min 30 s",
		math.MinInt64: "-106751 d 23 h",
	} {
		if got := Format(d); got != want {
			t.Errorf("Format(%d) is %q, want %q", d, got, want)
		}
	}
}

func TestLoadZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} {
		if z := zone(t, name); z.String() != name {
			t.Errorf("LoadZone(%q) is %v", name, z)
		}
	}
	for name, want := range map[string]string{
		"": "needs a name", "Local": "needs a name", "local": "IANA", "berlin": `"Europe/Berlin"`, "New York": `"America/New_York"`,
		"europe/berlin": `"Europe/Berlin"`, "utc": `"UTC"`, "Berlim": "IANA", "../../etc/passwd": "IANA", "Europe/": "IANA", "/": "IANA",
	} {
		if z, err := LoadZone(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("LoadZone(%q) is %v, %v; want it to say %q", name, z, err, want)
		}
	}
}
