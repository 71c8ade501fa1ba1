package delivery_test

import (
	"context"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

func (s *stage) stats(service, environment string, days int) delivery.Stats {
	s.Helper()
	out, err := s.Stats(context.Background(), delivery.StatsWant{Service: service, Environment: environment, Days: days})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// Where there is nothing, there is no figure either.
func TestStatsOfNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	empty := s.stats("checkout", "staging", 90)
	if empty.Deployments != 0 || empty.Lead.Of != 0 || empty.Changes != 0 || empty.Recovery.Of != 0 || empty.Bars != nil {
		t.Errorf("%+v", empty)
	}
	s.cancels(s.deploys().ID)
	if got := s.stats("checkout", "staging", 90); got.Deployments != 0 || got.Otherwise != 1 || got.Changes != 0 || got.Lead.Of != 0 {
		t.Errorf("%+v", got)
	}
}

func TestStatsOfAStory(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	s.clock.Advance(30 * time.Hour)
	good := s.ships("Second")
	s.clock.Advance(time.Hour)
	bad := s.ships("Third")
	s.clock.Advance(20 * time.Minute)
	back, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	back = s.until(back.ID, delivery.Succeeded)
	s.commit("Fourth")
	if _, err := s.Unlock(context.Background(), s.lock(by("U0BEN"))); err != nil {
		t.Fatal(err)
	}
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	s.until(s.deploys().ID, delivery.Failed)

	got := s.stats("shop", "stg", 90)
	if got.Service != "checkout" || len(got.Places) != 1 || got.Places[0] != (delivery.StatsPlace{Service: "checkout", Environment: "staging"}) {
		t.Errorf("counted %q %v", got.Service, got.Places)
	}
	if got.Deployments != 4 || got.OnDays != 2 || got.Otherwise != 1 || got.Unplanned != 1 {
		t.Errorf("counted %d deployments on %d days, %d otherwise, %d rollbacks", got.Deployments, got.OnDays, got.Otherwise, got.Unplanned)
	}
	if got.Changes != 3 || got.Undone != 1 {
		t.Errorf("%d of %d were undone", got.Undone, got.Changes)
	}
	if want := (delivery.Middle{Median: back.Ended.Sub(bad.Ended), Of: 1}); got.Recovery != want || got.Unrecovered != 0 {
		t.Errorf("recovered %+v, want %+v", got.Recovery, want)
	}
	// The rollback brings nothing new, so it has no lead time; each other commit is a minute older than its deployment.
	if lead := good.Ended.Sub(good.Commit.At); got.Lead.Of != 3 || got.Lead.Median.Round(time.Minute) != lead.Round(time.Minute) {
		t.Errorf("lead time %+v, want about %s", got.Lead, lead)
	}
	if got.Begins.IsZero() || got.Begins.After(good.Created) {
		t.Errorf("the record begins at %s", got.Begins)
	}
	if run := got.Spent[delivery.OnRun]; run.Of != 4 || run.Median <= 0 || got.Spent[delivery.OnApprovals].Of != 0 {
		t.Errorf("spent %+v", got.Spent)
	}
	sum := [3]int{}
	for _, b := range got.Bars {
		sum[0], sum[1], sum[2] = sum[0]+b.Good, sum[1]+b.Undone, sum[2]+b.Rollbacks
	}
	if sum != [3]int{2, 1, 1} || len(got.Bars) != 13 {
		t.Errorf("bars of %v in %d", sum, len(got.Bars))
	}

	// What is older than the period is not counted, and then the record does not begin in it.
	s.clock.Advance(24 * time.Hour)
	if got := s.stats("checkout", "staging", 2); got.Deployments != 3 || !got.Begins.IsZero() || len(got.Bars) != 2 {
		t.Errorf("%+v", got)
	}
	s.clock.Advance(500 * 24 * time.Hour)
	if _, err := s.Sweep(context.Background(), s.clock.Now().Add(-400*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := s.keys("delivery/ended/"); n != 3 { // of the newest, of what runs and of what to go back to
		t.Errorf("%d outcomes are kept for ever", n)
	}
}

// What was rolled back while it ran did run, and has not recovered until the rollback has.
func TestStatsOfWhatHasNotRecovered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ships("First")
	s.commit("Second")
	bad := s.until(s.deploys().ID, delivery.Running)
	d, err := s.backs()
	if err != nil {
		t.Fatal(err)
	}
	s.look(d.ID)
	s.until(bad.ID, delivery.Cancelled)
	if got := s.stats("checkout", "staging", 90); got.Undone != 1 || got.Changes != 2 || got.Unrecovered != 1 || got.Recovery.Of != 0 || got.Otherwise != 0 {
		t.Errorf("%+v", got)
	}
	s.until(d.ID, delivery.Succeeded)
	if got := s.stats("checkout", "staging", 90); got.Unrecovered != 0 || got.Recovery.Of != 1 || got.Unplanned != 1 {
		t.Errorf("%+v", got)
	}
}

// Of two gates that were waited for at once, the time is the one's that opened last.
func TestStatsOfWaiting(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys(to("guarded"), s.staged())
	s.clock.Advance(40 * time.Minute)
	if _, err := s.Approve(context.Background(), delivery.VoteWant{Request: "yes", By: "U0BEN", ID: d.ID}); err != nil {
		t.Fatal(err)
	}
	s.until(d.ID, delivery.Succeeded)
	got := s.stats("checkout", "guarded", 90)
	if a := got.Spent[delivery.OnApprovals]; a.Of != 1 || a.Total != 40*time.Minute {
		t.Errorf("waited %+v for approvals", a)
	}
	if r := got.Spent[delivery.OnRun]; r.Of != 1 || r.Total > 5*time.Minute {
		t.Errorf("ran %+v", r)
	}
}

// keys counts the records under a prefix.
func (s *stage) keys(prefix string) (n int) {
	s.Helper()
	err := s.db.View(context.Background(), func(snap store.Snapshot) error {
		n = 0
		for range snap.Scan(prefix, "") {
			n++
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// Who is refused by what goes away waits from then on, if they ask again within hours; that is nobody else's wait.
func TestStatsOfBeingHeldUp(t *testing.T) {
	t.Parallel()
	bg := context.Background()
	for name, c := range map[string]struct {
		again  time.Duration // after the first refusal
		by     string
		waited time.Duration
	}{
		"soon":               {again: 50 * time.Minute, by: "U0ANA", waited: 50 * time.Minute},
		"too late":           {again: 5 * time.Hour, by: "U0ANA"},
		"by somebody else's": {again: 50 * time.Minute, by: "U0BEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if _, err := s.Lock(bg, s.lock(by("U0BEN"))); err != nil {
				t.Fatal(err)
			}
			_, err := s.Preview(bg, s.want())
			s.refuses(delivery.Locked, err)
			s.clock.Advance(10 * time.Minute)
			_, err = s.Deploy(bg, s.want())
			s.refuses(delivery.Locked, err)
			if n := s.keys("delivery/held/"); n != 1 {
				t.Errorf("%d refusals are kept", n)
			}
			if _, err := s.Unlock(bg, s.lock(by("U0BEN"), func(w *delivery.LockWant) { w.Request = "unlock" })); err != nil {
				t.Fatal(err)
			}
			s.clock.Advance(c.again - 10*time.Minute)
			for range 2 { // the second was not held up
				s.until(s.deploys(again, func(w *delivery.Want) { w.By = c.by }).ID, delivery.Succeeded)
			}
			got := s.stats("checkout", "staging", 90)
			if lock := got.Spent[delivery.OnLock]; lock.Total != c.waited || lock.Of > 1 || got.Spent[delivery.OnRun].Of != 2 {
				t.Errorf("held up for %+v, want %s", lock, c.waited)
			}
			s.clock.Advance(500 * 24 * time.Hour)
			if _, err := s.Sweep(bg, s.clock.Now().Add(-400*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			if n := s.keys("delivery/held/"); n != 0 {
				t.Errorf("%d refusals are kept for ever", n)
			}
		})
	}
}

// staged has the newest commit succeed on staging first.
func (s *stage) staged() func(*delivery.Want) {
	s.Helper()
	s.until(s.deploys().ID, delivery.Succeeded)
	return func(*delivery.Want) {}
}

func TestWhatIsProduction(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {t: {slack_group: t-eng}}
services:
  usual: {repo: acme/a, team: t, environments: [preview, staging, production]}
  alone: {repo: acme/b, team: t, environments: [preview]}
  early: {repo: acme/c, team: t, environments: [preview, staging]}
  two: {repo: acme/d, team: t, environments: [staging, production, europe]}
environments:
  preview: {}
  staging: {after: preview}
  production: {after: staging}
  europe: {after: staging}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for service, want := range map[string]string{"usual": "production", "alone": "preview", "early": "staging", "two": "production europe"} {
		got := ""
		for i, e := range delivery.Production(cfg, cfg.Services[service]) {
			if i > 0 {
				got += " "
			}
			got += e
		}
		if got != want {
			t.Errorf("production of %s is %q, want %q", service, got, want)
		}
	}
	s := newStage(t)
	s.configure(`
teams: {t: {slack_group: t-eng}}
services:
  checkout: {repo: acme/checkout, team: t, environments: [left, right]}
  billing: {repo: acme/billing, team: t, environments: [left]}
environments: {left: {}, right: {}}
`)
	_, err := s.Stats(context.Background(), delivery.StatsWant{Service: "checkout", Days: 90})
	s.refuses(delivery.NoProduction, err)
	_, err = s.Stats(context.Background(), delivery.StatsWant{Service: "none", Days: 90})
	s.refuses(delivery.NoService, err)
	_, err = s.Stats(context.Background(), delivery.StatsWant{Service: "billing", Environment: "right", Days: 90})
	s.refuses(delivery.NotDeployedThere, err)
	all := s.stats("", "", 90)
	if len(all.Places) != 1 || all.Places[0].Service != "billing" || len(all.Left) != 1 || all.Left[0] != "checkout" {
		t.Errorf("%+v", all)
	}
	if all = s.stats("", "left", 90); len(all.Places) != 2 || all.Left != nil {
		t.Errorf("%+v", all)
	}
}
