package adr_test

import (
	"slices"
	"strings"
	"testing"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

func (s *stage) ends(by, id, why string, record bool) error {
	_, err := s.End(s.Context(), adr.EndWant{Request: request(), At: s.clock.Now(), By: by, Proposal: id, Why: why, Record: record})
	return err
}

func TestAProposalIsRecordedAsRejected(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Keep sessions in Redis")
	s.refuses(adr.NoReason, s.ends(ben, p.ID, " ", true))
	if err := s.ends(ben, p.ID, "We keep the old way.", true); err != nil {
		t.Fatal(err)
	}
	p = s.ended(p.ID, adr.Rejected)
	if r := s.record("main", "0001-keep-sessions-in-redis.md"); r.Status != adr.StatusRejected {
		t.Errorf("%+v", r)
	}
	if got := s.notes("#architecture"); len(got) != 1 {
		t.Errorf("the channel was told %v", got)
	}
	if q := s.opened("Another thing"); q.Number != 2 || len(s.branches()) != 1 {
		t.Errorf("%d on %v", q.Number, s.branches())
	}
	s.refuses(adr.Ended, s.ends(ben, p.ID, "again", true))
}

func TestAProposalIsClosed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Keep sessions in Redis")
	open := func() int {
		all, err := s.OpenProposals(t.Context(), p.Scope)
		if other, otherErr := s.OpenProposals(t.Context(), "acme/other:"); err != nil || otherErr != nil || len(other) != 0 {
			t.Errorf("%v, %v, %v", err, other, otherErr)
		}
		return len(all)
	}
	if open() != 1 {
		t.Error("it is not among the open ones")
	}
	if err := s.ends(ana, p.ID, "asked *twice*", false); err != nil {
		t.Fatal(err)
	}
	s.ended(p.ID, adr.Closed)
	if open() != 0 {
		t.Error("it is among the open ones still")
	}
	if s.pulls("open") != 0 || len(s.branches()) != 0 {
		t.Errorf("%d open, branches %v", s.pulls("open"), s.branches())
	}
	comments := s.github.Pulls("acme/decisions")[0].Comments
	if len(comments) != 1 || !strings.Contains(comments[0], `by ana: asked \*twice\*`) {
		t.Errorf("%+v", comments)
	}
	if got := s.notes("#architecture"); len(got) != 0 {
		t.Errorf("the channel was told %v", got)
	}
	if q := s.opened("Another thing"); q.Number != 2 {
		t.Errorf("the next is %d", q.Number)
	}
}

// Somebody closes it on GitHub: their branch stays.
func TestSomebodyClosesThePullRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Keep sessions in Redis")
	s.repo.ClosePR(p.Pull.Number)
	s.ended(p.ID, adr.Closed)
	if b := s.branches(); !slices.Equal(b, []string{"adr/0001"}) {
		t.Errorf("branches: %v", b)
	}
}

func TestWhoMayRejectAndWhen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "from: [payments], announce:", 1))
	s.most = []string{ben, cy}
	p := s.opened("Keep sessions in Redis")
	s.repo.SetStatus(p.Branch, "ci/words", "pending", "", "")
	s.refuses(adr.NoVote, s.ends(dee, p.ID, "no", true))
	s.agreed(p.ID)
	s.refuses(adr.Decided, s.ends(ben, p.ID, "no", true))
	if err := s.ends(ana, p.ID, "I take it back", false); err != nil {
		t.Error(err)
	}
	s.ended(p.ID, adr.Closed)
}

func TestARecordIsDeprecated(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Postgres", "Use Kafka")
	before := s.record("main", "0002-use-kafka.md")
	p := s.opened("", func(w *adr.Want) {
		w.Number, w.Change, w.Context, w.Decision = 2, &adr.Change{To: adr.StatusDeprecated}, "", ""
	})
	if p.Name() != "ADR-2" || p.Adds() || p.Draft || s.github.Pulls("acme/decisions")[0].Title != "Deprecate ADR-2: Use Kafka" {
		t.Fatalf("%+v", p)
	}
	s.refuses(adr.OnlyStatus, s.ends(ben, p.ID, "no", true))
	_, err := s.Propose(t.Context(), adr.Want{Request: request(), At: s.clock.Now(), By: ben, Number: 2, Change: &adr.Change{To: adr.StatusDeprecated}})
	if r := s.refuses(adr.AlreadySo, err); r.Proposal.ID != p.ID {
		t.Errorf("%+v", r)
	}
	if q := s.opened("Keep sessions in Redis"); q.Number != 3 {
		t.Errorf("the next is %d", q.Number)
	}
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	after := s.record("main", "0002-use-kafka.md")
	if after.Status != adr.StatusDeprecated || after.Section("Context") != before.Section("Context") {
		t.Errorf("%+v", after)
	}
	_, err = s.Propose(t.Context(), adr.Want{Request: request(), At: s.clock.Now(), By: ben, Number: 2, Change: &adr.Change{To: adr.StatusAccepted}})
	s.refuses(adr.StandsAs, err)
}

func TestARecordThatSaysItIsProposedIsAccepted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := adr.Draft{Number: 1, Title: "Use Kafka", Date: "2026-01-02", Status: adr.StatusProposed, Context: "c", Decision: "d", Consequences: "c"}
	s.repo.Commit("main", "ana", "x", githubtest.Files{"doc/adr/0001-use-kafka.md": string(d.Render(""))})
	p := s.opened("", func(w *adr.Want) {
		w.Number, w.Change, w.Context, w.Decision = 1, &adr.Change{To: adr.StatusAccepted}, "", ""
	})
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusAccepted)
	q := s.opened("", func(w *adr.Want) {
		w.Number, w.Change, w.Context, w.Decision = 1, &adr.Change{To: adr.StatusDeprecated}, "", ""
	})
	if err := s.ends(ana, q.ID, "never mind", false); err != nil {
		t.Fatal(err)
	}
	s.ended(q.ID, adr.Closed)
	s.opened("", func(w *adr.Want) {
		w.Number, w.Change, w.Context, w.Decision = 1, &adr.Change{To: adr.StatusDeprecated}, "", ""
	})
}

// GitHub does not merge drafts, and offers no way by REST to make one ready.
func TestADraftIsClosedAndNotRecorded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Keep sessions in Redis", func(w *adr.Want) { w.Context, w.Decision, w.Consequences = "", "", "" })
	s.refuses(adr.IsDraft, s.ends(ana, p.ID, "never mind", true))
	if err := s.ends(ana, p.ID, "never mind", false); err != nil {
		t.Fatal(err)
	}
	s.ended(p.ID, adr.Closed)
}

// A record that was written by hand says that it is proposed; merged, it says that it is accepted, and its thumbs stay.
func TestWhatSaysItIsProposedIsAccepted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "By hand", Files: githubtest.Files{"doc/adr/0001-by-hand.md": string(adr.Draft{Number: 1, Title: "By hand",
		Date: "2026-03-01", Status: adr.StatusProposed, Context: "c", Decision: "d", Consequences: "c"}.Render(""))}})
	p, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: ana, Pull: n})
	if err != nil {
		t.Fatal(err)
	}
	p = s.until(p.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open && p.Text != "" })
	s.thumb(p.ID, cy, adr.Up)
	s.thumb(p.ID, dee, adr.Up)
	s.ended(p.ID, adr.Accepted)
	if r := s.record("main", "0001-by-hand.md"); r.Status != adr.StatusAccepted {
		t.Errorf("it says %s", r.Status)
	}
}
