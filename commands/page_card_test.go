package commands

import (
	"errors"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/incident"
)

var (
	anaOnCall = incident.Person{ID: "PANA", Name: "Ana", Slack: "U0ANA", Zone: "Europe/Berlin"}
	benOnCall = incident.Person{ID: "PBEN", Name: "Ben", Slack: "U0BEN", Zone: "America/Los_Angeles"}
	eveOnCall = incident.Person{ID: "PEVE", Name: "Eve"} // not on Slack
	rota      = incident.Ref{ID: "PSCHED", Name: "Payments primary", URL: "https://acme.pagerduty.com/schedules/PSCHED"}
	policy    = incident.Ref{ID: "PPOL", Name: "Payments", URL: "https://acme.pagerduty.com/escalation_policies/PPOL"}
)

// pageWith is a page of ana's to checkout that calls ana and then ben.
func pageWith(fn func(*incident.Page)) *incident.Page {
	p := &incident.Page{ID: "p-aaaaaaaaaa", Request: "r", Stage: 1, State: incident.Sending, By: "U0CY", ByName: "cy", Created: nine,
		Subject: incident.Subject{Kind: incident.Of, Name: "checkout"}, Message: "payments fail for *everybody* & <all>",
		Called: []incident.Calling{{Who: anaOnCall, Level: 1, After: 5 * time.Minute}, {Who: benOnCall, Level: 2}}}
	fn(p)
	return p
}

// triggered is a page that PagerDuty calls ana for.
func triggered(p *incident.Page) {
	p.State, p.Taken = incident.Triggered, nine.Add(time.Second)
	p.Alarm = &incident.Alarm{ID: "PINC", Number: 7, URL: "https://acme.pagerduty.com/incidents/PINC", Assigned: []incident.Person{anaOnCall}, Level: 1}
	p.Moments = []incident.Moment{{At: nine.Add(2 * time.Second), Kind: "trigger"},
		{At: nine.Add(3 * time.Second), Kind: "notify", To: []incident.Person{anaOnCall}, How: "phone"}}
}

func acknowledged(p *incident.Page) {
	triggered(p)
	p.State, p.Alarm.Acked = incident.Acknowledged, []incident.Person{anaOnCall}
	p.Moments = append(p.Moments, incident.Moment{At: nine.Add(time.Minute), Kind: "acknowledge", Who: &anaOnCall})
}

func TestPageCards(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(*incident.Page){
		"sending": func(*incident.Page) {},
		"sending, with trouble": func(p *incident.Page) {
			p.Trouble, p.Tries = &incident.Trouble{Since: nine, Why: "Shipmate cannot reach PagerDuty."}, 2
		},
		"late": func(p *incident.Page) {
			p.Trouble, p.Tries, p.Late = &incident.Trouble{Since: nine, Why: "Shipmate cannot reach PagerDuty."}, 6, true
		},
		"late, and there after all": func(p *incident.Page) {
			triggered(p)
			p.Late, p.Taken, p.Through = true, nine.Add(74*time.Second), nine.Add(76*time.Second)
		},
		"accepted":  func(p *incident.Page) { p.State, p.Taken = incident.Accepted, nine.Add(time.Second) },
		"triggered": triggered,
		"silent": func(p *incident.Page) {
			triggered(p)
			p.Waiting, p.Silent = p.Taken, nine.Add(incident.SilentAfter)
		},
		"silent again": func(p *incident.Page) {
			triggered(p)
			p.Waiting = nine.Add(31 * time.Minute)
			p.Silent = p.Waiting.Add(incident.SilentAfter)
			p.Moments = append(p.Moments, incident.Moment{At: nine.Add(time.Minute), Kind: "acknowledge", Who: &anaOnCall},
				incident.Moment{At: p.Waiting, Kind: "unacknowledge"})
		},
		"escalated": func(p *incident.Page) {
			triggered(p)
			p.Alarm.Assigned, p.Alarm.Level = []incident.Person{benOnCall}, 2
			p.Moments = append(p.Moments, incident.Moment{At: nine.Add(5 * time.Minute), Kind: "escalate", To: []incident.Person{benOnCall}},
				incident.Moment{At: nine.Add(5 * time.Minute), Kind: "notify", To: []incident.Person{benOnCall}, How: "sms"})
		},
		"acknowledged": acknowledged,
		"of several lines": func(p *incident.Page) {
			triggered(p)
			p.Message = "payments fail\n\n> for everybody\r\nsince nine"
			p.Moments = append(p.Moments, incident.Moment{At: nine.Add(time.Minute), Kind: "annotate", Who: &anaOnCall, Note: "one\ntwo"})
		},
		"others are asked to join": func(p *incident.Page) {
			triggered(p)
			p.Acts = []incident.Act{{Deed: incident.AddPeople, State: incident.Done, By: "U0ANA", Account: "PANA", At: nine.Add(time.Minute), Users: []incident.Person{benOnCall}}}
			p.Moments = append(p.Moments, incident.Moment{At: nine.Add(time.Minute + time.Second), Kind: "responder_request", Who: &anaOnCall},
				incident.Moment{At: nine.Add(9 * time.Minute), Kind: "responder_request", Who: &eveOnCall})
		},
		"somebody is doing something": func(p *incident.Page) {
			triggered(p)
			p.Acts = []incident.Act{{Deed: incident.Acknowledge, State: incident.Wanted, By: "U0ANA"},
				{Deed: incident.AddPeople, State: incident.Failed, By: "U0CY", Why: "PagerDuty refused: the account cannot ask for responders."}}
		},
		"out of date": func(p *incident.Page) {
			acknowledged(p)
			p.Trouble = &incident.Trouble{Since: nine.Add(10 * time.Minute), Why: "PagerDuty has a problem of its own (503)."}
		},
		"resolved": func(p *incident.Page) {
			acknowledged(p)
			p.State, p.Ended = incident.Resolved, nine.Add(20*time.Minute)
			p.Moments = append(p.Moments, incident.Moment{At: nine.Add(18 * time.Minute), Kind: "annotate", Who: &eveOnCall, Note: "new certificate"},
				incident.Moment{At: nine.Add(20 * time.Minute), Kind: "resolve", Who: &anaOnCall})
		},
		"not sent": func(p *incident.Page) {
			p.State, p.Late, p.Ended, p.Why = incident.NotSent, true, nine.Add(incident.GiveUpAfter), "Shipmate cannot reach PagerDuty."
		},
		"not known to be sent": func(p *incident.Page) {
			p.State, p.Late, p.Unclear, p.Ended, p.Why = incident.NotSent, true, true, nine.Add(incident.GiveUpAfter), "PagerDuty answers slowly."
		},
		"withdrawn": func(p *incident.Page) {
			p.State, p.Ended, p.Incident = incident.Withdrawn, nine.Add(time.Minute), "i-aaaaaaaaaa"
		},
		"no longer followed": func(p *incident.Page) {
			triggered(p)
			p.State, p.Ended, p.Why = incident.Unfollowed, nine.Add(time.Hour), "PagerDuty does not have it any more."
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "testdata/page/"+name+".json", readable(t, pageView(pageWith(fn))))
		})
	}
}

func TestPageWordsUnasked(t *testing.T) {
	t.Parallel()
	through := pageWith(func(p *incident.Page) {
		triggered(p)
		p.Late, p.Through = true, nine.Add(76*time.Second)
	})
	for name, n := range map[string]incident.Note{"late": {Page: pageWith(func(p *incident.Page) { p.Late = true })}, "there after all": {Page: through}} {
		golden(t, "testdata/page/said "+name+".json", readable(t, IncidentNote(n)))
	}
}

func TestHandoverCards(t *testing.T) {
	t.Parallel()
	for state := range map[incident.HandoverState]bool{incident.Offered: true, incident.Agreed: true, incident.Made: true, incident.Over: true, incident.Declined: true,
		incident.Lapsed: true, incident.NotMade: true, incident.TakingBack: true, incident.Undone: true} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			h := &incident.Handover{ID: "h-aaaaaaaaaa", Stage: 1, State: state, By: "U0ANA", Created: nine, Schedule: rota, To: benOnCall,
				Relieved: []incident.Person{anaOnCall}, Start: nine, End: nine.Add(2 * time.Hour), Given: true, UndoneBy: "U0ANA"}
			if state == incident.NotMade {
				h.Why = "PagerDuty refused: the schedule is not there."
			}
			if state == incident.TakingBack {
				h.Why = "PagerDuty refused: the key is not accepted."
			}
			golden(t, "testdata/handover/"+string(state)+".json", readable(t, handoverView(h)))
			if told, _, ok := IncidentNoteCard(incident.Note{Handover: h}); ok != (state == incident.Offered) || ok && told != offerKind {
				t.Errorf("it is told by a card: %t, %q", ok, told)
			}
			if state == incident.Offered {
				golden(t, "testdata/handover/offered to you.json", readable(t, offerView(h)))
			}
		})
	}
}

func TestWhoIsOnCallAsItIsShown(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {payments: {schedule: PSCHED}, storefront: {escalation_policy: PPOL}, checkout: {}}
services: {checkout: {repo: o/a, team: payments, environments: [staging]}}
environments: {staging: {}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	shift := func(p incident.Person, from, to int) incident.Shift {
		return incident.Shift{Who: p, Schedule: rota, Start: nine.Add(time.Duration(from) * time.Hour), End: nine.Add(time.Duration(to) * time.Hour)}
	}
	payments := incident.Subject{Kind: incident.Team, Name: "payments"}
	first := incident.Level{N: 1, After: 5 * time.Minute, Now: []incident.Shift{shift(anaOnCall, -9, 3)}, Next: []incident.Shift{shift(benOnCall, 3, 15)}}
	second := incident.Level{N: 2, Now: []incident.Shift{{Who: eveOnCall}}}
	gap := incident.Level{N: 1, Now: first.Now, Gap: &incident.Gap{Start: nine.Add(3 * time.Hour), End: nine.Add(5 * time.Hour)}}
	answer := func(levels ...incident.Level) *incident.Answer {
		return &incident.Answer{Subject: payments, AsOf: nine, Rosters: []incident.Roster{{Policy: policy, Levels: levels}}}
	}
	stale := answer(first)
	stale.AsOf, stale.Old = nine.Add(-40*time.Minute), errors.New("dial tcp")
	person := answer(first)
	person.Subject = incident.Subject{Kind: incident.Someone, Name: "U0ANA"}
	for name, a := range map[string]*incident.Answer{"levels": answer(first, second), "gap": answer(gap), "nobody": answer(incident.Level{N: 1, Gap: &incident.Gap{Start: nine}}),
		"out of date": stale, "me": person} {
		golden(t, "testdata/oncall/"+name+".json", readable(t, onCallMessage(cfg, a, nine, berlin, name == "me")))
	}
	unread := &incident.Answer{Subject: incident.Subject{Kind: incident.Team, Name: "storefront"}, Old: errors.New("dial tcp")}
	golden(t, "testdata/oncall/list.json", readable(t, onCallList([]*incident.Answer{answer(first), answer(gap), unread, stale}, nine, berlin)))
	c := &incident.Calendar{Subject: payments, Start: nine, End: nine.Add(48 * time.Hour), Rotas: []incident.Rota{{Policy: policy, Level: 1,
		Shifts: []incident.Shift{shift(anaOnCall, -9, 3), shift(benOnCall, 3, 15)}, Gap: &incident.Gap{Start: nine.Add(15 * time.Hour)}}, {Policy: policy, Level: 2, Shifts: second.Now}}}
	golden(t, "testdata/oncall/calendar.json", readable(t, calendarParts(c, berlin)))
	preview := &incident.Preview{Subject: incident.Subject{Kind: incident.Of, Name: "checkout"}, AsOf: nine,
		Called: []incident.Calling{{Who: anaOnCall, Level: 1}, {Who: eveOnCall, Level: 1}, {Who: benOnCall, Level: 2}}, Open: []*incident.Page{pageWith(acknowledged)}}
	golden(t, "testdata/page/asked.json", readable(t, previewMessage(preview, incident.PageWant{Message: "payments fail"}, nine)))
}

// A hand-over says what time its end is for whoever stands in only where those relieved live by another clock.
func TestTheEndOfAHandover(t *testing.T) {
	t.Parallel()
	near := benOnCall
	near.Zone = "Europe/Rome"
	for zone, h := range map[string]*incident.Handover{
		" (03:00 for <@U0BEN>)": {To: benOnCall, Relieved: []incident.Person{eveOnCall, anaOnCall}, End: nine.Add(2 * time.Hour)},
		"":                      {To: near, Relieved: []incident.Person{eveOnCall, anaOnCall}, End: nine.Add(2 * time.Hour)},
	} {
		if got := string(endForThem(h)); got != zone {
			t.Errorf("from %s: %q, not %q", h.To.Zone, got, zone)
		}
	}
}
