package pagerdutytest_test

import (
	"fmt"
	"time"

	"shipmate/clock"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// A small company: two people take weekly turns, their manager comes after ten minutes, and a monitoring tool finds
// something.
func Example() {
	now := clock.NewManual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	s := pagerdutytest.New(pagerdutytest.Options{Clock: now})
	defer s.Close()
	ana := s.AddUser(pagerdutytest.User{Name: "Ana Souza", Email: "ana@acme.example", Zone: "Europe/Berlin", Contacts: []pagerdutytest.Contact{
		{Kind: "push", Address: "Ana's phone"}, {Kind: "phone", Address: "1511234567", CountryCode: 49, After: 2 * time.Minute}}})
	ben := s.AddUser(pagerdutytest.User{Name: "Ben Ott", Email: "ben@acme.example"})
	cho := s.AddUser(pagerdutytest.User{Name: "Cho Lee", Email: "cho@acme.example"})
	s.AddSchedule(pagerdutytest.Schedule{ID: "PSCHED1", Name: "Payments", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{
		{Users: []string{ana, ben}, Start: now.Now().AddDate(0, 0, -4), Turn: 7 * 24 * time.Hour}}})
	policy := s.AddPolicy(pagerdutytest.Policy{Name: "Payments", Loops: 1, Levels: []pagerdutytest.Level{
		{After: 10 * time.Minute, Schedules: []string{"PSCHED1"}}, {After: 15 * time.Minute, Users: []string{cho}}}})
	s.AddService(pagerdutytest.Service{ID: "PSVC1", Name: "Checkout", Policy: policy})

	s.Trigger("PSVC1", "disk", "The disk is full")
	now.Advance(11 * time.Minute)
	for _, n := range s.Notifications() {
		fmt.Println(n.At.Format("15:04"), n.Name, n.Kind)
	}
	// Output:
	// 09:00 Ana Souza push
	// 09:00 Ana Souza email
	// 09:02 Ana Souza phone
	// 09:10 Cho Lee email
}
