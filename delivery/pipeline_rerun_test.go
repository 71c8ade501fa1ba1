package delivery_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

const (
	opRerunFailed = "actions/re-run-workflow-failed-jobs"
	opRerunAll    = "actions/re-run-workflow"
)

// wish is a new request to run what stands on main again, changed by fn.
func (s *stage) wish(jobs delivery.Jobs, fn ...func(*delivery.RerunWant)) delivery.RerunWant {
	w := delivery.RerunWant{Request: s.request(), At: s.clock.Now(), By: "U0BEN", Channel: "C0PAY", Jobs: jobs,
		Look: delivery.Look{Service: "checkout"}}
	for _, f := range fn {
		f(&w)
	}
	return w
}

func on(watch string) func(*delivery.RerunWant) {
	return func(w *delivery.RerunWant) { w.Watch, w.Look = watch, delivery.Look{} }
}

func seen(runs ...delivery.Attempt) func(*delivery.RerunWant) {
	return func(w *delivery.RerunWant) { w.Runs = runs }
}

// reruns asks and expects a yes.
func (s *stage) reruns(jobs delivery.Jobs, fn ...func(*delivery.RerunWant)) *delivery.Watch {
	s.Helper()
	w, err := s.RunAgain(context.Background(), s.wish(jobs, fn...))
	if err != nil {
		s.Fatalf("running again: %v", err)
	}
	return w
}

// broken is a stage whose newest commit has failed in CI, at attempt 1.
func broken(t *testing.T, next ...githubtest.Script) *stage {
	t.Helper()
	s := newStage(t)
	s.ci(append([]githubtest.Script{githubtest.FailAt("test", "Unit tests", "boom")}, next...)...)
	s.clock.Advance(time.Minute)
	return s
}

// attempt expects CI to be at an attempt.
func (s *stage) attempt(want int) {
	s.Helper()
	for _, r := range s.github.Runs("acme/checkout") {
		if r.Workflow == "ci.yml" && r.Attempt != want {
			s.Fatalf("CI is at attempt %d, want %d", r.Attempt, want)
		}
	}
}

func TestRerunIsWatchedToItsEnd(t *testing.T) {
	t.Parallel()
	for jobs, kept := range map[delivery.Jobs]bool{delivery.FailedJobs: true, delivery.AllJobs: false} {
		s := broken(t)
		before := s.sees(delivery.Look{})
		w := s.reruns(jobs)
		if w.State != delivery.Watching || w.Rerun.Runs[0].Saw.Attempt != 1 || len(w.Offered(jobs)) != 0 {
			t.Fatalf("%+v", w)
		}
		w = s.untilWatch(w.ID, "over", over)
		s.attempt(2)
		if !w.Seen.Good() || w.Rerun.Runs[0].Fate != delivery.AgainStarted || w.Rerun.Runs[0].Now != 2 || w.Round != 1 {
			t.Fatalf("%s: %+v, %+v", jobs, w.Rerun, w.Seen.Tally)
		}
		started := func(p *delivery.Pipeline) time.Time {
			for _, c := range p.Checks {
				if c.Name == "build" {
					return c.Started
				}
			}
			return time.Time{}
		}
		if same := started(before).Equal(started(&w.Seen)); same != kept {
			t.Errorf("%s: build was kept: %v", jobs, same)
		}
	}
}

// A request is known by what it wished, wherever the wish stands.
func TestRerunIsKnownByItsRequest(t *testing.T) {
	t.Parallel()
	s := broken(t)
	w := s.watches()
	wish := s.wish(delivery.FailedJobs, on(w.ID))
	if _, err := s.RanAgain(context.Background(), wish.Request); !errors.Is(err, delivery.ErrNotFound) {
		t.Fatalf("before it was wished: %v", err)
	}
	if _, err := s.RunAgain(context.Background(), wish); err != nil {
		t.Fatal(err)
	}
	got, err := s.RanAgain(context.Background(), wish.Request)
	if err != nil || got.ID != w.ID || got.Rerun == nil || got.Rerun.Request != wish.Request {
		t.Fatalf("%+v, %v", got, err)
	}
}

// The answer to the wish is lost, before or after GitHub did it: it runs again once.
func TestRerunOnceUnderLostAnswers(t *testing.T) {
	t.Parallel()
	for _, op := range []string{opRerunFailed, opRerunAll} {
		for _, f := range []githubtest.Fault{
			{When: githubtest.After, Kind: githubtest.Reset}, {When: githubtest.After, Kind: githubtest.Status502},
			{When: githubtest.Before, Kind: githubtest.Reset}, {When: githubtest.Before, Kind: githubtest.Status500},
			{When: githubtest.Before, Kind: githubtest.SecondaryLimit429, RetryAfter: 5 * time.Second},
		} {
			s := broken(t, githubtest.HangAt("test", "Unit tests"))
			f.Match, f.Times = op, 1
			s.github.Fault(f)
			jobs := delivery.FailedJobs
			if op == opRerunAll {
				jobs = delivery.AllJobs
			}
			w := s.reruns(jobs)
			w = s.untilWatch(w.ID, "started", func(w *delivery.Watch) bool { return w.Rerun.Runs[0].Fate != delivery.AgainWanted })
			s.attempt(2)
			if w.Rerun.Runs[0].Fate != delivery.AgainStarted {
				t.Errorf("%+v: %+v", f, w.Rerun.Runs[0])
			}
		}
	}
}

// A crash right after GitHub was asked: the next process looks before it asks again.
func TestRerunOnceAcrossACrash(t *testing.T) {
	t.Parallel()
	s := broken(t, githubtest.HangAt("test", "Unit tests"))
	w := s.reruns(delivery.FailedJobs)
	ctx, kill := context.WithCancel(context.Background())
	release := s.github.Fault(githubtest.Fault{Match: opRerunFailed, When: githubtest.After, Kind: githubtest.HangUp, Times: 1})
	done := make(chan error, 1)
	go func() {
		_, err := s.StepWatch(ctx, w.ID)
		done <- err
	}()
	for len(s.github.Faults()) > 0 { // until the call has arrived and hangs
		select {
		case <-done:
			t.Fatal("the step ended by itself")
		default:
		}
	}
	kill()
	<-done
	release()
	s.connect(time.Second)
	w = s.untilWatch(w.ID, "started", func(w *delivery.Watch) bool { return w.Rerun.Runs[0].Fate != delivery.AgainWanted })
	s.attempt(2)
	if w.Rerun.Runs[0].Fate != delivery.AgainStarted {
		t.Fatalf("%+v", w.Rerun)
	}
}

func TestSameRequestRerunsOnce(t *testing.T) {
	t.Parallel()
	for _, onCard := range []bool{false, true} {
		s := broken(t, githubtest.FailAt("test", "Unit tests"))
		want := s.wish(delivery.FailedJobs)
		if onCard {
			want = s.wish(delivery.FailedJobs, on(s.watches().ID))
		}
		first, err := s.RunAgain(context.Background(), want)
		if err != nil {
			t.Fatal(err)
		}
		s.untilWatch(first.ID, "over", over) // it failed again, so that there is something to run again
		s.github.Down(true)                  // what was wished is known without it
		second, err := s.RunAgain(context.Background(), want)
		s.github.Down(false)
		if err != nil || second.ID != first.ID || second.State != delivery.Over {
			t.Fatalf("%+v, %v", second, err)
		}
		s.attempt(2)
		if third := s.reruns(delivery.FailedJobs, on(first.ID)); third.Rerun.Runs[0].Saw.Attempt != 2 {
			t.Fatalf("%+v", third.Rerun)
		}
	}
}

func TestOfTwoPeopleOneReruns(t *testing.T) {
	t.Parallel()
	s := broken(t)
	run := s.sees(delivery.Look{}).Rerunnable(delivery.FailedJobs)[0]
	card := s.watches()
	first := s.reruns(delivery.FailedJobs, seen(run))
	for _, late := range []delivery.RerunWant{s.wish(delivery.FailedJobs, seen(run)), s.wish(delivery.AllJobs, seen(run)), s.wish(delivery.FailedJobs, on(card.ID))} {
		_, err := s.RunAgain(context.Background(), late)
		if r := s.refuses(delivery.AlreadyRerun, err); r.By != "U0BEN" || r.Since.IsZero() || r.Pipeline == nil {
			t.Errorf("%+v", r)
		}
	}
	s.untilWatch(first.ID, "over", over)
	_, err := s.RunAgain(context.Background(), s.wish(delivery.FailedJobs, seen(run)))
	if r := s.refuses(delivery.AlreadyRerun, err); r.By != "U0BEN" || !r.Since.Equal(first.Rerun.At) {
		t.Errorf("after its end: %+v", r)
	}
}

// Somebody ran it again on GitHub meanwhile: the attempt that was seen is not run twice.
func TestLateRerunOfWhatRanAgainOnGitHub(t *testing.T) {
	t.Parallel()
	s := broken(t, githubtest.FailAt("test", "Unit tests"))
	run := s.sees(delivery.Look{}).Rerunnable(delivery.FailedJobs)[0]
	card := s.watches()
	if _, err := s.client.RerunFailed(context.Background(), "acme/checkout", run.Run, run.Attempt); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	_, err := s.RunAgain(context.Background(), s.wish(delivery.FailedJobs, seen(run)))
	if r := s.refuses(delivery.AlreadyRerun, err); r.By != "" || r.Since.IsZero() {
		t.Errorf("%+v", r)
	}
	w := s.untilWatch(s.reruns(delivery.FailedJobs, on(card.ID)).ID, "over", over)
	s.attempt(2)
	if again := w.Rerun.Runs[0]; again.Fate != delivery.AgainBefore || again.Now != 2 {
		t.Errorf("%+v", again)
	}
}

func TestNothingToRerun(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.deploys()
	s.clock.Advance(time.Hour)
	s.until(s.deploys(to("production")).ID, delivery.Succeeded)
	dispatched := s.github.Runs("acme/checkout")[0].ID
	for name, want := range map[string]delivery.RerunWant{
		"no runs":      s.wish(delivery.FailedJobs),
		"a deployment": s.wish(delivery.AllJobs),
		"by its ID":    s.wish(delivery.AllJobs, seen(delivery.Attempt{Run: dispatched, Attempt: 1})),
		"not of it":    s.wish(delivery.AllJobs, seen(delivery.Attempt{Run: 4711, Attempt: 1})),
	} {
		_, err := s.RunAgain(context.Background(), want)
		if s.refuses(delivery.NothingToRerun, err).Pipeline == nil {
			t.Error(name)
		}
	}
	_, err := s.RunAgain(context.Background(), s.wish(delivery.AllJobs, on("w-aaaaaaaaaa")))
	s.refuses(delivery.NoWatch, err)
	for _, r := range s.github.Runs("acme/checkout") {
		if r.Attempt != 1 {
			t.Errorf("%+v was run again", r)
		}
	}
}

// What GitHub refuses is said, and may be asked for again once it is mended.
func TestRefusedRerunCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	var allowed atomic.Bool
	s := newStage(t, func(o *githubtest.Options) { o.Wrap = hidingUnless(&allowed, "/rerun-failed-jobs") })
	s.ci(githubtest.FailAt("test", "Unit tests"))
	s.clock.Advance(time.Minute)
	w := s.untilWatch(s.reruns(delivery.FailedJobs).ID, "over", over)
	if again := w.Rerun.Runs[0]; again.Fate != delivery.AgainRefused || again.Why == "" || w.Round != 1 {
		t.Fatalf("%+v", w.Rerun)
	}
	allowed.Store(true)
	s.untilWatch(s.reruns(delivery.FailedJobs, on(w.ID)).ID, "over", over)
	s.attempt(2)
}

// A wish that cannot be sent for long is given up, not sent when nobody thinks of it any more.
func TestOldRerunIsNotSent(t *testing.T) {
	t.Parallel()
	s := broken(t)
	w := s.reruns(delivery.FailedJobs)
	s.github.Down(true)
	s.stepWatch(w.ID)
	s.clock.Set(w.Rerun.At.Add(15*time.Minute - time.Second))
	s.stepWatch(w.ID)
	if w = s.watched(w.ID); w.Rerun.Runs[0].Fate != delivery.AgainWanted || w.Unread == nil {
		t.Errorf("given up early: %+v", w.Rerun)
	}
	s.stepWatch(w.ID)
	if w = s.watched(w.ID); w.Rerun.Runs[0].Fate != delivery.AgainRefused || w.Rerun.Runs[0].Why == "" {
		t.Errorf("not given up: %+v", w.Rerun)
	}
	s.github.Down(false)
	s.untilWatch(w.ID, "over", over)
	s.attempt(1)
}

func TestStageRisesWithWhatCanBeRunAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci(githubtest.FailAt("test", "Unit tests"))
	w := s.watches()
	stages := []int{w.Stage}
	w = s.untilWatch(w.ID, "over", over)
	stages = append(stages, w.Stage)
	stages = append(stages, s.reruns(delivery.FailedJobs, on(w.ID)).Stage)
	stages = append(stages, s.untilWatch(w.ID, "over", over).Stage)
	for i := range stages[1:] {
		if stages[i+1] <= stages[i] {
			t.Fatalf("stages %v", stages)
		}
	}
}
