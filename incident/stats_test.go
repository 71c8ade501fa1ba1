package incident_test

import (
	"context"
	"testing"
	"time"

	"shipmate/incident"
)

func TestStats(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	stats := func(service string, days int) *incident.Stats {
		t.Helper()
		got, err := s.Stats(bg, incident.StatsWant{Service: service, Days: days})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := stats("", 90); got.Incidents != 0 || got.Ack.Of != 0 || len(got.Bars) < 13 {
		t.Errorf("of nothing: %+v", got)
	}
	for _, long := range []time.Duration{10 * time.Minute, 30 * time.Minute} {
		i := s.seeTo(s.declares(severe("sev1")).ID, 10*time.Second)
		s.clock.Set(i.Created.Add(time.Minute))
		s.pager.Ack(s.page(i.Paged[0].Page).Alarm.ID, anaID)
		s.seeTo(i.ID, 10*time.Second)
		s.clock.Set(i.Created.Add(long - time.Second))
		if _, err := s.SetStatus(bg, s.change(i, benSlack), incident.IsResolved); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(8 * 24 * time.Hour)
	}
	s.declares(func(w *incident.DeclareWant) { w.Services, w.Severity = []string{"catalog"}, "sev3" })
	s.clock.Advance(time.Minute)
	got := stats("", 90)
	if got.Incidents != 3 || got.Open != 1 || got.Resolve != (incident.Middle{Median: 20 * time.Minute, Of: 2}) || got.Ack.Of != 2 ||
		got.Ack.Median != time.Minute || got.Mitigate.Of != 2 {
		t.Errorf("%+v", got)
	}
	sum := [3]int{}
	for _, b := range got.Bars {
		for rank, n := range b.Counts {
			sum[rank] += n
		}
	}
	if last := got.Bars[len(got.Bars)-1]; sum != [3]int{2, 0, 1} || len(last.Counts) != 3 || last.Counts[2] != 1 {
		t.Errorf("bars %v, the last %+v", sum, last)
	}
	if got.Services[0] != (incident.ServiceCount{Service: "checkout", N: 2}) {
		t.Errorf("services %v", got.Services)
	}
	if got := stats("catalog", 90); got.Incidents != 1 {
		t.Errorf("of catalog %+v", got)
	}
	if got := stats("", 10); got.Incidents != 2 || len(got.Bars) != 10 {
		t.Errorf("of ten days %d in %d bars", got.Incidents, len(got.Bars))
	}
}
