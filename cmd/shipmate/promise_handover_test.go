package main

import (
	"strings"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// overrides are those of a schedule, of which there must be n.
func (h *harness) overrides(schedule string, n int) []pagerdutytest.Override {
	h.Helper()
	all := h.pager.Overrides(schedule)
	if len(all) != n {
		h.Fatalf("%d overrides of %s, want %d\n%s", len(all), schedule, n, h.everything())
	}
	return all
}

// onCall is who is on call for payments now.
func (h *harness) onCall() string {
	user, _ := h.pager.OnCallNow(rotaOfPayments)
	return user
}

// inPayments puts ben into the team whose rota he is on.
func inPayments(s *stage) { s.team("payments-eng", "ana", "ben") }

func TestTakeAShift(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inPayments)
	ana, ben := h.people["ana"], h.people["ben"]
	cy := h.as("dev").in("#platform")
	cy.types("/oncall take storefront for 2h").isToldInTime("📟 Be on call for", "Storefront", "in place of <@"+ben+">") // as an admin
	taker := h.as("ben").in("#payments").types("/oncall take payments for 2h")
	taker.isToldInTime("📟 Be on call for", "Payments primary", "in place of <@"+ana+"> until")
	h.overrides(rotaOfPayments, 0)
	taker.presses("Take it").sees("📟 <@"+ben+"> is on call for", "in place of <@"+ana+"> until")
	o := h.overrides(rotaOfPayments, 1)[0]
	if o.User != benPage || o.End.Sub(o.Start).Round(time.Minute) != 2*time.Hour || h.onCall() != benPage {
		t.Errorf("the override is %+v", o)
	}
	h.as("ana").hearsDM("<@"+ben+"> is on call for", "in place of <@"+ana+">")
	h.as("ana").in("#payments").types("/oncall").isToldInTime("<@"+ben+"> is on call for *payments*", "standing in")
	h.as("dev").in("#payments").sees("is on call for", "Payments primary").presses("Take it back").isToldInTime("That is for")
	taker.sees("is on call for", "in place of <@"+ana+">").presses("Take it back").sees("⏪ <@" + ben + "> took it back")
	h.later("the override is gone", func() bool { return h.onCall() == anaPage })
	h.as("ana").hearsDM("<@" + ben + "> took it back")
}

func TestGiveAShift(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inPayments)
	ana, ben := h.as("ana").in("#payments"), h.as("ben").in("#payments")
	offer := func() {
		ana.types("/oncall give @ben for 2h").isToldInTime("📟 Ask <@"+ben.id+"> to be on call for", "in your place until", "until they accept, you stay on call")
		ana.presses("Ask them").sees("📟 <@"+ana.id+"> asks <@"+ben.id+"> to be on call for", "Accept")
	}
	offer()
	ben.hearsDM("<@"+ana.id+"> asks <@"+ben.id+"> to be on call for", "Accept")
	h.as("dev").in("#payments").sees("asks <@" + ben.id + ">").presses("Accept").isToldInTime("That is for <@" + ben.id + "> to say")
	h.overrides(rotaOfPayments, 0)
	ben.hearsDM("asks <@"+ben.id+">").presses("Accept").find("sees the card", []string{"📟 <@" + ben.id + "> is on call for", "in place of <@" + ana.id + ">"}, ana.here)
	ben.hearsDM("📟 <@" + ben.id + "> is on call for")
	h.overrides(rotaOfPayments, 1)
	if h.onCall() != benPage {
		t.Errorf("%s is on call", h.onCall())
	}
	ana.hearsDM("<@" + ben.id + "> is on call for")
}

func TestAShiftThatIsDeclined(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inPayments)
	ana, ben := h.as("ana").in("#payments"), h.as("ben").in("#payments")
	ana.types("/oncall give @ben payments for 2h").isToldInTime("in your place").presses("Ask them").sees("asks <@" + ben.id + ">")
	ben.hearsDM("asks <@" + ben.id + "> to be on call")
	ben.sees("asks <@"+ben.id+">").presses("Decline").sees("⛔ <@"+ben.id+"> did not accept to be on call for", "<@"+ana.id+"> stays on call")
	ana.hearsDM("did not accept")
	if ben.hearsDM("⛔ <@" + ben.id + "> did not accept"); strings.Contains(whole(ben.seen), "Accept") {
		t.Errorf("the offer can still be accepted: %s", whole(ben.seen))
	}
	h.overrides(rotaOfPayments, 0)
}

// A hand-over that PagerDuty does not take at once is made once it does.
func TestHandoverWhilePagerDutyFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inPayments)
	h.pager.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpCreateOverride, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Status502})
	h.pager.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpCreateOverride, Times: 1, Kind: pagerdutytest.Status503})
	ben := h.as("ben").in("#payments").types("/oncall take payments for 2h").isToldInTime("📟 Be on call for").presses("Take it")
	ben.sees("📟 <@" + ben.id + "> is on call for")
	h.as("ana").hearsDM("is on call for")
	h.overrides(rotaOfPayments, 1)
}
