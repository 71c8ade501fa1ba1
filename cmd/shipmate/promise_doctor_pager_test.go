package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// looksAtPagerDuty is what the doctor says of PagerDuty.
func (h *harness) looksAtPagerDuty(ctx context.Context) string {
	a := h.app
	return toldOf(onCallDoctor{a.pager, a.incidents, a.clock, a.live.Current(), a.environ}.find(ctx))
}

func TestDoctorSaysWhatIsWrongOnPagerDuty(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) {
		s.pager.AddService(pagerdutytest.Service{ID: "PDEAF", Name: "Catalog", Policy: policyOfPayments, NoEvents: true})
		s.configure(strings.NewReplacer("from: shipmate@acme.example", "from: nobody@acme.example", "schedule: PSTOREFRONT", "schedule: PGONE",
			"repo: acme/catalog, team: storefront", "repo: acme/catalog, pagerduty_service: PDEAF, team: storefront",
			"pagerduty_service: PCHECKOUT", "pagerduty_service: PNONE").Replace(companyYAML))
		s.environ = []string{"HOME=/", "PAGERDUTY_KEY_CHECKOUT=k", "PAGERDUTY_KEY_CATALOG_FILE=k", "PAGERDUTY_KEY_CHEKOUT=k"}
	})
	dev := h.as("dev").in("#platform").types("/shipmate doctor").isToldInTime("PagerDuty knows nobody with the address `nobody@acme.example`",
		"the schedule PGONE of team storefront: PagerDuty does not know schedule PGONE; check its ID", "it is the end of the address of its page",
		"the service PDEAF of service catalog: PagerDuty's service Catalog takes no events yet", "the service PNONE of service checkout: ",
		"`PAGERDUTY_KEY_CHEKOUT` is the key of no service")
	if text := whole(dev.seen); strings.Contains(text, "PAGERDUTY_KEY_CATALOG") {
		t.Errorf("a key that is used is called stray: %s", text)
	}
}

func TestDoctorWarnsOfGaps(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) {
		s.pager.AddSchedule(pagerdutytest.Schedule{ID: "PWORKDAY", Name: "Office hours", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{
			{Users: []string{benPage}, Start: s.clock.Now().Add(-24 * time.Hour), Turn: 7 * 24 * time.Hour, Restrictions: []pagerdutytest.Restriction{{From: "09:00", For: 8 * time.Hour}}}}})
		s.configure(strings.Replace(companyYAML, "schedule: PSTOREFRONT", "schedule: PWORKDAY", 1))
	})
	h.as("dev").in("#platform").types("/shipmate doctor").isToldInTime("⚠️", "Nobody is on call for *storefront* from", "until", "`/oncall take storefront for …`")
}

func TestDoctorWithoutPagerDuty(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) { s.pagerToken = "" })
	wants(t, h.looksAtPagerDuty(t.Context()), "warning: I have no key for PagerDuty, though the configuration names the escalation policy PPAYMENTS of team payments")
	h.configure(strings.NewReplacer("pagerduty: {", "pagerduty: {", ", service: PTEAMS", "", ", escalation_policy: PPAYMENTS", "", ", schedule: PSTOREFRONT", "",
		"    pagerduty_service: PCHECKOUT\n", "").Replace(companyYAML))
	if _, err := h.app.live.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.looksAtPagerDuty(t.Context()); got != "" {
		t.Errorf("nobody uses PagerDuty, and the doctor says %s", got)
	}
	h.mayHear("configuration")
}

func TestDoctorWhilePagerDutyFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) { s.pagerToken = "u+wrong" })
	wants(t, h.looksAtPagerDuty(t.Context()), "problem: PagerDuty: PagerDuty does not accept Shipmate's credentials", "Check the way from this machine to http://127.0.0.1")
	h = newHarness(t)
	defer h.pager.Fault(pagerdutytest.Fault{Match: "GET /schedules/*", Kind: pagerdutytest.HangUp})()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	wants(t, h.looksAtPagerDuty(ctx), "warning: PagerDuty did not tell in time about the schedule PSTOREFRONT of team storefront.")
}

// What is wrong with the keys is in the log from the start.
func TestWrongKeysAreLoggedAtTheStart(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) {
		s.pagerToken = "u+wrong"
		s.environ = []string{"PAGERDUTY_KEY_CHEKOUT=secret"}
	})
	var said strings.Builder
	h.app.log = slog.New(slog.NewTextHandler(&said, nil))
	h.app.askPagerDuty(t.Context())
	wants(t, said.String(), "PagerDuty cannot be used: PagerDuty does not accept Shipmate's credentials", "PAGERDUTY_KEY_CHEKOUT")
	if strings.Contains(said.String(), "secret") || strings.Contains(said.String(), "u+wrong") {
		t.Errorf("a secret is in the log: %s", said.String())
	}
}
