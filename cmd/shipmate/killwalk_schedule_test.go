//go:build killwalk

package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"time"

	"shipmate/schedule"
	"shipmate/store"
)

// The time that schedules of the walk are planned for, on its first day.
var planned = time.Date(2026, 3, 9, 9, 10, 0, 0, time.UTC)

// scheduling is ana putting a line on a schedule, for every day at the planned time.
func scheduling(line string, more string) []act {
	return []act{
		types(`/schedule add "10 9 * * *" zone UTC `+more+line, func(w *walk) bool { return w.lastTold("ana", "every day at 9:10 (UTC)?").TS != "" }),
		answers("every day at 9:10 (UTC)?", "Save it", func(w *walk) bool { return w.says("` runs in ") }),
	}
}

// comes is nobody doing anything until something has come of it.
func comes(what string, came func(*walk) bool) act {
	return act{what: what, can: came, came: came, do: func(*walk) (string, error) { return "", errNotHeard }}
}

// timed are the scenarios of what runs at a time. A schedule's next time is an appointment for ever.
var timed = []scenario{
	{
		name:  "schedule",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play:  scheduling("deploy checkout staging", ""),
		done:  shows(0, "✅ *checkout*"),
		runs:  1, cards: 1, left: []string{"schedule/due/"},
		check: func(w *walk) {
			w.ranOnce(0)
			w.nextDay()
		},
	},
	{
		name: "schedule, and dead at its time",
		away: 2 * time.Hour,
		play: append(scheduling("deploy lock checkout staging the nightly test", ""),
			comes("everything to be written", func(w *walk) bool { return w.quiet(30 * time.Second) }),
			// The last that is asked before the time: when the program dies of it, it is back when that is long over.
			types("/schedule", func(w *walk) bool {
				return w.told("ana", "1 schedule here") > 0 || w.told("ana", "do you still want it?") > 0
			}),
			comes("the time", func(w *walk) bool { return w.says("is locked by") })),
		from:  3,
		done:  func(w *walk) bool { return w.says("is locked by") },
		cards: 1, // the answer, which is no live message but sent like one: once
		left:  []string{"schedule/due/", "delivery/lock/checkout/staging", "lock/due/"},
		check: func(w *walk) {
			w.ranOnce(2 * time.Hour)
			w.nextDay()
		},
	},
	{
		name:  "schedule that is run at once, left out and removed",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: append(scheduling("deploy checkout staging", ""),
			rescheduling("run", "runs now, asked for by"),
			comes("the deployment", shows(0, "✅ *checkout*")),
			rescheduling("skip", "leaves its next time out"),
			comes("the time that is left out", func(w *walk) bool { return w.clock.Now().After(planned.Add(time.Minute)) }),
			rescheduling("remove", "is removed by")),
		from: 2,
		done: func(w *walk) bool { return w.says("is removed by") },
		runs: 1, cards: 1,
		check: func(w *walk) {
			all, was := w.scheduled()
			if len(all) != 1 || all[0].State != schedule.Removed || all[0].Running != nil || all[0].Now != nil {
				w.Errorf("schedules: %+v", all)
			}
			ana := w.people["ana"]
			if len(was) != 2 || was[0].Fate != schedule.LeftOut || was[0].Why != schedule.WasAsked || !was[0].At.Equal(planned) || was[0].By != ana ||
				was[1].Fate != schedule.Done || was[1].By != ana {
				w.Errorf("it became of it: %+v", was)
			}
		},
	},
}

var aSchedule = regexp.MustCompile(`s-[a-z2-7]{10}`)

// rescheduling is ana doing something to the one schedule.
func rescheduling(verb, said string) act {
	return act{what: "/schedule " + verb, can: func(w *walk) bool { return w.says("` runs in ") }, came: func(w *walk) bool { return w.says(said) },
		do: func(w *walk) (string, error) {
			for _, m := range w.slack.Messages(w.channel("payments")) {
				if id := aSchedule.FindString(whole(m)); id != "" {
					return w.slack.Slash(w.people["ana"], w.channel("payments"), "/schedule "+verb+" "+id)
				}
			}
			return "", errors.New("there is no schedule")
		}}
}

// ranOnce checks that there is one schedule, that its planned time was run, once, and begun at most so late, and that there is nothing else
// to say of it.
func (w *walk) ranOnce(late time.Duration) {
	w.Helper()
	all, was := w.scheduled()
	if len(all) != 1 || len(was) != 1 {
		w.Errorf("%d schedules, and %d things became of them: %+v", len(all), len(was), was)
		return
	}
	one, h := all[0], was[0]
	if h.Schedule != one.ID || !h.At.Equal(planned) || h.Count() != 1 || h.Fate != schedule.Done || h.LateBy() > late+schedule.Grace {
		w.Errorf("it became of it: %+v", h)
	}
	if one.State != schedule.Active || one.Running != nil || one.Now != nil {
		w.Errorf("it ended as %+v", one)
	}
}

// nextDay checks that the one schedule runs again a day after.
func (w *walk) nextDay() {
	w.Helper()
	all, _ := w.scheduled()
	for _, one := range all {
		if want := planned.AddDate(0, 0, 1); !one.Next.Equal(want) {
			w.Errorf("it runs next at %s, want %s", one.Next, want)
		}
	}
}

// scheduled are the schedules in the store and what became of their times, once the program has ended.
func (w *walk) scheduled() ([]schedule.Schedule, []schedule.Happening) {
	w.Helper()
	return stored[schedule.Schedule](w, "schedule/one/"), stored[schedule.Happening](w, "schedule/happened/")
}

// stored are the records in the store whose keys begin so, once the program has ended.
func stored[T any](w *walk, prefix string) (all []T) {
	w.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(w.dir, "shipmate.db")})
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	err = db.View(context.Background(), func(s store.Snapshot) error {
		all = nil
		for _, value := range s.Scan(prefix, "") {
			var one T
			if err := json.Unmarshal(value, &one); err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}
