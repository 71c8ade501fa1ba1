package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
	"shipmate/work"
)

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
