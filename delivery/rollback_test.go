package delivery_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// backs is a new request to roll checkout on staging back, changed by fn.
func (s *stage) backs(fn ...func(*delivery.Want)) (*delivery.Deployment, error) {
	s.Helper()
	return s.Rollback(context.Background(), s.want(append([]func(*delivery.Want){func(w *delivery.Want) { w.By, w.Reason = "U0BEN", "it is slow" }}, fn...)...))
}

// ships deploys a new commit to staging and returns it.
func (s *stage) ships(subject string, fn ...func(*delivery.Want)) *delivery.Deployment {
	s.Helper()
	s.commit(subject)
	s.clock.Advance(time.Minute)
	return s.until(s.deploys(fn...).ID, delivery.Succeeded)
}

func TestRollbackToWhatStayedGood(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	_, err := s.backs()
	s.refuses(delivery.NothingToUndo, err)
	first := s.ships("First")
	_, err = s.backs()
	s.refuses(delivery.NothingGood, err)
	second, third := s.ships("Second"), s.ships("Third")
	_, err = s.backs(func(w *delivery.Want) { w.From = second.Commit.SHA })
	if r := s.refuses(delivery.NotThereAnyMore, err); r.Deployment.ID != third.ID {
		t.Errorf("told of %+v", r.Deployment)
	}
	d, err := s.backs()
	if err != nil || d.Commit.SHA != second.Commit.SHA || d.Rollback.Of != third.ID || d.Rollback.Bad.SHA != third.Commit.SHA || d.Rollback.Cancels {
		t.Fatalf("%+v, %v", d, err)
	}
	if d.Changes == nil || d.Changes.Status != "behind" || d.Changes.Behind != 1 {
		t.Errorf("what is lost is not told: %+v", d.Changes)
	}
	if bad := s.now(third.ID); bad.Undone() || !bad.BeingUndone() {
		t.Errorf("undone before it is: %+v", bad.RolledBack)
	}
	s.until(d.ID, delivery.Succeeded)
	if bad := s.now(third.ID); !bad.Undone() || bad.BeingUndone() || bad.RolledBack.ID != d.ID || bad.RolledBack.By != "U0BEN" {
		t.Errorf("%+v", bad.RolledBack)
	}
	// The place is locked and the commit vetoed, until somebody says otherwise.
	_, err = s.Deploy(bg, s.want(at(third.Commit.SHA)))
	r := s.refuses(delivery.Locked, err)
	if g := r.Gates[1]; g.Code != delivery.Vetoed || g.Commit != third.Commit.SHA || g.By != "U0BEN" || g.Why != "it is slow" {
		t.Errorf("told %+v", r.Gates)
	}
	if _, err := s.Unlock(bg, s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	_, err = s.Deploy(bg, s.want(at(third.Commit.SHA)))
	s.refuses(delivery.Vetoed, err)
	// No ping-pong: the next rollback goes further back.
	d, err = s.backs()
	if err != nil || d.Commit.SHA != first.Commit.SHA || d.Rollback.Bad.SHA != second.Commit.SHA {
		t.Fatalf("%+v, %v", d, err)
	}
	s.until(d.ID, delivery.Succeeded)
	_, err = s.backs()
	s.refuses(delivery.NothingGood, err)
	veto := delivery.VetoWant{Request: "unveto", By: "U0ANA", Service: "shop", Environment: "stg", SHA: third.Commit.Short()}
	for range 2 {
		v, err := s.Unveto(bg, veto)
		if err != nil || v.Commit.SHA != third.Commit.SHA {
			t.Fatalf("%+v, %v", v, err)
		}
	}
	veto.Request = "once more"
	_, err = s.Unveto(bg, veto)
	s.refuses(delivery.NotVetoed, err)
	if _, err := s.Unlock(bg, s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	s.until(s.deploys(at(third.Commit.SHA)).ID, delivery.Succeeded)
}

func TestRollbackToWhatIsNamed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.ships("First")
	second := s.ships("Second")
	s.ships("Third")
	_, err := s.backs(at("d-aaaaaaaaaa"))
	s.refuses(delivery.NoDeployment, err)
	_, err = s.backs(at("main"))
	s.refuses(delivery.GoesNowhere, err)
	d, err := s.backs(at(first.ID))
	if err != nil || d.Commit.SHA != first.Commit.SHA || d.Ref != first.ID {
		t.Fatalf("%+v, %v", d, err)
	}
	s.until(d.ID, delivery.Succeeded)
	d, err = s.backs(at(second.Commit.SHA)) // forward again, to one that is not vetoed
	if err != nil || d.Commit.SHA != second.Commit.SHA {
		t.Fatalf("%+v, %v", d, err)
	}
}

func TestRollbackWhileTheBadOneRuns(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	good := s.ships("First")
	s.commit("Second")
	bad := s.until(s.deploys().ID, delivery.Running)
	d, err := s.backs()
	if err != nil || d.State != delivery.Waiting || !d.Rollback.Cancels || d.Commit.SHA != good.Commit.SHA || openGates(d) != "slot " {
		t.Fatalf("%+v, %v", d, err)
	}
	_, err = s.backs()
	if err == nil {
		t.Error("rolled back twice at once")
	}
	if now := s.now(bad.ID); now.Cancel == nil || now.Cancel.By != "U0BEN" {
		t.Fatalf("the bad one is not cancelled: %+v", now.Cancel)
	}
	s.look(d.ID)
	s.until(bad.ID, delivery.Cancelled)
	s.until(d.ID, delivery.Succeeded)
	s.runs(3)
}

// A rollback whose own run fails leaves the bad commit the one that is to be undone.
func TestAFailedRollbackIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	good, bad := s.ships("First"), s.ships("Second")
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	d, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Failed)
	if now := s.now(bad.ID); now.Undone() || now.BeingUndone() || now.RolledBack.Ended != delivery.Failed {
		t.Errorf("undone by what failed: %+v", now.RolledBack)
	}
	again, err := s.Retry(context.Background(), d.ID, s.want())
	if err != nil || again.Rollback == nil || again.Commit.SHA != good.Commit.SHA {
		t.Fatalf("%+v, %v", again, err)
	}
	s.cancels(again.ID)
	once, err := s.backs()
	if err != nil || once.Rollback.Bad.SHA != bad.Commit.SHA || once.Commit.SHA != good.Commit.SHA {
		t.Fatalf("%+v, %v", once, err)
	}
}

// Going back needs less where the environment says so: no order, no freeze, one approval instead of two; and what did not stand
// for long is no place to go back to.
func TestRollbackHasItsOwnRules(t *testing.T) {
	t.Parallel()
	s := newStage(t) // a Friday, 9:00
	bg := context.Background()
	ship := func() *delivery.Deployment {
		s.until(s.deploys().ID, delivery.Succeeded)
		d := s.deploys(to("careful"))
		for _, who := range []string{"U0BEN", "U0CY"} {
			if _, err := s.Approve(bg, s.word(d.ID, vote(who))); err != nil {
				t.Fatal(err)
			}
		}
		return s.until(d.ID, delivery.Succeeded)
	}
	s.commit("First")
	first := ship()
	s.clock.Advance(40 * time.Minute)
	s.commit("Second")
	ship()
	s.clock.Advance(10 * time.Minute)
	s.commit("Third")
	ship()
	s.clock.Set(morning.Add(4 * time.Hour)) // frozen
	_, err := s.Deploy(bg, s.want(to("careful"), at(first.Commit.SHA)))
	s.refuses(delivery.Frozen, err)
	d, err := s.backs(to("careful"))
	if err != nil || d.Commit.SHA != first.Commit.SHA || d.Approval.Need != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	_, err = s.Approve(bg, s.word(d.ID))
	s.refuses(delivery.OwnVote, err)
	if _, err := s.Approve(bg, s.word(d.ID, vote("U0ANA"))); err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Succeeded)
}

// What was rolled back where a commit has to succeed first has not succeeded there.
func TestWhatWasRolledBackIsNotPromoted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	bad := s.ships("Second")
	if g := s.why("order", to("guarded"), at(bad.Commit.SHA)); g.Verdict != delivery.Passed {
		t.Fatalf("%+v", g)
	}
	if _, err := s.backs(); err != nil {
		t.Fatal(err)
	}
	if g := s.why("order", to("guarded"), at(bad.Commit.SHA)); g.Code != delivery.NotInOrder {
		t.Errorf("%+v", g)
	}
}

// Somebody else's lock keeps a rollback out too, and stays theirs.
func TestRollbackAndSomebodysLock(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	s.ships("Second")
	if _, err := s.Lock(context.Background(), s.lock(by("U0CY"))); err != nil {
		t.Fatal(err)
	}
	_, err := s.backs()
	s.refuses(delivery.Locked, err)
	if all, err := s.Locks(context.Background()); err != nil || len(all) != 1 || all[0].By != "U0CY" {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err := s.Vetoes(context.Background()); err != nil || len(all) != 0 {
		t.Errorf("refused, and vetoed all the same: %+v, %v", all, err)
	}
}

// Whoever rolls back as the bad deployment ends: it is undone, however it ended, and nothing runs beside it.
func TestRollbackAndFinishAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for range 12 {
		s := newStage(t)
		good := s.ships("First")
		s.commit("Second")
		bad := s.until(s.deploys().ID, delivery.Running)
		s.clock.Advance(time.Hour) // its run is over
		w := s.want(func(w *delivery.Want) { w.By = "U0BEN" })
		var both sync.WaitGroup
		var d *delivery.Deployment
		var failed error
		both.Go(func() {
			if _, err := s.Step(context.Background(), bad.ID); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() { d, failed = s.Rollback(context.Background(), w) })
		both.Wait()
		if failed != nil {
			t.Fatal(failed)
		}
		s.until(d.ID, delivery.Succeeded)
		if now := s.now(bad.ID); !now.State.Ended() || now.RolledBack == nil || d.Commit.SHA != good.Commit.SHA {
			t.Fatalf("%+v", now)
		}
		all, err := s.Status(context.Background(), "checkout")
		if err != nil || all[0].Ledger.Commit.SHA != good.Commit.SHA {
			t.Fatalf("%+v, %v", all[0].Ledger, err)
		}
	}
}
