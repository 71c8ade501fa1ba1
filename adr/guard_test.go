package adr_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

// notMerged checks that a proposal that has all its thumbs is not merged, and why.
func (s *stage) notMerged(id, why string) {
	s.Helper()
	s.looks(id)
	p := s.looks(id)
	if p.State != adr.Open {
		s.Fatalf("it is %s", p.State)
	}
	said := p.Hitches["look"].Why
	for _, f := range p.Found {
		said += " " + f.File + ": " + f.Text
	}
	if !strings.Contains(said, why) {
		s.Errorf("it says %q, not %q", said, why)
	}
}

// Thumbs are for a record. What else somebody puts on its branch is not merged by them.
func TestOnlyWhatIsDecidedIsMerged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files githubtest.Files
		why   string
	}{
		"code":           {githubtest.Files{"src/main.go": "package main\n"}, "src/main.go: Thumbs are for the record alone"},
		"another record": {githubtest.Files{"doc/adr/0002-sly.md": record(2, "Sly", "d")}, "0002-sly.md: Thumbs are for the record alone"},
		"an older one":   {githubtest.Files{"doc/adr/0001-use-kafka.md": strings.Replace(record(1, "Use Kafka", "d"), "Accepted", "Deprecated", 1)}, "0001-use-kafka.md"},
	} {
		s := newStage(t)
		s.decided("Use Kafka")
		p := s.opened("Use NATS")
		s.agreedBut(p, func() { s.repo.PushTo(p.Pull.Number, "eve", "More", c.files) })
		s.notMerged(p.ID, c.why)
		if _, err := s.End(t.Context(), adr.EndWant{Request: request(), At: s.clock.Now(), By: ana, Proposal: p.ID, Why: "then not", Record: true}); err != nil {
			t.Fatal(name, err)
		}
		s.notMerged(p.ID, c.why)
	}
}

// agreedBut gives a proposal its thumbs after something.
func (s *stage) agreedBut(p *adr.Proposal, first func()) {
	s.Helper()
	first()
	s.looks(p.ID)
	s.agreed(p.ID)
}

func TestAPullRequestWithMoreThanARecordIsNotMergedByRejecting(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Files: githubtest.Files{"doc/adr/0001-x.md": record(1, "X y", "d"), "CODEOWNERS": "* @ben\n"}})
	p, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: ben, Pull: n})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ends(ben, p.ID, "no", true); err != nil {
		t.Fatal(err)
	}
	s.notMerged(p.ID, "CODEOWNERS")
}

// What a record says of itself is part of what is decided.
func TestAStatusThatNobodyDecidedIsNotMerged(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	p := s.opened("", func(w *adr.Want) {
		w.Number, w.Change, w.Context, w.Decision = 1, &adr.Change{To: adr.StatusDeprecated}, "", ""
	})
	s.thumb(p.ID, ben, adr.Up)
	s.repo.PushTo(p.Pull.Number, "eve", "Sly", githubtest.Files{p.File: strings.Replace(s.text(p), "Deprecated", "Rejected", 1)})
	s.looks(p.ID)
	s.counts(p.ID, 0, 0)
	s.agreed(p.ID)
	s.notMerged(p.ID, "says Rejected and not Deprecated")

	q := s.opened("Use NATS")
	s.repo.PushTo(q.Pull.Number, "eve", "Sly", githubtest.Files{q.File: strings.Replace(s.text(q), "Accepted", "Deprecated", 1)})
	s.agreed(q.ID)
	s.notMerged(q.ID, "says Deprecated and not Accepted")
	s.repo.PushTo(q.Pull.Number, "ana", "Back", githubtest.Files{q.File: strings.Replace(s.text(q), "Deprecated", "Accepted", 1)})
	s.ended(q.ID, adr.Accepted)
}

// Somebody holds it while it is about to be merged: it is not. Once GitHub is asked, it is too late, and they are told so.
func TestAThumbDownInTheLastMoment(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.clock.Advance(2 * time.Minute)
	var late error
	at := func(c githubtest.Call) {
		switch {
		case c.Op == githubtest.OpListPulls && c.Phase == githubtest.Before:
			if s.tally(p.ID).Reached() {
				s.thumb(p.ID, dee, adr.Down)
			}
		case c.Op == githubtest.OpMergePull && c.Phase == githubtest.Before:
			_, late = s.Vote(t.Context(), adr.VoteWant{Request: request(), At: s.clock.Now(), By: dee, Proposal: p.ID, Thumb: adr.Down, Why: "wait"})
		}
	}
	s.agreed(p.ID)
	s.onGitHub.Store(&at)
	if p = s.looks(p.ID); p.State != adr.Open {
		t.Fatalf("held, it is %s", p.State)
	}
	s.counts(p.ID, 2, 1)
	s.thumb(p.ID, dee, "")
	once := func(c githubtest.Call) {
		if c.Op == githubtest.OpMergePull {
			at(c)
		}
	}
	s.onGitHub.Store(&once)
	s.ended(p.ID, adr.Accepted)
	s.refuses(adr.TooLate, late)
}

// A reaction that is first seen together with another text was given for the one before, as far as anybody knows.
func TestReactionsFromBeforeAPush(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.looks(p.ID)
	s.repo.React(p.Pull.Number, "ben", "+1")
	s.repo.React(p.Pull.Number, "cy", "+1")
	s.repo.PushTo(p.Pull.Number, "ana", "The opposite", githubtest.Files{p.File: record(1, "Use NATS", "We do not.")})
	if p = s.looks(p.ID); p.State != adr.Open {
		t.Fatalf("it is %s", p.State)
	}
	s.counts(p.ID, 0, 0)
	s.repo.Unreact(p.Pull.Number, "ben", "+1")
	s.looks(p.ID)
	s.repo.React(p.Pull.Number, "ben", "+1")
	s.looks(p.ID)
	s.counts(p.ID, 1, 0)
}

// Checks begin some time after a push: until then nobody knows whether there are any.
func TestChecksThatHaveNotBegun(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.agreed(p.ID)
	s.step(p.ID)
	s.clock.Advance(30 * time.Second)
	s.step(p.ID)
	s.repo.SetStatus(p.Branch, "ci/words", "pending", "", "")
	if p = s.looks(p.ID); p.State != adr.Open || p.Pull.Checks != "running" {
		t.Fatalf("it is %s, %s", p.State, p.Pull.Checks)
	}
	s.repo.SetStatus(p.Branch, "ci/words", "success", "", "")
	s.ended(p.ID, adr.Accepted)
}

// Whoever says no is heard, also who is not known here and whose yes does not count.
func TestEverybodyMayHoldIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "from: [payments], announce:", 1))
	s.most = []string{ben, cy}
	p := s.opened("Use NATS")
	s.repo.Review(p.Pull.Number, "eve", "CHANGES_REQUESTED", "no")
	s.looks(p.ID)
	s.agreed(p.ID)
	if p = s.looks(p.ID); p.State != adr.Open {
		t.Fatalf("it is %s", p.State)
	}
	s.repo.Review(p.Pull.Number, "eve", "APPROVED", "well")
	s.thumb(p.ID, dee, adr.Down)
	s.looks(p.ID)
	s.counts(p.ID, 2, 1)
	s.thumb(p.ID, dee, "")
	s.ended(p.ID, adr.Accepted)
}

// Where its author merges, being held takes that back.
func TestWhatIsHeldCanNotBeMerged(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "merge: author, announce:", 1))
	p := s.opened("Use NATS")
	s.agreed(p.ID)
	s.until(p.ID, "its author is told", func(p *adr.Proposal) bool { return !p.Ready.IsZero() })
	s.thumb(p.ID, dee, adr.Down)
	if p = s.looks(p.ID); !p.Ready.IsZero() {
		t.Error("it can still be merged")
	}
	s.thumb(p.ID, dee, "")
	s.until(p.ID, "its author is told again", func(p *adr.Proposal) bool { return !p.Ready.IsZero() })
}

// What somebody wants is not put off by what was in the way before.
func TestAWishDoesNotWaitForAHitch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.github.Fault(githubtest.Fault{Match: githubtest.OpMergePull, Kind: githubtest.Status502, Times: 1000})
	s.agreed(p.ID)
	for range 9 {
		s.clock.Set(s.step(p.ID))
	}
	if h := s.proposal(p.ID).Hitches["look"]; !h.Said {
		t.Fatalf("%+v", h)
	}
	s.step(p.ID) // once more it is put off, for ten minutes
	if err := s.ends(ana, p.ID, "then not", false); err != nil {
		t.Fatal(err)
	}
	asked := s.clock.Now()
	s.ended(p.ID, adr.Closed)
	if took := s.clock.Now().Sub(asked); took > time.Minute {
		t.Errorf("closed after %s", took)
	}
}

// Merged by hand to another branch it is no decision.
func TestMergedElsewhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Branch("feature", "main")
	n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Base: "feature", Files: githubtest.Files{"doc/adr/0001-x.md": record(1, "X y", "d")}})
	p, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: ana, Pull: n})
	if err != nil {
		t.Fatal(err)
	}
	s.thumb(p.ID, cy, adr.Up)
	s.thumb(p.ID, dee, adr.Up)
	s.notMerged(p.ID, "goes to feature, and decisions are on main")
	s.repo.SquashPR(n, "ben")
	s.ended(p.ID, adr.Closed)
	if got := s.notes("#architecture"); slices.Contains(got, adr.NoteDecided) {
		t.Errorf("announced: %v", got)
	}
}

// A record without a place for a status cannot be superseded, and is not tried to be for ever.
func TestRecordsThatCannotSayHowTheyStand(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Commit("main", "ana", "x", githubtest.Files{"doc/adr/0001-x.md": "# 1. X\n\nText.\n"})
	for _, w := range []adr.Want{{Title: "Use NATS", Supersedes: []int{1}}, {Number: 1, Change: &adr.Change{To: adr.StatusAccepted}}} {
		w.Request, w.At, w.By = request(), s.clock.Now(), ana
		_, err := s.Propose(t.Context(), w)
		if w.Change != nil {
			s.refuses(adr.StandsAs, err)
			continue
		}
		if r := s.refuses(adr.NoPlace, err); r.Number != 1 || r.Word != "0001-x.md" {
			t.Errorf("%+v", r)
		}
	}
}

// A renumbering that GitHub refuses keeps nobody else from a number.
func TestARenumberingThatIsRefusedLetsOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0001-mine.md": record(1, "Mine own", "d")})
	s.until(p.ID, "it is taken", func(p *adr.Proposal) bool { return p.Taken() })
	s.repo.PullRequestsOnly("adr/0001")
	if _, err := s.Renumber(t.Context(), request(), p.ID, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.step(p.ID)
	if h := s.proposal(p.ID).Hitches["number"]; !h.Said {
		t.Fatalf("%+v", s.proposal(p.ID))
	}
	s.opened("Use ZeroMQ")
	s.repo.PullRequestsOnly()
	s.until(p.ID, "it has another number", func(p *adr.Proposal) bool { return p.Number != 1 && !p.Renumber })
}

// Of two logs in one repository each says what it finds, under its own name.
func TestTwoLogsJudgeOnePullRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "dir: doc/adr, logs: {web: {dir: web/adr}}, announce:", 1))
	s.decided("Use Kafka")
	s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Files: githubtest.Files{"doc/adr/0001-x.md": record(1, "X y", "d"), "web/adr/0001-x.md": record(1, "X y", "d")}})
	head := s.github.Pulls("acme/decisions")[0].Pull.HeadSHA
	s.judged(head)
	said := map[string]string{}
	for _, st := range s.repo.Statuses(head) {
		said[st.Context] = st.State
	}
	if said["shipmate/decisions"] != "failure" || said["shipmate/decisions/web"] != "success" {
		t.Errorf("%v", said)
	}
}

// Whose pull request it is has to be known, since their thumb does not count.
func TestAPullRequestOfSomebodyUnknownIsNotAdopted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := s.laptop("eve", "0001-by-hand.md")
	_, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: ben, Pull: n})
	if r := s.refuses(adr.NoAuthor, err); r.Word != "eve" {
		t.Errorf("%+v", r)
	}
}

// One that was closed and opened again on GitHub can be taken up again.
func TestOneThatIsOpenedAgainIsAdopted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.repo.ClosePR(p.Pull.Number)
	s.ended(p.ID, adr.Closed)
	s.repo.Reopen(p.Pull.Number)
	q, err := s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: ben, Pull: p.Pull.Number})
	if err != nil || q.ID != p.ID || q.State != adr.Open {
		t.Fatalf("%+v, %v", q, err)
	}
	s.clock.Advance(time.Minute)
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	if got, err := s.Service.Ended(t.Context(), time.Time{}); err != nil || len(got) != 1 || got[0].State != adr.Accepted {
		t.Errorf("it has ended once: %+v, %v", got, err)
	}
}

// Somebody gives the record another name by hand, as its status advises: it is that proposal still.
func TestARecordThatIsRenamedByHand(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Use NATS")
	s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0001-mine.md": record(1, "Mine own", "d")})
	s.thumb(p.ID, ben, adr.Up)
	s.repo.PushTo(p.Pull.Number, "ana", "Rename", githubtest.Files{p.File: githubtest.Deleted, "doc/adr/0002-use-nats.md": strings.Replace(s.text(p), "# 1. ", "# 2. ", 1)})
	s.looks(p.ID)
	if p = s.looks(p.ID); p.Number != 2 || p.File != "doc/adr/0002-use-nats.md" || p.Taken() {
		t.Fatalf("%+v", p)
	}
	s.counts(p.ID, 1, 0)
	if q, err := s.Numbered(t.Context(), p.Scope, 2); err != nil || q.ID != p.ID {
		t.Errorf("%v, %v", q, err)
	}
	s.thumb(p.ID, cy, adr.Up)
	s.ended(p.ID, adr.Accepted)
}

// The one that is superseded gets another number while both are proposed.
func TestTheOldOneIsRenumbered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.opened("Use Kafka")
	p := s.opened("Use NATS", supersedes(1))
	s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0001-mine.md": record(1, "Mine own", "d")})
	s.until(old.ID, "it is taken", func(p *adr.Proposal) bool { return p.Taken() })
	if _, err := s.Renumber(t.Context(), request(), old.ID, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.until(old.ID, "it has another number", func(p *adr.Proposal) bool { return p.Number == 3 && !p.Renumber })
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	s.ended(old.ID, adr.Overtaken)
	s.links("0003-use-kafka.md", adr.StatusSuperseded, "Superseded by 0002-use-nats.md")
	s.links("0002-use-nats.md", adr.StatusAccepted, "Supersedes 0003-use-kafka.md")
}

// A number means the change of its record that is proposed now.
func TestAChangeIsFoundByTheNumberOfItsRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.opened("Use NATS")
	s.agreed(first.ID)
	s.ended(first.ID, adr.Accepted)
	p := s.opened("", func(w *adr.Want) {
		w.Number, w.Change, w.Context, w.Decision = 1, &adr.Change{To: adr.StatusDeprecated}, "", ""
	})
	if q, err := s.Find(t.Context(), s.config.DecisionLogs()[0], 1); err != nil || q.ID != p.ID {
		t.Errorf("%+v, %v", q, err)
	}
	s.agreed(p.ID)
	s.ended(p.ID, adr.Accepted)
	if q, err := s.Find(t.Context(), s.config.DecisionLogs()[0], 1); err != nil || q.ID != first.ID {
		t.Errorf("%+v, %v", q, err)
	}
}

// One that is rejected supersedes nothing, and brings nothing along, whatever somebody puts back onto its branch.
func TestARejectionLeavesOlderRecordsAsTheyAre(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	old := s.opened("Use Redis")
	p := s.opened("Use NATS", supersedes(1, 2))
	s.repo.SetStatus(p.Branch, "ci/words", "pending", "", "")
	if err := s.ends(ana, p.ID, "then not", true); err != nil {
		t.Fatal(err)
	}
	s.until(p.ID, "its record says so", func(*adr.Proposal) bool { return s.record(p.Branch, "0003-use-nats.md").Status == adr.StatusRejected })
	content, _ := s.repo.File("main", "doc/adr/0001-use-kafka.md")
	sly, err := adr.Supersede("0001-use-kafka.md", []byte(content), adr.Ref{Number: 3, Title: "Use NATS", File: "0003-use-nats.md"})
	if err != nil {
		t.Fatal(err)
	}
	s.repo.PushTo(p.Pull.Number, "eve", "Sly", githubtest.Files{"doc/adr/0001-use-kafka.md": string(sly), old.File: s.text(old)})
	s.notMerged(p.ID, "0001-use-kafka.md: What would have superseded it is rejected")
	s.notMerged(p.ID, "0002-use-redis.md: Its number was given to another proposal")
	s.repo.PushTo(p.Pull.Number, "ana", "Back", githubtest.Files{"doc/adr/0001-use-kafka.md": content, old.File: githubtest.Deleted})
	s.ended(p.ID, adr.Rejected)
	s.links("0001-use-kafka.md", adr.StatusAccepted)
}

// The number that is advised is not one that was given already.
func TestTheNumberThatIsAdvisedIsFree(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	p := s.opened("Use NATS")
	s.repo.ClosePR(p.Pull.Number)
	s.ended(p.ID, adr.Closed)
	s.laptop("ben", "0001-by-hand.md")
	if _, says := s.judged(s.github.Pulls("acme/decisions")[1].Pull.HeadSHA); !strings.Contains(says, "give it 0003") {
		t.Errorf("it says %q", says)
	}
}
