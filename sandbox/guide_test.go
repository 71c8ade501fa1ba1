package sandbox

import (
	"testing"
	"time"
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
