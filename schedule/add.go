package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/clock"
	"shipmate/store"
	"shipmate/work"
)

const (
	// MinEvery is how far apart the times of a line are at least.
	MinEvery = 5 * time.Minute
	// MaxOwned is how many schedules one person may have.
	MaxOwned = 50
	// Shown is how many of the next times are shown before a schedule is saved.
	Shown = 5
	// looked is how many times ahead are looked through for two that are too close.
	looked = 400
)

// Want is a line that somebody wants on a schedule.
type Want struct {
	Request string
	At      time.Time
	By      string // Slack ID of its owner
	Channel string // by its ID
	Team    string // whose working days count
	Cron    string
	Zone    string // IANA name
	Working bool
	Missed  Missed
	Line    string
}

// Preview is what a schedule would do.
type Preview struct {
	Schedule *Schedule
	Next     []time.Time         // the first Shown times that are not on a day off; in UTC
	Changes  []clock.ClockChange // of the year to come, that matter to it
}

// Preview says what a schedule would do, or why it cannot be.
func (s *Service) Preview(ctx context.Context, w Want) (*Preview, error) {
	one := &Schedule{ID: ID(w.Request), Kind: Lines, Request: w.Request, Created: w.At.UTC(), Cron: w.Cron, Zone: w.Zone, Working: w.Working, Team: w.Team, Missed: w.Missed,
		Owner: w.By, Channel: w.Channel, Line: w.Line, State: Active}
	if first, _, _ := strings.Cut(strings.ToLower(w.Line), " "); first == "schedule" {
		return nil, &Refused{Code: NoRecursion}
	}
	times, err := one.Times()
	if err != nil {
		return nil, &Refused{Code: BadTimes, Why: err}
	}
	if err := tooOften(times, w.At); err != nil {
		return nil, err
	}
	if err := s.try(ctx, w.By, w.Line); err != nil {
		return nil, &Refused{Code: NotYours, Why: err}
	}
	one.Next = times.Next(w.At)
	return &Preview{Schedule: one, Next: s.Upcoming(one, Shown), Changes: times.Changes(w.At, w.At.AddDate(1, 0, 0))}, nil
}

func tooOften(times clock.Cron, from time.Time) error {
	at := times.Next(from)
	for range looked {
		next := times.Next(at)
		if next.Sub(at) < MinEvery {
			return &Refused{Code: TooOften}
		}
		at = next
	}
	return nil
}

// Upcoming are the next n times at which a schedule will run, as far as that is known now: without one that is to be left out and without
// days off of the year to come. None of one that does not run.
func (s *Service) Upcoming(one *Schedule, n int) []time.Time {
	times, err := one.Times()
	if err != nil || one.State != Active {
		return nil
	}
	var out []time.Time
	off := s.dayOff(one)
	for at := one.Next; len(out) < n && at.Before(one.Next.AddDate(1, 0, 1)); at = times.Next(at) {
		if !at.Equal(one.Skip) && !off(at) {
			out = append(out, at)
		}
	}
	return out
}

// Add puts a line on a schedule, or returns the schedule that the request made before.
func (s *Service) Add(ctx context.Context, w Want) (*Schedule, error) {
	if one, err := s.Schedule(ctx, ID(w.Request)); !errors.Is(err, ErrNotFound) {
		return one, err
	}
	p, err := s.Preview(ctx, w)
	if err != nil {
		return nil, err
	}
	one := p.Schedule
	if err := s.roomFor(ctx, w.By); err != nil {
		return nil, err
	}
	err = s.db.Update(ctx, func(tx store.Tx) error {
		created, err := store.Create(tx, oneKey(one.ID), one)
		if err != nil || !created {
			return err
		}
		return work.Appoint(tx, Domain, one.ID, one.Next)
	})
	if err != nil {
		return nil, fmt.Errorf("writing a schedule: %w", err)
	}
	return one, nil
}

// roomFor refuses somebody who has many schedules already. Two requests at once may both pass: the limit is for order, nothing rests on it.
func (s *Service) roomFor(ctx context.Context, person string) error {
	n := 0
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		n = 0
		for _, value := range snap.Scan(onePrefix, "") {
			var one Schedule
			if err := json.Unmarshal(value, &one); err != nil {
				return err
			}
			if one.Owner == person && one.State != Removed {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading schedules: %w", err)
	}
	if n >= MaxOwned {
		return &Refused{Code: TooMany}
	}
	return nil
}
