package incident_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/store"
	"shipmate/work"
)

// freed is how often a service was let go.
func (s *stage) freed(service string) (n int) {
	s.Helper()
	if err := s.db.View(context.Background(), func(snap store.Snapshot) (err error) {
		n, _, err = store.Load[int](snap, store.Key("freed", service))
		return err
	}); err != nil {
		s.Fatal(err)
	}
	return n
}

// hears ends a deployment of a service, and does what follows.
func (s *stage) hears(d incident.Deploy) {
	s.Helper()
	s.heard(d)
	if next, err := s.StepIncident(context.Background(), "ended/"+d.ID); err != nil || !next.IsZero() {
		s.Fatalf("%s, %v", next, err)
	}
}

// heard ends it, and nothing follows yet.
func (s *stage) heard(d incident.Deploy) {
	s.Helper()
	if err := work.Update(context.Background(), s.db, func(tx store.Tx) error { return s.Deployed(tx, d) }); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) shipped(id, service, state string) incident.Deploy {
	return incident.Deploy{ID: id, Service: service, Environment: "staging", SHA: "1a2b3c4d5e6f7a8b", By: anaSlack, Began: s.clock.Now(),
		Ended: s.clock.Now().Add(time.Minute), State: state}
}

// about are the lines of a timeline that are about deployments.
func (s *stage) about(id string) []string {
	s.Helper()
	lines, err := s.Timeline(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		if l.Kind == incident.LineDeployed || l.Kind == incident.LineRolledBack {
			out = append(out, fmt.Sprintf("%s %s by %s: %s", l.Kind, l.Link, l.By, l.Text))
		}
	}
	return out
}

// The timelines of all open incidents of a service tell its deployments, whatever those keep out, each once and in time.
func TestTimelinesTellDeployments(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	bad := s.declares(func(w *incident.DeclareWant) { w.Services = []string{"shop", "catalog"} })
	mild := s.declares(severe("sev3"), func(w *incident.DeclareWant) { w.Request = "mild" })
	other := s.declares(func(w *incident.DeclareWant) { w.Request, w.Services = "other", []string{"plain"} })
	late := s.shipped("d-late", "checkout", "failed")
	s.heard(late)
	if _, err := s.SetStatus(bg, s.change(mild, dee), incident.IsResolved); err != nil { // open when it ended
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.StepIncident(bg, "ended/d-late"); err != nil {
			t.Fatal(err)
		}
	}
	back := s.shipped("d-back", "checkout", "succeeded")
	back.Rollback = true
	s.hears(back)
	s.hears(s.shipped("d-cat", "catalog", "cancelled"))
	if _, err := s.SetService(bg, s.change(bad, dee), "catalog", false); err != nil {
		t.Fatal(err)
	}
	s.hears(s.shipped("d-gone", "catalog", "succeeded"))
	if _, err := s.Reopen(bg, s.change(mild, dee), "it is back"); err != nil {
		t.Fatal(err)
	}
	s.hears(s.shipped("d-last", "checkout", "succeeded"))
	first := "deployed d-late by U0ANA: checkout 1a2b3c4 staging failed"
	last := "deployed d-last by U0ANA: checkout 1a2b3c4 staging succeeded"
	for id, want := range map[string][]string{
		bad.ID: {first, "rolled_back d-back by U0ANA: checkout 1a2b3c4 staging succeeded", "deployed d-cat by U0ANA: catalog 1a2b3c4 staging cancelled",
			last},
		mild.ID:  {first, last},
		other.ID: nil,
	} {
		if got := s.about(id); !slices.Equal(got, want) {
			t.Errorf("%s tells %q, want %q", s.incident(id).Name(), got, want)
		}
	}
	left := 0
	if err := s.db.View(bg, func(snap store.Snapshot) error {
		left = 0
		for range snap.Scan(store.Key("incident", "ended")+"/", "") {
			left++
		}
		return nil
	}); err != nil || left != 0 {
		t.Errorf("%d are still to be told, %v", left, err)
	}
}

// However many incidents a service has, its deployments end; and one that cannot be read keeps no other from being told.
func TestManyIncidentsKeepNoDeploymentFromEnding(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	var all []*incident.Incident
	for n := range 60 {
		all = append(all, s.declares(func(w *incident.DeclareWant) { w.Request = fmt.Sprint(n) }))
	}
	if err := s.db.Update(bg, func(tx store.Tx) error { // as whoever decides about a deployment
		held, err := incident.Holds(tx, "checkout")
		if len(held) != 10 || held[0].Number != 1 {
			t.Errorf("%d keep it out: %+v", len(held), held)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var record []byte
	put := func(to []byte) {
		if err := s.db.Update(bg, func(tx store.Tx) (err error) {
			if record == nil {
				if record, err = tx.Get(store.Key("incident", "record", all[0].ID)); err != nil {
					return err
				}
			}
			return tx.Put(store.Key("incident", "record", all[0].ID), to)
		}); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte("{"))
	s.heard(s.shipped("d-many", "checkout", "succeeded"))
	if _, err := s.StepIncident(bg, "ended/d-many"); err == nil {
		t.Error("it is not told that one could not be read")
	}
	for _, i := range all[1:] {
		if got := s.about(i.ID); len(got) != 1 {
			t.Fatalf("%s tells %q", i.Name(), got)
		}
	}
	put(record)
	if _, err := s.StepIncident(bg, "ended/d-many"); err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if got := s.about(i.ID); len(got) != 1 {
			t.Errorf("%s tells %q", i.Name(), got)
		}
	}
}

// Whoever waits is told that a service is let go whenever it is, and only then.
func TestServicesAreLetGo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	i := s.declares(func(w *incident.DeclareWant) { w.Services = []string{"checkout", "catalog"} })
	for n, step := range []struct {
		change            func() error
		checkout, catalog int
	}{
		{func() error { return nil }, 0, 0},
		{func() error { _, err := s.SetImpact(bg, s.change(i, dee), "nobody can pay"); return err }, 0, 0},
		{func() error { _, err := s.SetService(bg, s.change(i, dee), "catalog", false); return err }, 0, 1},
		{func() error { _, err := s.SetSeverity(bg, s.change(i, dee), "sev3", false); return err }, 1, 1},
		{func() error { _, err := s.SetSeverity(bg, s.change(i, dee), "sev2", false); return err }, 1, 1},
		{func() error { _, err := s.SetStatus(bg, s.change(i, dee), incident.Mitigated); return err }, 2, 1},
		{func() error { _, err := s.SetStatus(bg, s.change(i, dee), incident.IsResolved); return err }, 2, 1},
		{func() error { _, err := s.Reopen(bg, s.change(i, dee), "it is back"); return err }, 2, 1},
		{func() error { _, err := s.SetStatus(bg, s.change(i, dee), incident.IsResolved); return err }, 3, 1},
	} {
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		if a, b := s.freed("checkout"), s.freed("catalog"); a != step.checkout || b != step.catalog {
			t.Errorf("after step %d checkout was let go %d times, catalog %d", n, a, b)
		}
	}
}

// What an incident keeps out goes by the service's name, also when it is declared for an alias.
func TestAnAliasKeepsOutItsService(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.declares(func(w *incident.DeclareWant) { w.Services = []string{"shop"} })
	var all []incident.Holding
	if err := s.db.View(context.Background(), func(snap store.Snapshot) (err error) {
		all, err = incident.Holds(snap, "checkout")
		return err
	}); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
