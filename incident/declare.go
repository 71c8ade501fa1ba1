package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

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

// saveIncident writes an incident with everything that follows from how it stands now: whether it is open, where it runs, what it
// freezes; and has its steps and its header looked at. before is nil of a new one.
func (s *Service) saveIncident(tx store.Tx, before, i *Incident) error {
	if err := s.freeze(tx, before, i); err != nil {
		return err
	}
	if err := cite(tx, before, i); err != nil {
		return err
	}
	if err := store.Save(tx, incidentKey(i.ID), i); err != nil {
		return err
	}
	var err error
	if i.Open() {
		err = tx.Put(openIncidentKey(i.ID), []byte(i.ID))
	} else {
		err = tx.Delete(openIncidentKey(i.ID))
	}
	if err != nil {
		return err
	}
	if i.Room.ID != "" {
		if err := tx.Put(roomKey(i.Room.ID), []byte(i.ID)); err != nil {
			return err
		}
	}
	if err := work.Wake(tx, Incidents, i.ID, time.Time{}); err != nil {
		return err
	}
	return s.wakeCards(tx, i)
}

// show has a short message about it stand where incidents are announced; of a private one none does.
func (s *Service) show(tx store.Tx, i *Incident) error {
	channel := s.current().Incidents.Channel
	if channel == "" || i.Private {
		return nil
	}
	i.Shown = append(i.Shown, channel)
	return s.rooms.Show(tx, i.ID, channel)
}

// wakeCards has the header and the short messages redrawn.
func (s *Service) wakeCards(tx store.Tx, i *Incident) error {
	if err := s.wakePostmortem(tx, i.ID); err != nil {
		return err
	}
	for _, channel := range i.Shown {
		if err := work.Wake(tx, card, "incidentnews/"+i.ID+"/"+channel, time.Time{}); err != nil {
			return err
		}
	}
	return work.Wake(tx, card, "incident/"+i.ID, time.Time{})
}

// changeIncident writes one change of an incident. A change that changes nothing writes nothing.
func (s *Service) changeIncident(ctx context.Context, id string, fn func(store.Tx, *Incident) error) (*Incident, error) {
	var i *Incident
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		i, err = s.changeIncidentIn(tx, id, fn)
		return err
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("writing incident %s: %w", id, err)
	}
	return i, nil
}

func (s *Service) changeIncidentIn(tx store.Tx, id string, fn func(store.Tx, *Incident) error) (*Incident, error) {
	i, err := loadIncident(tx, id)
	if err != nil {
		return nil, err
	}
	before, err := copied(i)
	if err != nil {
		return nil, err
	}
	if changed, err := differs(i, func() error { return fn(tx, i) }); err != nil || !changed {
		return i, err
	}
	if i.offers() != before.offers() {
		i.Stage++
	}
	return i, s.saveIncident(tx, before, i)
}

// offers is what the buttons mean, as one comparable value: only what moves the status on means something else in another one. Who
// takes command says that nobody has it, and who rolls back from what.
func (i *Incident) offers() string { return string(i.Status) }

// asked is which incident a request changed.
type asked struct {
	Incident string    `json:"incident"`
	At       time.Time `json:"at"`
}

// Changed is the incident that a request changed, or ErrNotFound.
func (s *Service) Changed(ctx context.Context, request string) (*Incident, error) {
	var i *Incident
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		a, found, err := store.Load[asked](snap, askedKey(request))
		if err == nil && !found {
			err = ErrNotFound
		}
		if err == nil {
			i, err = loadIncident(snap, a.Incident)
		}
		return err
	})
	return i, err
}

// ChangeWant is somebody changing an incident.
type ChangeWant struct {
	Request  string
	At       time.Time
	By       string // Slack ID
	Incident string
}

// change makes a change that a person asked for, once per request.
func (s *Service) change(ctx context.Context, w ChangeWant, fn func(store.Tx, *Incident) error) (*Incident, error) {
	return s.changeIncident(ctx, w.Incident, func(tx store.Tx, i *Incident) error {
		created, err := store.Create(tx, askedKey(w.Request), asked{Incident: i.ID, At: w.At})
		if err != nil || !created {
			return err
		}
		return fn(tx, i)
	})
}

// SetSeverity says how bad it is. A severity that pages somebody pages them once, however often it is reached; page says whether.
func (s *Service) SetSeverity(ctx context.Context, w ChangeWant, name string, page bool) (*Incident, error) {
	severity, _, known := s.current().Incidents.Severity(name)
	if !known {
		return nil, &Refused{Code: NoSeverity, Word: name}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		if !i.Open() {
			return &Refused{Code: IsOver, Incident: i}
		}
		if i.Severity == severity.Name {
			return &Refused{Code: AlreadySo, Incident: i}
		}
		from := i.Severity
		i.Severity = severity.Name
		if page && i.Status != Mitigated {
			i.page(severity.Name, pagingOf(i, severity.Page))
		}
		i.nextDue(severity, w.At)
		i.again(ChoreTopic)
		return s.note(tx, i, Line{At: w.At, Kind: LineSeverity, By: w.By, Text: severity.Name, From: from})
	})
}

// severity is the one an incident has by the configuration in force; a zero one when that no longer knows it.
func (s *Service) severity(i *Incident) config.Severity {
	severity, _, _ := s.current().Incidents.Severity(i.Severity)
	return severity
}

// nextDue says when the next update is due by the severity, counted from at.
func (i *Incident) nextDue(severity config.Severity, at time.Time) {
	i.Due = time.Time{}
	if severity.Update.Duration > 0 && i.Open() {
		i.Due = at.Add(severity.Update.Duration)
	}
}

// again has a chore done once more.
func (i *Incident) again(name string) {
	if i.Chores == nil {
		i.Chores = map[string]*Chore{}
	}
	i.Chores[name] = &Chore{State: Wanted}
}

// SetStatus says where it stands. Resolved also resolves its pages.
func (s *Service) SetStatus(ctx context.Context, w ChangeWant, status Status) (*Incident, error) {
	if !slices.Contains(Statuses, status) {
		return nil, &Refused{Code: NoStatus, Word: string(status)}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		switch {
		case i.Status == status:
			return &Refused{Code: AlreadySo, Incident: i}
		case !i.Open():
			return &Refused{Code: IsOver, Incident: i}
		}
		from := i.Status
		i.Status = status
		i.stamp(status, w.At)
		i.again(ChoreTopic)
		if status == IsResolved {
			i.Due, i.ResolvedBy = time.Time{}, w.By
			i.again(ChoreSettle)
			if err := s.announce(tx, i, "resolved"); err != nil {
				return err
			}
			if err := s.ended(tx, i, w.At); err != nil {
				return err
			}
		}
		return s.note(tx, i, Line{At: w.At, Kind: LineStatus, By: w.By, Text: string(status), From: string(from)})
	})
}

// stamp notes when it came to a status for the first time since it was opened.
func (i *Incident) stamp(status Status, at time.Time) {
	switch status {
	case Mitigated:
		i.Mitigated = at
	case IsResolved:
		i.Resolved = at
		if i.Mitigated.IsZero() {
			i.Mitigated = at
		}
	default:
		i.Mitigated = time.Time{}
	}
}

// Reopen opens a resolved incident again, with a reason.
func (s *Service) Reopen(ctx context.Context, w ChangeWant, reason string) (*Incident, error) {
	if strings.TrimSpace(reason) == "" {
		return nil, &Refused{Code: NoReason}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		if i.Open() {
			return &Refused{Code: AlreadySo, Incident: i}
		}
		i.Status, i.Resolved, i.Mitigated, i.Reopened = Investigating, time.Time{}, time.Time{}, i.Reopened+1
		i.nextDue(s.severity(i), w.At)
		i.again(ChoreTopic)
		delete(i.Chores, ChoreSettle)
		if err := s.announce(tx, i, "reopened"); err != nil {
			return err
		}
		return s.note(tx, i, Line{At: w.At, Kind: LineReopened, By: w.By, Text: strings.TrimSpace(reason)})
	})
}

// SetRole gives somebody a role, whoever had it before; with vacant only when nobody has it.
func (s *Service) SetRole(ctx context.Context, w ChangeWant, role Role, person string, vacant bool) (*Incident, error) {
	if !slices.Contains(Roles, role) {
		return nil, &Refused{Code: NoRole, Word: string(role)}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		had := i.Roles[role].Person
		switch {
		case had == person:
			return &Refused{Code: AlreadySo, Incident: i}
		case vacant && had != "":
			return &Refused{Code: RoleTaken, Incident: i, Person: had, Word: string(role)}
		}
		if i.Roles == nil {
			i.Roles = map[Role]Holder{}
		}
		i.Roles[role] = Holder{Person: person, Since: w.At, By: w.By}
		i.again(ChoreInvite)
		i.again(ChoreTopic)
		if err := s.note(tx, i, Line{At: w.At, Kind: LineRole, By: w.By, Text: string(role), Whom: person, From: had}); err != nil {
			return err
		}
		if person == w.By {
			return nil
		}
		return s.tell(tx, Note{Person: person, Topic: Incidents, ID: i.ID + "-" + string(role) + "-" + strconv.FormatInt(w.At.UnixNano(), 36), At: w.At,
			Incident: i, Role: role})
	})
}

// SetImpact says what customers see.
func (s *Service) SetImpact(ctx context.Context, w ChangeWant, impact string) (*Incident, error) {
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		i.Impact = strings.TrimSpace(impact)
		return s.note(tx, i, Line{At: w.At, Kind: LineImpact, By: w.By, Text: i.Impact})
	})
}

// Retitle says what it is about.
func (s *Service) Retitle(ctx context.Context, w ChangeWant, title string) (*Incident, error) {
	if strings.TrimSpace(title) == "" {
		return nil, &Refused{Code: NoTitle}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		i.Title = strings.TrimSpace(title)
		i.again(ChoreTopic)
		return s.note(tx, i, Line{At: w.At, Kind: LineTitle, By: w.By, Text: i.Title})
	})
}

// SetService says that a service is concerned, or is not.
func (s *Service) SetService(ctx context.Context, w ChangeWant, name string, concerned bool) (*Incident, error) {
	service, ok := s.current().Service(name)
	if !ok {
		return nil, &Refused{Code: NoSubject, Subject: Subject{Of, name}}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		is := slices.Contains(i.Services, service.Name)
		if is == concerned {
			return &Refused{Code: AlreadySo, Incident: i}
		}
		kind := LineService
		if concerned {
			i.Services = append(i.Services, service.Name)
		} else {
			i.Services = slices.DeleteFunc(i.Services, func(n string) bool { return n == service.Name })
			kind = LineNoService
		}
		i.Looked = time.Time{} // other deployments are suspected now
		return s.note(tx, i, Line{At: w.At, Kind: kind, By: w.By, Text: service.Name})
	})
}
