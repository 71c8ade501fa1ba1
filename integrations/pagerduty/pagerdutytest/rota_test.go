package pagerdutytest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// entries reads the final schedule, as "user day hour - day hour" on Berlin's clock.
func (s *stage) entries(schedule, since, until string, overflow bool) []string {
	s.t.Helper()
	a := s.wants(200, "GET", fmt.Sprintf("/schedules/%s?since=%s&until=%s&overflow=%t", schedule, since, until, overflow), "").json(s.t)
	list, _ := in(a, "schedule", "final_schedule", "rendered_schedule_entries").([]any)
	berlin, _ := clock.LoadZone("Europe/Berlin")
	var out []string
	for _, e := range list {
		from, _ := time.Parse(time.RFC3339, in(e, "start").(string))
		to, _ := time.Parse(time.RFC3339, in(e, "end").(string))
		out = append(out, fmt.Sprintf("%s %s-%s", strings.Fields(in(e, "user", "summary").(string))[0], from.In(berlin).Format("02 15:04"), to.In(berlin).Format("02 15:04")))
	}
	return out
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	const since, until = "2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z"
	same(t, "cut at the window", s.entries(s.rota, since, until, false), "Ana 20 01:00-23 09:00", "Ben 23 09:00-30 09:00", "Ana 30 09:00-01 01:00")
	same(t, "whole", s.entries(s.rota, since, until, true), "Ana 16 09:00-23 09:00", "Ben 23 09:00-30 09:00", "Ana 30 09:00-07 09:00")
	s.AddOverride(s.rota, s.cho, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	s.AddOverride(s.rota, s.ben, time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC), time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC))
	same(t, "the last override wins", s.entries(s.rota, since, until, true),
		"Ana 16 09:00-22 09:00", "Cho 22 09:00-23 21:00", "Ben 23 21:00-23 23:00", "Cho 23 23:00-24 09:00", "Ben 24 09:00-30 09:00", "Ana 30 09:00-07 09:00")
}

// Turns of whole days change at the same hour of the wall clock, also across a change of clocks.
func TestRotationAcrossAChangeOfClocks(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.AddSchedule(pagerdutytest.Schedule{Name: "Daily", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{
		{Users: []string{s.ana, s.ben}, Start: time.Date(2027, 3, 26, 8, 0, 0, 0, time.UTC), Turn: 24 * time.Hour}}})
	same(t, "28 March 2027", s.entries(id, "2027-03-26T00:00:00Z", "2027-03-29T00:00:00Z", true), "Ana 26 09:00-27 09:00", "Ben 27 09:00-28 09:00", "Ana 28 09:00-29 09:00")
}

// What restrictions leave out nobody covers, unless a lower layer does.
func TestRestrictions(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	begin := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	night := pagerdutytest.Layer{Users: []string{s.cho}, Start: begin, Turn: 7 * 24 * time.Hour, Restrictions: []pagerdutytest.Restriction{{From: "22:00", For: 8 * time.Hour}}}
	id := s.AddSchedule(pagerdutytest.Schedule{Name: "Nights", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{night}})
	same(t, "nights only", s.entries(id, "2026-11-20T09:00:00Z", "2026-11-22T09:00:00Z", true), "Cho 20 22:00-21 06:00", "Cho 21 22:00-22 06:00")
	day := pagerdutytest.Layer{Users: []string{s.ana}, Start: begin, Turn: 7 * 24 * time.Hour}
	both := s.AddSchedule(pagerdutytest.Schedule{Name: "Both", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{day, night}})
	same(t, "the later layer wins", s.entries(both, "2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z", true), "Ana 20 06:00-20 22:00", "Cho 20 22:00-21 06:00", "Ana 21 06:00-21 22:00")
	night.Restrictions = []pagerdutytest.Restriction{{Day: 6, From: "00:00", For: 48 * time.Hour}}
	weekend := s.AddSchedule(pagerdutytest.Schedule{Name: "Weekends", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{night}})
	same(t, "weekends only", s.entries(weekend, "2026-11-16T09:00:00Z", "2026-11-30T09:00:00Z", true), "Cho 21 00:00-23 00:00", "Cho 28 00:00-30 00:00")
	if user, ok := s.OnCallNow(weekend); ok {
		t.Errorf("%s is on call on a Friday", user)
	}
}

func TestOnCalls(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	duties := func(query string) []string {
		t.Helper()
		a := s.wants(200, "GET", "/oncalls?"+query, "").json(t)
		var out []string
		for _, o := range a["oncalls"].([]any) {
			start, _ := in(o, "start").(string)
			schedule, _ := in(o, "schedule", "id").(string)
			out = append(out, fmt.Sprintf("%v %s %v %s", in(o, "escalation_level"), in(o, "user", "summary"), schedule, start))
		}
		return out
	}
	same(t, "now", duties(""), "2 Cho Lee  ", "1 Ana Souza PSCHED1 2026-11-16T08:00:00Z")
	same(t, "of a schedule", duties("schedule_ids[]=PSCHED1"), "1 Ana Souza PSCHED1 2026-11-16T08:00:00Z")
	const month = "since=2026-11-20T09:00:00Z&until=2026-12-20T09:00:00Z&schedule_ids[]=PSCHED1"
	if all := duties(month); len(all) != 5 {
		t.Errorf("a month: %q", all)
	}
	same(t, "earliest", duties(month+"&earliest=true"), "1 Ana Souza PSCHED1 2026-11-16T08:00:00Z", "1 Ben Ott PSCHED1 2026-11-23T08:00:00Z")
	s.refused(400, 2001, "GET", "/oncalls?since=2026-11-20T09:00:00Z&until=2027-03-20T09:00:00Z", "")
	s.clock.Advance(3 * 24 * time.Hour)
	same(t, "after the change of shift", duties("schedule_ids[]=PSCHED1"), "1 Ben Ott PSCHED1 2026-11-23T08:00:00Z")
}
