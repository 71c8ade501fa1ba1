package incident

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// endedDeploy is a deployment that has ended, and the incidents whose timelines do not say so yet.
type endedDeploy struct {
	Deploy    Deploy   `json:"deploy"`
	Incidents []string `json:"incidents"`
}

// endedStep begins the runner's ID of such a deployment.
const endedStep = "ended/"

// Deployed has the timelines of the incidents of a service that are open now say that a deployment of it has ended. It is called in
// the transaction that ends the deployment, which must end however many incidents there are and however they fare: so it writes down
// that they are to say so, and steps make it so.
func (s *Service) Deployed(tx store.Tx, d Deploy) error {
	ids, _, err := store.Load[[]string](tx, ofKey(d.Service))
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := store.Save(tx, endedKey(d.ID), endedDeploy{Deploy: d, Incidents: ids}); err != nil {
		return err
	}
	return work.Wake(tx, Incidents, endedStep+d.ID, time.Time{})
}

// noteEnded writes the lines, each with the note that it is written. One that cannot be written holds up no other.
func (s *Service) noteEnded(ctx context.Context, deployment string) error {
	var e endedDeploy
	if err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		e, _, err = store.Load[endedDeploy](snap, endedKey(deployment))
		return err
	}); err != nil {
		return err
	}
	var failed error
	for _, id := range e.Incidents {
		failed = errors.Join(failed, work.Update(ctx, s.db, func(tx store.Tx) error { return s.noteEndedIn(tx, deployment, id) }))
	}
	return failed
}

func (s *Service) noteEndedIn(tx store.Tx, deployment, id string) error {
	e, _, err := store.Load[endedDeploy](tx, endedKey(deployment))
	if err != nil || !slices.Contains(e.Incidents, id) {
		return err
	}
	e.Incidents = slices.DeleteFunc(e.Incidents, func(other string) bool { return other == id })
	if len(e.Incidents) == 0 {
		err = tx.Delete(endedKey(deployment))
	} else {
		err = store.Save(tx, endedKey(deployment), e)
	}
	if err != nil {
		return err
	}
	_, err = s.changeIncidentIn(tx, id, func(tx store.Tx, i *Incident) error {
		i.Looked = time.Time{} // it may be suspected now
		return s.note(tx, i, e.Deploy.line())
	})
	if errors.Is(err, ErrNotFound) { // it is so long over that it is not kept
		return nil
	}
	return err
}

// line says in a timeline how a deployment has ended.
func (d Deploy) line() Line {
	kind := LineDeployed
	if d.Rollback {
		kind = LineRolledBack
	}
	text := strings.Join([]string{d.Service, d.SHA[:min(7, len(d.SHA))], d.Environment, d.State}, " ")
	return Line{At: d.Ended, Kind: kind, By: d.By, Text: text, Link: d.ID}
}
