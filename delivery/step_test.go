package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

func TestFailureIsToldWithItsLog(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "migrating", strings.Repeat("x", 900), "no such column"))
	d := s.deploys()
	failed := s.until(d.ID, delivery.Failed)
	f := failed.Failure
	if f == nil || f.Job != "deploy" || f.Step != "Deploy" || f.URL == "" || len(f.Log) < 3 {
		t.Fatalf("failure: %+v", f)
	}
	log := strings.Join(f.Log, "\n")
	if !strings.Contains(log, "no such column") || strings.Contains(log, strings.Repeat("x", 301)) {
		t.Fatalf("log: %q", f.Log)
	}
	s.free("staging", true)
}

func TestFailureWithoutLog(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	d := s.deploys()
	s.github.Fault(githubtest.Fault{Match: "GET /repos/*/*/actions/jobs/*/logs", Kind: githubtest.Status500})
	failed := s.until(d.ID, delivery.Failed)
	if failed.Failure.Job != "deploy" || !strings.HasPrefix(failed.Failure.Why, "The log could not be read") {
		t.Fatalf("failure: %+v", failed.Failure)
	}
}

func TestUnclearDispatch(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]githubtest.Fault{
		"answer lost":         {When: githubtest.After, Kind: githubtest.Reset},
		"502 after applying":  {When: githubtest.After, Kind: githubtest.Status502},
		"502 before applying": {When: githubtest.Before, Kind: githubtest.Status502},
		"never arrived":       {When: githubtest.Before, Kind: githubtest.Reset},
		"truncated answer":    {Kind: githubtest.Truncate},
	} {
		for _, old := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, func(o *githubtest.Options) { o.OldServer, o.RunAppears = old, 20*time.Second })
				fault := fault
				fault.Match, fault.Times = githubtest.OpDispatch, 1
				s.github.Fault(fault)
				d := s.deploys()
				s.until(d.ID, delivery.Succeeded)
				if got := s.runs(1)[0].Inputs["correlation_id"]; got != d.ID {
					t.Fatalf("the run is for %s", got)
				}
			})
		}
	}
}

func TestHangingDispatchIsLookedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.connect(100 * time.Millisecond)
	release := s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.After, Kind: githubtest.HangUp})
	defer release()
	d := s.deploys()
	s.step(d.ID)
	if got := s.now(d.ID); got.State != delivery.Dispatching || got.Run != nil {
		t.Fatalf("after no answer: %+v", got)
	}
	s.connect(time.Second)
	s.until(d.ID, delivery.Succeeded)
	s.runs(1)
}

// A process that dies as it sends leaves an attempt of which nobody knows whether it arrived.
func TestDeathWhileSending(t *testing.T) {
	t.Parallel()
	for _, arrives := range []bool{true, false} {
		t.Run(fmt.Sprintf("arrives: %v", arrives), func(t *testing.T) {
			t.Parallel()
			ctx, die := context.WithCancel(context.Background())
			s := newStage(t, func(o *githubtest.Options) {
				o.OnCall = func(c githubtest.Call) {
					if c.Op == githubtest.OpDispatch {
						die()
					}
				}
			})
			if !arrives {
				s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.Before, Kind: githubtest.Reset})
			}
			d := s.deploys()
			if _, err := s.Step(ctx, d.ID); err == nil {
				t.Fatal("a step without its context wrote how it ended")
			}
			if got := s.now(d.ID); got.State != delivery.Dispatching || got.Attempted.IsZero() {
				t.Fatalf("the attempt was not written down: %+v", got)
			}
			s.connect(time.Second)
			s.until(d.ID, delivery.Succeeded)
			s.runs(1)
		})
	}
}

func TestRunThatNeverAppears(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *githubtest.Options) { o.RunAppears = time.Hour })
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, When: githubtest.After, Kind: githubtest.Reset})
	d := s.deploys()
	lost := s.until(d.ID, delivery.Lost)
	if lost.Lost != delivery.NeverSeen || lost.Offer() != delivery.OfferFree {
		t.Fatalf("lost: %+v", lost)
	}
	// The last step has moved the clock to the next look, which is ten minutes away.
	if took := s.clock.Now().Sub(morning) - 10*time.Minute; took < 180*time.Second || took > 200*time.Second {
		t.Fatalf("two windows of 90 s took %s", took)
	}
	s.free("staging", false)
	_, err := s.Deploy(context.Background(), s.want())
	s.refuses(delivery.SlotTaken, err)
	s.github.ClearFaults()
	s.until(d.ID, delivery.Succeeded) // it shows up after all, and is believed
	s.free("staging", true)
}

func TestEndedWhileShipmateWasDead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.clock.Advance(3 * time.Hour)
	s.connect(time.Second)
	s.step(d.ID)
	got := s.now(d.ID)
	if got.State != delivery.Succeeded || got.Ended.Sub(morning) > time.Minute {
		t.Fatalf("after three hours: %s, ended %s", got.State, got.Ended)
	}
	if got.Waited() < 3*time.Hour {
		t.Errorf("whoever asked has waited for the news for %s", got.Waited())
	}
}

func TestRunThatDoesNotStart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.Script{Queue: 20 * time.Minute})
	d := s.deploys()
	s.until(d.ID, delivery.Queued)
	for s.now(d.ID).Late.IsZero() {
		if !s.step(d.ID) {
			t.Fatal("it is not looked at any more")
		}
		if s.clock.Now().Sub(morning) > 6*time.Minute {
			t.Fatal("nobody is told that it does not start")
		}
	}
	if after := s.now(d.ID).Late.Sub(morning); after < 5*time.Minute {
		t.Fatalf("told too early, after %s", after)
	}
	s.until(d.ID, delivery.Succeeded)
}

func TestGitHubIsAway(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	since := s.clock.Now()
	s.github.Down(true)
	s.step(d.ID)
	away := s.now(d.ID)
	if away.State != delivery.Running || away.Unread == nil || !away.Unread.Since.Equal(since) || away.Unread.Why == "" {
		t.Fatalf("unread: %+v", away.Unread)
	}
	for range 4 {
		before := s.clock.Now()
		if s.step(d.ID); s.clock.Now().Sub(before) > 15*time.Second {
			t.Fatalf("whoever watches waits %s after GitHub is back", s.clock.Now().Sub(before))
		}
	}
	s.clock.Advance(16 * time.Minute)
	s.step(d.ID)
	if lost := s.now(d.ID); lost.State != delivery.Lost || lost.Lost != delivery.Unreadable || lost.Stage != away.Stage+1 {
		t.Fatalf("after 16 minutes: %+v", lost)
	}
	s.free("staging", false)
	s.github.Down(false)
	s.step(d.ID)
	if back := s.now(d.ID); back.State != delivery.Running || back.Unread != nil || back.Lost != "" {
		t.Fatalf("GitHub is back: %+v", back)
	}
	s.github.FinishRun("acme/checkout", s.runs(1)[0].ID, "success")
	s.until(d.ID, delivery.Succeeded)
}

func TestGitHubIsAwayWhileTheRunIsLookedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.After, Kind: githubtest.Reset})
	d := s.deploys()
	s.step(d.ID)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpListRuns, Kind: githubtest.PrimaryLimit})
	s.step(d.ID)
	if away := s.now(d.ID); away.State != delivery.Dispatching || away.Unread == nil {
		t.Fatalf("unread: %+v", away)
	}
	s.clock.Advance(16 * time.Minute)
	s.step(d.ID)
	lost := s.now(d.ID)
	if lost.State != delivery.Lost || lost.Lost != delivery.Unreadable {
		t.Fatalf("after 16 minutes: %+v", lost)
	}
	s.github.ClearFaults()
	s.clock.Advance(time.Hour)
	s.until(d.ID, delivery.Succeeded)
	s.runs(1)
}

// A hold of an hour must not keep people from hearing that nothing happens.
func TestLongHoldIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, Kind: githubtest.SecondaryLimit403, RetryAfter: time.Hour})
	late := s.until(d.ID, delivery.Failed)
	if told := late.Late.Sub(morning); told < 5*time.Minute || told > 6*time.Minute {
		t.Fatalf("told after %s", told)
	}
	if gaveUp := late.Ended.Sub(morning); gaveUp < 15*time.Minute || gaveUp > 16*time.Minute {
		t.Fatalf("given up after %s", gaveUp)
	}
	s.runs(0)
}

// What GitHub definitely did not take is sent as soon as it can be, without looking first, and not at all once it is old.
func TestDispatchThatIsHeldBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, Kind: githubtest.SecondaryLimit429, RetryAfter: 40 * time.Second})
	s.step(d.ID)
	held := s.now(d.ID)
	if held.State != delivery.Wanted || held.Unread == nil || held.Offer() != delivery.OfferCancel {
		t.Fatalf("held back: %+v", held)
	}
	if waited := s.clock.Now().Sub(morning); waited < 40*time.Second || waited > 45*time.Second {
		t.Fatalf("waits %s instead of 40 s", waited)
	}
	s.until(d.ID, delivery.Succeeded)
	s.runs(1)

	second := s.deploys(again)
	s.clock.Advance(15 * time.Minute)
	late := s.until(second.ID, delivery.Failed)
	if late.Failure == nil || !strings.Contains(late.Failure.Why, "15 min") || late.Offer() != delivery.OfferRetry {
		t.Fatalf("too late: %+v", late.Failure)
	}
	s.runs(1)
	s.free("staging", true)
}

func TestDispatchThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.repo.Commit("main", "ana", "Remove it meanwhile", githubtest.Files{".github/workflows/deploy.yml": githubtest.Deleted})
	failed := s.until(d.ID, delivery.Failed)
	if failed.Failure == nil || !strings.Contains(failed.Failure.Why, "deploy.yml") || failed.Run != nil {
		t.Fatalf("failure: %+v", failed.Failure)
	}
	s.free("staging", true)
}

func TestRunThatIsTooNewToBeShownIsNoTrouble(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.until(d.ID, delivery.Queued)
	s.repo.Grant(githubtest.DefaultLogin, "")
	s.step(d.ID)
	if soon := s.now(d.ID); !soon.Missing.IsZero() {
		t.Fatalf("a run that was only just made is called missing: %+v", soon)
	}
	s.clock.Advance(20 * time.Second)
	s.step(d.ID)
	if later := s.now(d.ID); later.Missing.IsZero() {
		t.Fatalf("a run that does not appear is not called missing: %+v", later)
	}
}

func TestRunThatGitHubForgot(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.repo.Grant(githubtest.DefaultLogin, "")
	s.step(d.ID)
	if soon := s.now(d.ID); soon.State != delivery.Running || soon.Missing.IsZero() {
		t.Fatalf("at first it may only be hidden: %+v", soon)
	}
	lost := s.until(d.ID, delivery.Lost)
	if lost.Lost != delivery.RunGone || s.clock.Now().Sub(lost.Missing) < 90*time.Second {
		t.Fatalf("lost: %+v", lost)
	}
	before := s.clock.Now()
	s.step(d.ID)
	if pause := s.clock.Now().Sub(before); pause != 10*time.Minute {
		t.Fatalf("a lost run is looked for every %s", pause)
	}
	freed := s.cancels(d.ID)
	if freed.State != delivery.Abandoned || freed.Cancel.By != "U0BEN" {
		t.Fatalf("freed: %+v", freed)
	}
	s.free("staging", true)
	s.repo.Grant(githubtest.DefaultLogin, "push")
	if next := s.deploys(); next.ID == d.ID {
		t.Fatal("the same one")
	}
}

func TestRunsAreReadPolitely(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	for _, c := range []struct{ age, pause time.Duration }{
		{20 * time.Second, 3 * time.Second}, {2 * time.Minute, 5 * time.Second}, {10 * time.Minute, 10 * time.Second}, {time.Hour, 15 * time.Second},
	} {
		s.clock.Set(morning.Add(c.age))
		s.step(d.ID)
		if got := s.clock.Now().Sub(morning.Add(c.age)); got != c.pause {
			t.Errorf("after %s it asks every %s, not every %s", c.age, got, c.pause)
		}
	}
	version := s.now(d.ID).Version
	s.step(d.ID)
	if s.now(d.ID).Version != version {
		t.Fatal("nothing happened, and it was written")
	}
}

func TestManyRunsAreNotConfused(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *githubtest.Options) { o.OldServer = true })
	a, b := s.deploys(), s.deploys(to("production"))
	for range 40 {
		s.step(a.ID)
		s.step(b.ID)
	}
	for _, d := range []*delivery.Deployment{a, b} {
		got := s.until(d.ID, delivery.Succeeded)
		for _, run := range s.runs(2) {
			if run.ID == got.Run.ID && run.Inputs["environment"] != d.Environment {
				t.Fatalf("%s follows the run of %s", d.Environment, run.Inputs["environment"])
			}
		}
	}
}

// The first attempt had no clear answer, the second a clear no: still nobody knows what became of the first.
func TestSecondAttemptIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.Before, Kind: githubtest.Reset})
	d := s.deploys()
	s.step(d.ID)
	s.repo.Commit("main", "ana", "Remove it meanwhile", githubtest.Files{".github/workflows/deploy.yml": githubtest.Deleted})
	lost := s.until(d.ID, delivery.Lost)
	if lost.Lost != delivery.NeverSeen || lost.Failure == nil || lost.Resent.IsZero() {
		t.Fatalf("lost: %+v", lost)
	}
	s.runs(0)
}

// Nothing is sent for the second time when whoever asked has long gone on to something else.
func TestOldAttemptIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.Before, Kind: githubtest.Reset})
	d := s.deploys()
	s.step(d.ID)
	s.clock.Advance(time.Hour)
	s.until(d.ID, delivery.Lost)
	s.runs(0)
}
