package commands_test

import (
	"context"
	"fmt"

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
