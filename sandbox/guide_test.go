package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

func TestTheGuidesBuildIsBrokenOnceItHasFailed(t *testing.T) {
	t.Parallel()
	g, c, d := acme(t)
	s := &Stage{github: g, clock: c, director: d, hub: newHub(), notes: notes{Done: map[string]bool{}}}
	s.levers = s.allLevers()
	done := func() bool { return s.guide().Steps[3].Done }
	before := g.Repo("acme/catalog").Head("main")
	for range 2 { // also when it is pressed twice
		if _, err := s.pull("guide-break"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.didGuide("fail", "line"); err != nil {
		t.Fatal(err)
	}
	if g.Repo("acme/catalog").Head("main") == before {
		t.Error("there is nothing new to deploy")
	}
	if done() {
		t.Error("it is done before anything was deployed")
	}
	dispatch(t, g, "acme/catalog")
	c.Advance(2 * time.Second)
	if done() {
		t.Error("it is done before anything failed")
	}
	c.Advance(5 * time.Minute)
	if !done() {
		t.Errorf("it is not done after %+v", last(g, "acme/catalog"))
	}
}

// Chloé's thumb is for what Shipmate proposed last, and Ben's number is always one that is taken.
func TestTheGuidesDecision(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), NoBot: true}, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	g := s.github
	repo := g.Repo("acme/decisions")
	pull := func(id string) error {
		_, err := s.pull(id)
		return err
	}
	if err := pull("guide-thumb"); err == nil {
		t.Error("a thumb for nothing")
	}
	last := func() githubtest.Issue {
		all := g.Pulls("acme/decisions")
		return all[len(all)-1]
	}
	for _, want := range []string{"doc/adr/0006-", "doc/adr/0009-"} {
		pull("guide-laptop")
		p := last()
		if name, _, _ := strings.Cut(p.Title, "."); p.Author != "ben" || !strings.HasSuffix(want, fmt.Sprintf("%04s-", name)) {
			t.Errorf("%+v, want %s", p, want)
		}
		if _, found := repo.File(p.Pull.Head, want+"keep-prices-in-cents.md"); !found {
			t.Errorf("no %s", want)
		}
		repo.Branch("adr/0009", "main").Commit("adr/0009", "ana", "Decide", githubtest.Files{"a.md": "a"})
	}
	repo.OpenPR(githubtest.PR{Title: "ADR-9", Author: githubtest.DefaultLogin, Head: "adr/0009"})
	pull("guide-thumb")
	if p := last(); len(p.Reactions) != 1 || p.Reactions[0] != (githubtest.Reaction{Login: "chloe", Content: "+1"}) {
		t.Errorf("%+v", p)
	}
}

func TestTheGuideHasSomethingToKillWhateverRuns(t *testing.T) {
	t.Parallel()
	g, c, d := acme(t)
	s := &Stage{github: g, clock: c, director: d, hub: newHub()}
	s.levers = s.allLevers()
	before := g.Repo("acme/ledger").Head("main")
	for _, id := range firstMinute[2].Actions[0].First {
		if _, err := s.pull(id); err != nil {
			t.Fatal(err)
		}
	}
	if g.Repo("acme/ledger").Head("main") == before {
		t.Error("the ledger may be up to date, and then nothing is deployed")
	}
}
