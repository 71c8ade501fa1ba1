package incident_test

import (
	"context"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

var (
	payments   = incident.Subject{Kind: incident.Team, Name: "payments"}
	storefront = incident.Subject{Kind: incident.Team, Name: "storefront"}
	checkout   = incident.Subject{Kind: incident.Of, Name: "checkout"}
)

func (s *stage) oncall(sub incident.Subject) *incident.Answer {
	s.Helper()
	a, err := s.OnCall(context.Background(), sub)
	if err != nil {
		s.Fatal(err)
	}
	return a
}

func TestWhoIsOnCall(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := s.oncall(payments)
	if len(a.Rosters) != 1 || len(a.Rosters[0].Levels) != 2 || a.Rosters[0].Policy.Name != "Payments" {
		t.Fatalf("%+v", a.Rosters)
	}
	first, second := a.Rosters[0].Levels[0], a.Rosters[0].Levels[1]
	if on := first.Now[0]; on.Who.Slack != anaSlack || on.Who.Zone != "Europe/Berlin" || on.Schedule.Name != "Payments primary" || on.Start.IsZero() || on.End.IsZero() || on.Override {
		t.Errorf("level 1 is %+v", on)
	}
	if first.After != 5*time.Minute || first.Next[0].Who.Slack != benSlack || !first.Next[0].Start.Equal(first.Now[0].End) || first.Gap != nil {
		t.Errorf("then %+v", first)
	}
	if on := second.Now[0]; on.Who.Slack != cySlack || !on.Start.IsZero() || !on.End.IsZero() || second.Gap != nil {
		t.Errorf("level 2, always, is %+v", on)
	}
	// A service by its own policy, a team by its schedule alone, a person.
	if on := s.oncall(checkout).OnCall(); len(on) != 1 || on[0].Who.Slack != anaSlack {
		t.Errorf("checkout: %+v", on)
	}
	web := s.oncall(storefront)
	if len(web.Rosters) != 1 || web.Rosters[0].Policy.ID != "PSCHEDWEB" || web.OnCall()[0].Who.Slack != cySlack {
		t.Errorf("storefront: %+v", web.Rosters)
	}
	if mine := s.oncall(incident.Subject{Kind: incident.Someone, Name: cySlack}); len(mine.Rosters) != 2 {
		t.Errorf("cy is on call for %+v", mine.Rosters)
	}
	// Who stands in is on call, and is said to stand in.
	s.pager.AddOverride("PSCHEDPAY", cyID, night.Add(-time.Hour), night.Add(time.Hour))
	if on := s.oncall(payments).OnCall()[0]; on.Who.Slack != cySlack || !on.Override || !on.End.Equal(night.Add(time.Hour)) {
		t.Errorf("standing in: %+v", on)
	}
}

func TestWhoIsOnCallIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for sub, want := range map[incident.Subject]incident.Code{
		{Kind: incident.Team, Name: "nowhere"}: incident.NoRota,
		{Kind: incident.Team, Name: "none"}:    incident.NoSubject,
		{Kind: incident.Of, Name: "plain"}:     incident.NoRota,
		{Kind: incident.Someone, Name: dee}:    incident.NotLinked,
	} {
		_, err := s.OnCall(context.Background(), sub)
		s.refuses(want, err)
	}
	s.claims[dee] = "ana@acme.example"
	_, err := s.OnCall(context.Background(), incident.Subject{Kind: incident.Someone, Name: dee})
	if r := s.refuses(incident.NotLinked, err); r.Claim != "ana@acme.example" {
		t.Errorf("a claim about oneself counts: %+v", r)
	}
	s.connect("")
	_, err = s.OnCall(context.Background(), payments)
	s.refuses(incident.NoPagerDuty, err)
}

// When PagerDuty does not answer, what it said last is the answer, with its age.
func TestTheLastKnownAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pager.Down(true)
	if _, err := s.OnCall(context.Background(), payments); err == nil {
		t.Fatal("an answer out of nothing")
	}
	s.pager.Down(false)
	if next, err := s.StepRota(context.Background(), "all"); err != nil || next.Sub(s.clock.Now()) < time.Minute {
		t.Fatalf("%v, %v", next, err)
	}
	s.clock.Advance(40 * time.Minute)
	s.pager.Down(true)
	for _, sub := range []incident.Subject{payments, storefront} {
		a := s.oncall(sub)
		if a.Old == nil || !a.AsOf.Equal(night) || len(a.OnCall()) != 1 {
			t.Errorf("%s: as of %s because of %v: %+v", sub.Name, a.AsOf, a.Old, a.OnCall())
		}
	}
	s.pager.Down(false)
	if a := s.oncall(payments); a.Old != nil || !a.AsOf.Equal(s.clock.Now()) {
		t.Errorf("as of %s because of %v", a.AsOf, a.Old)
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c, err := s.Calendar(context.Background(), payments, 20*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rotas) != 2 || len(c.Rotas[0].Shifts) < 3 || c.Rotas[0].Gap != nil || c.Rotas[0].Shifts[1].Who.Slack != benSlack {
		t.Fatalf("%+v", c.Rotas)
	}
	if c, err = s.Calendar(context.Background(), payments, 1000*24*time.Hour); err != nil || c.End.Sub(c.Start) != incident.MaxCalendar {
		t.Errorf("until %s: %v", c.End, err)
	}
}

// More teams than PagerDuty lists on one page are all there, and nobody who is on call twice is listed twice.
func TestManyTeams(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var users []string
	for range 60 {
		users = append(users, s.pager.AddUser(pagerdutytest.User{Name: "Someone", Email: "x" + time.Duration(len(users)).String() + "@acme.example"}))
	}
	s.pager.AddPolicy(pagerdutytest.Policy{ID: "PPOLBIG", Name: "Big", Levels: []pagerdutytest.Level{{After: time.Minute, Users: users}}})
	s.configure("teams: {big: {channel: \"#big\", slack_group: g, escalation_policy: PPOLBIG}}\n")
	if on := s.oncall(incident.Subject{Kind: incident.Team, Name: "big"}).OnCall(); len(on) != 60 {
		t.Errorf("%d are on call", len(on))
	}
}
