package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// MaxServices is how many services an incident may concern: what follows from how it stands is written for each of them at once.
const MaxServices = 10

// DeclareWant is an incident that somebody declares.
type DeclareWant struct {
	// Request is the ID of the request; the same request declares the same incident.
	Request  string
	At       time.Time
	By       string // Slack ID
	Channel  string // where it is declared
	Title    string
	Severity string
	Services []string
	Impact   string
	Private  bool
	// Page has those paged whom the severity names.
	Page bool
	Link string // of what it was noticed in
	// Shown says that whoever declares it shows it in Channel.
	Shown bool
}

// The names of the chores.
const (
	ChoreRoom     = "room"     // make the channel
	ChoreInvite   = "invite"   // bring people in
	ChoreTopic    = "topic"    // say in its topic how it stands
	ChoreBookmark = "bookmark" // links at its top
	ChorePin      = "pin"      // pin the header
	ChoreSettle   = "settle"   // resolve its pages on PagerDuty
	ChoreShow     = "show"     // show its post-mortem where it runs
)

// Declare writes down that there is an incident; steps do the rest. The same request declares one. A *Refused says why not.
func (s *Service) Declare(ctx context.Context, w DeclareWant) (*Incident, error) {
	i, err := s.Record(ctx, IncidentID(w.Request))
	if !errors.Is(err, ErrNotFound) {
		return i, err
	}
	severity, _, known := s.current().Incidents.Severity(w.Severity)
	switch {
	case strings.TrimSpace(w.Title) == "":
		return nil, &Refused{Code: NoTitle}
	case !known:
		return nil, &Refused{Code: NoSeverity, Word: w.Severity}
	}
	var services []string
	if len(w.Services) > MaxServices {
		return nil, &Refused{Code: TooManyServices}
	}
	for _, name := range w.Services {
		service, ok := s.current().Service(name)
		if !ok {
			return nil, &Refused{Code: NoSubject, Subject: Subject{Of, name}}
		}
		services = append(services, service.Name) // what it keeps out goes by the name, also when an alias was said
	}
	planned := Incident{ID: IncidentID(w.Request), Request: w.Request, Stage: 1, Title: strings.TrimSpace(w.Title), Severity: severity.Name,
		Status: Investigating, Private: w.Private, Impact: strings.TrimSpace(w.Impact), Services: services, Link: w.Link, By: w.By,
		Created: w.At.UTC(), Channel: w.Channel, Roles: map[Role]Holder{},
		Chores: map[string]*Chore{ChoreRoom: {State: Wanted}, ChoreInvite: {State: Wanted}, ChoreTopic: {State: Wanted}, ChoreBookmark: {State: Wanted}, ChorePin: {State: Wanted}}}
	planned.nextDue(severity, planned.Created)
	if w.Shown {
		planned.Shown = []string{w.Channel}
	}
	if w.Page {
		planned.page(severity.Name, pagingOf(&planned, severity.Page))
	}
	err = work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		i, err = loadIncident(tx, planned.ID)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		copied := planned
		i = &copied
		last, _, err := store.Load[int](tx, lastNumber)
		if err != nil {
			return err
		}
		i.Number = last + 1
		if err := store.Save(tx, lastNumber, i.Number); err != nil {
			return err
		}
		if err := tx.Put(numberKey(i.Number), []byte(i.ID)); err != nil {
			return err
		}
		if err := s.note(tx, i, Line{At: i.Created, Kind: LineDeclared, By: w.By, Text: i.Severity}); err != nil {
			return err
		}
		if err := s.show(tx, i); err != nil {
			return err
		}
		if err := s.announce(tx, i, "declared"); err != nil {
			return err
		}
		return s.saveIncident(tx, nil, i)
	})
	if err != nil {
		return nil, fmt.Errorf("declaring an incident: %w", err)
	}
	return i, nil
}

// Recent are the incidents declared within a time before now and those that are open, the newest first, for whoever is about to
// declare the same once more.
func (s *Service) Recent(ctx context.Context, within time.Duration) ([]*Incident, error) {
	open, over, err := s.List(ctx, 20)
	if err != nil {
		return nil, err
	}
	since := s.clock.Now().Add(-within)
	return slices.DeleteFunc(append(open, over...), func(i *Incident) bool { return i.Created.Before(since) }), nil
}
