package main

import (
	"strings"
	"testing"
	"time"
)

// downFor is longer than what runs again by itself.
const downFor = 10 * time.Minute

func TestConfigurationIsReloaded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ben := h.as("ben").in("#payments").types("/deploy checkout staging").isTold("You may not do this")
	h.configure(strings.Replace(companyYAML, "slack_group: payments-eng", "slack_group: storefront-eng", 1))
	h.later("it is in force", func() bool {
		team, ok := h.app.live.Current().Team("payments")
		return ok && team.SlackGroup == "storefront-eng"
	})
	ben.types("/deploy checkout staging").sees("✅ *checkout*")
	h.runs("acme/checkout", 1)
}

func TestBrokenConfigurationLeavesTheOldOneInForce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.configure(strings.Replace(companyYAML, "repo: acme/checkout", "repository: acme/checkout", 1))
	dev := h.as("dev").in("#platform").sees("The new configuration is broken", "repository")
	h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
	h.configure(companyYAML)
	dev.sees("in order again")
	h.configure(strings.Replace(companyYAML, "shipmate.db", "elsewhere.db", 1))
	dev.sees("store.path", "restart")
	h.runs("acme/checkout", 1)
}

// A deployment is followed by the configuration it was decided by, also when its service is gone since.
func TestDeploymentOutlivesItsService(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("🚀 Deploying")
	before, after, _ := strings.Cut(companyYAML, "  checkout:\n")
	_, after, _ = strings.Cut(after, "environments: [staging, production, guarded, slow, told]\n")
	h.configure(before + after)
	h.later("it is in force", func() bool {
		_, ok := h.app.live.Current().Service("checkout")
		return !ok
	})
	h.github.FinishRun("acme/checkout", h.runs("acme/checkout", 1)[0].ID, "success")
	ana.sees("✅ *checkout*")
}
