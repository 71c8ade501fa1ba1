package main

import (
	"context"
	"time"

	"shipmate/incident"
)

// pages has ana page checkout, waits until somebody is called, and returns the page's ID.
func (i *idle) pages() string {
	i.Helper()
	id := i.wantsPage()
	i.stepsPage(id, incident.Triggered)
	return id
}

// givesUp has ana page checkout while PagerDuty takes nothing, until that is given up.
func (i *idle) givesUp() string {
	i.Helper()
	id := i.wantsPage()
	i.pager.Down(true)
	i.stepsPage(id, incident.NotSent)
	i.pager.Down(false)
	return id
}

func (i *idle) wantsPage() string {
	i.Helper()
	p, err := i.app.incidents.Page(context.Background(), incident.PageWant{Request: "the first", At: i.clock.Now(), By: i.people["ana"],
		Channel: i.channel("payments"), Subject: incident.Subject{Kind: incident.Of, Name: "checkout"}, Message: "it is down"})
	if err != nil {
		i.Fatal(err)
	}
	return p.ID
}

func (i *idle) stepsPage(id string, want incident.PageState) {
	i.Helper()
	for range 200 {
		next, err := i.app.incidents.StepPage(context.Background(), id)
		if err != nil {
			i.Fatal(err)
		}
		p, err := i.app.incidents.PageRecord(context.Background(), id)
		if err != nil {
			i.Fatal(err)
		}
		if p.State == want {
			return
		}
		if next.After(i.clock.Now()) {
			i.clock.Set(next)
		}
	}
	i.Fatalf("page %s never was %s", id, want)
}

// isOffered has ben ask ana to be on call for storefront in his place.
func (i *idle) isOffered() string {
	i.Helper()
	h, err := i.app.incidents.Handover(context.Background(), incident.HandoverWant{Request: "the first", At: i.clock.Now(), By: i.people["ben"],
		Channel: i.channel("payments"), To: i.people["ana"], For: 2 * time.Hour,
		Subject: incident.Subject{Kind: incident.Team, Name: "storefront"}})
	if err != nil {
		i.Fatal(err)
	}
	return h.ID
}
