package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"shipmate/delivery"
)

// season is ninety days of a service in which everything happened.
func season() delivery.Stats {
	s := delivery.Stats{Service: "checkout", Places: []delivery.StatsPlace{{Service: "checkout", Environment: "production"}}, Days: 90,
		Until: nine, Since: nine.AddDate(0, 0, -90), Deployments: 31, OnDays: 22, Otherwise: 4,
		Lead: delivery.Middle{Median: 3*time.Hour + 20*time.Minute, Of: 28}, Changes: 29, Undone: 2,
		Recovery: delivery.Middle{Median: 18 * time.Minute, Of: 1}, Unrecovered: 1, Unplanned: 2}
	s.Spent[delivery.OnApprovals] = delivery.Spent{Total: 74*time.Hour + 27*time.Minute, Median: 20 * time.Minute, Of: 12}
	s.Spent[delivery.OnChecks] = delivery.Spent{Total: 33 * time.Hour, Median: 9 * time.Minute, Of: 20}
	s.Spent[delivery.OnLock] = delivery.Spent{Total: 2 * time.Hour, Median: time.Hour, Of: 2}
	s.Spent[delivery.OnQueue] = delivery.Spent{Total: 22 * time.Minute, Median: 30 * time.Second, Of: 31}
	s.Spent[delivery.OnRun] = delivery.Spent{Total: 12*time.Hour + 24*time.Minute, Median: 4 * time.Minute, Of: 31}
	for i, n := range []int{2, 3, 1, 0, 4, 2, 2, 3, 0, 2, 3, 3, 2} {
		b := delivery.Bar{From: nine.AddDate(0, 0, 7*(i-13)), Good: n}
		if i == 4 || i == 9 {
			b.Undone, b.Rollbacks = 1, 1
		}
		s.Bars = append(s.Bars, b)
	}
	return s
}

func changed[T any](v T, fn func(*T)) T {
	fn(&v)
	return v
}

func TestStats(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]delivery.Stats{
		"season":  season(),
		"nothing": {Service: "checkout", Places: season().Places, Days: 90, Since: season().Since, Until: nine},
		"first week": changed(season(), func(s *delivery.Stats) {
			s.Deployments, s.OnDays, s.Otherwise, s.Begins = 3, 1, 0, nine.AddDate(0, 0, -2)
			s.Changes, s.Undone, s.Recovery, s.Unrecovered, s.Unplanned = 3, 0, delivery.Middle{}, 0, 0
			s.Lead.Of, s.Spent, s.Bars = 0, delivery.Stats{}.Spent, s.Bars[11:]
		}),
		"all services": changed(season(), func(s *delivery.Stats) {
			s.Service, s.Left = "", []string{"a", "b", "c", "d", "e", "f<"}
			s.Places = append(s.Places, delivery.StatsPlace{Service: "ledger", Environment: "production"}, delivery.StatsPlace{Service: "ledger", Environment: "europe"})
		}),
		"only failed": changed(season(), func(s *delivery.Stats) {
			*s = delivery.Stats{Service: "checkout", Places: s.Places, Days: 7, Since: nine.AddDate(0, 0, -7), Until: nine, Otherwise: 3,
				Bars: s.Bars[:7]}
			for i := range s.Bars {
				s.Bars[i].Good, s.Bars[i].Undone, s.Bars[i].Rollbacks = 0, 0, 0
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := statsReply(s)
			words := struct{ Message, Title, Alt any }{Message: r.Message}
			if (r.File == nil) != (name == "nothing") {
				t.Errorf("a picture: %t", r.File != nil)
			}
			if r.File != nil {
				words.Title, words.Alt = r.File.Title, r.File.Alt
				if n := utf8.RuneCountInString(r.File.Alt); n > 1000 {
					t.Errorf("%d characters for who does not see the picture", n)
				}
				data, err := r.File.Draw()
				if err != nil || !strings.HasPrefix(string(data), "\x89PNG") {
					t.Errorf("drawing: %v", err)
				}
				if dir := os.Getenv("PICTURES"); dir != "" { // to look at them
					_ = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
				}
			}
			golden(t, filepath.Join("testdata", "stats", strings.ReplaceAll(name, " ", "-")+".json"), readable(t, words))
		})
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"30": "30", "90d": "90", "7D": "7", "400": "400", "0": "", "401": "", "d": "", "-3": "", "week": ""} {
		got, err := parseDays(word)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", word, got, err)
		}
	}
}
