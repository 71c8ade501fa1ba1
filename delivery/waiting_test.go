package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"shipmate/delivery"
)

func vote(by string) func(*delivery.VoteWant) { return func(w *delivery.VoteWant) { w.By = by } }

// word is a new word about a deployment, by ben unless fn says otherwise.
func (s *stage) word(id string, fn ...func(*delivery.VoteWant)) delivery.VoteWant {
	s.asked++
	w := delivery.VoteWant{Request: fmt.Sprintf("req-%d", s.asked), By: "U0BEN", ID: id}
	for _, f := range fn {
		f(&w)
	}
	return w
}

// open are the names of the gates that a deployment waits for.
func openGates(d *delivery.Deployment) string {
	names := ""
	for _, g := range d.Open {
		names += g.Name + " "
	}
	return names
}

// look takes one step and lets the time stand.
func (s *stage) look(id string) *delivery.Deployment {
	s.Helper()
	if _, err := s.Step(context.Background(), id); err != nil {
		s.Fatalf("step: %v", err)
	}
	s.follows(id)
	return s.now(id)
}

func TestChecksAreWaitedForWithoutASlotAndThenTheAskerIsAsked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	d := s.deploys(to("patient"))
	if d.State != delivery.Waiting || openGates(d) != "checks " || !d.Expires.Equal(morning.Add(4*time.Hour)) {
		t.Fatalf("%+v", d)
	}
	s.free("patient", true)
	s.look(d.ID)
	s.runs(0)
	_, err := s.Deploy(context.Background(), s.want(to("patient")))
	if r := s.refuses(delivery.AlreadyWaiting, err); r.Deployment.ID != d.ID {
		t.Errorf("told of %+v", r.Deployment)
	}
	_, err = s.StartNow(context.Background(), s.word(d.ID, vote("U0ANA"))) // before it was asked
	s.refuses(delivery.NotWaiting, err)
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	s.look(d.ID)
	now := s.now(d.ID)
	if now.State != delivery.Waiting || now.Start == nil || openGates(now) != "start " || now.Offer() != delivery.OfferStart || now.Stage != 2 {
		t.Fatalf("it does not ask first: %+v", now)
	}
	if w := now.Waits; len(w) != 2 || w[0].Gate != "checks" || !w[0].Since.Equal(morning) || w[0].Until.IsZero() || w[1].Gate != "start" {
		t.Errorf("waits %+v", w)
	}
	_, err = s.StartNow(context.Background(), s.word(d.ID))
	s.refuses(delivery.NotYours, err)
	w := s.word(d.ID, vote("U0ANA"))
	for range 2 { // the same request once more is no second word
		if _, err := s.StartNow(context.Background(), w); err != nil {
			t.Fatal(err)
		}
	}
	s.until(d.ID, delivery.Succeeded)
	s.runs(1)
}

func TestAnApprovalThatCameLastStartsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	d := s.deploys(to("both"))
	if openGates(d) != "checks approvals " || d.Offer() != delivery.OfferVote {
		t.Fatalf("%+v", d)
	}
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	s.look(d.ID)
	if now := s.now(d.ID); openGates(now) != "approvals " {
		t.Fatalf("%+v", now.Open)
	}
	if _, err := s.Approve(context.Background(), s.word(d.ID)); err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Succeeded)
	// The other way round the asker is asked.
	sha = s.commit("Second")
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	d = s.deploys(to("both"))
	if _, err := s.Approve(context.Background(), s.word(d.ID)); err != nil {
		t.Fatal(err)
	}
	s.look(d.ID)
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	s.look(d.ID)
	if now := s.now(d.ID); now.Start == nil {
		t.Fatalf("it began by itself when a check passed: %+v", now)
	}
}

func TestWaitingEndsWithTimeOrWithAHardNo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	d := s.deploys(to("patient"))
	s.clock.Set(d.Expires)
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Expired || now.Denied[0].Code != delivery.ChecksPending || now.Offer() != delivery.OfferRetry {
		t.Fatalf("%+v", now)
	}
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	s.clock.Advance(time.Minute)
	d = s.deploys(to("patient"))
	s.repo.SetStatus(sha, "ci/build", "failure", "", "")
	s.clock.Advance(time.Minute)
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.ChecksFailed {
		t.Fatalf("%+v", now)
	}
	s.runs(0)
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	s.clock.Advance(time.Minute)
	d = s.deploys(to("patient"))
	if got := s.cancels(d.ID); got.State != delivery.Cancelled || len(got.Waits) != 1 || got.Waits[0].Until.IsZero() {
		t.Errorf("%+v", got)
	}
	s.deploys(to("patient")) // nothing of the old one stands in the way
}

// A lock that comes and goes while a deployment waits does not end it; one that holds when it is time to start does.
func TestALockMattersWhenItIsTimeToStart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit("Begin")
	bg := context.Background()
	d := s.deploys(to("pair"))
	lock := func() { // by ben, of everything there
		if _, err := s.Lock(bg, s.lock(by("U0BEN"), func(w *delivery.LockWant) { w.Service, w.Environment = "checkout", "pair" })); err != nil {
			t.Fatal(err)
		}
	}
	s.logins["U0BEN"], s.logins["U0CY"] = "ben", "cy"
	lock()
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Waiting {
		t.Fatalf("%+v", now)
	}
	for _, who := range []string{"U0BEN", "U0CY"} {
		if _, err := s.Approve(bg, s.word(d.ID, vote(who))); err != nil {
			t.Fatal(err)
		}
	}
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.Locked {
		t.Fatalf("%+v", now)
	}
	if _, err := s.Unlock(bg, s.lock(by("U0BEN"), func(w *delivery.LockWant) { w.Environment = "pair" })); err != nil {
		t.Fatal(err)
	}
	again, err := s.Retry(bg, d.ID, s.want()) // what was approved just now is still approved
	if err != nil || again.State != delivery.Wanted || again.Approval.Reused != d.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	s.until(again.ID, delivery.Succeeded)
}

// Who may not deploy any more, or of whom nobody knows, does not.
func TestPermissionIsAskedAgainBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, err := s.Deploy(context.Background(), s.want(func(w *delivery.Want) { w.By = "U0EVE" }))
	if r := s.refuses(delivery.NotPermitted, err); len(r.Gates[0].Who) != 1 || r.Gates[0].At != "shipmate.yaml:9:5" {
		t.Errorf("told %+v", r.Gates)
	}
	d := s.deploys()
	s.people["payments"] = []string{"U0BEN"}
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.NotPermitted {
		t.Fatalf("%+v", now)
	}
	s.runs(0)
	s.deaf = true
	_, err = s.Deploy(context.Background(), s.want())
	s.refuses(delivery.PermissionUnknown, err)
}

// What waits, and whose review nobody has signed, is kept however old it is, and found in the history.
func TestSweepKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.commit("Begin")
	waits := s.deploys(to("pair"))
	glassed := s.until(s.deploys(to("sealed"), glass).ID, delivery.Succeeded)
	s.until(s.deploys(to("staging")).ID, delivery.Succeeded)
	if _, err := s.Sweep(bg, s.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*delivery.Deployment{waits, glassed} {
		if all, err := s.History(bg, "checkout", d.Environment, 10); err != nil || len(all) != 1 || all[0].ID != d.ID {
			t.Errorf("%s: %+v, %v", d.Environment, all, err)
		}
	}
	if all, err := s.Reviews(bg); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

// Whoever could approve is told ahead that a freeze is near.
func TestAWaitingDeploymentIsWarnedOfAFreeze(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.commit("Begin")
	d := s.deploys(to("evening")) // at nine; the freeze begins at eleven
	if w := d.Closing; w == nil || !w.Since.Equal(morning.Add(2*time.Hour)) || w.Reason != "lunch" || !d.Warned.IsZero() {
		t.Fatalf("%+v", d.Closing)
	}
	next, err := s.Step(bg, d.ID)
	if err != nil || !next.Equal(morning.Add(90*time.Minute)) {
		t.Fatalf("looks again at %s, %v", next, err)
	}
	s.clock.Set(next)
	if now := s.look(d.ID); !now.Warned.Equal(next) || now.State != delivery.Waiting {
		t.Fatalf("%+v", now)
	}
	s.clock.Set(morning.Add(2 * time.Hour))
	if _, err := s.Approve(bg, s.word(d.ID)); err != nil {
		t.Fatal(err)
	}
	if now := s.look(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.Frozen {
		t.Fatalf("%+v", now)
	}
}
