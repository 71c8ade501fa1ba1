package bot

import (
	"slices"
	"testing"
)

// What nobody can call a service: only what would be read as another command where a service is named.
func TestReserved(t *testing.T) {
	t.Parallel()
	got := Reserved([]Command{
		{Name: "deploy", Args: "<service> [to|on] <environment>"}, {Name: "deploy cancel", Args: "<deployment>"}, {Name: "deploy lock break", Args: "<service>"},
		{Name: "oncall", Also: []string{"who is on call"}, Args: "[<team or service>]"}, {Name: "oncall next", Also: []string{"who is on call tomorrow"}},
		{Name: "adr list", Also: []string{"adr", "adr search"}, Args: "[<words>...]"}, {Name: "shipmate doctor"},
	})
	for word, reserved := range map[string]bool{"all": true, "help": true, "to": true, "cancel": true, "lock": true, "break": true, "next": true, "tomorrow": true,
		"search": false, "list": false, "doctor": false, "call": false} {
		if slices.Contains(got, word) != reserved {
			t.Errorf("%s: reserved %t in %v", word, !reserved, got)
		}
	}
}
