package main

import (
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// Who is on call, by their handles. Payments is called by two levels: a rota of ana and ben, a week each, and then dev. Storefront
// has a schedule and no policy of its own; ben is on it, in California.
const (
	policyOfPayments   = "PPAYMENTS"
	rotaOfPayments     = "PPAYROTA"
	rotaOfStorefront   = "PSTOREFRONT"
	checkoutOnPager    = "PCHECKOUT"
	storefrontPolicy   = "PSTOREPOL"
	botOnPager         = "shipmate@acme.example"
	anaPage, benPage   = "PANA", "PBEN"
	devPage, cyrusPage = "PDEV", "PCYRUS"
)

// openPagerDuty opens the PagerDuty of the stage. cyrus is there by another address than Slack has for cy.
func (s *stage) openPagerDuty() {
	s.Helper()
	s.pagerToken = pagerdutytest.DefaultToken
	s.pager = pagerdutytest.New(pagerdutytest.Options{Clock: s.clock, EventDelay: time.Second, OnCall: func(c pagerdutytest.Call) {
		s.note(c.Phase == pagerdutytest.Before)
		if f := s.onPager.Load(); f != nil {
			(*f)(c)
		}
	}})
	s.Cleanup(s.pager.Close)
	phone := func(number string) []pagerdutytest.Contact {
		return []pagerdutytest.Contact{{Kind: "push", Address: "phone"}, {Kind: "phone", Address: number, CountryCode: 49, After: 2 * time.Minute}}
	}
	s.pager.AddUser(pagerdutytest.User{ID: anaPage, Name: "Ana", Email: "ana@acme.example", Zone: "Europe/Berlin", Contacts: phone("1511111111")})
	s.pager.AddUser(pagerdutytest.User{ID: benPage, Name: "Ben", Email: "ben@acme.example", Zone: "America/Los_Angeles", Contacts: phone("1522222222")})
	s.pager.AddUser(pagerdutytest.User{ID: devPage, Name: "Dev", Email: "dev@acme.example", Zone: "Europe/Berlin", Contacts: phone("1533333333")})
	s.pager.AddUser(pagerdutytest.User{ID: cyrusPage, Name: "Cyrus", Email: "cyrus@elsewhere.example", Zone: "Europe/Berlin"})
	s.pager.AddUser(pagerdutytest.User{Name: "Shipmate", Email: botOnPager})
	began, week := s.clock.Now().Add(-24*time.Hour), 7*24*time.Hour
	s.pager.AddSchedule(pagerdutytest.Schedule{ID: rotaOfPayments, Name: "Payments primary", Zone: "Europe/Berlin",
		Layers: []pagerdutytest.Layer{{Users: []string{anaPage, benPage}, Start: began, Turn: week}}})
	s.pager.AddSchedule(pagerdutytest.Schedule{ID: rotaOfStorefront, Name: "Storefront", Zone: "America/Los_Angeles",
		Layers: []pagerdutytest.Layer{{Users: []string{benPage}, Start: began, Turn: week}}})
	s.pager.AddPolicy(pagerdutytest.Policy{ID: policyOfPayments, Name: "Payments", Loops: 1, Levels: []pagerdutytest.Level{
		{After: 5 * time.Minute, Schedules: []string{rotaOfPayments}}, {After: 10 * time.Minute, Users: []string{devPage}}}})
	s.pager.AddPolicy(pagerdutytest.Policy{ID: storefrontPolicy, Name: "Storefront", Levels: []pagerdutytest.Level{
		{After: 5 * time.Minute, Schedules: []string{rotaOfStorefront}}}})
	s.pager.AddService(pagerdutytest.Service{ID: checkoutOnPager, Name: "Checkout", Policy: policyOfPayments})
	s.pager.AddService(pagerdutytest.Service{ID: "PTEAMS", Name: "Teams and people", Policy: policyOfPayments})
}
