package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// holdsOf is where the incidents of a service stand.
func holdsOf(service string) string { return store.Key("held", service) }

// outage is an incident that keeps deployments out.
var outage = delivery.Hold{ID: "i-abcdefghij", Number: 12, Title: "Payments fail", Severity: "sev2", Status: "investigating", By: "U0BEN", Channel: "C0INC"}

// opens has incidents, and no others, keep checkout as it is, in one transaction with fn.
func (s *stage) opens(fn func(store.Tx) error, all ...delivery.Hold) {
	s.Helper()
	if err := s.db.Update(context.Background(), func(tx store.Tx) error {
		if err := store.Save(tx, holdsOf("checkout"), all); err != nil {
			return err
		}
		return fn(tx)
	}); err != nil {
		s.Fatal(err)
	}
}

func nothing(store.Tx) error { return nil }

// mitigated ends them, as package incident does.
func (s *stage) mitigated() {
	s.Helper()
	s.opens(func(tx store.Tx) error { return delivery.Freed(tx, []string{"checkout"}) })
}

func TestIncidentGate(t *testing.T) {
	t.Parallel()
	cfg := newStage(t).config
	private := delivery.Hold{Private: true}
	other := outage
	other.Number, other.Severity, other.By = 13, "sev1", "U0CY"
	facts := func(holds ...delivery.Hold) delivery.Facts {
		return delivery.Facts{Now: morning, Config: cfg, Service: cfg.Services["checkout"], Environment: cfg.Environments["staging"], Holds: holds}
	}
	for name, c := range map[string]struct {
		facts delivery.Facts
		want  []delivery.Hold // nil when it passes
		by    string
	}{
		"none":               {facts(), nil, ""},
		"one":                {facts(outage), []delivery.Hold{outage}, "U0BEN"},
		"two":                {facts(outage, other), []delivery.Hold{outage, other}, "U0BEN"},
		"a private one":      {facts(private), []delivery.Hold{private}, ""},
		"a private one last": {facts(private, other), []delivery.Hold{other, private}, "U0CY"},
	} {
		g := named("incident", delivery.Judge(c.facts))
		shut := g.Verdict == delivery.Closed && g.Code == delivery.IncidentOpen
		if shut != (c.want != nil) || !slices.Equal(g.Holds, c.want) || g.By != c.by || g.At != "" {
			t.Errorf("%s: %+v", name, g)
		}
		if !shut && g.Verdict != delivery.Passed {
			t.Errorf("%s: %+v", name, g)
		}
		back := c.facts
		back.Rollback = &delivery.Rollback{Of: "d-bad"}
		if g := named("incident", delivery.Judge(back)); g.Name != "" {
			t.Errorf("%s: going back is asked: %+v", name, g)
		}
	}
}

// named is the gate of a name; a zero one when nothing is asked for.
func named(name string, all []delivery.Gate) delivery.Gate {
	for _, g := range all {
		if g.Name == name {
			return g
		}
	}
	return delivery.Gate{}
}

// The line that makes a severity keep deployments out is told, where the file has one.
func TestIncidentGateNamesItsLine(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	yaml := shipmateYAML + "incidents:\n  severities:\n    - {name: high, freeze: true}\n    - {name: low, freeze: true}\n"
	s.configure(yaml)
	low := outage
	low.Severity = "LOW"
	s.opens(nothing, low)
	if g := s.why("incident"); g.At != fmt.Sprintf("shipmate.yaml:%d:19", strings.Count(yaml, "\n")) {
		t.Errorf("told %s", g.At)
	}
	s.opens(nothing, outage) // of a severity that is gone
	if g := s.why("incident"); g.At != "" || g.Verdict != delivery.Closed {
		t.Errorf("told %+v", g)
	}
}

func TestIncidentKeepsDeploymentsOutAndLetsRollbacksPass(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.ships("First")
	s.ships("Second")
	s.opens(nothing, outage)
	s.commit("Third")
	for _, place := range []string{"staging", "production"} {
		_, err := s.Deploy(bg, s.want(to(place)))
		if g := s.refuses(delivery.IncidentOpen, err).Gates[0]; len(g.Holds) != 1 || g.Holds[0] != outage || g.By != "U0BEN" {
			t.Errorf("told %+v", g)
		}
	}
	if all, err := s.Status(bg, "checkout"); err != nil || all[0].Incident == nil || all[0].Incident.Holds[0] != outage {
		t.Errorf("%+v, %v", all[0], err)
	}
	back, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	s.until(back.ID, delivery.Succeeded)
	if _, err := s.Unlock(bg, s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	s.mitigated()
	s.deploys()
	if all, err := s.Status(bg, "checkout"); err != nil || all[0].Incident != nil {
		t.Errorf("%+v, %v", all[0], err)
	}
}

// Nothing of a private incident is written into a record or told to anybody who asks.
func TestPrivateIncidentIsOnlyThatThereIsOne(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	secret := outage
	secret.Private = true
	s.opens(nothing, secret)
	s.step(d.ID)
	g := s.now(d.ID).Denied[0]
	if g.Code != delivery.IncidentOpen || len(g.Holds) != 1 || g.Holds[0] != (delivery.Hold{Private: true}) || g.By != "" {
		t.Errorf("written %+v", g)
	}
	_, err := s.Deploy(context.Background(), s.want())
	if g := s.refuses(delivery.IncidentOpen, err).Gates[0]; g.Holds[0] != (delivery.Hold{Private: true}) || g.By != "" {
		t.Errorf("told %+v", g)
	}
}

func TestIncidentBetweenTheWishAndItsDispatch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.opens(nothing, outage)
	s.step(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.IncidentOpen {
		t.Fatalf("%+v", now)
	}
	s.runs(0)
	s.free("staging", true)
}

// Whoever declares an incident while a deployment is being sent: either nothing was sent, or the incident came after.
func TestIncidentAndDispatchAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for range 10 {
		s := newStage(t)
		d := s.deploys()
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := s.Step(context.Background(), d.ID); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() { s.opens(nothing, outage) })
		both.Wait()
		now := s.now(d.ID)
		if sent := len(s.github.Runs("acme/checkout")); (now.State == delivery.Denied) != (sent == 0) {
			t.Fatalf("%s with %d runs", now.State, sent)
		}
	}
}

// It waits on while an incident is open, and is refused only when it is time to start.
func TestWhatWaitsIsAskedAboutIncidentsWhenItStarts(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{true, false} {
		s := newStage(t)
		s.with("patient: {checks: [ci/build], confirm: true}", "patient: {checks: [ci/build]}")
		sha := s.commit("Begin")
		s.repo.SetStatus(sha, "ci/build", "pending", "", "")
		s.opens(nothing, outage)
		_, err := s.Deploy(context.Background(), s.want(to("patient")))
		s.refuses(delivery.IncidentOpen, err) // before it is asked for
		s.mitigated()
		d := s.deploys(to("patient"))
		s.opens(nothing, outage)
		s.clock.Advance(time.Minute)
		if now := s.look(d.ID); now.State != delivery.Waiting {
			t.Fatalf("%+v", now)
		}
		want := delivery.Denied
		if !open {
			s.mitigated()
			want = delivery.Wanted
		}
		s.repo.SetStatus(sha, "ci/build", "success", "", "")
		s.clock.Advance(time.Minute)
		if now := s.look(d.ID); now.State != want {
			t.Fatalf("%s, want %s: %+v", now.State, want, now.Denied)
		}
	}
}

// What cannot be read keeps everybody out who goes forward, and nobody who goes back.
func TestUnreadableIncidentsRefuse(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.ships("First")
	s.ships("Second")
	s.commit("Third")
	d := s.deploys()
	if err := s.db.Update(bg, func(tx store.Tx) error { return tx.Put(holdsOf("checkout"), []byte("{")) }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Step(bg, d.ID); err == nil {
		t.Error("the last look did not fail")
	}
	s.runs(2)
	s.cancels(d.ID)
	if _, err := s.Deploy(bg, s.want()); err == nil {
		t.Error("deployed")
	}
	if _, _, err := s.Why(bg, s.want()); err == nil {
		t.Error("why knows it all")
	}
	back, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	s.until(back.ID, delivery.Succeeded)
}

// Where the environment allows it a broken glass skips it, and the record says so.
func TestBreakGlassPastAnIncident(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.with("skip: [lock, order, checks, approvals]", "skip: [incident, order, checks, approvals]")
	s.opens(nothing, outage)
	_, err := s.Deploy(context.Background(), s.want(to("sealed")))
	if g := s.refuses(delivery.IncidentOpen, err).Gates[0]; len(g.Except) != 1 {
		t.Errorf("not told who can make an exception: %+v", g)
	}
	d := s.until(s.deploys(to("sealed"), glass).ID, delivery.Succeeded)
	if g := named("incident", d.Glass.Skipped); g.Verdict != delivery.Skipped || g.Holds[0] != outage {
		t.Errorf("skipped %+v", d.Glass.Skipped)
	}
	s.configure(shipmateYAML)
	s.opens(nothing, outage)
	s.commit("Second")
	_, err = s.Deploy(context.Background(), s.want(to("sealed"), glass, func(w *delivery.Want) { w.By = "U0ANA" }))
	s.refuses(delivery.IncidentOpen, err)
}

// Whoever was refused by an incident can wait in line, and is told when it is mitigated.
func TestMitigatedWakesTheLine(t *testing.T) {
	t.Parallel()
	for _, freed := range [][]string{{"checkout"}, {"billing", "checkout"}} {
		s := newStage(t)
		_, err := s.Join(context.Background(), s.line("U0ANA"))
		s.refuses(delivery.NothingInTheWay, err)
		s.opens(nothing, outage)
		s.joins("U0ANA", "U0BEN")
		s.works()
		s.told("")
		other := outage
		other.Number++
		s.opens(func(tx store.Tx) error { return delivery.Freed(tx, freed) }, other) // one of two
		s.works()
		s.told("")
		s.opens(func(tx store.Tx) error { return delivery.Freed(tx, freed) })
		s.works()
		s.told("U0ANA")
		s.opens(nothing, outage) // again, before their turn is over: they keep their place
		s.clock.Advance(11 * time.Minute)
		s.moves()
		s.told("U0ANA")
		s.mitigated()
		s.works()
		s.told("U0ANA U0ANA")
	}
}

// The time somebody was kept waiting by an incident is told from any other.
func TestTimeLostToIncidentsIsCounted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit("Begin")
	s.opens(nothing, outage)
	_, err := s.Deploy(context.Background(), s.want())
	s.refuses(delivery.IncidentOpen, err)
	s.clock.Advance(time.Hour)
	s.mitigated()
	s.until(s.deploys().ID, delivery.Succeeded)
	got, err := s.Stats(context.Background(), delivery.StatsWant{Service: "checkout", Environment: "staging", Days: 1})
	if err != nil || got.Spent[delivery.OnIncident] != (delivery.Spent{Total: time.Hour, Median: time.Hour, Of: 1}) {
		t.Errorf("%+v, %v", got.Spent, err)
	}
}

// Whoever has to know hears of the end of what was sent, once, and of nothing else.
func TestTheEndOfWhatWasSentIsHeardOf(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.commit("Begin")
	early := s.deploys()
	s.cancels(early.ID) // before anything was sent
	d := s.deploys()
	s.opens(nothing, outage)
	s.look(d.ID)
	s.mitigated()
	if len(s.ended) != 0 {
		t.Errorf("heard %q", s.ended)
	}
	good := s.until(s.deploys().ID, delivery.Succeeded)
	s.commit("Second")
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no such column"))
	bad := s.until(s.deploys().ID, delivery.Failed)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	stopped := s.until(s.deploys().ID, delivery.Running)
	s.cancels(stopped.ID)
	s.until(stopped.ID, delivery.Cancelled)
	if _, err := s.Retry(bg, bad.ID, s.want()); err != nil { // changes what has ended
		t.Fatal(err)
	}
	if want := []string{good.ID + " succeeded", bad.ID + " failed", stopped.ID + " cancelled"}; !slices.Equal(s.ended, want) {
		t.Errorf("heard %q, want %q", s.ended, want)
	}
}

// However many services are freed it is a few operations.
func TestFreedIsSmall(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var all []string
	for i := range 200 {
		all = append(all, fmt.Sprintf("service-%d", i))
	}
	s.opens(func(tx store.Tx) error { return delivery.Freed(tx, all) })
}
