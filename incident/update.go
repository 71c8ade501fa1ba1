package incident

import (
	"context"
	"strings"
	"time"

	"shipmate/store"
)

// UpdateWant is what people are to be told.
type UpdateWant struct {
	ChangeWant
	Know string        // what is known
	Do   string        // what is being done
	In   time.Duration // when the next one comes; 0: as the severity says
}

// PostUpdate tells people how it goes: in the channel of the incident and in those of stakeholders, unless it is private.
func (s *Service) PostUpdate(ctx context.Context, w UpdateWant) (*Incident, error) {
	if strings.TrimSpace(w.Know) == "" {
		return nil, &Refused{Code: EmptyMessage}
	}
	return s.change(ctx, w.ChangeWant, func(tx store.Tx, i *Incident) error {
		i.Updates++
		i.nextDue(s.severity(i), w.At)
		if w.In > 0 && i.Open() {
			i.Due = w.At.Add(w.In)
		}
		i.Update = &Update{N: i.Updates, At: w.At.UTC(), By: w.By, Know: strings.TrimSpace(w.Know), Do: strings.TrimSpace(w.Do), Next: i.Due}
		text := i.Update.Know
		if i.Update.Do != "" {
			text += "\n" + i.Update.Do
		}
		if err := s.note(tx, i, Line{At: w.At, Kind: LineUpdate, By: w.By, Text: text}); err != nil {
			return err
		}
		return s.announce(tx, i, "update")
	})
}

// Snooze puts the next update off by a time, counted from when it is due, or from now when that has passed.
func (s *Service) Snooze(ctx context.Context, w ChangeWant, d time.Duration) (*Incident, error) {
	return s.change(ctx, w, func(_ store.Tx, i *Incident) error {
		if !i.Open() {
			return &Refused{Code: IsOver, Incident: i}
		}
		i.Due = later(i.Due, w.At).Add(d)
		return nil
	})
}

// announce says in the channels of stakeholders how an incident goes; of a private one nothing is said.
func (s *Service) announce(tx store.Tx, i *Incident, kind string) error {
	if i.Private {
		return nil
	}
	id := i.ID + "-" + kind
	switch kind {
	case "update":
		id += "-" + itoa(i.Updates)
	case "resolved", "reopened":
		id += "-" + itoa(i.Reopened)
	}
	for _, channel := range s.current().Incidents.Updates {
		if err := s.rooms.Say(tx, channel, id+"-"+channel, Announcement{Incident: i, Kind: kind, Update: i.Update}); err != nil {
			return err
		}
	}
	return nil
}

// remind tells whoever speaks for the incident that an update is due, once for each time one is.
func (s *Service) remind(ctx context.Context, i *Incident, now time.Time) error {
	_, err := s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
		if i.Due.IsZero() || now.Before(i.Due) || i.Nagged.Equal(i.Due) || !i.Open() {
			return nil
		}
		i.Nagged = i.Due
		return s.tell(tx, Note{Person: i.Speaker(), Topic: Incidents, ID: i.ID + "-due-" + itoa(int(i.Due.Unix())), At: now, Incident: i, Due: true})
	})
	return err
}

// Speaker is who tells everybody else: who has that role, else the commander, else who declared it.
func (i *Incident) Speaker() string {
	for _, role := range []Role{Comms, Commander} {
		if h, ok := i.Roles[role]; ok {
			return h.Person
		}
	}
	return i.By
}

// tire reminds those who have had a role for long to hand it over.
func (s *Service) tire(ctx context.Context, i *Incident, now time.Time) error {
	after := s.severity(i).HandOver.Duration
	if after <= 0 {
		return nil
	}
	_, err := s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
		for _, role := range Roles {
			h, ok := i.Roles[role]
			if !ok || now.Before(later(h.Since, h.Nudged).Add(after)) || !i.Open() {
				continue
			}
			h.Nudged = now
			i.Roles[role] = h
			if err := s.tell(tx, Note{Person: h.Person, Topic: Incidents, ID: i.ID + "-tired-" + string(role) + "-" + itoa(int(now.Unix())), At: now,
				Incident: i, Role: role, Tired: true}); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
