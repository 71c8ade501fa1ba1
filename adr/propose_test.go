package adr_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

func TestAProposalBecomesANumberedPullRequestAndIsMergedByThumbs(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Postgres", "Use Kafka")
	p := s.opened("Keep sessions in Redis", func(w *adr.Want) { w.Services, w.Reviewers = []string{"checkout"}, []string{ben} })
	if p.Name() != "ADR-3" || p.File != "doc/adr/0003-keep-sessions-in-redis.md" || p.Branch != "adr/0003" || p.Pull.Number == 0 {
		t.Fatalf("%+v", p)
	}
	r := s.record("adr/0003", "0003-keep-sessions-in-redis.md")
	if r.Title != "Keep sessions in Redis" || r.Number != 3 || r.Status != adr.StatusAccepted || r.Date != "2026-03-09" || !strings.Contains(r.Section("Decision"), "We do it.") {
		t.Errorf("%+v", r)
	}
	pull := s.github.Pulls("acme/decisions")[0]
	if pull.Title != "ADR-3: Keep sessions in Redis" || pull.Pull.Draft {
		t.Errorf("%+v", pull)
	}
	s.counts(p.ID, 0, 0)
	s.thumb(p.ID, ben, adr.Up)
	s.counts(p.ID, 1, 0)
	if s.looks(p.ID).State != adr.Open {
		t.Error("one thumb is enough")
	}
	s.thumb(p.ID, cy, adr.Up)
	if at := s.clock.Now(); !s.step(p.ID).Equal(at) {
		t.Error("it is not looked at again at once, to see it merged")
	}
	if next := s.step(p.ID); !next.IsZero() {
		t.Errorf("it has ended, and something is to be done at %s", next)
	}
	p = s.ended(p.ID, adr.Accepted)
	if r := s.record("main", "0003-keep-sessions-in-redis.md"); r.Status != adr.StatusAccepted || p.Pull.MergeSHA != s.repo.Head("main") {
		t.Errorf("%+v, merged as %s", r, p.Pull.MergeSHA)
	}
	if b := s.branches(); len(b) != 0 {
		t.Errorf("branches are left: %v", b)
	}
	if got := s.notes("#architecture"); !slices.Equal(got, []string{adr.NoteDecided}) {
		t.Errorf("the channel was told %v", got)
	}
	if got := s.notes(ana); !slices.Equal(got, []string{adr.NoteDecided}) {
		t.Errorf("the author was told %v", got)
	}
	if next := s.step(p.ID); !next.IsZero() {
		t.Errorf("something is to be done at %s", next)
	}
}

func TestATitleAloneMakesADraft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("Keep sessions in Redis", func(w *adr.Want) { w.Context, w.Decision, w.Consequences = "", "", "" })
	if !p.Draft || !s.github.Pulls("acme/decisions")[0].Pull.Draft {
		t.Fatalf("%+v", p)
	}
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, cy, adr.Up)
	if p = s.looks(p.ID); p.State != adr.Open {
		t.Errorf("a draft is %s", p.State)
	}
	s.repo.PushTo(p.Pull.Number, "ana", "Write it", githubtest.Files{p.File: record(1, "Keep sessions in Valkey", "We do it.")})
	s.repo.Ready(p.Pull.Number)
	if p = s.looks(p.ID); p.State != adr.Open || p.Draft || p.Title != "Keep sessions in Valkey" || p.Decision != "We do it." {
		t.Errorf("thumbs for what was not written yet, or an old text: %+v", p)
	}
	s.counts(p.ID, 0, 0)
	s.thumb(p.ID, ben, adr.Up)
	s.thumb(p.ID, cy, adr.Up)
	s.ended(p.ID, adr.Accepted)
}

// text is the record of a proposal on its branch.
func (s *stage) text(p *adr.Proposal) string {
	s.Helper()
	content, there := s.repo.File(p.Branch, p.File)
	if !there {
		s.Fatalf("%s has no %s", p.Branch, p.File)
	}
	return content
}

func TestBadWishesAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Postgres", "Use Kafka")
	s.repo.Commit("main", "ana", "Supersede", githubtest.Files{"doc/adr/0002-use-kafka.md": superseded(t, s, "0002-use-kafka.md", 1)})
	for name, c := range map[string]struct {
		want adr.Want
		code adr.Code
	}{
		"no title":             {adr.Want{Title: "  "}, adr.NoTitle},
		"no word":              {adr.Want{Title: "!!!"}, adr.BadTitle},
		"no log":               {adr.Want{Title: "x y", Log: "mobile"}, adr.NoLog},
		"none to supersede":    {adr.Want{Title: "x y", Supersedes: []int{7}}, adr.NoNumber},
		"superseded already":   {adr.Want{Title: "x y", Supersedes: []int{2}}, adr.Superseded},
		"deprecated: none":     {adr.Want{Number: 7, Change: &adr.Change{To: adr.StatusDeprecated}}, adr.NoNumber},
		"accepted is accepted": {adr.Want{Number: 1, Change: &adr.Change{To: adr.StatusAccepted}}, adr.StandsAs},
		"superseded: reject":   {adr.Want{Number: 2, Change: &adr.Change{To: adr.StatusRejected}}, adr.Superseded},
	} {
		c.want.Request, c.want.At, c.want.By = request(), s.clock.Now(), ana
		p, err := s.Propose(t.Context(), c.want)
		if p != nil {
			t.Errorf("%s: %+v", name, p)
		}
		s.refuses(c.code, err)
	}
	if all, err := s.OpenProposals(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func superseded(t *testing.T, s *stage, name string, by int) string {
	t.Helper()
	content, _ := s.repo.File("main", "doc/adr/"+name)
	out, err := adr.Supersede(name, []byte(content), adr.Ref{Number: by, Title: "Use Postgres", File: "0001-use-postgres.md"})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Whatever numbers there are already, the next is above all of them.
func TestNumbersAreAboveEverythingThatHasOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  func(*stage)
		want int
	}{
		"nothing":                {func(*stage) {}, 1},
		"records":                {func(s *stage) { s.decided("a b", "c d") }, 3},
		"a gap":                  {func(s *stage) { s.repo.Commit("main", "ana", "x", githubtest.Files{"doc/adr/0009-x.md": "# 9. X\n"}) }, 10},
		"any file with a number": {func(s *stage) { s.repo.Commit("main", "ana", "x", githubtest.Files{"doc/adr/0012-x.txt": "x"}) }, 13},
		"on a branch for long": {func(s *stage) {
			s.repo.Branch("release/1", "main")
			s.repo.Commit("release/1", "ana", "x", githubtest.Files{"doc/adr/0005-x.md": "x"})
		}, 6},
		"a branch of a proposal": {func(s *stage) { s.repo.Branch("adr/0007", "main") }, 8},
		"a pull request by hand": {func(s *stage) { s.laptop("ben", "0004-by-hand.md") }, 5},
		"one from a fork": {func(s *stage) {
			s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Fork: true, Files: githubtest.Files{"doc/adr/0006-x.md": "x"}})
		}, 7},
		"another directory counts not": {func(s *stage) { s.repo.Commit("main", "ana", "x", githubtest.Files{"other/0044-x.md": "x"}) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.configure(strings.Replace(stageYAML, "announce:", "branches: [release/1], announce:", 1))
			s.repo.Branch("release/1", "main")
			c.set(s)
			if p := s.opened("Keep sessions in Redis"); p.Number != c.want {
				t.Errorf("it is %d, want %d", p.Number, c.want)
			}
		})
	}
}

// laptop opens a pull request with a record by hand.
func (s *stage) laptop(author, name string) int {
	s.Helper()
	n, _ := adr.NumberOf(name)
	d := adr.Draft{Number: n, Title: "By hand", Date: "2026-03-01", Context: "c", Decision: "d", Consequences: "c"}
	return s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: author, Title: "A decision by hand", Files: githubtest.Files{"doc/adr/" + name: string(d.Render(""))}})
}

// A number whose pull request was closed is not given again; one that came to nothing is.
func TestNumbersAreNotGivenTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.opened("First thing")
	s.repo.ClosePR(p.Pull.Number)
	s.ended(p.ID, adr.Closed)
	s.repo.DeleteBranch(p.Branch)
	if q := s.opened("Second thing"); q.Number != 2 {
		t.Errorf("the second is %d", q.Number)
	}
	var once bool
	steal := func(c githubtest.Call) {
		if c.Op == githubtest.OpCreateRef && c.Phase == githubtest.Before && !once {
			once = true
			s.repo.Branch("adr/0003", "main")
		}
	}
	s.onGitHub.Store(&steal)
	q := s.opened("Third thing")
	if q.Number != 4 || q.Branch != "adr/0004" {
		t.Errorf("whose number was taken has %d on %s", q.Number, q.Branch)
	}
	if r, err := s.Numbered(t.Context(), q.Scope, 3); err == nil {
		t.Errorf("number 3 belongs to %s", r.ID)
	}
}

func TestAFullLogRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Commit("main", "ana", "x", githubtest.Files{"doc/adr/9999-x.md": "# 9999. X\n"})
	p := s.proposes("Keep sessions in Redis")
	s.step(p.ID)
	if h := s.proposal(p.ID).Hitches["open"]; !strings.Contains(h.Why, "9999") || !h.Said {
		t.Errorf("%+v", h)
	}
}

// Many at once have numbers without a gap, whoever comes first.
func TestProposalsTakeTurns(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var ids []string
	for n := range 5 {
		ids = append(ids, s.proposes(fmt.Sprintf("Thing number %d", n)).ID)
	}
	slices.Reverse(ids)
	var numbers []int
	for _, id := range ids {
		numbers = append(numbers, s.until(id, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open }).Number)
	}
	slices.Sort(numbers)
	if !slices.Equal(numbers, []int{1, 2, 3, 4, 5}) {
		t.Errorf("numbers: %v", numbers)
	}
}

// One whose pull request cannot be opened until somebody does something does not keep others from theirs.
func TestOneThatIsStuckLetsOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Branch("old", "main")
	s.configure(strings.Replace(stageYAML, "announce:", "branch: old, announce:", 1))
	stuck := s.proposes("First thing")
	s.configure(stageYAML)
	s.repo.DeleteBranch("old")
	s.step(stuck.ID)
	if h := s.proposal(stuck.ID).Hitches["open"]; !h.Said {
		t.Fatalf("%+v", s.proposal(stuck.ID))
	}
	if q := s.opened("Second thing"); q.Number != 2 {
		t.Errorf("the second is %d", q.Number)
	}
	s.repo.Branch("old", "main")
	if p := s.until(stuck.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open }); p.Number != 1 {
		t.Errorf("the first is %d", p.Number)
	}
}

// One that is stuck can be taken back: whatever came of it is closed.
func TestOneThatIsStuckIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Branch("old", "main")
	s.configure(strings.Replace(stageYAML, "announce:", "branch: old, announce:", 1))
	stuck := s.proposes("First thing")
	s.refuses(adr.Ended, s.ends(ana, stuck.ID, "never mind", false))
	s.repo.DeleteBranch("old")
	s.step(stuck.ID)
	if err := s.ends(ana, stuck.ID, "never mind", false); err != nil {
		t.Fatal(err)
	}
	if p := s.ended(stuck.ID, adr.Closed); !s.step(p.ID).IsZero() {
		t.Error("something is to be done still")
	}
	if got := s.notes(ana); !slices.Equal(got, []string{adr.NoteDecided}) {
		t.Errorf("told: %v", got)
	}
}
