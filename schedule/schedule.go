package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"shipmate/clock"
	"shipmate/store"
	"shipmate/work"
)

// Missed says what becomes of a time at which nobody ran it: Shipmate was down, or busy for long.
type Missed string

// What becomes of missed times.
const (
	CatchUp Missed = "once" // the latest of them is run as soon as it can be, once, unless that is too late (see Late)
	SkipIt  Missed = "skip" // none of them is run
)

// Grace is how late a time counts as kept. Later, it was missed.
const Grace = 5 * time.Minute

// Late is how long after its time a missed line is still run: what was meant for one day is not run on the next.
const Late = 12 * time.Hour

// State is whether a schedule runs.
type State string

// The states.
const (
	Active  State = "active"
	Paused  State = "paused"  // somebody wants it so
	Stopped State = "stopped" // it may not run any more, or cannot: see Hold
	Removed State = "removed" // it never runs again
)

// Kind is what a schedule does when its time has come.
type Kind string

// Lines are run as if somebody had typed them.
const Lines Kind = "line"

// Schedule is something that happens at times.
type Schedule struct {
	ID      string    `json:"id"`
	Kind    Kind      `json:"kind"`
	Request string    `json:"request,omitempty"` // the request it was asked for by
	Created time.Time `json:"created"`

	// Cron is when, on the wall clock of Zone, an IANA name; Working leaves out days on which Team does not work.
	Cron    string `json:"cron"`
	Zone    string `json:"zone"`
	Working bool   `json:"working,omitempty"`
	Team    string `json:"team,omitempty"`
	Missed  Missed `json:"missed"`

	Owner   string `json:"owner,omitempty"`   // Slack ID of whose rights it runs with
	Channel string `json:"channel,omitempty"` // where its answer goes, by its ID
	Line    string `json:"line,omitempty"`    // what is run, without a slash

	State State `json:"state"`
	Hold  *Hold `json:"hold,omitempty"` // why it does not run; nil while it is active

	// Next is the first time of which nothing is written down yet; Skip is one that somebody wants left out.
	Next   time.Time `json:"next,omitzero"`
	Skip   time.Time `json:"skip,omitzero"`
	SkipBy string    `json:"skip_by,omitempty"`
	// Now is that somebody wants it run at once; Running is what was claimed and has not ended.
	Now     *Ask      `json:"now,omitempty"`
	Running *Occasion `json:"running,omitempty"`
	// Last is what came of it last, of what ran.
	Last *Happening `json:"last,omitempty"`
}

// Hold is why a schedule does not run.
type Hold struct {
	By string    `json:"by,omitempty"` // Slack ID; empty when Shipmate stopped it
	At time.Time `json:"at"`
	// Until is when it runs again by itself; zero when somebody has to say so.
	Until time.Time `json:"until,omitzero"`
	Said  string    `json:"said,omitempty"` // what was answered when it was stopped, as Slack shows it
}

// Ask is that somebody wants a schedule run at once.
type Ask struct {
	Request string    `json:"request"`
	By      string    `json:"by"` // Slack ID
	At      time.Time `json:"at"`
}

// Occasion is one time at which a schedule runs.
type Occasion struct {
	ID    string    `json:"id"` // of what is run: everything it makes carries it
	At    time.Time `json:"at"` // as planned, or as it was asked for
	Begun time.Time `json:"begun"`
	By    string    `json:"by,omitempty"` // who wanted it at once; a Slack ID
	Tries int       `json:"tries,omitempty"`
}

// Name is how it is called where its ID says nothing: the line, or what it is.
func (s *Schedule) Name() string {
	switch s.Kind {
	case Digests:
		return "digest of " + s.Team
	case Handovers:
		return "hand-over of " + s.Team
	case Reminders:
		return "debt reminder of " + s.Team
	}
	return "/" + s.Line
}

// Location is where its times are meant.
func (s *Schedule) Location() *time.Location {
	zone, err := clock.LoadZone(s.Zone)
	if err != nil { // it was checked when it was made; a zone that is gone since means UTC
		return time.UTC
	}
	return zone
}

// Times are when it happens. It is an error when a later version of the program does not understand them any more.
func (s *Schedule) Times() (clock.Cron, error) { return clock.ParseCron(s.Cron, s.Location()) }

// ID is the ID of the schedule that a request makes.
func ID(request string) string { return hashed("s-", "schedule", request) }

// scheduleID are IDs of schedules that people made, and of those that the configuration names.
var scheduleID = regexp.MustCompile(`^(s-[a-z2-7]{10}|(digest|handover|debt)-[a-z0-9][a-z0-9-]{0,39})$`)

// IsID tells whether s is written like the ID of a schedule.
func IsID(s string) bool { return scheduleID.MatchString(s) }

func load(g store.Getter, id string) (*Schedule, error) { return loadOne[Schedule](g, oneKey(id)) }

// Schedule returns the schedule with that ID, or ErrNotFound.
func (s *Service) Schedule(ctx context.Context, id string) (one *Schedule, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		one, err = load(snap, id)
		return err
	})
	return one, err
}

// All returns the schedules that may run again, in order of their next time, those that do not run last.
func (s *Service) All(ctx context.Context) (out []*Schedule, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, value := range snap.Scan(onePrefix, "") {
			var one Schedule
			if err := json.Unmarshal(value, &one); err != nil {
				return err
			}
			if one.State != Removed {
				out = append(out, &one)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading schedules: %w", err)
	}
	sortByNext(out)
	return out, nil
}

// change changes a schedule in one transaction, and wakes it.
func (s *Service) change(ctx context.Context, id string, fn func(store.Tx, *Schedule) error) (*Schedule, error) {
	var one *Schedule
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		if one, err = load(tx, id); err != nil {
			return err
		}
		return s.changeIn(tx, one, fn)
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("writing the schedule %s: %w", id, err)
	}
	return one, nil
}

func (s *Service) changeIn(tx store.Tx, one *Schedule, fn func(store.Tx, *Schedule) error) error {
	if err := fn(tx, one); err != nil {
		return err
	}
	if err := store.Save(tx, oneKey(one.ID), one); err != nil {
		return err
	}
	if at, ok := one.due(); ok {
		return work.Appoint(tx, Domain, one.ID, at)
	}
	return work.Cancel(tx, Domain, one.ID)
}

// due is when it is to be stepped next, the zero time at once; false when it is not.
func (s *Schedule) due() (time.Time, bool) {
	if s.State == Removed {
		return time.Time{}, false
	}
	if s.Running != nil || s.Now != nil {
		return time.Time{}, true
	}
	if s.State == Paused && !s.Hold.Until.IsZero() {
		return s.Hold.Until, true
	}
	return s.Next, s.State == Active
}
