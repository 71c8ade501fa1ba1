package adr_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

// renumbering is a proposal whose number is taken, and which is to get another one.
func (s *stage) renumbering() *adr.Proposal {
	s.Helper()
	p := s.opened("Use NATS")
	s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0001-mine.md": record(1, "Mine own", "d")})
	s.until(p.ID, "it is taken", func(p *adr.Proposal) bool { return p.Taken() })
	if _, err := s.Renumber(s.Context(), request(), p.ID, s.clock.Now()); err != nil {
		s.Fatal(err)
	}
	return s.proposal(p.ID)
}

// Its pull request is closed while it waits for its next number: that is free again, and so is the turn.
func TestOneEndsWhileItGetsANumber(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.renumbering()
	s.github.Fault(githubtest.Fault{Match: githubtest.OpUpdateRef, Kind: githubtest.Status500})
	s.until(p.ID, "it cannot be renamed", func(p *adr.Proposal) bool { return p.Next == 2 && p.Hitches["number"].Tries > 5 })
	s.repo.ClosePR(p.Pull.Number)
	s.repo.DeleteBranch(p.Branch)
	if p = s.ended(p.ID, adr.Closed); p.Number != 1 || p.Renumber {
		t.Errorf("%+v", p)
	}
	s.github.ClearFaults()
	if q := s.opened("Use ZeroMQ"); q.Number != 2 {
		t.Errorf("the next is %d", q.Number)
	}
}

// It is renamed, and merged by hand before Shipmate knows that.
func TestOneIsMergedWhileItGetsANumber(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.renumbering()
	s.github.Fault(githubtest.Fault{Match: githubtest.OpUpdateRef, Times: 1, When: githubtest.After, Kind: githubtest.Reset})
	s.until(p.ID, "it is renamed", func(p *adr.Proposal) bool {
		_, there := s.repo.File(p.Branch, "doc/adr/0002-use-nats.md")
		return there
	})
	s.repo.SquashPR(p.Pull.Number, "ana")
	if p = s.ended(p.ID, adr.Accepted); p.Number != 2 || p.File != "doc/adr/0002-use-nats.md" || p.Renumber {
		t.Errorf("%+v", p)
	}
	if q, err := s.Numbered(t.Context(), p.Scope, 2); err != nil || q.ID != p.ID {
		t.Errorf("%+v, %v", q, err)
	}
	if q := s.opened("Use ZeroMQ"); q.Number != 3 {
		t.Errorf("the next is %d", q.Number)
	}
}

// While its record is about to have another name, thumbs stay and nothing is merged.
func TestThumbsWhileItGetsANumber(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.renumbering()
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, cy, adr.Up)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpUpdatePull, Kind: githubtest.Status500})
	for range 5 {
		p = s.looks(p.ID)
	}
	if p.State != adr.Open || !p.Renumber {
		t.Errorf("%+v", p)
	}
	s.counts(p.ID, 2, 0)
	s.github.ClearFaults()
	if p = s.ended(p.ID, adr.Accepted); p.Number != 2 {
		t.Errorf("%+v", p)
	}
}

// Thumbs for a record that is not in the pull request any more are for nothing.
func TestTheRecordGoesAfterTheThumbs(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.repo.SetStatus(p.Branch, "ci/words", "pending", "", "")
	s.agreed(p.ID)
	s.looks(p.ID)
	s.repo.PushTo(p.Pull.Number, "ana", "Something else", githubtest.Files{p.File: githubtest.Deleted, "doc/adr/0001-use-carrier-pigeons.md": record(1, "Use carrier pigeons", "d")})
	if p = s.looks(p.ID); p.State != adr.Open {
		t.Errorf("it is %s", p.State)
	}
	s.counts(p.ID, 0, 0)
}

// Somebody adopts a pull request while its number is given to another proposal: it does not become its own.
func TestAnAdoptedOneLeavesANumberThatWasGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var n int
	meddle := func(c githubtest.Call) { // after everything was looked at, before the branch is made
		if c.Op == githubtest.OpCreateRef && c.Phase == githubtest.Before && n == 0 {
			n = s.laptop("ben", "0001-by-hand.md")
		}
	}
	s.onGitHub.Store(&meddle)
	p := s.opened("Use NATS")
	q, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: cy, Pull: n})
	if err != nil || p.Number != 1 || q.Number != 1 || !q.Taken() {
		t.Fatalf("%+v, %v", q, err)
	}
	if has, err := s.Numbered(t.Context(), p.Scope, 1); err != nil || has.ID != p.ID {
		t.Errorf("number 1 belongs to %+v, %v", has, err)
	}
}

// Only the word is lost that its pull request was closed: its branch goes all the same, and its author is told once.
func TestTheAnswerToClosingIsLost(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	if err := s.ends(ana, p.ID, "never mind", false); err != nil {
		t.Fatal(err)
	}
	s.github.Fault(githubtest.Fault{Match: githubtest.OpUpdatePull, Times: 1, When: githubtest.After, Kind: githubtest.Reset})
	s.ended(p.ID, adr.Closed)
	if b := s.branches(); len(b) != 0 {
		t.Errorf("branches are left: %v", b)
	}
	if got := s.notes(ana); !slices.Equal(got, []string{adr.NoteDecided}) {
		t.Errorf("its author was told %v", got)
	}
}

// A limit of an hour is said at once, not after three hours.
func TestALongLimitIsSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.proposes("Use NATS")
	s.github.Fault(githubtest.Fault{Match: githubtest.OpCreatePull, Times: 1, Kind: githubtest.PrimaryLimit})
	s.step(p.ID)
	if h := s.proposal(p.ID).Hitches["open"]; !h.Said || !strings.Contains(h.Why, "limit") || h.Next.Sub(h.Since) < 30*time.Minute {
		t.Errorf("%+v", h)
	}
}
