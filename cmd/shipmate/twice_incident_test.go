package main

import (
	"context"

	"shipmate/incident"
)

// declares has ana declare an incident of catalog, the first.
func (i *idle) declares() *incident.Incident {
	i.Helper()
	made, err := i.app.incidents.Declare(context.Background(), incident.DeclareWant{Request: "the incident", At: i.clock.Now(), By: i.people["ana"],
		Channel: i.channel("payments"), Title: "it is slow", Severity: "sev3", Services: []string{"catalog"}, Shown: true})
	if err != nil {
		i.Fatal(err)
	}
	return made
}

// resolves ends an incident.
func (i *idle) resolves(of *incident.Incident) {
	i.Helper()
	if _, err := i.app.incidents.SetStatus(context.Background(), incident.ChangeWant{Request: "it is over", At: i.clock.Now(), By: i.people["ana"],
		Incident: of.ID}, incident.IsResolved); err != nil {
		i.Fatal(err)
	}
}
