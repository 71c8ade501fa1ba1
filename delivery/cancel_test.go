package delivery_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

func TestCancelBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	got := s.cancels(d.ID)
	if got.State != delivery.Cancelled || got.Cancel.By != "U0BEN" || got.Stage != d.Stage+1 {
		t.Fatalf("cancelled: %+v", got)
	}
	if s.step(d.ID) {
		t.Fatal("it is still stepped")
	}
	s.runs(0)
	s.free("staging", true)
	if all, err := s.Status(context.Background(), "checkout"); err != nil || all[0].Ledger.Doubt != "" {
		t.Fatalf("what was never sent is doubted: %+v, %v", all[0], err)
	}
}

// When GitHub cannot be asked to stop it, a person can still give the place free.
func TestFreeAfterACancelThatCannotBeDone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.cancels(d.ID)
	s.github.Fault(githubtest.Fault{Match: "*", Kind: githubtest.PrimaryLimit})
	s.step(d.ID)
	s.clock.Advance(16 * time.Minute)
	s.step(d.ID)
	if lost := s.now(d.ID); lost.State != delivery.Lost || lost.Offer() != delivery.OfferFree {
		t.Fatalf("lost: %+v", lost)
	}
	if freed := s.cancels(d.ID); freed.State != delivery.Abandoned {
		t.Fatalf("freed: %+v", freed)
	}
	s.free("staging", true)
}

// A run that can be read and not be stopped is trouble from the first try on, and in the end a person has to look.
func TestCancelThatAloneFailsIsLostInTheEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.cancels(d.ID)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpCancelRun, Kind: githubtest.Status502})
	for range 2 {
		s.step(d.ID)
		s.clock.Advance(8 * time.Minute)
	}
	s.step(d.ID)
	lost := s.now(d.ID)
	if lost.State != delivery.Lost || lost.Offer() != delivery.OfferFree || len(lost.Jobs) == 0 {
		t.Fatalf("lost: %+v", lost)
	}
	s.step(d.ID)
	if still := s.now(d.ID); still.State != delivery.Lost || still.Stage != lost.Stage {
		t.Fatalf("it does not stay lost: %+v", still)
	}
	s.github.ClearFaults()
	s.until(d.ID, delivery.Cancelled)
}

// A click on Cancel that arrives just as the deployment is lost would mean giving the place free, which nobody has seen.
func TestCancelOfAnotherStageIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	running := s.until(d.ID, delivery.Running)
	s.repo.Grant(githubtest.DefaultLogin, "")
	lost := s.until(d.ID, delivery.Lost)
	_, err := s.Cancel(context.Background(), delivery.Stop{Request: "late", By: "U0BEN", ID: d.ID, Stage: running.Stage})
	var refused *delivery.Refused
	if !errors.As(err, &refused) || refused.Code != delivery.MovedOn || s.now(d.ID).State != delivery.Lost {
		t.Fatalf("a click of stage %d on a deployment in stage %d: %v", running.Stage, lost.Stage, err)
	}
	freed, err := s.Cancel(context.Background(), delivery.Stop{Request: "seen", By: "U0BEN", ID: d.ID, Stage: lost.Stage})
	if err != nil || freed.State != delivery.Abandoned {
		t.Fatalf("a click of the stage it is in: %+v, %v", freed, err)
	}
}

func TestCancelARun(t *testing.T) {
	t.Parallel()
	for _, state := range []delivery.State{delivery.Queued, delivery.Running} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			d := s.deploys()
			s.until(d.ID, state)
			wish := s.cancels(d.ID)
			if wish.State != state || wish.Offer() != delivery.NoOffer {
				t.Fatalf("the wish: %+v", wish)
			}
			_, err := s.Cancel(context.Background(), delivery.Stop{Request: "late", By: "U0CY", ID: d.ID})
			if r := s.refuses(delivery.AlreadyCancelled, err); r.By != "U0BEN" || r.Since.IsZero() {
				t.Fatalf("the second is told %+v", r)
			}
			s.free("staging", false)
			got := s.until(d.ID, delivery.Cancelled)
			if run := s.runs(1)[0]; run.Conclusion != "cancelled" || got.Failure != nil {
				t.Fatalf("run %+v, record %+v", run, got)
			}
			s.free("staging", true)
			_, err = s.Cancel(context.Background(), delivery.Stop{Request: "too late", By: "U0CY", ID: d.ID})
			s.refuses(delivery.AlreadyEnded, err)
		})
	}
}

func TestCancelAnUnclearDispatch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when githubtest.Phase
		runs int
	}{"it was taken": {githubtest.After, 1}, "it was not taken": {githubtest.Before, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, func(o *githubtest.Options) { o.RunAppears = 10 * time.Second })
			s.repo.Script("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
			s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: c.when, Kind: githubtest.Reset})
			d := s.deploys()
			s.step(d.ID)
			if got := s.cancels(d.ID); got.State != delivery.Dispatching {
				t.Fatalf("nobody knows yet whether there is something to stop: %+v", got)
			}
			s.free("staging", false)
			s.until(d.ID, delivery.Cancelled)
			for _, run := range s.runs(c.runs) {
				if run.Conclusion != "cancelled" {
					t.Fatalf("the run goes on: %+v", run)
				}
			}
			s.free("staging", true)
		})
	}
}

func TestCancelLosesToTheEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.clock.Advance(time.Minute) // the run has ended, and nobody has seen it
	s.cancels(d.ID)
	got := s.until(d.ID, delivery.Succeeded)
	if got.Cancel == nil || s.runs(1)[0].Conclusion != "success" {
		t.Fatalf("the end: %+v", got)
	}
	all, err := s.Status(context.Background(), "checkout")
	if err != nil || all[0].Ledger.Deployment != d.ID {
		t.Fatalf("what runs there is not known: %+v", all[0])
	}
}

func TestRunThatIgnoresTheCancel(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.Script{Step: 80 * time.Second, IgnoresCancel: true})
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.cancels(d.ID)
	got := s.until(d.ID, delivery.Succeeded)
	asked := 0
	for _, call := range s.github.Calls() {
		if call.Op == githubtest.OpCancelRun {
			asked++
		}
	}
	if minutes := int(got.Ended.Sub(morning).Minutes()); asked < 2 || asked > minutes+1 {
		t.Fatalf("GitHub was asked %d times in %d minutes", asked, minutes)
	}
	s.free("staging", true)
}

func TestCancelByPlaceAnswersTheSameTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	stop := delivery.Stop{Request: "stop", By: "U0BEN", Service: "shop", Environment: "stg"}
	_, err := s.Cancel(bg, stop)
	s.refuses(delivery.NothingRunning, err)
	d := s.deploys()
	for range 2 {
		got, err := s.Cancel(bg, stop)
		if err != nil || got.ID != d.ID {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	next := s.deploys()
	if got, err := s.Cancel(bg, stop); err != nil || got.ID != d.ID {
		t.Fatalf("the same request stops another: %+v, %v", got, err)
	}
	if s.now(next.ID).State != delivery.Wanted {
		t.Fatal("the next was cancelled")
	}
	_, err = s.Cancel(bg, delivery.Stop{Request: "x", By: "U0BEN", ID: "d-aaaaaaaaaa"})
	s.refuses(delivery.NoDeployment, err)
}

// Somebody cancels while GitHub is saying that it takes nothing now.
func TestCancelWhileItIsNotTaken(t *testing.T) {
	t.Parallel()
	var meanwhile func()
	s := newStage(t, func(o *githubtest.Options) {
		o.OnCall = func(c githubtest.Call) {
			if fn := meanwhile; c.Op == githubtest.OpDispatch && c.Phase == githubtest.Before && fn != nil {
				meanwhile = nil
				fn()
			}
		}
	})
	s.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, Kind: githubtest.SecondaryLimit429, RetryAfter: time.Minute})
	d := s.deploys()
	meanwhile = func() { s.cancels(d.ID) }
	s.step(d.ID)
	if got := s.now(d.ID); got.State != delivery.Cancelled {
		t.Fatalf("nothing was sent, and it is %s", got.State)
	}
	s.runs(0)
	s.free("staging", true)
}
