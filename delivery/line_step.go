package delivery

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// Lines is the runner's domain of the people who wait for a place. Its records are lines, by service and environment; one of all
// services or environments stands for all those lines, which are then looked at.
const Lines = "line"

// lineID names a line for the runner.
func lineID(service, environment string) string { return service + "/" + environment }

// saveLine writes a line, or removes an empty one, and has it looked at.
func saveLine(tx store.Tx, service, environment string, l *line) error {
	if len(l.People) == 0 {
		if err := tx.Delete(lineKey(service, environment)); err != nil {
			return err
		}
	} else if err := store.Save(tx, lineKey(service, environment), l); err != nil {
		return err
	}
	return work.Wake(tx, Lines, lineID(service, environment), time.Time{})
}

// wakeLine has the line of a place looked at, since something there has changed.
func wakeLine(tx store.Tx, service, environment string) error {
	data, err := tx.Get(lineKey(service, environment))
	if err != nil || data == nil {
		return err
	}
	return work.Wake(tx, Lines, lineID(service, environment), time.Time{})
}

// wakeLines is wakeLine for all services, all environments or both, where the name is empty.
func wakeLines(tx store.Tx, service, environment string) error {
	if service != "" && environment != "" {
		return wakeLine(tx, service, environment)
	}
	return work.Wake(tx, Lines, lineID(cmp.Or(service, anyName), cmp.Or(environment, anyName)), time.Time{})
}

// takeSlot gives a deployment its place. Whoever waited for it in line waits no more when it is theirs, and goes on waiting when
// somebody else was faster or it goes back.
func takeSlot(tx store.Tx, d *Deployment) error {
	if err := tx.Put(slotKey(d.Service, d.Environment), []byte(d.ID)); err != nil {
		return err
	}
	l, found, err := store.Load[line](tx, lineKey(d.Service, d.Environment))
	if err != nil || !found {
		return err
	}
	if d.Rollback == nil { // who goes back has not deployed what they wait to deploy
		l.remove(d.By)
	}
	l.Told = time.Time{}
	return saveLine(tx, d.Service, d.Environment, &l)
}

// StepLine tells the first in a line that the place is free, or the next when the first has let their turn pass, and says when
// to look again; the zero time when somebody has to do something first.
func (s *Service) StepLine(ctx context.Context, id string) (next time.Time, err error) {
	service, environment, _ := strings.Cut(id, "/")
	if service == anyName || environment == anyName {
		return time.Time{}, s.wakeEach(ctx, service, environment)
	}
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		next, err = s.nextTurn(tx, service, environment)
		return err
	})
	return next, err
}

// wakeEach wakes the lines that stand for a name, each in a transaction of its own.
func (s *Service) wakeEach(ctx context.Context, service, environment string) error {
	var ids [][2]string
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		ids = nil
		for key := range snap.Scan(linePrefix, "") {
			at := strings.Split(strings.TrimPrefix(key, linePrefix), "/") // names of services and environments are keys as they are
			if len(at) == 2 && (service == anyName || service == at[0]) && (environment == anyName || environment == at[1]) {
				ids = append(ids, [2]string{at[0], at[1]})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, at := range ids {
		if err := work.Update(ctx, s.db, func(tx store.Tx) error { return wakeLine(tx, at[0], at[1]) }); err != nil {
			return err
		}
	}
	return nil
}

// nextTurn moves a line on.
func (s *Service) nextTurn(tx store.Tx, service, environment string) (next time.Time, err error) {
	l, found, err := store.Load[line](tx, lineKey(service, environment))
	if err != nil || !found {
		return time.Time{}, err
	}
	shut, until, err := s.shutFor(tx, service, environment)
	var gone *Refused
	switch {
	case errors.As(err, &gone): // nobody can deploy there any more
		return time.Time{}, tx.Delete(lineKey(service, environment))
	case err != nil:
		return time.Time{}, err
	case shut && l.Told.IsZero():
		return until, nil
	case shut: // the first keeps their place and is told again
		l.Told = time.Time{}
		return until, store.Save(tx, lineKey(service, environment), l)
	}
	now := s.clock.Now()
	if now.Before(l.Told) {
		return l.Told, nil
	}
	if !l.Told.IsZero() {
		l.People = l.People[1:]
	}
	if len(l.People) == 0 {
		return time.Time{}, tx.Delete(lineKey(service, environment))
	}
	first := &l.People[0]
	first.Turns++
	l.Told = now.Add(turnLasts)
	if err := store.Save(tx, lineKey(service, environment), l); err != nil {
		return time.Time{}, err
	}
	return l.Told, s.tell(tx, Note{Person: first.By, Topic: "line", ID: first.Request + " " + strconv.Itoa(first.Turns), At: now,
		Turn: &Turn{Service: service, Environment: environment, Ref: first.Ref, Inputs: first.Inputs, Until: l.Told}})
}

// shutFor tells whether a place is taken, locked, frozen or kept by an incident, so that nobody can deploy there, and when it is to be looked at again
// without being woken. A place that the configuration does not know is a *Refused.
func (s *Service) shutFor(g store.Getter, serviceName, environmentName string) (shut bool, until time.Time, err error) {
	cfg := s.current()
	service, environment, err := place(cfg, serviceName, environmentName)
	if err != nil {
		return false, until, err
	}
	f := Facts{Now: s.clock.Now(), Config: cfg, Service: service, Environment: environment}
	if f.Slot, err = holder(g, service.Name, environment.Name); err != nil {
		return false, until, err
	}
	if f.Locks, err = readLocks(g, service.Name, environment.Name); err != nil {
		return false, until, err
	}
	if f.Freezes, err = readFreezes(g, environment.Name); err != nil {
		return false, until, err
	}
	if f.Holds, err = s.readHolds(g, service.Name); err != nil {
		return false, until, err
	}
	for _, gate := range []*Gate{slotGate(&f), lockGate(&f), freezeGate(&f), incidentGate(&f)} {
		if gate.Verdict == Passed {
			continue
		}
		shut = true
		if until.IsZero() || !gate.Until.IsZero() && gate.Until.Before(until) {
			until = gate.Until
		}
	}
	return shut, until, nil
}
