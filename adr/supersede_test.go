package adr_test

import (
	"strings"
	"testing"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

// agreed gives a proposal its thumbs.
func (s *stage) agreed(id string) {
	s.Helper()
	s.thumb(id, ben, adr.Up)
	s.thumb(id, cy, adr.Up)
}

// links checks what a record on the main branch says of others.
func (s *stage) links(name string, status adr.Status, want ...string) {
	s.Helper()
	r := s.record("main", name)
	var got []string
	for _, l := range r.Links {
		got = append(got, l.Type+" "+l.File)
	}
	if r.Status != status || strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.Errorf("%s is %s with %v, want %s with %v", name, r.Status, got, status, want)
	}
}

func TestTheOldRecordSaysInTheSameCommitWhatSupersedesIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Postgres", "Use Kafka")
	p := s.opened("Use NATS", supersedes(2))
	s.links("0002-use-kafka.md", adr.StatusAccepted)
	s.agreed(p.ID)
	p = s.ended(p.ID, adr.Accepted)
	s.links("0002-use-kafka.md", adr.StatusSuperseded, "Superseded by 0003-use-nats.md")
	s.links("0003-use-nats.md", adr.StatusAccepted, "Supersedes 0002-use-kafka.md")
	if log := s.repo.Log("", "main"); len(log) != 3 || log[len(log)-1].SHA != p.Pull.MergeSHA {
		t.Errorf("%d commits", len(log))
	}
	_, err := s.Propose(t.Context(), adr.Want{Request: request(), At: s.clock.Now(), By: ana, Title: "Use ZeroMQ", Supersedes: []int{2}})
	if r := s.refuses(adr.Superseded, err); r.Number != 2 || r.Other != 3 {
		t.Errorf("%+v", r)
	}
}

// Two that supersede the same record say so one after the other, although both change the same lines.
func TestTwoSupersedeTheSameRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	p, q := s.opened("Use NATS", supersedes(1)), s.opened("Use ZeroMQ", supersedes(1))
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	s.agreed(q.ID)
	s.ended(q.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusSuperseded, "Superseded by 0002-use-nats.md", "Superseded by 0003-use-zeromq.md")
	s.links("0002-use-nats.md", adr.StatusAccepted, "Supersedes 0001-use-kafka.md")
	s.links("0003-use-zeromq.md", adr.StatusAccepted, "Supersedes 0001-use-kafka.md")
}

// The old one is being proposed still: its record comes along, its own pull request is closed, and no number is missing.
func TestOneThatIsProposedStillIsSuperseded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.opened("Use Kafka")
	p := s.opened("Use NATS", supersedes(1))
	s.repo.PushTo(old.Pull.Number, "ana", "Better words", githubtest.Files{old.File: strings.Replace(s.text(old), "It hurts.", "It hurts a lot.", 1)})
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusSuperseded, "Superseded by 0002-use-nats.md")
	if r := s.record("main", "0001-use-kafka.md"); !strings.Contains(r.Section("Context"), "a lot") {
		t.Errorf("an old text came along: %+v", r)
	}
	if old = s.ended(old.ID, adr.Overtaken); old.SupersededBy != 2 || s.pulls("open") != 0 {
		t.Errorf("%+v", old)
	}
	if b := s.branches(); len(b) != 0 {
		t.Errorf("branches are left: %v", b)
	}
}

// The old one is merged while the new one is decided.
func TestTheOldOneIsMergedFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.opened("Use Kafka")
	p := s.opened("Use NATS", supersedes(1))
	s.agreed(old.ID)
	s.ended(old.ID, adr.Accepted)
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusSuperseded, "Superseded by 0002-use-nats.md")
	s.links("0002-use-nats.md", adr.StatusAccepted, "Supersedes 0001-use-kafka.md")
}

// The old record came along, and then somebody merges its own pull request, too.
func TestTheOldOneIsMergedAfterItsRecordCameAlong(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.opened("Use Kafka")
	p := s.opened("Use NATS", supersedes(1))
	s.repo.SetStatus(p.Branch, "ci/words", "pending", "", "")
	s.agreed(p.ID)
	s.until(p.ID, "the record came along", func(*adr.Proposal) bool { _, there := s.repo.File(p.Branch, old.File); return there })
	s.repo.SquashPR(old.Pull.Number, "ana")
	for range 6 { // each commit of the branch has its checks
		if s.repo.SetStatus(p.Branch, "ci/words", "success", "", ""); s.looks(p.ID).State.Ended() {
			break
		}
	}
	s.ended(p.ID, adr.Accepted)
	s.ended(old.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusSuperseded, "Superseded by 0002-use-nats.md")
	s.links("0002-use-nats.md", adr.StatusAccepted, "Supersedes 0001-use-kafka.md")
}

// Of one that somebody proposed by hand the record comes along as well; its pull request is theirs.
func TestOneByHandIsSuperseded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.laptop("ben", "0001-by-hand.md")
	p := s.opened("Use NATS", supersedes(1))
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	s.links("0001-by-hand.md", adr.StatusSuperseded, "Superseded by 0002-use-nats.md")
	if i := s.github.Pulls("acme/decisions")[n-1]; i.State != "open" {
		t.Errorf("it is %s", i.State)
	}
}

func TestOneThatSupersedesIsRejected(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	p := s.opened("Use NATS", supersedes(1))
	if _, err := s.End(t.Context(), adr.EndWant{Request: request(), At: s.clock.Now(), By: ben, Proposal: p.ID, Why: "Kafka is fine.", Record: true}); err != nil {
		t.Fatal(err)
	}
	s.ended(p.ID, adr.Rejected)
	s.links("0001-use-kafka.md", adr.StatusAccepted)
	if r := s.record("main", "0002-use-nats.md"); r.Status != adr.StatusRejected {
		t.Errorf("%+v", r)
	}
}
