package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// configured are the schedules that the configuration names, by their IDs.
func configured(cfg *config.Config) map[string]*Schedule {
	out := map[string]*Schedule{}
	for _, name := range cfg.TeamNames() {
		team := cfg.Teams[name]
		plan := func(id string, kind Kind, cron string) {
			if cron != "" {
				out[id] = ofTeam(id, kind, team, cron)
			}
		}
		plan(DigestOf(name), Digests, team.Digest)
		plan(HandoverOf(name), Handovers, team.Handover)
		if _, repos := servicesOf(cfg, name); team.Channel != "" && len(repos) > 0 {
			plan(RemindersOf(name), Reminders, cfg.Debt.Remind)
		}
	}
	return out
}

func ofTeam(id string, kind Kind, team *config.Team, cron string) *Schedule {
	return &Schedule{ID: id, Kind: kind, Team: team.Name, Channel: team.Channel, Cron: cron, Zone: team.Location().String(), Missed: CatchUp, State: Active}
}

// Begin brings the schedules that the configuration names up to date with it. It is called at every start, and when the configuration has
// changed.
func (s *Service) Begin(ctx context.Context) error {
	wanted := configured(s.current())
	gone, err := s.unnamed(ctx, wanted)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	for _, want := range wanted {
		if err := work.Update(ctx, s.db, func(tx store.Tx) error { return s.align(tx, want, now) }); err != nil {
			return fmt.Errorf("following the configuration with %s: %w", want.ID, err)
		}
	}
	for _, id := range gone {
		_, err := s.change(ctx, id, func(_ store.Tx, one *Schedule) error {
			one.State, one.Hold, one.Now = Removed, &Hold{At: now}, nil
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unnamed are the IDs of the schedules that the configuration named once and does not any more.
func (s *Service) unnamed(ctx context.Context, wanted map[string]*Schedule) (out []string, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, value := range snap.Scan(onePrefix, "") {
			var one Schedule
			if err := json.Unmarshal(value, &one); err != nil {
				return err
			}
			if one.Kind != Lines && one.State != Removed && wanted[one.ID] == nil {
				out = append(out, one.ID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading schedules: %w", err)
	}
	return out, nil
}

// align makes a schedule what the configuration wants, in one transaction. Times that have come under other times are left out, with why.
func (s *Service) align(tx store.Tx, want *Schedule, now time.Time) error {
	stands, found, err := store.Load[Schedule](tx, oneKey(want.ID))
	if err != nil {
		return err
	}
	times, err := want.Times()
	if err != nil {
		return err
	}
	fresh := !found || stands.State == Removed
	if !fresh && stands.Cron == want.Cron && stands.Zone == want.Zone && stands.Channel == want.Channel {
		return nil
	}
	if fresh {
		stands = *want
		stands.Created, stands.Next = now.UTC(), times.Next(now)
	}
	return s.changeIn(tx, &stands, func(tx store.Tx, one *Schedule) error {
		one.Channel = want.Channel
		if one.Cron == want.Cron && one.Zone == want.Zone {
			return nil
		}
		if old, err := one.Times(); err == nil {
			h, _ := leftOut(one, old, now, WasChanged)
			if h != nil {
				if err := keep(tx, h); err != nil {
					return err
				}
			}
		}
		one.Cron, one.Zone, one.Next, one.Skip, one.SkipBy = want.Cron, want.Zone, times.Next(now), time.Time{}, ""
		return nil
	})
}
