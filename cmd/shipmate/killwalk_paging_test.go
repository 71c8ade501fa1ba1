//go:build killwalk

package main

import (
	"errors"
	"strings"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// pagings are the scenarios of who is on call and is paged. Who is on call is read for ever.
var pagings = []scenario{
	{
		name:  "page",
		pager: true,
		play: []act{
			types("/page checkout it is down", func(w *walk) bool { return w.lastTold("ana", "📟 Page *checkout*?").TS != "" }),
			answers("📟 Page *checkout*?", "Page", shows(0, "")),
		},
		from: 1,
		done: (*walk).answered, cards: 1, left: []string{"rota/due/"},
		check: func(w *walk) { w.pagedOnce(checkoutOnPager, true) },
	},
	{
		name:  "page to a team",
		pager: true,
		play: []act{
			types("/page team:payments it is down", func(w *walk) bool { return w.lastTold("ana", "📟 Page *payments*?").TS != "" }),
			answers("📟 Page *payments*?", "Page", shows(0, "")),
		},
		from: 1,
		done: (*walk).answered, cards: 1, left: []string{"rota/due/"},
		check: func(w *walk) { w.pagedOnce("PTEAMS", false) },
	},
	{
		name:  "act on a page",
		pager: true,
		play: []act{
			types("/page checkout it is down", func(w *walk) bool { return w.lastTold("ana", "📟 Page *checkout*?").TS != "" }),
			answers("📟 Page *checkout*?", "Page", shows(0, "🔴 Page to *checkout*: waiting for an answer")),
			presses(0, "Escalate", shows(0, "(level 2)", "escalated to")),
			{
				what: "writing a note", can: shows(0, "🔴"), came: shows(0, "note by", "the disk is full"),
				do: func(w *walk) (string, error) {
					all := w.pager.Incidents()
					if len(all) == 0 {
						return "", errors.New("there is no page")
					}
					return w.slack.Slash(w.people["ana"], w.channel("payments"), "/page note "+all[0].Key+" the disk is full")
				},
			},
			pressesAs("dev", 0, "Acknowledge", shows(0, "🟡 Page to *checkout*: acknowledged by")),
			pressesAs("dev", 0, "Resolve", shows(0, "✅ Page to *checkout*: resolved by")),
		},
		from: 2,
		done: shows(0, "✅ Page to *checkout*: resolved by"), cards: 1, left: []string{"rota/due/"},
		check: func(w *walk) {
			w.pagedOnce(checkoutOnPager, true)
			w.happenedOnce(map[string]string{"escalate": anaPage, "annotate": anaPage, "acknowledge": devPage, "resolve": devPage})
		},
	},
	{
		name:  "hand over",
		pager: true,
		play: []act{
			types("/oncall give @ben payments for 2h", func(w *walk) bool { return w.lastTold("ana", "📟 Ask").TS != "" }),
			answers("📟 Ask", "Ask them", shows(0, "📟", "to be on call for")),
			pressesAs("ben", 0, "Accept", shows(0, "is on call for", "in place of")),
			presses(0, "Take it back", shows(0, "took it back")),
		},
		from: 1,
		done: func(w *walk) bool {
			user, _ := w.pager.OnCallNow(rotaOfPayments) // of an override that has begun PagerDuty keeps what is past
			return w.shows(0, "⏪") && user == anaPage
		},
		cards: 1, left: []string{"rota/due/"},
		check: func(w *walk) {
			made := 0
			for _, c := range w.pager.Calls() {
				if c.Op == pagerdutytest.OpCreateOverride && c.Applied {
					made++
				}
			}
			if made != 1 {
				w.Errorf("%d overrides were made", made)
			}
			// What ben was asked stands where it was, and says how it went on; that he is relieved is a message of its own.
			if asked, told := w.said("ben", "took it back", "asked at"), w.said("ben", "took it back"); asked != 1 || told != 2 {
				w.Errorf("ben was asked %d times and told %d times", asked, told-asked)
			}
			if n := w.said("ana", "is on call for"); n != 1 {
				w.Errorf("ana was told %d times that it is taken", n)
			}
		},
	},
}

// answered has whoever is called answer a page on their phone, and then resolve it, and tells whether its card says so.
func (w *walk) answered() bool {
	for _, i := range w.pager.Incidents() {
		switch {
		case i.Status == "triggered" && w.shows(0, "🔴"):
			w.pager.Ack(i.ID, i.Assigned[0])
		case i.Status == "acknowledged" && w.shows(0, "🟡"):
			w.pager.Resolve(i.ID, i.Acknowledged[0])
		}
	}
	return w.shows(0, "✅ Page to", "resolved by")
}

// pagedOnce checks that PagerDuty has one incident of the one page, on a service, and that nobody was told anything else.
func (w *walk) pagedOnce(service string, byEvent bool) {
	w.Helper()
	all := w.pager.Incidents()
	if len(all) != 1 || all[0].Service != service || all[0].ByEvent != byEvent || !strings.HasPrefix(all[0].Key, "p-") {
		w.Errorf("PagerDuty has %+v", all)
	}
	if n := len(w.replies(0)); n != 0 {
		w.Errorf("a page that was sent and answered has %d replies", n)
	}
	if n := w.said("ana", "not sent") + w.said("ana", "NOT sent"); n != 0 {
		w.Errorf("ana was told %d times that it was not sent", n)
	}
}

// happenedOnce checks that each kind of thing happened once to the incident, by whom.
func (w *walk) happenedOnce(by map[string]string) {
	w.Helper()
	for _, i := range w.pager.Incidents() {
		for kind, who := range by {
			n := 0
			for _, l := range i.Log {
				if l.Kind == kind && l.By == who {
					n++
				}
			}
			if n != 1 {
				w.Errorf("%s by %s happened %d times: %+v", kind, who, n, i.Log)
			}
		}
	}
}
