//go:build killwalk

package main

import (
	"strings"

	"shipmate/schedule"
)

// debts are the scenarios of technical debt.
var debts = []scenario{
	{
		name: "debt",
		scene: func(s *stage) {
			s.configure(companyYAML + "debt: {remind: \"0 4 1 1 *\"}\n")
		},
		play: []act{
			types("/debt add checkout two clocks disagree", shows(0, "checkout#2 two clocks disagree>")),
			types("/schedule run debt-payments", shows(1, "What about this one?")),
			types("/debt snooze #2 after the move", shows(1, "snoozed until", "after the move")),
			types("/debt drop #2 it is gone", shows(1, "not worth it", "it is gone")),
		},
		done: func(w *walk) bool { // which of the two comes last depends on what dies
			return w.says("is snoozed until") && w.says("is not worth it") && !w.says("It is being written")
		},
		cards: 4, left: []string{"schedule/due/", "reminder/due/"}, // the next reminders, and a look at what becomes of what they ask
		check: func(w *walk) {
			all := w.github.Issues("acme/checkout")
			if len(all) != 1 {
				w.Fatalf("%d issues", len(all))
			}
			i := all[0]
			if i.State != "closed" || i.Reason != "not_planned" || len(i.Comments) != 2 || !strings.Contains(i.Body, "Written down by ana") {
				w.Errorf("%+v", i)
			}
		},
	},
	{
		name: "debt reminder at its hour",
		scene: func(s *stage) {
			s.configure(companyYAML + "debt: {remind: \"10 9 9 3 *\"}\n")
			s.checkout().OpenIssue("ben", "Two clocks disagree", "- Cost: high", "tech-debt")
		},
		play:  []act{comes("the reminder", shows(0, "What about this one?", "Two clocks disagree"))},
		done:  shows(0, "What about this one?"),
		cards: 1, left: []string{"schedule/due/", "reminder/due/"},
		check: func(w *walk) {
			for _, r := range stored[schedule.Reminder](w, "reminder/one/") {
				if ours := r.Team == "payments"; !r.Until.Equal(planned) || r.Open() != ours || (r.State == schedule.Told) != ours {
					w.Errorf("%+v", r)
				}
			}
		},
	},
}
