package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
	"shipmate/work"
)

// with is the stage's configuration with one part of it replaced.
func (s *stage) with(old, instead string) {
	s.Helper()
	if !strings.Contains(shipmateYAML, old) {
		s.Fatalf("the configuration has no %q", old)
	}
	s.configure(strings.Replace(shipmateYAML, old, instead, 1))
}

// However many wait in a place, one can go back there, and what runs comes to its end.
func TestManyThatWaitKeepNobodyFromGoingBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, subject := range []string{"First", "Second"} {
		sha := s.commit(subject)
		s.repo.SetStatus(sha, "ci/build", "success", "", "")
		s.clock.Advance(time.Minute)
		s.until(s.deploys(to("patient"), at(sha)).ID, delivery.Succeeded)
	}
	for i := range 20 {
		sha := s.commit(fmt.Sprintf("Waits %d", i))
		s.repo.SetStatus(sha, "ci/build", "pending", "", "")
		s.clock.Advance(time.Minute)
		if d := s.deploys(to("patient"), at(sha)); d.State != delivery.Waiting {
			t.Fatalf("%+v", d)
		} else if err := s.db.Update(context.Background(), func(tx store.Tx) error { // as if it had been looked at and nothing was due
			return work.Cancel(tx, delivery.Domain, d.ID)
		}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := s.backs(to("patient"))
	if err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Succeeded)
	if _, err := s.StepAfter(context.Background(), "waiting/checkout/patient"); err != nil {
		t.Fatal(err)
	}
}

// A no ends it there and then, also while GitHub cannot be asked: nobody approves what was rejected.
func TestRejectionNeedsNobodyElse(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	bg := context.Background()
	s.commit("Begin")
	d := s.deploys(to("pair"))
	if _, err := s.Approve(bg, s.word(d.ID)); err != nil {
		t.Fatal(err)
	}
	s.github.Down(true)
	got, err := s.Reject(bg, s.word(d.ID, vote("U0CY")))
	if err != nil || got.State != delivery.Denied || got.Denied[0].Code != delivery.Rejected {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = s.Approve(bg, s.word(d.ID, vote("U0CY")))
	s.refuses(delivery.NotWaiting, err)
	s.github.Down(false)
	s.clock.Advance(time.Minute)
	again, err := s.Retry(bg, d.ID, s.want())
	if err != nil || len(again.Approval.Votes) != 0 {
		t.Fatalf("%+v, %v", again, err)
	}
}

// That Slack does not tell for a moment who is who ends nothing, loses no approval, and lets nothing wait for ever.
func TestWaitingOutlastsThatNobodyTellsWhoIsWho(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	bg := context.Background()
	s.commit("Begin")
	approved := func() *delivery.Deployment {
		d := s.deploys(to("pair"))
		for _, who := range []string{"U0BEN", "U0CY"} {
			if _, err := s.Approve(bg, s.word(d.ID, vote(who))); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	d := approved()
	s.deaf = true
	next, err := s.Step(bg, d.ID)
	if now := s.now(d.ID); err != nil || next.Sub(s.clock.Now()) > time.Minute || now.State != delivery.Waiting || !now.Unread.People {
		t.Fatalf("looks again at %s: %+v, %v", next, now.Unread, err)
	}
	s.deaf = false
	s.clock.Set(next)
	if now := s.look(d.ID); now.State != delivery.Wanted {
		t.Fatalf("%+v", now)
	}
	s.deaf = true // right before it is sent
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Wanted {
		t.Fatalf("a moment ended it: %+v", now)
	}
	s.runs(0)
	s.deaf = false
	s.clock.Advance(time.Minute)
	s.until(d.ID, delivery.Succeeded)
	s.commit("Second")
	s.clock.Advance(time.Minute)
	d = s.deploys(to("pair"))
	s.deaf = true
	s.clock.Set(d.Expires)
	if now := s.look(d.ID); now.State != delivery.Expired {
		t.Fatalf("it waits beyond its time: %+v", now)
	}
}

// A rollback that came to nothing is not made again once something else runs there.
func TestRetryOfARollbackAsksWhatRunsThere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.ships("First")
	s.ships("Second")
	d, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	s.cancels(d.ID)
	if _, err := s.Unlock(bg, s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	third := s.ships("Third")
	_, err = s.Retry(bg, d.ID, s.want())
	if r := s.refuses(delivery.NotThereAnyMore, err); r.Deployment.ID != third.ID {
		t.Errorf("told of %+v", r.Deployment)
	}
}

// What ran last before is what is gone back to, however long before it was asked for.
func TestRollbackGoesByWhenItRan(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	early := s.commit("Asked for first")
	s.repo.SetStatus(early, "ci/build", "pending", "", "")
	d := s.deploys(to("patient"), at(early))
	s.clock.Advance(time.Minute)
	later := s.commit("Ran first")
	s.repo.SetStatus(later, "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	s.until(s.deploys(to("patient"), at(later)).ID, delivery.Succeeded)
	s.repo.SetStatus(early, "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	s.look(d.ID)
	if _, err := s.StartNow(context.Background(), s.word(d.ID, vote("U0ANA"))); err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Succeeded)
	bad := s.commit("Bad")
	s.repo.SetStatus(bad, "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	s.until(s.deploys(to("patient"), at(bad)).ID, delivery.Succeeded)
	back, err := s.backs(to("patient"))
	if err != nil || back.Commit.SHA != early {
		t.Fatalf("goes back to %s, not to what ran last: %v", back.Commit.Subject, err)
	}
}

// What was waited for is too late after its time, also when it comes to pass then; what people said just in time counts.
func TestWaitingIsOverWhenItsTimeIs(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	bg := context.Background()
	s.with("patient: {checks: [ci/build], confirm: true}", "patient: {checks: [ci/build]}")
	sha := s.commit("Begin")
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	d := s.deploys(to("patient"))
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	s.clock.Set(d.Expires.Add(time.Hour)) // nobody looked meanwhile
	if now := s.look(d.ID); now.State != delivery.Expired {
		t.Fatalf("%+v", now)
	}
	d = s.deploys(to("pair"))
	s.clock.Set(d.Expires.Add(-time.Second))
	for _, who := range []string{"U0BEN", "U0CY"} {
		if _, err := s.Approve(bg, s.word(d.ID, vote(who))); err != nil {
			t.Fatal(err)
		}
	}
	s.clock.Advance(10 * time.Second)
	s.until(d.ID, delivery.Succeeded)
}

// A check that is only seen to have passed when an approval has it looked at did not come last.
func TestAnApprovalRightBeforeACheckIsSeenStartsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	d := s.deploys(to("both"))
	s.look(d.ID)
	s.repo.SetStatus(sha, "ci/build", "success", "", "")
	s.clock.Advance(5 * time.Second)
	if _, err := s.Approve(context.Background(), s.word(d.ID)); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Second)
	if now := s.look(d.ID); now.State != delivery.Wanted {
		t.Fatalf("who asked is asked, though an approval came last: %+v", now)
	}
}

// A lost deployment is stopped before what undoes it begins: until somebody has looked, or its run has ended, it holds its place.
func TestRollbackOfALostOneWaitsForIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	good := s.ships("First")
	s.commit("Second")
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	bad := s.until(s.deploys().ID, delivery.Running)
	s.github.Down(true)
	s.look(bad.ID)
	s.clock.Advance(16 * time.Minute)
	if now := s.look(bad.ID); now.State != delivery.Lost {
		t.Fatalf("%+v", now)
	}
	s.github.Down(false)
	d, err := s.backs()
	if err != nil || d.State != delivery.Waiting || d.Commit.SHA != good.Commit.SHA {
		t.Fatalf("%+v, %v", d, err)
	}
	if now := s.now(bad.ID); now.State != delivery.Lost || now.Cancel == nil {
		t.Fatalf("it was given up: %+v", now)
	}
	bg := context.Background() // however old it is it has its place in the history, and what keeps its commit out stays
	if _, err := s.Sweep(bg, s.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if all, err := s.History(bg, "checkout", "staging", 10); err != nil || len(all) != 3 || all[1].ID != bad.ID {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err := s.Vetoes(bg); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	s.until(bad.ID, delivery.Cancelled)
	s.until(d.ID, delivery.Succeeded)
}

func TestWhatIsWaitedForSaysHowLong(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	s.with("both: {checks: [ci/build], confirm: true, approvals: {count: 1}}",
		"both: {checks: [ci/build], approvals: {expire: 5m, reuse: 1h}, rollback: {approvals: {expire: 24h}}}")
	good := s.commit("Good")
	s.repo.SetStatus(good, "ci/build", "success", "", "")
	ship := func(sha string) *delivery.Deployment {
		s.clock.Advance(time.Minute)
		d := s.deploys(to("both"), at(sha))
		if !d.Expires.Equal(d.Created.Add(5 * time.Minute)) {
			t.Errorf("waits for approvals until %s", d.Expires)
		}
		if _, err := s.Approve(context.Background(), s.word(d.ID)); err != nil {
			t.Fatal(err)
		}
		return s.until(d.ID, delivery.Succeeded)
	}
	ship(good)
	bad := s.commit("Bad")
	s.repo.SetStatus(bad, "ci/build", "success", "", "")
	ship(bad)
	d, err := s.backs(to("both"))
	if err != nil || !d.Expires.Equal(d.Created.Add(24*time.Hour)) {
		t.Fatalf("a rollback waits until %s, %v", d.Expires, err)
	}
}

func TestLoginsAreTheSameInAnyCase(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	s.logins["U0BEN"] = "Ana" // as it was typed; GitHub says ana
	s.commit("Begin")
	d := s.deploys(to("pair"))
	_, err := s.Approve(context.Background(), s.word(d.ID))
	s.refuses(delivery.AuthorVote, err)
}

// Nobody is there to approve: what waits does not keep the same commit from being deployed in an emergency.
func TestBreakGlassOnWhatWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.commit("Begin")
	s.until(s.deploys().ID, delivery.Succeeded)
	s.repo.SetStatus("main", "ci/build", "success", "", "")
	s.clock.Advance(time.Minute)
	if waits := s.deploys(to("sealed")); waits.State != delivery.Waiting {
		t.Fatalf("%+v", waits)
	}
	s.until(s.deploys(to("sealed"), glass).ID, delivery.Succeeded)
	s.commit("Second")
	s.clock.Advance(time.Minute)
	_, err := s.Preview(context.Background(), s.want(to("sealed"), glass))
	s.refuses(delivery.ReviewOpen, err) // before anybody is asked to confirm
}

// Rules that come while a deployment waits are not asked of it halfway: it is asked for anew.
func TestApprovalsThatComeLater(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Begin")
	s.repo.SetStatus(sha, "ci/build", "pending", "", "")
	d := s.deploys(to("patient"))
	s.with("patient: {checks: [ci/build], confirm: true}", "patient: {checks: [ci/build], confirm: true, approvals: {count: 1}}")
	s.clock.Advance(time.Minute)
	if now := s.look(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.ApprovalVoid || now.Denied[0].Why != delivery.MovedRules {
		t.Fatalf("%+v", now)
	}
}

// Nobody is asked about a lock of what the configuration does not have any more, and could not end it.
func TestOldLockOfWhatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if _, err := s.Lock(context.Background(), s.lock()); err != nil {
		t.Fatal(err)
	}
	s.with("environments: [staging, production,", "environments: [production,")
	s.clock.Advance(48 * time.Hour)
	before := len(s.notes)
	next, err := s.StepLock(context.Background(), "checkout/staging")
	if err != nil || len(s.notes) != before || !next.After(s.clock.Now()) {
		t.Fatalf("%d notes, next %s, %v", len(s.notes)-before, next, err)
	}
	s.configure(shipmateYAML)
	if _, err := s.StepLock(context.Background(), "checkout/staging"); err != nil || len(s.notes) != before+1 {
		t.Fatalf("%d notes, %v", len(s.notes)-before, err)
	}
}
