package adr_test

import (
	"strings"
	"testing"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

func TestThumbsCountOncePerPersonWhereverTheyAreGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "approvals: 5, announce:", 1))
	p := s.opened("Keep sessions in Redis")
	n := p.Pull.Number
	steps := []struct {
		what     string
		do       func()
		up, down int
	}{
		{"a reaction", func() { s.repo.React(n, "ben", "+1") }, 1, 0},
		{"and a thumb on the card of the same person", func() { s.thumb(p.ID, ben, adr.Up) }, 1, 0},
		{"and a review of theirs", func() { s.repo.Review(n, "ben", "APPROVED", "") }, 1, 0},
		{"somebody else's review", func() { s.repo.Review(n, "cy", "APPROVED", "fine") }, 2, 0},
		{"the author's own", func() { s.repo.React(n, "ana", "+1") }, 2, 0},
		{"of one whom nobody knows", func() { s.repo.React(n, "eve", "+1") }, 2, 0},
		{"one that holds it", func() { s.repo.React(n, "dee", "-1") }, 2, 1},
		{"which is taken back", func() { s.repo.Unreact(n, "dee", "-1") }, 2, 0},
		{"a review that asks for changes", func() { s.repo.Review(n, "cy", "CHANGES_REQUESTED", "no") }, 1, 1},
		{"and then approves", func() { s.repo.Review(n, "cy", "APPROVED", "yes") }, 2, 0},
		{"taken back on the card only", func() { s.thumb(p.ID, ben, "") }, 2, 0},
		{"taken back as a reaction, too", func() { s.repo.Unreact(n, "ben", "+1") }, 2, 0},
		{"other reactions", func() { s.repo.React(n, "dee", "rocket") }, 2, 0},
		{"held on the card", func() { s.thumb(p.ID, ben, adr.Down) }, 1, 1},
		{"the author holds it", func() { s.thumb(p.ID, ben, ""); s.thumb(p.ID, ana, adr.Down) }, 2, 1},
	}
	for _, step := range steps {
		step.do()
		s.looks(p.ID)
		if tally := s.tally(p.ID); len(tally.Up) != step.up || len(tally.Down) != step.down {
			t.Errorf("%s: %d and %d, want %d and %d: %+v", step.what, len(tally.Up), len(tally.Down), step.up, step.down, tally)
		}
	}
	if tally := s.tally(p.ID); len(tally.Unknown) != 1 || tally.Unknown[0].Login != "eve" {
		t.Errorf("unknown: %+v", tally.Unknown)
	}
}

// A thumb is for what was written when it was given, whatever the number.
func TestThumbsForAnotherTextAreVoid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "approvals: 5, announce:", 1))
	p := s.opened("Keep sessions in Redis")
	s.thumb(p.ID, ben, adr.Up)
	s.repo.React(p.Pull.Number, "cy", "+1")
	s.repo.Review(p.Pull.Number, "dee", "APPROVED", "")
	s.looks(p.ID)
	s.counts(p.ID, 3, 0)
	s.repo.PushTo(p.Pull.Number, "ana", "Only blanks", githubtest.Files{p.File: strings.ReplaceAll(s.text(p), "We do it.", "We do it.  ")})
	s.looks(p.ID)
	s.counts(p.ID, 3, 0)
	s.repo.PushTo(p.Pull.Number, "ana", "Other words", githubtest.Files{p.File: strings.ReplaceAll(s.text(p), "We do it.", "We do not.")})
	s.looks(p.ID)
	s.counts(p.ID, 0, 0)
	if v := s.tally(p.ID).Void; len(v) != 3 {
		t.Errorf("void: %+v", v)
	}
	s.thumb(p.ID, ben, adr.Up)
	s.counts(p.ID, 1, 0)
	s.repo.PushTo(p.Pull.Number, "ana", "The old words", githubtest.Files{p.File: strings.ReplaceAll(s.text(p), "We do not.", "We do it.")})
	s.looks(p.ID)
	s.counts(p.ID, 2, 0) // those of Cy and Dee are for these words
}

func TestOnlySomePeoplesThumbsCount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "from: [payments], announce:", 1))
	s.most = []string{ben, cy}
	p := s.opened("Keep sessions in Redis")
	_, err := s.Vote(t.Context(), adr.VoteWant{Request: request(), By: dee, Proposal: p.ID, Thumb: adr.Up})
	s.refuses(adr.NoVote, err)
	s.repo.React(p.Pull.Number, "dee", "+1")
	s.thumb(p.ID, ben, adr.Up)
	s.looks(p.ID)
	s.counts(p.ID, 1, 0)
	if f := s.tally(p.ID).Foreign; len(f) != 1 || f[0].By != dee {
		t.Errorf("foreign: %+v", f)
	}
	s.most = []string{cy} // Ben has left the team
	s.counts(p.ID, 0, 0)
	s.most = []string{ben, cy}
	s.thumb(p.ID, cy, adr.Up)
	s.ended(p.ID, adr.Accepted)
}

func TestThumbsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.proposes("Keep sessions in Redis")
	vote := func(by string, thumb adr.Thumb, why string) error {
		_, err := s.Vote(t.Context(), adr.VoteWant{Request: request(), At: s.clock.Now(), By: by, Proposal: p.ID, Thumb: thumb, Why: why})
		return err
	}
	s.refuses(adr.Ended, vote(ben, adr.Up, "")) // its pull request is not there
	s.until(p.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open })
	if r := s.refuses(adr.NoVote, vote(ana, adr.Up, "")); r.Word != "own" {
		t.Errorf("%+v", r)
	}
	s.refuses(adr.NoReason, vote(ben, adr.Down, " "))
	s.refuses(adr.NoThumb, vote(ben, "", ""))
	if err := vote(ben, adr.Up, ""); err != nil {
		t.Error(err)
	}
	s.refuses(adr.AlreadySo, vote(ben, adr.Up, ""))
	if err := vote(ben, adr.Down, "wait"); err != nil {
		t.Error(err)
	}
	s.counts(p.ID, 0, 1)
	w := adr.VoteWant{Request: "twice-0001", At: s.clock.Now(), By: cy, Proposal: p.ID, Thumb: adr.Up}
	for range 2 { // the same request runs again
		if _, err := s.Vote(t.Context(), w); err != nil {
			t.Error(err)
		}
	}
	if q, err := s.Asked(t.Context(), "twice-0001"); err != nil || q.ID != p.ID {
		t.Errorf("%v, %v", q, err)
	}
}

// What is held is not merged, and what its checks are against is not either.
func TestWhatStandsAgainstAMerge(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Keep sessions in Redis")
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, dee, adr.Down)
	s.thumb(p.ID, cy, adr.Up)
	if p := s.looks(p.ID); p.State != adr.Open {
		t.Errorf("held, it is %s", p.State)
	}
	s.repo.SetStatus("adr/0001", "ci/words", "failure", "a word is wrong", "")
	s.thumb(p.ID, dee, "")
	if p := s.looks(p.ID); p.State != adr.Open || p.Pull.Checks != "failure" {
		t.Errorf("with failing checks it is %s, %s", p.State, p.Pull.Checks)
	}
	s.repo.SetStatus("adr/0001", "ci/words", "success", "fine", "")
	s.ended(p.ID, adr.Accepted)
}

func TestWhereItsAuthorMerges(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "merge: author, announce:", 1))
	p := s.opened("Keep sessions in Redis")
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, cy, adr.Up)
	p = s.until(p.ID, "its author is told", func(p *adr.Proposal) bool { return !p.Ready.IsZero() })
	if p = s.looks(p.ID); p.State != adr.Open {
		t.Fatalf("it is %s", p.State)
	}
	if got := s.notes(ana); len(got) != 1 || got[0] != adr.NoteReady {
		t.Errorf("told: %v", got)
	}
	s.repo.SetStatus(p.Branch, "ci/words", "pending", "", "")
	merge := func() {
		if _, err := s.Accept(t.Context(), request(), p.ID, ana, s.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	merge()
	s.repo.PushTo(p.Pull.Number, "cy", "Other words", githubtest.Files{p.File: record(1, "Keep sessions in Redis", "We do not.")})
	s.looks(p.ID)
	s.agreed(p.ID)
	if p = s.looks(p.ID); p.State != adr.Open || p.MergeBy != "" {
		t.Errorf("what nobody wanted merged is %s", p.State)
	}
	merge()
	s.ended(p.ID, adr.Accepted)
}
