package commands

import (
	"context"
	"errors"
	"slices"
	"testing"

	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

// What has its approvals waits for something else.
func TestWhatADigestSaysThatADeploymentWaitsFor(t *testing.T) {
	t.Parallel()
	p := DigestParts{Called: func(context.Context, string) string { return "" }}
	approval, checks := delivery.Gate{Name: "approvals", Verdict: delivery.NotYet, Total: 1}, delivery.Gate{Name: "checks", Verdict: delivery.NotYet}
	for name, c := range map[string]struct {
		d    *delivery.Deployment
		want bool
	}{
		"an approval": {made(in(delivery.Waiting), func(d *delivery.Deployment) {
			d.Approval, d.Open = &delivery.Approval{Need: 1}, []delivery.Gate{approval, checks}
		}), true},
		"its checks": {made(in(delivery.Waiting), func(d *delivery.Deployment) {
			d.Approval, d.Open = &delivery.Approval{Need: 1}, []delivery.Gate{checks}
		}), false},
		"its start": {made(in(delivery.Waiting), func(d *delivery.Deployment) { d.Approval, d.Start = &delivery.Approval{Need: 1}, &delivery.Start{} }), false},
	} {
		if got := p.waiting(t.Context(), c.d).Approval; got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What PagerDuty said some time ago says of when it is, also that nobody is on call.
func TestWhoADigestSaysIsOnCall(t *testing.T) {
	t.Parallel()
	level := func(now ...incident.Shift) incident.Roster {
		return incident.Roster{Levels: []incident.Level{{N: 1, Now: now}}}
	}
	a := &incident.Answer{AsOf: nine, Rosters: []incident.Roster{level(incident.Shift{Who: incident.Person{Name: "Ana"}}), level()}}
	if got, want := duties(a), []schedule.Duty{{Who: "Ana"}, {}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	a.Old = errors.New("no answer")
	if got, want := duties(a), []schedule.Duty{{Who: "Ana", Old: nine}, {Old: nine}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
