//go:build killwalk

package main

import "strings"

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
		cards: 4, left: []string{"schedule/due/"}, // the next reminders
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
}
