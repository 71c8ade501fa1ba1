package incident

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

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
		s.become(i, severity, w.At, page)
		i.again(ChoreTopic)
		return s.note(tx, i, Line{At: w.At, Kind: LineSeverity, By: w.By, Text: severity.Name, From: from})
	})
}

// become gives an incident another severity, with what that brings.
func (s *Service) become(i *Incident, severity config.Severity, at time.Time, page bool) {
	i.Severity = severity.Name
	if page && i.Status != Mitigated {
		i.page(severity.Name, pagingOf(i, severity.Page))
	}
	before := i.Due
	i.nextDue(severity, at)
	if !before.IsZero() && (i.Due.IsZero() || before.Before(i.Due)) { // what people were told comes no later
		i.Due = before
	}
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
	gen := 1
	if before := i.Chores[name]; before != nil {
		gen = before.Gen + 1
	}
	i.Chores[name] = &Chore{State: Wanted, Gen: gen}
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
		if len(i.Paged) > 0 { // whom it paged before was told that it is over
			i.page(i.Severity, pagingOf(i, s.severity(i).Page))
		}
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

// Edit changes several things of an incident at once: what is empty stays as it is. A severity that pages somebody pages them as
// SetSeverity does.
type Edit struct{ Title, Severity, Impact string }

// Edit makes the changes of an Edit, each a line of the timeline; when all of it stands so already it is refused.
func (s *Service) Edit(ctx context.Context, w ChangeWant, e Edit) (*Incident, error) {
	severity, _, known := s.current().Incidents.Severity(e.Severity)
	if e.Severity != "" && !known {
		return nil, &Refused{Code: NoSeverity, Word: e.Severity}
	}
	title, impact := strings.TrimSpace(e.Title), strings.TrimSpace(e.Impact)
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		var lines []Line
		if title != "" && title != i.Title {
			i.Title = title
			lines = append(lines, Line{Kind: LineTitle, Text: title})
		}
		if impact != "" && impact != i.Impact {
			i.Impact = impact
			lines = append(lines, Line{Kind: LineImpact, Text: impact})
		}
		if e.Severity != "" && severity.Name != i.Severity {
			if !i.Open() {
				return &Refused{Code: IsOver, Incident: i}
			}
			lines = append(lines, Line{Kind: LineSeverity, Text: severity.Name, From: i.Severity})
			s.become(i, severity, w.At, true)
		}
		if len(lines) == 0 {
			return &Refused{Code: AlreadySo, Incident: i}
		}
		i.again(ChoreTopic)
		for _, l := range lines {
			l.At, l.By = w.At, w.By
			if err := s.note(tx, i, l); err != nil {
				return err
			}
		}
		return nil
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
		switch {
		case is == concerned:
			return &Refused{Code: AlreadySo, Incident: i, Subject: Subject{Of, service.Name}}
		case concerned && len(i.Services) >= MaxServices:
			return &Refused{Code: TooManyServices, Incident: i}
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
