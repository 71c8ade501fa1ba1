package adr_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/store"
)

// keys are those of the package in the store that begin with one of the words.
func (s *stage) keys(words ...string) (out []string) {
	s.Helper()
	if err := s.db.View(s.Context(), func(snap store.Snapshot) error {
		out = nil
		for _, word := range words {
			for key := range snap.Scan("adr/"+word+"/", "") {
				out = append(out, key)
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	return out
}

// What has ended goes after its time, with the requests that changed it and its pull request; its number stays with nobody.
func TestDecisionsAreSwept(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.opened("Use Kafka")
	s.agreed(first.ID)
	s.ended(first.ID, adr.Accepted)
	closed := s.opened("Use ZeroMQ")
	if err := s.ends(ana, closed.ID, "asked twice", false); err != nil {
		t.Fatal(err)
	}
	s.ended(closed.ID, adr.Closed)
	open := s.opened("Use NATS", supersedes(1))
	if n, err := s.Sweep(t.Context(), monday); n != 0 || err != nil {
		t.Errorf("removed %d too early, %v", n, err)
	}
	s.clock.Advance(400 * 24 * time.Hour)
	if _, err := s.Sweep(t.Context(), s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{first.ID, closed.ID} {
		if _, err := s.Proposal(t.Context(), id); !errors.Is(err, adr.ErrNotFound) {
			t.Errorf("%s is there still: %v", id, err)
		}
		if next := s.step(id); !next.IsZero() {
			t.Errorf("it is stepped again at %s", next)
		}
	}
	if got := s.keys("asked", "pull", "turn", "line", "change"); len(got) != 1 || !strings.HasPrefix(got[0], "adr/pull/") {
		t.Errorf("what is left: %v", got)
	}
	if got := s.keys("number"); len(got) != 3 {
		t.Errorf("numbers: %v", got)
	}
	if p, err := s.OfPull(t.Context(), "acme/decisions", first.Pull.Number); p != nil || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	if q := s.opened("Use Pulsar"); q.Number != 4 {
		t.Errorf("the next is %d", q.Number)
	}
	s.agreed(open.ID) // it supersedes what is known in its repository alone by now
	s.ended(open.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusSuperseded, "Superseded by 0003-use-nats.md")
}
