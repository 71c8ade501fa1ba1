package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

func TestHistoryIsNewestFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var ids []string
	for i := range 6 {
		d := s.deploys(to([]string{"staging", "production"}[i%2]), again)
		s.cancels(d.ID)
		ids = append(ids, d.ID)
		s.clock.Advance(time.Nanosecond)
	}
	for _, c := range []struct {
		service, environment string
		n                    int
		want                 []int
	}{
		{"", "", 3, []int{5, 4, 3}},
		{"checkout", "", 100, []int{5, 4, 3, 2, 1, 0}},
		{"checkout", "staging", 2, []int{4, 2}},
		{"", "production", 9, []int{5, 3, 1}},
		{"billing", "", 9, nil},
	} {
		all, err := s.History(context.Background(), c.service, c.environment, c.n)
		if err != nil || len(all) != len(c.want) {
			t.Fatalf("%+v: %d, %v", c, len(all), err)
		}
		for i, n := range c.want {
			if all[i].ID != ids[n] {
				t.Errorf("%+v: at %d is %s", c, i, all[i].ID)
			}
		}
	}
}

func TestSweepKeepsWhatMatters(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	good := s.deploys()
	s.until(good.ID, delivery.Succeeded)
	middle := s.deploys(again)
	s.cancels(middle.ID)
	newest := s.deploys(again)
	s.cancels(newest.ID)
	s.clock.Advance(time.Second)
	open := s.deploys(to("production"))
	s.clock.Advance(500 * 24 * time.Hour)
	for range 2 {
		if _, err := s.Sweep(context.Background(), s.clock.Now().Add(-400*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.History(context.Background(), "checkout", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all {
		got = append(got, d.ID)
	}
	if want := []string{open.ID, newest.ID, good.ID}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("kept %v, want %v (not %s)", got, want, middle.ID)
	}
	if _, err := s.Deployment(context.Background(), middle.ID); err == nil {
		t.Fatal("an old one is still there")
	}
	left := 0
	if err := s.db.View(context.Background(), func(snap store.Snapshot) error {
		for range snap.Scan("delivery/history/", "") {
			left++
		}
		return nil
	}); err != nil || left != 3*4 {
		t.Fatalf("%d places in the history are left, %v", left, err)
	}
}

// However long nobody has shipped, there is a good one to go back to.
func TestSweepKeepsWhatToGoBackTo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	second := s.ships("Second")
	s.ships("Third")
	s.clock.Advance(500 * 24 * time.Hour)
	if _, err := s.Sweep(context.Background(), s.clock.Now().Add(-400*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if d, err := s.backs(); err != nil || d.Commit.SHA != second.Commit.SHA {
		t.Fatalf("goes back to %+v, %v", d, err)
	}
}

// A write counts as a change of what the buttons mean exactly when what is offered changed.
func TestStageRisesWithTheOffer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	offer, stage := d.Offer(), d.Stage
	watch := func(now *delivery.Deployment) {
		t.Helper()
		if changed := now.Offer() != offer; changed != (now.Stage == stage+1) || !changed && now.Stage != stage {
			t.Fatalf("offer %q → %q, stage %d → %d", offer, now.Offer(), stage, now.Stage)
		}
		offer, stage = now.Offer(), now.Stage
	}
	for s.now(d.ID).State != delivery.Running {
		s.step(d.ID)
		watch(s.now(d.ID))
	}
	watch(s.cancels(d.ID))
	s.step(d.ID)
	watch(s.now(d.ID))
	watch(s.until(d.ID, delivery.Cancelled))
	w := s.want()
	if _, err := s.Retry(context.Background(), d.ID, w); err != nil {
		t.Fatal(err)
	}
	watch(s.now(d.ID))
}

func TestIDIsStable(t *testing.T) {
	t.Parallel()
	if got := delivery.ID("req-1"); got != delivery.ID("req-1") || len(got) != 12 || got[:2] != "d-" {
		t.Fatalf("ID %q", got)
	}
	seen := map[string]bool{}
	for i := range 10000 {
		id := delivery.ID(fmt.Sprint(i))
		if seen[id] {
			t.Fatalf("%s twice", id)
		}
		seen[id] = true
	}
}

// What the ledger does not know is told apart: not asked, asked in vain, tried without success.
func TestStatusSaysWhyItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := func(service string) delivery.Standing {
		t.Helper()
		all, err := s.Status(context.Background(), service)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if one.Service == "checkout" && one.Environment == "staging" {
				return one
			}
		}
		t.Fatalf("no checkout in staging: %+v", all)
		return delivery.Standing{}
	}
	if one := first(""); !one.Unasked || one.Tried {
		t.Errorf("of all: %+v", one)
	}
	if one := first("checkout"); one.Unasked || one.Unread || one.Tried {
		t.Errorf("of one: %+v", one)
	}
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Failed)
	s.github.Down(true)
	if one := first("checkout"); !one.Tried || !one.Unread {
		t.Errorf("after a failure, while GitHub is down: %+v", one)
	}
	s.github.Down(false)
	next := s.deploys()
	s.until(next.ID, delivery.Succeeded)
	if one := first(""); one.Unasked {
		t.Errorf("the ledger knows: %+v", one)
	}
}
