package commands

import (
	"testing"

	"shipmate/bot"
	"shipmate/config"
)

// A repository may be called like a service that is in another: after # stands the one, after of the other.
func TestWhichRepositoryAnIssueIsIn(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
services:
  basket: {repo: acme/checkout, environments: [staging]}
  checkout: {repo: acme/shop, environments: [staging]}
teams: {payments: {slack_group: g}}
environments: {staging: {deployers: [payments]}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for want, args := range map[string]bot.Args{
		"acme/checkout": {"item": "checkout#12"},
		"acme/shop":     {"item": "#12", "service": "checkout"},
	} {
		repo, number, err := debtMeant(t.Context(), Deps{}, bot.Request{Args: args, Config: cfg})
		if err != nil || repo != want || number != 12 {
			t.Errorf("%v: %s#%d, %v, want %s", args, repo, number, err, want)
		}
	}
}
