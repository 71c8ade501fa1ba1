package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// where looks for something.
func (s *stage) where(w delivery.Sought) *delivery.Whereabouts {
	s.Helper()
	found, err := s.Where(context.Background(), w)
	if err != nil {
		s.Fatal(err)
	}
	return found
}

// placed is the place of that environment among the first change that was found.
func (s *stage) placed(w *delivery.Whereabouts, environment string) delivery.Place {
	s.Helper()
	if len(w.Found) == 0 {
		s.Fatalf("nothing was found: %+v", w)
	}
	for _, p := range w.Found[0].Places {
		if p.Environment == environment {
			return p
		}
	}
	s.Fatalf("no %s among %+v", environment, w.Found[0].Places)
	return delivery.Place{}
}

// proposes opens a pull request of ana's.
func (s *stage) proposes(branch, body string) int {
	s.repo.Branch(branch, "main")
	s.repo.Commit(branch, "ana", "Work on "+branch, githubtest.Files{branch + ".txt": "1"})
	return s.repo.OpenPR(githubtest.PR{Title: "Add " + branch, Body: body, Author: "ana", Head: branch})
}

// goesOut deploys to staging and lets time pass; it returns when that ended.
func (s *stage) goesOut(fn ...func(*delivery.Want)) time.Time {
	s.Helper()
	d := s.until(s.deploys(append(fn, again)...).ID, delivery.Succeeded)
	s.clock.Advance(time.Hour)
	return d.Ended
}

func TestWhereSaysSinceWhen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.repo.Head("main")
	first := s.goesOut()
	s.commit("Between")
	s.goesOut()
	n := s.proposes("basket", "")
	s.repo.SquashPR(n, "ana")
	since := s.goesOut()
	for i := range 20 {
		s.commit(fmt.Sprint("Later ", i))
		s.goesOut()
	}
	s.commit("Nowhere yet")
	before := len(s.github.Calls())
	w := s.where(delivery.Sought{Service: "checkout", Number: n})
	if calls := len(s.github.Calls()) - before; calls > 45 {
		t.Errorf("it took %d calls", calls) // of which many look for what others have deployed to the other places
	}
	p := s.placed(w, "staging")
	if p.Presence != delivery.Present || !p.Since.Equal(since) || p.AtLatest {
		t.Errorf("staging: %s since %s (%v), want since %s", p.Presence, p.Since, p.AtLatest, since)
	}
	if p := s.placed(w, "production"); p.Presence != delivery.NotKnown {
		t.Errorf("production: %+v", p)
	}
	if got := w.Found[0].Pull; got == nil || got.State != "merged" || got.Title != "Add basket" {
		t.Errorf("the pull request: %+v", got)
	}
	// What was there before anything that is known of is not guessed at.
	if p := s.placed(s.where(delivery.Sought{Service: "shop", SHA: old[:8]}), "staging"); !p.Since.Equal(first) || !p.AtLatest {
		t.Errorf("the oldest: since %s (%v), want at the latest since %s", p.Since, p.AtLatest, first)
	}
}

// What was taken back and came again is there since it came again.
func TestWhereAfterGoingBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.repo.Head("main")
	s.goesOut()
	sha := s.commit("Basket")
	s.goesOut()
	s.goesOut(at(old))
	if p := s.placed(s.where(delivery.Sought{SHA: sha}), "staging"); p.Presence != delivery.Absent || !p.Since.IsZero() {
		t.Errorf("while it was taken back: %+v", p)
	}
	s.commit("More")
	since := s.goesOut()
	s.commit("Still more")
	s.goesOut()
	if p := s.placed(s.where(delivery.Sought{SHA: sha}), "staging"); !p.Since.Equal(since) || p.AtLatest {
		t.Errorf("since %s (%v), want %s", p.Since, p.AtLatest, since)
	}
}

func TestWhereOnTheWayAndInDoubt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.goesOut()
	sha := s.commit("Basket")
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	s.until(s.deploys().ID, delivery.Failed)
	if p := s.placed(s.where(delivery.Sought{SHA: sha}), "staging"); p.Presence != delivery.Absent || !p.Begun || p.Coming {
		t.Errorf("after a failure: %+v", p)
	}
	s.deploys()
	if p := s.placed(s.where(delivery.Sought{SHA: sha}), "staging"); !p.Coming {
		t.Errorf("under way: %+v", p)
	}
	s.repo.SetDeployment(sha, "production", "ana", "success")
	p := s.placed(s.where(delivery.Sought{SHA: sha}), "production")
	if p.Presence != delivery.Present || !p.AtLatest || p.Outside == nil {
		t.Errorf("deployed by others: %+v", p)
	}
}

func TestWhereOfWhatIsNotMerged(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.goesOut()
	n := s.proposes("basket", "")
	w := s.where(delivery.Sought{Repo: "Acme/Checkout", Number: n})
	if p := s.placed(w, "staging"); p.Presence != delivery.Absent || w.Found[0].Pull.State != "open" {
		t.Errorf("%+v of %+v", p, w.Found[0].Pull)
	}
	s.goesOut(at("basket"))
	if p := s.placed(s.where(delivery.Sought{Service: "checkout", Number: n}), "staging"); p.Presence != delivery.Present {
		t.Errorf("its branch was deployed: %+v", p)
	}
}

func TestWhereOfAnIssue(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	issue := s.repo.OpenIssue("ana", "Baskets are slow", "")
	s.proposes("mention", fmt.Sprintf("See #%d", issue))
	n := s.proposes("faster", fmt.Sprintf("Fixes #%d", issue))
	s.repo.SquashPR(n, "ana")
	s.proposes("again", fmt.Sprintf("closes #%d", issue))
	s.goesOut()
	w := s.where(delivery.Sought{Service: "checkout", Number: issue})
	if w.Issue == nil || w.Issue.Title != "Baskets are slow" || w.Issue.State != "closed" || len(w.Found) != 2 {
		t.Fatalf("found %+v", w)
	}
	if w.Found[0].Pull.State != "open" || w.Found[1].Pull.Number != n || w.Found[1].Places[0].Presence != delivery.Present {
		t.Errorf("found %+v", w.Found)
	}
	byHand := s.repo.OpenIssue("ana", "Wrong", "")
	sha := s.commit(fmt.Sprintf("Right it\n\nresolves #%d", byHand))
	if w := s.where(delivery.Sought{Service: "checkout", Number: byHand}); len(w.Found) != 1 || w.Found[0].Commit.SHA != sha || w.Found[0].Pull != nil {
		t.Errorf("found %+v", w)
	}
	if w := s.where(delivery.Sought{Service: "checkout", Number: s.repo.OpenIssue("ana", "Odd", "")}); w.Issue.State != "open" || len(w.Found) != 0 {
		t.Errorf("found %+v", w)
	}
}

func TestWhereRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.github.AddRepo("acme/billing").Commit("main", "ana", "Begin", githubtest.Files{"a": "b"})
	for code, w := range map[delivery.Code]delivery.Sought{
		delivery.NoService: {Service: "payroll", Number: 1}, delivery.NoServiceOf: {Repo: "acme/payroll", Number: 1}, delivery.NoCommit: {SHA: "0123456"},
	} {
		_, err := s.Where(context.Background(), w)
		s.refuses(code, err)
	}
	var e *github.Error
	if _, err := s.Where(context.Background(), delivery.Sought{Service: "checkout", Number: 99}); !errors.As(err, &e) ||
		!strings.Contains(e.UserMessage(), "acme/checkout has no pull request and no issue #99") {
		t.Errorf("no such number: %v", err)
	}
	s.github.Fault(githubtest.Fault{Match: githubtest.OpGetCommit, Times: 3, Kind: githubtest.Status503})
	if w := s.where(delivery.Sought{SHA: s.repo.Head("main")}); len(w.Found) != 1 || len(w.Unread) != 1 || w.Unread[0] != "acme/billing" {
		t.Errorf("with a repository that is not read: %+v", w)
	}
}

// GitHub saying nothing is not taken for a no.
func TestWhereIsNotGuessed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.repo.Head("main")
	s.goesOut()
	s.commit("Next")
	s.goesOut()
	s.github.Fault(githubtest.Fault{Match: githubtest.OpCompare, Times: 3, Kind: githubtest.Status503})
	if p := s.placed(s.where(delivery.Sought{SHA: sha}), "staging"); p.Presence != delivery.NotTelling {
		t.Errorf("%+v", p)
	}
}
