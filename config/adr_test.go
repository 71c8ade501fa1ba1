package config_test

import (
	"slices"
	"testing"
	"time"

	"shipmate/config"
)

func TestDecisionLogs(t *testing.T) {
	t.Parallel()
	c := parse(t, `
slack: {admin_channel: "#platform"}
github: {owner: acme}
teams: {payments: {channel: "#payments"}}
adr:
  repo: decisions
  from: [payments]
  announce: ["#general"]
  logs:
    web: {dir: web/adr}
    checkout: {repo: Checkout, approvals: 1, channels: ["#payments"], announce: ["#storefront"]}
`)
	logs := c.DecisionLogs()
	if len(logs) != 3 || logs[0].Name != config.MainLog || logs[1].Name != "checkout" || logs[2].Name != "web" {
		t.Fatalf("%+v", logs)
	}
	for n, want := range []struct {
		scope     string
		approvals int
		announce  string
		shared    bool
	}{{"acme/decisions:", 2, "#general", false}, {"acme/checkout:", 1, "#storefront", false}, {"acme/decisions:web/adr", 2, "#general", true}} {
		l := logs[n]
		if l.Scope() != want.scope || l.Approvals != want.approvals || !slices.Equal(l.Announce, []string{want.announce}) || l.Shared != want.shared ||
			len(l.From) != 1 || l.Merge != config.MergeShipmate || l.Nudge != 72*time.Hour {
			t.Errorf("%+v, want %+v", l, want)
		}
	}
	if found := logs[0]; !found.Look || found.Dir != "" || logs[2].Look {
		t.Errorf("%+v is looked for, %+v is not", found, logs[2])
	} else if found.Dir = "docs/adr"; found.Scope() != logs[0].Scope() {
		t.Errorf("where it is found changes its scope: %s", found.Scope())
	}
	if l, ok := c.DecisionLog("WEB"); !ok || l.Dir != "web/adr" {
		t.Errorf("web is %+v, %t", l, ok)
	}
	if logs := parse(t, "slack: {admin_channel: \"#platform\"}\n").DecisionLogs(); len(logs) != 0 {
		t.Errorf("without adr there are %+v", logs)
	}
}
