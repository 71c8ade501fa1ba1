package delivery_test

import (
	"context"
	"math/rand/v2"
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
func TestMoreRulesNeverAllowMore(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(shipmateYAML), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	states := []github.State{github.Success, github.Failure, github.Running, github.Expected, github.Neutral, github.Skipped, github.Cancelled}
	shut := func(f delivery.Facts) bool {
		for _, g := range delivery.Judge(f) {
			if g.Verdict != delivery.Passed {
				return true
			}
		}
		return false
	}
	rng := rand.New(rand.NewPCG(1, 2))
	opened := 0
	for range 20_000 {
		e := config.Environment{Name: "gated"}
		f := delivery.Facts{Now: morning.Add(time.Duration(rng.IntN(14*24)) * time.Hour), Config: cfg, Service: cfg.Services["checkout"],
			Environment: &e, Commit: delivery.Commit{SHA: "a"}, Before: delivery.Before{SHA: string(rune('a' + rng.IntN(2)))}, Anyway: rng.IntN(2) == 0}
		f.By, f.Permission = "U0ANA", delivery.Permission{Allowed: rng.IntN(8) > 0, Known: rng.IntN(8) > 0}
		f.Bound = delivery.Bound{To: "a", From: string(rune('a' + rng.IntN(2)))}
		if rng.IntN(3) > 0 {
			f.Approval = &delivery.Approval{Bound: delivery.Bound{To: "a", From: "a"}}
			f.Approvers = map[string]bool{"U0ANA": true, "U0BEN": true, "U0CY": rng.IntN(2) == 0}
			for _, who := range []string{"U0ANA", "U0BEN", "U0CY"}[rng.IntN(3):] {
				f.Approval.Votes = append(f.Approval.Votes, delivery.Vote{By: who})
			}
			if rng.IntN(8) == 0 {
				f.Approval.Rejected = &delivery.Vote{By: "U0BEN"}
			}
		}
		if rng.IntN(2) == 0 {
			f.Earlier = &delivery.Success{At: f.Now.Add(-time.Duration(rng.IntN(20)) * time.Minute)}
		}
		if rng.IntN(3) > 0 {
			f.Checks = &github.Checks{RequiredKnown: rng.IntN(2) == 0}
			for _, name := range []string{"ci/build", "ci/test"} {
				if rng.IntN(3) > 0 {
					f.Checks.All = append(f.Checks.All, github.Check{Name: name, State: states[rng.IntN(len(states))], Required: rng.IntN(2) == 0})
				}
			}
		}
		was := shut(f)
		stricter := e
		f.Lineage.ToRunning = []string{"", "ahead", "behind", "diverged"}[rng.IntN(4)]
		f.Lineage.ToDefault = []string{"", "identical", "behind", "diverged"}[rng.IntN(4)]
		moreFreezes := f.Freezes
		switch rng.IntN(9) {
		case 6:
			stricter.ForwardOnly = true
		case 7:
			stricter.DefaultBranchOnly = true
		case 8:
			moreFreezes = []*delivery.Freeze{{By: "U0ANA", At: morning, Until: morning.Add(time.Duration(rng.IntN(14*24)) * time.Hour)}}
		case 5:
			stricter.Approvals = &config.Approvals{Count: 1 + rng.IntN(2), Self: rng.IntN(2) == 0}
		case 0:
			stricter.After = "staging"
		case 1:
			stricter.After, stricter.Soak.Duration = "staging", 10*time.Minute
		case 2:
			stricter.Checks = config.Checks{Word: []string{config.ChecksAll, config.ChecksRequired}[rng.IntN(2)]}
		case 3:
			stricter.Checks = config.Checks{Names: []string{"ci/build"}}
		case 4:
			stricter.Freeze = cfg.Environments["frozen"].Freeze
		}
		f.Environment, f.Freezes = &stricter, moreFreezes
		if now := shut(f); was && !now {
			t.Fatalf("allowed with more rules: %+v", f)
		} else if !now {
			opened++
		}
	}
	if opened < 500 {
		t.Errorf("only %d cases were open, which proves little", opened)
	}
}
