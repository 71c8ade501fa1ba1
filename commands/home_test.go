package commands

import (
	"fmt"
	"strings"
	"testing"

	"shipmate/config"
	"shipmate/delivery"
)

func homeConfig(t *testing.T) *config.Config {
	t.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {payments: {channel: "#payments", slack_group: g}, storefront: {channel: "#storefront", slack_group: s}}
services:
  checkout: {repo: o/a, team: payments, environments: [staging]}
  catalog: {repo: o/b, team: storefront, environments: [staging]}
environments: {staging: {}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return cfg
}

func TestHomeAsItIsShown(t *testing.T) {
	t.Parallel()
	cfg := homeConfig(t)
	all := []delivery.Standing{
		{Service: "catalog", Environment: "staging", Under: made(in(delivery.Running))},
		{Service: "checkout", Environment: "staging", Ledger: delivery.Ledger{Deployment: "d-1", Commit: made().Commit, Since: nine, By: "U0ANA"}},
	}
	golden(t, "testdata/home/of-a-team.json", readable(t, homeMessage(cfg, all, []string{"payments"})))
	golden(t, "testdata/home/of-no-team.json", readable(t, homeMessage(cfg, all, nil)))
	golden(t, "testdata/home/empty.json", readable(t, homeMessage(cfg, nil, nil)))
}

func TestAHomeOfManyServicesIsCut(t *testing.T) {
	t.Parallel()
	var all []delivery.Standing
	for i := range maxHomeServices + 2 {
		all = append(all, delivery.Standing{Service: fmt.Sprintf("s%02d", i), Environment: "staging", Under: made(in(delivery.Running))})
	}
	m := homeMessage(homeConfig(t), all, nil)
	text := string(readable(t, m))
	if !strings.Contains(text, "and 7 more") || !strings.Contains(text, "And 2 more services") {
		t.Errorf("what is left out is not counted: %s", text)
	}
}
