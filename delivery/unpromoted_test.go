package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/delivery"
)

const chainYAML = `
slack: {admin_channel: "#platform"}
teams: {payments: {channel: "#payments", slack_group: payments-eng}}
services:
  checkout: {repo: acme/checkout, team: payments, environments: [staging, production]}
  ledger: {repo: acme/ledger, team: payments, environments: [staging, production]}
environments:
  staging: {}
  production: {after: staging}
`

// What came to an environment last and not to the next one waits there, the longest first; what went back in the first does not.
func TestBehind(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(chainYAML), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	nine := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	runs := func(service, environment, sha string, hours int) delivery.Standing {
		if sha == "" {
			return delivery.Standing{Service: service, Environment: environment}
		}
		return delivery.Standing{Service: service, Environment: environment,
			Ledger: delivery.Ledger{Deployment: "d-" + sha, Commit: delivery.Commit{SHA: sha}, Since: nine.Add(time.Duration(hours) * time.Hour)}}
	}
	for name, c := range map[string]struct {
		all  []delivery.Standing
		want string
	}{
		"newer":               {[]delivery.Standing{runs("checkout", "staging", "b", 2), runs("checkout", "production", "a", 1)}, "[checkout staging production b]"},
		"the same":            {[]delivery.Standing{runs("checkout", "staging", "a", 1), runs("checkout", "production", "a", 2)}, ""},
		"the same, once more": {[]delivery.Standing{runs("checkout", "staging", "a", 3), runs("checkout", "production", "a", 2)}, ""},
		"older":               {[]delivery.Standing{runs("checkout", "staging", "a", 1), runs("checkout", "production", "b", 2)}, ""},
		"never there":         {[]delivery.Standing{runs("checkout", "staging", "a", 1), runs("checkout", "production", "", 0)}, "[checkout staging production a]"},
		"nowhere":             {[]delivery.Standing{runs("checkout", "staging", "", 0), runs("checkout", "production", "", 0)}, ""},
		"of several": {[]delivery.Standing{runs("checkout", "staging", "b", 5), runs("checkout", "production", "a", 1), runs("ledger", "production", "a", 1),
			runs("ledger", "staging", "c", 3)}, "[ledger staging production c][checkout staging production b]"},
		"a place that is no more": {[]delivery.Standing{runs("checkout", "staging", "b", 2), runs("checkout", "attic", "a", 1)}, ""},
	} {
		got := ""
		for _, u := range delivery.Behind(cfg, c.all) {
			got += fmt.Sprint([]string{u.Service, u.From, u.To, u.Ledger.Commit.SHA})
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
