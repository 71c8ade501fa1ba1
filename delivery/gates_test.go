package delivery_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// why returns the gate of a name before a deployment.
func (s *stage) why(name string, fn ...func(*delivery.Want)) delivery.Gate {
	s.Helper()
	_, all, err := s.Why(context.Background(), s.want(fn...))
	if err != nil {
		s.Fatal(err)
	}
	for _, g := range all {
		if g.Name == name {
			return g
		}
	}
	s.Fatalf("no gate %s in %+v", name, all)
	return delivery.Gate{}
}

func TestOrderAsksForTheVerySameCommit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.commit("First")
	s.repo.SetStatus(first, "ci/build", "success", "", "")
	_, err := s.Deploy(context.Background(), s.want(to("gated")))
	r := s.refuses(delivery.NotInOrder, err)
	if r.Gates[0].Environment != "staging" || r.Gates[0].At != "shipmate.yaml:22:11" {
		t.Errorf("told %+v", r.Gates)
	}
	d := s.deploys()
	s.until(d.ID, delivery.Succeeded)
	_, err = s.Deploy(context.Background(), s.want(to("gated")))
	if r = s.refuses(delivery.Soaking, err); !r.Gates[0].Until.Equal(s.now(d.ID).Ended.Add(10 * time.Minute)) {
		t.Errorf("it clears at %s", r.Gates[0].Until)
	}
	s.clock.Advance(10 * time.Minute)
	second := s.commit("Second") // of which staging knows nothing
	s.repo.SetStatus(second, "ci/build", "success", "", "")
	_, err = s.Deploy(context.Background(), s.want(to("gated")))
	s.refuses(delivery.NotInOrder, err)
	s.until(s.deploys(to("gated"), at(first)).ID, delivery.Succeeded)
	// What staging was given since does not take the success away.
	s.until(s.deploys().ID, delivery.Succeeded)
	if g := s.why("order", to("gated"), at(first)); g.Verdict != delivery.Passed {
		t.Errorf("%+v", g)
	}
}

func TestChecksMustHavePassed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	s.until(s.deploys().ID, delivery.Succeeded)
	s.clock.Advance(10 * time.Minute)
	for _, step := range []struct {
		status  string
		verdict delivery.Verdict
		code    delivery.Code
	}{
		{"", delivery.NotYet, delivery.ChecksPending},
		{"pending", delivery.NotYet, delivery.ChecksPending},
		{"failure", delivery.Closed, delivery.ChecksFailed},
		{"success", delivery.Passed, ""},
	} {
		if step.status != "" {
			s.repo.SetStatus(sha, "ci/build", step.status, "", "")
		}
		s.clock.Advance(time.Minute)
		if g := s.why("checks", to("gated")); g.Verdict != step.verdict || g.Code != step.code || g.Total != 1 {
			t.Errorf("%q: %+v", step.status, g)
		}
		if step.verdict == delivery.Closed {
			_, err := s.Deploy(context.Background(), s.want(to("gated")))
			s.refuses(step.code, err)
		}
	}
	s.github.Down(true) // what cannot be read does not pass
	if _, err := s.Deploy(context.Background(), s.want(to("gated"))); err == nil {
		t.Error("deployed without knowing the checks")
	}
	s.github.Down(false)
	s.clock.Advance(time.Minute)
	s.deploys(to("gated"))
}

func TestFreezeSaysUntilWhen(t *testing.T) {
	t.Parallel()
	s := newStage(t) // a Friday, 9:00 UTC
	if g := s.why("freeze", to("frozen")); g.Verdict != delivery.Passed {
		t.Errorf("before the weekend: %+v", g)
	}
	s.clock.Set(time.Date(2026, 11, 20, 14, 59, 0, 0, time.UTC))
	d := s.deploys(to("frozen"))
	s.clock.Set(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)) // 16:00 in Berlin
	_, err := s.Deploy(context.Background(), s.want(to("frozen"), at("main")))
	s.refuses(delivery.SlotTaken, err)
	s.step(d.ID)
	if denied := s.now(d.ID); denied.State != delivery.Denied || len(denied.Denied) != 1 || denied.Denied[0].Code != delivery.Frozen {
		t.Fatalf("what was not sent before the freeze is sent in it: %+v", denied)
	}
	s.runs(0)
	s.free("frozen", true)
	_, err = s.Deploy(context.Background(), s.want(to("frozen")))
	g := s.refuses(delivery.Frozen, err).Gates[0]
	if want := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC); !g.Until.Equal(want) || g.Why != "weekend" || g.At != "shipmate.yaml:23:21" {
		t.Errorf("told %+v", g)
	}
	s.clock.Set(g.Until)
	s.deploys(to("frozen"))
}

func TestChecksThatFailAfterTheWishKeepItFromBeingSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	s.until(s.deploys().ID, delivery.Succeeded)
	s.clock.Advance(10 * time.Minute)
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	d := s.deploys(to("gated"))
	s.repo.SetStatus(sha, "ci/build", "failure", "", "")
	s.step(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.ChecksFailed {
		t.Fatalf("%+v", now)
	}
	s.runs(1)
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	s.asked++
	again, err := s.Retry(context.Background(), d.ID, s.want())
	if err != nil {
		t.Fatal(err)
	}
	s.until(again.ID, delivery.Succeeded)
}

func TestNothingGoesBackWhereOnlyForwardIsAllowed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	first := s.commit("First")
	s.repo.Branch("aside", "main")
	s.commit("Second")
	s.repo.Commit("aside", "ana", "Aside", githubtest.Files{"b.txt": "1"})
	s.until(s.deploys(to("forward")).ID, delivery.Succeeded)
	for _, ref := range []string{first, "aside"} {
		_, err := s.Deploy(bg, s.want(to("forward"), at(ref)))
		s.refuses(delivery.Outdated, err)
	}
	third := s.commit("Third")
	d := s.deploys(to("forward"), at(third))
	s.until(d.ID, delivery.Succeeded)
	s.commit("Fourth")
	s.github.Down(true)
	if _, err := s.Deploy(bg, s.want(to("forward"))); err == nil {
		t.Error("deployed without knowing")
	}
}

func TestOnlyTheDefaultBranchWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	first := s.commit("First")
	s.repo.Branch("aside", "main")
	s.repo.Commit("aside", "ana", "Aside", githubtest.Files{"b.txt": "1"})
	s.commit("Second")
	_, err := s.Deploy(bg, s.want(to("mainline"), at("aside")))
	if g := s.refuses(delivery.NotInDefaultBranch, err).Gates[0]; g.At == "" {
		t.Errorf("told %+v", g)
	}
	s.until(s.deploys(to("mainline"), at(first)).ID, delivery.Succeeded)
	s.until(s.deploys(to("mainline")).ID, delivery.Succeeded)
}

// Restricting more never allows more: whatever was refused stays refused when a rule is added.
// tighten are the ways to ask for more in an environment: by its rules, and by what people have said of it.
var tighten = []func(*rand.Rand, *delivery.Facts){
	func(_ *rand.Rand, f *delivery.Facts) { f.Environment.After = "staging" },
	func(_ *rand.Rand, f *delivery.Facts) {
		f.Environment.After, f.Environment.Soak.Duration = "staging", 10*time.Minute
	},
	func(rng *rand.Rand, f *delivery.Facts) {
		if f.Environment.Checks.Word == "" && len(f.Environment.Checks.Names) == 0 {
			f.Environment.Checks = []config.Checks{{Word: config.ChecksAll}, {Word: config.ChecksRequired}, {Names: []string{"ci/build"}}}[rng.IntN(3)]
		}
	},
	func(_ *rand.Rand, f *delivery.Facts) { f.Environment.Freeze = f.Config.Environments["frozen"].Freeze },
	func(rng *rand.Rand, f *delivery.Facts) {
		if f.Environment.Approvals == nil {
			f.Environment.Approvals = &config.Approvals{Count: 1 + rng.IntN(2), Self: rng.IntN(2) == 0}
		}
	},
	func(_ *rand.Rand, f *delivery.Facts) { f.Environment.ForwardOnly = true },
	func(_ *rand.Rand, f *delivery.Facts) { f.Environment.DefaultBranchOnly = true },
	func(_ *rand.Rand, f *delivery.Facts) { f.Environment.Confirm = true },
	func(rng *rand.Rand, f *delivery.Facts) {
		f.Freezes = append(f.Freezes, &delivery.Freeze{By: "U0ANA", At: morning, Until: someDay(rng)})
	},
	func(rng *rand.Rand, f *delivery.Facts) {
		f.Locks = append(f.Locks, &delivery.Lock{By: "U0BEN", At: morning, Until: someDay(rng), Rollback: []string{"", "d-back"}[rng.IntN(2)]})
	},
	func(rng *rand.Rand, f *delivery.Facts) {
		f.Holds = append(f.Holds, delivery.Hold{Number: 12, Severity: "sev1", Private: rng.IntN(2) == 0})
	},
	func(_ *rand.Rand, f *delivery.Facts) {
		f.Veto = &delivery.Veto{By: "U0BEN", At: morning, Rollback: "d-back"}
	},
	func(_ *rand.Rand, f *delivery.Facts) {
		f.Slot = &delivery.Deployment{ID: "d-slot", State: delivery.Running}
	},
	func(_ *rand.Rand, f *delivery.Facts) {
		f.Twin = &delivery.Deployment{ID: "d-twin", State: delivery.Waiting}
	},
}

// someDay is a time in the two weeks from morning.
func someDay(rng *rand.Rand) time.Time {
	return morning.Add(time.Duration(rng.IntN(14*24)) * time.Hour)
}

// someFacts are facts in which nothing is asked for yet.
func someFacts(rng *rand.Rand, cfg *config.Config) delivery.Facts {
	half := func() bool { return rng.IntN(2) == 0 }
	states := []github.State{github.Success, github.Success, github.Success, github.Failure, github.Running, github.Expected,
		github.Neutral, github.Skipped, github.Cancelled}
	f := delivery.Facts{Now: someDay(rng), Config: cfg, Service: cfg.Services["checkout"], Environment: &config.Environment{Name: "gated"},
		Commit: delivery.Commit{SHA: "a"}, Before: delivery.Before{SHA: string(rune('a' + rng.IntN(2)))}, Anyway: half(), Made: half(),
		By: "U0ANA", Permission: delivery.Permission{Allowed: rng.IntN(8) > 0, Known: rng.IntN(8) > 0},
		Bound: delivery.Bound{To: "a", From: string(rune('a' + rng.IntN(2)))}}
	f.Lineage.ToRunning = []string{"", "ahead", "behind", "diverged"}[rng.IntN(4)]
	f.Lineage.ToDefault = []string{"", "identical", "behind", "diverged"}[rng.IntN(4)]
	if rng.IntN(3) > 0 {
		f.Approval = &delivery.Approval{Bound: delivery.Bound{To: "a", From: "a"}}
		f.Approvers = map[string]bool{"U0ANA": true, "U0BEN": true, "U0CY": half()}
		for _, who := range []string{"U0ANA", "U0BEN", "U0CY"}[rng.IntN(3):] {
			f.Approval.Votes = append(f.Approval.Votes, delivery.Vote{By: who})
		}
		if rng.IntN(8) == 0 {
			f.Approval.Rejected = &delivery.Vote{By: "U0BEN"}
		}
	}
	if half() {
		f.Earlier = &delivery.Success{At: f.Now.Add(-time.Duration(rng.IntN(20)) * time.Minute)}
	}
	if half() {
		f.Start = &delivery.Start{At: f.Now}
	}
	if rng.IntN(4) == 0 {
		f.Rollback = &delivery.Rollback{Of: "d-bad", Bad: delivery.Commit{SHA: "b"}}
	}
	if rng.IntN(3) == 0 {
		f.Glass = true
		f.Environment.BreakGlass = &config.BreakGlass{}
		for _, name := range []string{"lock", "freeze", "incident", "veto", "order", "outdated", "checks", "approvals"} {
			if half() {
				f.Environment.BreakGlass.Skip = append(f.Environment.BreakGlass.Skip, name)
			}
		}
	}
	if rng.IntN(4) > 0 {
		f.Checks = &github.Checks{RequiredKnown: rng.IntN(4) > 0}
		for _, name := range []string{"ci/build", "ci/test"} {
			if rng.IntN(4) > 0 {
				f.Checks.All = append(f.Checks.All, github.Check{Name: name, State: states[rng.IntN(len(states))], Required: half()})
			}
		}
	}
	return f
}

// TestMoreRulesNeverAllowMore asks for one thing more, of environments with any rules and of what people have said in any
// combination: a gate that is shut must not open by it.
func TestMoreRulesNeverAllowMore(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(shipmateYAML), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	opens := func(f delivery.Facts) bool {
		return !slices.ContainsFunc(delivery.Judge(f), func(g delivery.Gate) bool {
			return g.Verdict != delivery.Passed && g.Verdict != delivery.Skipped
		})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var open [2]int // with nothing asked for before, and with something
	tries := 40_000
	if testing.Short() {
		tries = 8_000
	}
	for range tries {
		f := someFacts(rng, cfg)
		asked := 0
		for range rng.IntN(4) {
			tighten[rng.IntN(len(tighten))](rng, &f)
			asked = 1
		}
		was := opens(f)
		stricter, e := f, *f.Environment
		stricter.Environment, stricter.Locks, stricter.Freezes, stricter.Holds = &e, slices.Clone(f.Locks), slices.Clone(f.Freezes), slices.Clone(f.Holds)
		tighten[rng.IntN(len(tighten))](rng, &stricter)
		if now := opens(stricter); now && !was {
			t.Fatalf("allowed with more rules: %+v\nin %+v, before %+v", stricter, stricter.Environment, delivery.Judge(f))
		} else if now {
			open[asked]++
		}
	}
	if open[0] < tries/80 || open[1] < tries/80 {
		t.Errorf("only %d cases were open, which proves little", open)
	}
}
