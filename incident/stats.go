package incident

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"shipmate/store"
)

// Stats are figures of the incidents that were declared in a time. Of private ones only the numbers are in them.
type Stats struct {
	Service      string // empty: all
	Team         string // whose services it is of; empty: all
	Days         int
	Since, Until time.Time
	Incidents    int
	Open         int
	// Ack is from the declaration to the first acknowledged page, Mitigate to when nobody was hampered, Resolve to the end: of those
	// that got so far.
	Ack, Mitigate, Resolve Middle
	// Weeks count those of each severity, the worst first, in each seven days, the latest last; shorter times in each day.
	Severities []string
	Bars       []Bar
	// Services are how many incidents concerned each, the most first.
	Services []ServiceCount
}

// Middle is the median of some lengths of time, and of how many.
type Middle struct {
	Median time.Duration
	Of     int
}

// Bar is a count for each severity from a time on.
type Bar struct {
	From   time.Time
	Counts []int
}

// ServiceCount is how many incidents concerned a service.
type ServiceCount struct {
	Service string
	N       int
}

// MaxStatsDays is how far statistics look back at most: what is older is not kept by default.
const MaxStatsDays = 400

// StatsWant says of what statistics are wanted: of one service, of a team's, or of all.
type StatsWant struct {
	Service string
	Team    string
	Days    int       // how many, back from Until
	Until   time.Time // now when it is zero
}

// Stats counts the incidents that were declared in a time.
func (s *Service) Stats(ctx context.Context, w StatsWant) (*Stats, error) {
	until := s.clock.Now().UTC()
	if !w.Until.IsZero() {
		until = w.Until.UTC()
	}
	out := &Stats{Service: w.Service, Team: w.Team, Days: w.Days, Until: until, Since: until.AddDate(0, 0, -w.Days)}
	var all []*Incident
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		all = nil
		for _, id := range snap.Scan(numberPrefix, "") { // the newest first
			i, err := loadIncident(snap, string(id))
			if err != nil {
				return err
			}
			if i.Created.Before(out.Since) {
				break
			}
			if !i.Created.After(until) && s.counts(w, i) {
				all = append(all, i)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("counting incidents: %w", err)
	}
	for _, level := range s.current().Incidents.Levels() {
		out.Severities = append(out.Severities, level.Name)
	}
	out.count(all)
	return out, nil
}

// counts tells whether an incident is one of those. Whose services a private one concerns is not to be found out by asking.
func (s *Service) counts(w StatsWant, i *Incident) bool {
	cfg := s.current()
	switch {
	case w.Service != "":
		return !i.Private && slices.Contains(i.Services, w.Service)
	case w.Team != "":
		return !i.Private && slices.ContainsFunc(i.Services, func(name string) bool {
			service, ok := cfg.Service(name)
			return ok && service.Team == w.Team
		})
	}
	return true
}

func (s *Stats) count(all []*Incident) {
	var ack, mitigate, resolve []time.Duration
	services := map[string]int{}
	each := 7
	if s.Days <= 14 {
		each = 1
	}
	for from := s.Until.AddDate(0, 0, -each); ; from = from.AddDate(0, 0, -each) {
		s.Bars = append([]Bar{{From: from}}, s.Bars...)
		if !from.After(s.Since) {
			break
		}
	}
	for _, i := range all {
		s.Incidents++
		if i.Open() {
			s.Open++
		}
		ack = lasted(ack, i.Created, i.Acked)
		mitigate = lasted(mitigate, i.Created, i.Mitigated)
		resolve = lasted(resolve, i.Created, i.Resolved)
		if i.Private { // what it is about is not to be read out of figures
			continue
		}
		for _, name := range i.Services {
			services[name]++
		}
		rank := slices.Index(s.Severities, i.Severity)
		if rank < 0 { // the configuration no longer knows it
			s.Severities = append(s.Severities, i.Severity)
			rank = len(s.Severities) - 1
		}
		for n := range s.Bars {
			if n+1 < len(s.Bars) && !i.Created.Before(s.Bars[n+1].From) {
				continue
			}
			b := &s.Bars[n]
			for len(b.Counts) <= rank {
				b.Counts = append(b.Counts, 0)
			}
			b.Counts[rank]++
			break
		}
	}
	s.Ack, s.Mitigate, s.Resolve = middle(ack), middle(mitigate), middle(resolve)
	for name, n := range services {
		s.Services = append(s.Services, ServiceCount{name, n})
	}
	slices.SortFunc(s.Services, func(a, b ServiceCount) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Service, b.Service)) })
}

func lasted(list []time.Duration, from, to time.Time) []time.Duration {
	if to.IsZero() {
		return list
	}
	return append(list, max(0, to.Sub(from)))
}

func middle(list []time.Duration) Middle {
	if len(list) == 0 {
		return Middle{}
	}
	slices.Sort(list)
	n := len(list)
	if n%2 == 1 {
		return Middle{list[n/2], n}
	}
	return Middle{(list[n/2-1] + list[n/2]) / 2, n}
}
