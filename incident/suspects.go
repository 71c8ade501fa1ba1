package incident

import (
	"context"
	"fmt"
	"slices"
	"time"

	"shipmate/config"
	"shipmate/store"
)

const (
	// SuspectFor is how long before an incident a deployment is looked at.
	SuspectFor = 6 * time.Hour
	// MaxSuspects is how many are shown: more than a few are no help.
	MaxSuspects = 5
	// suspectEvery is how often they are looked for again while an incident is open.
	suspectEvery = time.Minute
)

// Suspect is a deployment that may have to do with an incident. That it is one says only that it lies near.
type Suspect struct {
	Deploy
	// Own says that it is of a service of the incident, else of one that those depend on.
	Own bool `json:"own,omitempty"`
	// After says that it began after the incident was declared.
	After bool `json:"after,omitempty"`
}

// Why is what makes it a suspect, for people.
func (s Suspect) Why(declared time.Time) string {
	apart, side := declared.Sub(s.Began), "before"
	if s.After {
		apart, side = -apart, "after"
	}
	near := fmt.Sprintf("%d min %s", int(apart.Minutes()), side)
	switch {
	case apart < time.Minute:
		near = "less than a minute " + side
	case apart >= 2*time.Hour:
		near = fmt.Sprintf("%d h %s", int(apart.Hours()), side)
	}
	if s.Own {
		return near
	}
	return near + ", needed by it"
}

// suspected are the services whose deployments may have to do with an incident: its own, and those they depend on.
func suspected(cfg *config.Config, i *Incident) (own, needed []string) {
	own = slices.Clone(i.Services)
	for _, name := range own {
		service, ok := cfg.Service(name)
		if !ok {
			continue
		}
		for _, other := range service.DependsOn {
			if !slices.Contains(own, other) && !slices.Contains(needed, other) {
				needed = append(needed, other)
			}
		}
	}
	return own, needed
}

// lookForSuspects ranks the deployments around an incident: of its own services before those of what they need, and the later one
// first, as what changed last is what one looks at first. What went back to something good is no suspect, nor what began after the
// cause is known to be over.
func (s *Service) lookForSuspects(ctx context.Context, i *Incident, now time.Time) error {
	own, needed := suspected(s.current(), i)
	var found []Suspect
	if len(own) > 0 {
		all, err := s.deploys.Recent(ctx, append(slices.Clone(own), needed...), i.Created.Add(-SuspectFor))
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.Rollback || !i.Mitigated.IsZero() && d.Began.After(i.Mitigated) {
				continue
			}
			found = append(found, Suspect{Deploy: d, Own: slices.Contains(own, d.Service), After: d.Began.After(i.Created)})
		}
		slices.SortStableFunc(found, func(a, b Suspect) int {
			switch {
			case a.After != b.After: // what came after it cannot have begun it
				return less(b.After, a.After)
			case a.Own != b.Own:
				return less(a.Own, b.Own)
			}
			return b.Began.Compare(a.Began)
		})
		found = found[:min(len(found), MaxSuspects)]
	}
	_, err := s.changeIncident(ctx, i.ID, func(_ store.Tx, i *Incident) error {
		if i.Looked.IsZero() || !slices.Equal(i.Suspect, found) { // the time alone is no news
			i.Looked, i.Suspect = now, found
		}
		return nil
	})
	return err
}

// less orders true before false.
func less(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}
