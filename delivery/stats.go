package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// StatsWant says of what statistics are wanted.
type StatsWant struct {
	// Service is a name or an alias; empty for all.
	Service string
	// Team has only the services of a team counted, by its name; Service is empty then.
	Team string
	// Environment is a name or an alias; empty for those that are production, see Production.
	Environment string
	// Days is how many days back deployments are counted that ended, from Until, or from now where that is zero.
	Days  int
	Until time.Time
}

// Stats are the five figures by which DORA measures how software is delivered (dora.dev; "adr-review-debt", section 1c, sets their
// definitions beside how others count them), and where time went. Each figure comes with how many deployments it rests on; one that
// rests on none has no value.
//
// What Shipmate cannot know is in none of them: what was deployed beside it, what an incident tells of a deployment, and which
// deployment mends an earlier one without being a rollback.
type Stats struct {
	Service string // canonical, empty for all
	Team    string // whose services it is of; empty for all
	Places  []StatsPlace
	// Left are the services of which nothing says which of their environments is production.
	Left  []string
	Days  int
	Since time.Time
	Until time.Time
	// Begins is when the first deployment ended that the record has, if that is later than Since; else it is zero.
	Begins time.Time

	// Deployments succeeded, on OnDays different days (UTC). With the period that is the deployment frequency. Otherwise ended
	// others: they failed, were cancelled, denied or expired.
	Deployments int
	OnDays      int
	Otherwise   int
	// Lead is the lead time for changes: from when the deployed commit was committed until it was deployed. Rollbacks and what ran
	// there before are not in it, nor are commits whose time the record does not have.
	Lead Middle
	// Undone of Changes is the change fail rate: those deployments that ran and were rolled back or did not stay healthy, of all that succeeded or were
	// rolled back and are no rollbacks themselves.
	Changes int
	Undone  int
	// Recovery is the failed deployment recovery time: from the end of a deployment that was rolled back until the next that
	// succeeded in the same place. Unrecovered have none yet.
	Recovery    Middle
	Unrecovered int
	// Unplanned of Deployments is the rework rate, as far as it can be seen: rollbacks, and what went past gates in an emergency.
	Unplanned int

	// Spent is what the time of the Deployments went by with, in the order of Where.
	Spent [wheres]Spent
	// Bars are the deployments by time, oldest first and without gaps: by day of up to 14 days, else by seven days.
	Bars []Bar
}

// StatsPlace is a service in an environment.
type StatsPlace struct{ Service, Environment string }

// Middle is a median, and of how many it is one; of none it has no value.
type Middle struct {
	Median time.Duration
	Of     int
}

// Spent is what went by with one thing.
type Spent struct {
	Total  time.Duration // of all deployments together
	Median time.Duration // of those that had it
	Of     int           // how many had it
}

// Bar counts what ended from From on.
type Bar struct {
	From      time.Time
	Good      int // succeeded and stayed
	Undone    int // were rolled back, or did not stay healthy
	Rollbacks int // rolled back another
}

// MaxStatsDays is the longest period of statistics.
const MaxStatsDays = 400

// Stats counts what ended in a period. It returns a *Refused for a place that the configuration does not know, and for a service
// of which nothing says what production is. Its cost grows with the deployments in the period.
func (s *Service) Stats(ctx context.Context, w StatsWant) (Stats, error) {
	cfg := s.current()
	out := Stats{Days: min(max(w.Days, 1), MaxStatsDays), Until: s.clock.Now().UTC(), Team: w.Team}
	if !w.Until.IsZero() {
		out.Until = w.Until.UTC()
	}
	out.Since = out.Until.AddDate(0, 0, -out.Days)
	if err := out.place(cfg, w); err != nil {
		return Stats{}, err
	}
	var t counting
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		t = counting{Stats: out, days: map[int64]bool{}}
		for _, p := range out.Places {
			if err := t.read(snap, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Stats{}, fmt.Errorf("counting deployments: %w", err)
	}
	return t.done(), nil
}

// place finds what is counted.
func (out *Stats) place(cfg *config.Config, w StatsWant) error {
	names := cfg.ServiceNames()
	if w.Service != "" {
		service, ok := cfg.Service(w.Service)
		if !ok {
			return &Refused{Code: NoService, Service: w.Service}
		}
		out.Service, names = service.Name, []string{service.Name}
	}
	if w.Environment != "" && w.Service != "" {
		service, environment, err := place(cfg, w.Service, w.Environment)
		if err == nil {
			out.Places = []StatsPlace{{service.Name, environment.Name}}
		}
		return err
	}
	if environment, ok := cfg.Environment(w.Environment); ok {
		w.Environment = environment.Name
	}
	for _, name := range names {
		service := cfg.Services[name]
		if w.Team != "" && service.Team != w.Team {
			continue
		}
		environments := Production(cfg, service)
		if w.Environment != "" {
			environments = slices.DeleteFunc(slices.Clone(service.Environments), func(e string) bool { return e != w.Environment })
		} else if len(environments) == 0 && len(service.Environments) > 0 {
			out.Left = append(out.Left, name)
		}
		for _, e := range environments {
			out.Places = append(out.Places, StatsPlace{name, e})
		}
	}
	if len(out.Places) > 0 {
		return nil
	}
	return &Refused{Code: NoProduction, Service: out.Service, Environment: w.Environment}
}

// Production are the environments of a service at the end of its way: those that come after another and that no other of its
// environments comes after. Of a service with one environment it is that one. Else nothing says which one is production.
func Production(cfg *config.Config, service *config.Service) []string {
	if len(service.Environments) == 1 {
		return service.Environments
	}
	var out []string
	for _, name := range service.Environments {
		e := cfg.Environments[name]
		after := func(other string) bool { return cfg.Environments[other].After == name }
		if e.After != "" && !slices.ContainsFunc(service.Environments, after) {
			out = append(out, name)
		}
	}
	return out
}
