package incident_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/store"
)

// kept are the keys in the store beside those of the runner, and those that begin with one of the prefixes.
func (s *stage) kept(but ...string) []string {
	s.Helper()
	var out []string
	if err := s.db.View(context.Background(), func(snap store.Snapshot) error {
		out = nil
		for key := range snap.Scan("", "") {
			if !strings.Contains(key, "/due/") && !strings.Contains(key, "/next/") && !slices.ContainsFunc(append(but, "changed/", "freed/", "rota/known/"), func(p string) bool { return strings.HasPrefix(key, p) }) {
				out = append(out, key)
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	return out
}

func (s *stage) sweeps(before time.Time) {
	s.Helper()
	if _, err := s.Sweep(context.Background(), before); err != nil {
		s.Fatal(err)
	}
}

// An incident goes with all that hangs on it once it is long over; one that is open stays, and no number is given again.
func TestIncidentsAreSwept(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStage(t)
	i := s.declares(severe("sev1"))
	i = s.seeTo(i.ID, time.Minute)
	for n := range 130 { // more than a transaction can hold
		s.must(s.AddNote(ctx, s.change(i, dee), fmt.Sprint("note ", n)))
	}
	for n := range 3 {
		s.must(s.Mark(ctx, s.change(i, dee), incident.Said{Channel: i.Room.ID, TS: fmt.Sprint("1.", n), At: s.clock.Now(), By: dee, Text: "it hurts"}))
	}
	s.must(s.SetStatus(ctx, s.change(i, dee), incident.IsResolved))
	i = s.seeTo(i.ID, 10*time.Minute)
	again := s.must(s.Reopen(ctx, s.change(i, dee), "it is back"))
	s.sweeps(s.clock.Now().Add(1000 * 24 * time.Hour))
	if got := s.incident(i.ID); !got.Open() || len(s.timeline(i.ID)) < 130 || !s.RunsIn(again.Room.ID) {
		t.Fatalf("an open one was swept: %+v", got)
	}
	s.must(s.SetStatus(ctx, s.change(i, dee), incident.IsResolved))
	s.seeTo(i.ID, 10*time.Minute)
	s.sweeps(i.Created)
	if n := len(s.timeline(i.ID)); n < 130 || s.incident(i.ID) == nil {
		t.Errorf("swept before its time: %d lines", n)
	}
	s.sweeps(s.clock.Now().Add(time.Second))
	if left := s.kept(); !slices.Equal(left, []string{"incident/last"}) || s.RunsIn(again.Room.ID) {
		t.Errorf("left are %q", left)
	}
	if _, err := s.Numbered(ctx, 1); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("its number: %v", err)
	}
	if open, over, err := s.List(ctx, 10); err != nil || len(open)+len(over) > 0 {
		t.Errorf("listed are %v and %v, %v", open, over, err)
	}
	if next := s.declares(); next.Number != 2 {
		t.Errorf("the next is number %d", next.Number)
	}
}

// What of a sweep is cut off is done by the next.
func TestCutOffSweepIsCarriedOn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := s.declares()
	s.must(s.Mark(context.Background(), s.change(i, dee), incident.Said{Channel: "C0PAY", TS: "1.1", At: s.clock.Now(), By: dee, Text: "it hurts"}))
	s.must(s.SetStatus(context.Background(), s.change(i, dee), incident.IsResolved))
	if err := s.db.Update(context.Background(), func(tx store.Tx) error {
		for _, key := range []string{store.Key("incident", "record", i.ID), store.Key("incident", "number", "999999998")} {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	other := s.declares(func(w *incident.DeclareWant) { w.Request = "other" })
	s.sweeps(s.clock.Now().Add(time.Hour))
	for _, key := range s.kept() {
		if strings.Contains(key, i.ID) || strings.HasPrefix(key, "incident/source/") {
			t.Errorf("left is %s", key)
		}
	}
	if n := len(s.timeline(other.ID)); n != 1 {
		t.Errorf("the other has %d lines", n)
	}
}

// An incident stays as long as something of it is to be done.
func TestIncidentsStayWhileTheirActionItemsDo(t *testing.T) {
	t.Parallel()
	s, p := merged(t, postmortemYAML, "| Add an alert | ben | 2026-03-20 | | |\n")
	s.runs(p.ID, 20*24*time.Hour)
	far := s.clock.Now()
	s.sweeps(far)
	if s.incident(p.ID) == nil || len(s.items(s.postmortem(p.ID))) != 1 || len(s.timeline(p.ID)) == 0 {
		t.Error("something of it is swept while an action item is open")
	}
	s.github.Repo("acme/checkout").CloseIssue(1, "completed")
	s.runs(p.ID, 3*time.Hour)
	s.sweeps(far)
	if s.incident(p.ID) == nil || len(s.items(s.postmortem(p.ID))) != 1 {
		t.Error("something of it is swept before the time of its action item")
	}
	s.sweeps(s.clock.Now().Add(time.Hour))
	if left := s.kept(); !slices.Equal(left, []string{"incident/last"}) {
		t.Errorf("left are %q", left)
	}
}

// One whose post-mortem nobody has written stays too.
func TestIncidentsStayWhileTheirPostmortemsDo(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML)
	s.runs(i.ID, time.Hour)
	s.sweeps(s.clock.Now().Add(1000 * 24 * time.Hour))
	if s.incident(i.ID) == nil || s.postmortem(i.ID).State != incident.Writing {
		t.Error("it is swept")
	}
}
