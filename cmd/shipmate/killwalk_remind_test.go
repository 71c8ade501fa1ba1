//go:build killwalk

package main

import (
	"strings"
	"time"
)

// reminded is when the locks of that scenario are a day old: on a Tuesday morning.
var reminded = time.Date(2026, 3, 10, 9, 1, 0, 0, time.UTC)

// leaps is the time going from one moment to another at once. It came to the first step by step, so that what was due then is done, and
// nothing is on its way that would be acked late.
func leaps(from, to time.Time) act {
	there := func(w *walk) bool { return !w.clock.Now().Before(to) }
	return act{what: "it becoming " + to.Format(time.DateTime), can: func(w *walk) bool { return !w.clock.Now().Before(from) && w.quiet(time.Second) && !w.unacked() }, came: there,
		do: func(w *walk) (string, error) {
			if !there(w) {
				w.clock.Advance(to.Sub(w.clock.Now()))
			}
			return "", errNotHeard
		}}
}

// reminders are the scenarios of what people are reminded of.
var reminders = []scenario{
	{
		name: "reminders that join",
		play: []act{
			types("/deploy lock checkout staging the database moves", func(w *walk) bool { return w.says("on *staging* is locked by") }),
			types("/deploy lock checkout guarded the database moves", func(w *walk) bool { return w.says("on *guarded* is locked by") }),
			leaps(reminded.AddDate(0, 0, -1), reminded),
			leaps(reminded.Add(time.Minute), reminded.Add(12*time.Minute)),
			comes("the reminder", func(w *walk) bool { return w.said("ana", "wait for you") > 0 }),
		},
		from: 2,
		done: func(w *walk) bool { return w.said("ana", "wait for you") > 0 },
		left: []string{"delivery/lock/", "lock/due/"},
		check: func(w *walk) {
			if n := w.said("ana", "2 things wait for you"); n != 1 {
				w.Errorf("ana was reminded %d times", n)
			}
			for _, m := range w.slack.DM(w.people["ana"]) {
				if words := whole(m); strings.Contains(words, "wait for you") && (!strings.Contains(words, "*staging* is 1 d old") || !strings.Contains(words, "*guarded* is 1 d old")) {
					w.Errorf("%s", words)
				}
			}
		},
	},
}
