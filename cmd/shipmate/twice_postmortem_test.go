package main

import (
	"context"

	"shipmate/incident"
)

// hasEnded is a private incident, number 1, that is over: its post-mortem needs no repository.
func (i *idle) hasEnded() *incident.Incident {
	i.Helper()
	made, err := i.app.incidents.Declare(context.Background(), incident.DeclareWant{Request: "the incident", At: i.clock.Now(), By: i.people["ana"],
		Channel: i.channel("payments"), Title: "it is slow", Severity: "sev3", Services: []string{"catalog"}, Private: true})
	if err != nil {
		i.Fatal(err)
	}
	i.resolves(made)
	return made
}

// learns has a post-mortem of that incident, which ben is asked to write.
func (i *idle) learns() {
	i.Helper()
	made := i.hasEnded()
	if _, err := i.app.incidents.NewPostmortem(context.Background(), incident.ChangeWant{Request: "the post-mortem", At: i.clock.Now(), By: i.people["ben"],
		Incident: made.ID}); err != nil {
		i.Fatal(err)
	}
}
