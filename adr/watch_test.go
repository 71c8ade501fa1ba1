package adr_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
)

// judged has the logs looked at, and returns what GitHub shows of a commit: the state, and in words.
func (s *stage) judged(ref string) (state, says string) {
	s.Helper()
	s.clock.Advance(time.Minute)
	s.watches(s.Service)
	for _, st := range s.repo.Statuses(ref) {
		if st.Context == "shipmate/decisions" {
			state, says = st.State, st.Description
		}
	}
	return state, says
}

func record(n int, title, decision string) string {
	return string(adr.Draft{Number: n, Title: title, Date: "2026-03-01", Context: "c", Decision: decision, Consequences: "c"}.Render(""))
}

func TestPullRequestsAreTold(t *testing.T) {
	t.Parallel()
	old := "doc/adr/0001-use-kafka.md"
	for name, c := range map[string]struct {
		files githubtest.Files
		state string
		says  []string
	}{
		"a free number":              {githubtest.Files{"doc/adr/0002-x.md": record(2, "X y", "d")}, "success", []string{"is free"}},
		"a taken number":             {githubtest.Files{"doc/adr/0001-x.md": record(1, "X y", "d")}, "failure", []string{"0001-x.md", "taken by 0001-use-kafka.md", "0002"}},
		"another number in its head": {githubtest.Files{"doc/adr/0002-x.md": record(3, "X y", "d")}, "failure", []string{"0002-x.md"}},
		"no status":                  {githubtest.Files{"doc/adr/0002-x.md": "# 2. X y\n\nText.\n"}, "failure", []string{"Status"}},
		"an old text changed":        {githubtest.Files{"doc/adr/0002-x.md": record(2, "X y", "d"), old: record(1, "Use Kafka", "other")}, "failure", []string{"Decision"}},
		"only an old text changed":   {githubtest.Files{old: record(1, "Use Kafka", "other")}, "failure", []string{"Decision"}},
		"an old record removed":      {githubtest.Files{"doc/adr/0002-x.md": record(2, "X y", "d"), old: githubtest.Deleted}, "failure", []string{"supersede it instead"}},
		"an old status changed":      {githubtest.Files{"doc/adr/0002-x.md": record(2, "X y", "d"), old: strings.Replace(record(1, "Use Kafka", "d"), "Accepted", "Deprecated", 1)}, "success", nil},
		"no record":                  {githubtest.Files{"doc/other.md": "x"}, "", nil},
		"two problems":               {githubtest.Files{"doc/adr/0001-x.md": record(1, "X y", "d"), old: githubtest.Deleted}, "failure", []string{"2 problems"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.decided("Use Kafka")
			n := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Files: c.files})
			state, says := s.judged(s.github.Pulls("acme/decisions")[n-1].Pull.HeadSHA)
			if state != c.state {
				t.Errorf("%s: %q", state, says)
			}
			for _, word := range c.says {
				if !strings.Contains(says, word) {
					t.Errorf("it says %q, not %q", says, word)
				}
			}
		})
	}
}

// What was free is taken when another is merged, or was numbered first; each is judged again then.
func TestPullRequestsAreJudgedAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first, second := s.laptop("ben", "0001-this.md"), s.laptop("dee", "0001-that.md")
	heads := []string{}
	for _, i := range s.github.Pulls("acme/decisions") {
		heads = append(heads, i.Pull.HeadSHA)
	}
	if state, says := s.judged(heads[first-1]); state != "success" {
		t.Errorf("the first: %s, %s", state, says)
	}
	if state, says := s.judged(heads[second-1]); state != "failure" || !strings.Contains(says, "pull request #1") {
		t.Errorf("the second: %s, %s", state, says)
	}
	if got := s.notes(dee); !slices.Equal(got, []string{adr.NoteTaken}) || len(s.notes(ben)) != 0 {
		t.Errorf("Dee was told %v", got)
	}
	s.repo.ClosePR(first)
	if state, says := s.judged(heads[second-1]); state != "success" {
		t.Errorf("the first is closed: %s, %s", state, says)
	}
	s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0001-mine.md": record(1, "Mine own", "d")})
	if state, says := s.judged(heads[second-1]); state != "failure" || !strings.Contains(says, "0001-mine.md") {
		t.Errorf("one is on main: %s, %s", state, says)
	}
	before := len(s.github.Calls())
	s.judged(heads[second-1])
	if calls := len(s.github.Calls()) - before; calls > 3 {
		t.Errorf("%d calls where nothing has changed", calls)
	}
}

// The thumbs of a proposal that gets another number stay, also those of reviews.
func TestAProposalIsRenumbered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(stageYAML, "announce:", "approvals: 3, announce:", 1))
	s.decided("Use Kafka")
	p := s.opened("Use NATS", supersedes(1))
	s.thumb(p.ID, ben, adr.Up)
	s.repo.Review(p.Pull.Number, "cy", "APPROVED", "")
	_, err := s.Renumber(t.Context(), request(), p.ID, s.clock.Now())
	s.refuses(adr.NotTaken, err)
	s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0002-mine.md": record(2, "Mine own", "d"), "doc/adr/0003-mine.md": record(3, "Mine too", "d")})
	p = s.until(p.ID, "it is taken", func(p *adr.Proposal) bool { return p.Taken() })
	if _, err := s.Renumber(t.Context(), request(), p.ID, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	p = s.until(p.ID, "it has another number", func(p *adr.Proposal) bool { return p.Number == 4 && !p.Renumber })
	s.looks(p.ID)
	s.counts(p.ID, 2, 0)
	if pull := s.github.Pulls("acme/decisions")[0]; pull.Title != "ADR-4: Use NATS" || !strings.Contains(pull.Body, "0004-use-nats.md") {
		t.Errorf("%q: %s", pull.Title, pull.Body)
	}
	if _, there := s.repo.File(p.Branch, "doc/adr/0002-use-nats.md"); there {
		t.Error("the old file is there")
	}
	if q, err := s.Numbered(t.Context(), p.Scope, 2); err == nil {
		t.Errorf("number 2 belongs to %s", q.ID)
	}
	if state, says := s.judged(p.Branch); state != "success" {
		t.Errorf("%s: %s", state, says)
	}
	s.thumb(p.ID, dee, adr.Up)
	s.ended(p.ID, adr.Accepted)
	s.links("0001-use-kafka.md", adr.StatusSuperseded, "Superseded by 0004-use-nats.md")
	s.links("0004-use-nats.md", adr.StatusAccepted, "Supersedes 0001-use-kafka.md")
}

func TestAPullRequestByHandIsAdopted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Kafka")
	adopt := func(pull int) (*adr.Proposal, error) {
		return s.Adopt(t.Context(), adr.AdoptWant{Request: request(), At: s.clock.Now(), By: cy, Pull: pull, Renumber: true})
	}
	_, err := adopt(1)
	s.refuses(adr.NoPull, err)
	n := s.laptop("ben", "0001-by-hand.md")
	two := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Files: githubtest.Files{"doc/adr/0005-x.md": "x", "doc/adr/0006-x.md": "x"}})
	_, err = adopt(two)
	s.refuses(adr.NotOne, err)
	s.repo.ClosePR(two)
	fork := s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "x", Fork: true, Files: githubtest.Files{"doc/adr/0007-x.md": "x"}})
	_, err = adopt(fork)
	s.refuses(adr.FromFork, err)
	s.repo.ClosePR(fork)
	p, err := adopt(n)
	if err != nil || p.By != ben || p.Title != "By hand" || !p.Renumber {
		t.Fatalf("%+v, %v", p, err)
	}
	if again, err := adopt(n); err != nil || again.ID != p.ID {
		t.Errorf("%+v, %v", again, err)
	}
	p = s.until(p.ID, "it has a number of its own", func(p *adr.Proposal) bool { return p.Number == 2 && !p.Renumber })
	s.thumb(p.ID, cy, adr.Up)
	s.thumb(p.ID, ana, adr.Up)
	s.ended(p.ID, adr.Accepted)
	if b := s.repo.Branches(); !slices.Contains(b, "ben-patch-1") {
		t.Errorf("Ben's own branch is gone: %v", b)
	}
	if r := s.record("main", "0002-by-hand.md"); r.Number != 2 || r.Title != "By hand" {
		t.Errorf("%+v", r)
	}
}

// Nobody says anything: on the third working day those who were asked are reminded, and on the sixth it is offered for rejection.
func TestProposalsThatNobodyLooksAt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.clock.Set(time.Date(2026, 3, 12, 14, 0, 0, 0, time.UTC)) // a Thursday, three in the afternoon in Berlin
	p := s.opened("Keep sessions in Redis", func(w *adr.Want) { w.Reviewers = []string{ben, cy} })
	s.thumb(p.ID, ben, adr.Up)
	for n, want := range []time.Time{time.Date(2026, 3, 17, 14, 0, 0, 0, time.UTC), time.Date(2026, 3, 20, 14, 0, 0, 0, time.UTC)} {
		p = s.nudged(p.ID, n+1)
		if !p.Nudged.Equal(want) {
			t.Errorf("reminded the %d. time at %s, want %s", n+1, p.Nudged, want)
		}
	}
	if got := s.notes(cy); !slices.Equal(got, []string{adr.NoteWaits}) || len(s.notes(ben)) != 0 {
		t.Errorf("Cy was told %v, Ben %v", got, s.notes(ben))
	}
	s.clock.Advance(14 * 24 * time.Hour)
	if p = s.looks(p.ID); p.Nudges != 2 {
		t.Errorf("reminded %d times", p.Nudges)
	}
	s.thumb(p.ID, dee, adr.Down)
	if p = s.proposal(p.ID); p.Nudges != 0 {
		t.Errorf("somebody said something, and it was reminded %d times", p.Nudges)
	}
	s.nudged(p.ID, 1)
}

// nudged moves time on until people were reminded so often.
func (s *stage) nudged(id string, times int) *adr.Proposal {
	s.Helper()
	for range 24 * 30 {
		s.step(id)
		if p := s.proposal(id); p.Nudges == times {
			return p
		}
		s.clock.Advance(time.Hour)
	}
	s.Fatalf("not reminded %d times: %+v", times, s.proposal(id))
	return nil
}

// The process died after GitHub had opened the pull request and before that was written down: it is not taken for somebody else's.
func TestAPullRequestThatIsNotKnownYetIsItsOwn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.proposes("Keep sessions in Redis")
	dying, die := context.WithCancel(t.Context())
	at := func(c githubtest.Call) {
		if c.Op == githubtest.OpCreatePull && c.Phase == githubtest.After {
			die()
		}
	}
	s.onGitHub.Store(&at)
	for dying.Err() == nil {
		_, _ = s.StepProposal(dying, p.ID)
	}
	s.connect()
	if state, says := s.judged("adr/0001"); state != "success" || s.proposal(p.ID).Pull != nil {
		t.Errorf("%s: %s", state, says)
	}
	s.until(p.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open })
}
