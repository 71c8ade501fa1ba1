package commands

import (
	"testing"
	"time"

	"shipmate/incident"
)

func TestIncidentRefusals(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]*incident.Refused{
		"You are on call already until <!date^1795172400^{date_short_pretty} {time}|20 Nov 11:00 UTC>, so there is nothing to take.": {
			Code: incident.OnCallAlready, Until: nine.Add(2 * time.Hour)},
	} {
		if got := string(incidentRefused(r).Text); got != want {
			t.Errorf("%s reads\n%s\nnot\n%s", r.Code, got, want)
		}
	}
}
