package commands_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"shipmate/incident"
)

// declared are an open incident, number 1, and a resolved one, number 2.
func (h *house) declared() {
	h.Helper()
	bg := context.Background()
	for n := range 2 {
		i, err := h.deps.Incidents.Declare(bg, incident.DeclareWant{Request: fmt.Sprintf("incident %d", n), At: h.clock.Now(), By: h.ana, Channel: h.payments,
			Title: "it is slow", Severity: "sev3", Shown: true})
		if err != nil {
			h.Fatal(err)
		}
		if n == 0 {
			continue
		}
		if _, err := h.deps.Incidents.SetStatus(bg, incident.ChangeWant{Request: "over", At: h.clock.Now(), By: h.ana, Incident: i.ID}, incident.IsResolved); err != nil {
			h.Fatal(err)
		}
	}
}

// Nobody whom a restricted incident does not concern does something with its pages, or learns what they say.
func TestPagesOfARestrictedIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bg := context.Background()
	i, err := h.deps.Incidents.Declare(bg, incident.DeclareWant{Request: "hush", At: h.clock.Now(), By: h.ana, Channel: h.payments, Title: "hush",
		Severity: "sev1", Services: []string{"checkout"}, Private: true, Page: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.deps.Incidents.StepIncident(bg, i.ID); err != nil {
		t.Fatal(err)
	}
	if i, err = h.deps.Incidents.Record(bg, i.ID); err != nil || len(i.Paged) != 1 || i.Paged[0].Page == "" {
		t.Fatalf("%+v, %v", i, err)
	}
	page := i.Paged[0].Page
	h.open()
	for _, line := range []string{"/page ack ", "/page again ", "/page note "} {
		line += page
		if strings.HasPrefix(line, "/page note") {
			line += " tell me"
		}
		before := len(h.slack.Ephemerals(h.ben, h.payments))
		h.types(h.ben, line)
		h.wait("ben is told no to "+line, 0, func() bool {
			told := h.slack.Ephemerals(h.ben, h.payments)
			return len(told) > before && strings.Contains(whole(told[len(told)-1]), "restricted incident")
		})
	}
	// Whom it concerns gets as far as PagerDuty, which has not shown it yet.
	h.types(h.ana, "/page note "+page+" on it")
	h.told(h.ana, "PagerDuty does not show the page")

}
