package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
	"shipmate/work"
)

func TestDeployFromWishToEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sha := s.commit("Add a basket")
	d := s.deploys(func(w *delivery.Want) { w.Service, w.Environment, w.Reason = "shop", "STG", " for \n the demo " })
	if d.State != delivery.Wanted || d.Commit.SHA != sha || d.Commit.Subject != "Add a basket" || d.Commit.Author != "ana" {
		t.Fatalf("wrong record: %+v", d)
	}
	if d.Service != "checkout" || d.Environment != "staging" || d.Ref != "main" || d.Reason != "for the demo" || d.Home != "#payments" {
		t.Fatalf("wrong record: %+v", d)
	}
	s.commit("Pushed after the command") // must not be what is deployed
	s.free("staging", false)

	running := s.until(d.ID, delivery.Running)
	if waited := s.clock.Now().Sub(morning); waited > 10*time.Second {
		t.Fatalf("it was sent only after %s", waited)
	}
	if len(running.Jobs) != 1 || running.Jobs[0].Status != "in_progress" || running.Jobs[0].Step == "" || running.Started.IsZero() {
		t.Fatalf("jobs are not shown: %+v", running.Jobs)
	}
	ended := s.until(d.ID, delivery.Succeeded)
	run := s.runs(1)[0]
	if run.Inputs["sha"] != sha || run.Inputs["environment"] != "staging" || run.Inputs["correlation_id"] != d.ID || run.Branch != "main" {
		t.Fatalf("wrong run: %+v", run)
	}
	if ended.Run.ID != run.ID || ended.Run.URL == "" || ended.Ended.Before(ended.Started) || ended.Jobs[0].Took(ended.Ended) <= 0 {
		t.Fatalf("wrong end: %+v", ended)
	}
	s.free("staging", true)
	if s.step(d.ID) {
		t.Fatal("an ended deployment is looked at again")
	}
	all, err := s.Status(context.Background(), "checkout")
	if err != nil || all[0].Ledger.Commit.SHA != sha || all[0].Ledger.By != "U0ANA" || !all[0].Ledger.Since.Equal(ended.Ended) {
		t.Fatalf("the ledger is wrong: %+v, %v", all, err)
	}
}

func TestSameRequestMakesOneDeployment(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.want()
	first, err := s.Deploy(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	s.github.Down(true) // nothing needs to be asked for what is written
	again, err := s.Deploy(context.Background(), w)
	if err != nil || again.ID != first.ID || again.Version != first.Version {
		t.Fatalf("got %+v, %v", again, err)
	}
	preview, err := s.Preview(context.Background(), w)
	if err != nil || preview.ID != first.ID || preview.Version == 0 {
		t.Fatalf("preview: %+v, %v", preview, err)
	}
	s.github.Down(false)
	s.until(first.ID, delivery.Succeeded)
	last, err := s.Deploy(context.Background(), w)
	if err != nil || last.State != delivery.Succeeded {
		t.Fatalf("after its end: %+v, %v", last, err)
	}
	s.runs(1)
}

func TestOneDeploymentPerSlot(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const askers = 8
	var wg sync.WaitGroup
	won := make(chan *delivery.Deployment, askers)
	lost := make(chan error, askers)
	for i := range askers {
		s.people["payments"] = append(s.people["payments"], fmt.Sprintf("U%d", i))
	}
	for i := range askers {
		w := s.want(func(w *delivery.Want) { w.By = fmt.Sprintf("U%d", i) })
		wg.Go(func() {
			for { // a client at its limit of concurrent calls says so at once
				d, err := s.Deploy(context.Background(), w)
				var busy *github.Error
				switch {
				case errors.As(err, &busy) && busy.Status == 0:
					continue
				case err != nil:
					lost <- err
				default:
					won <- d
				}
				return
			}
		})
	}
	wg.Wait()
	close(lost)
	if len(won) != 1 {
		t.Fatalf("%d won", len(won))
	}
	winner := <-won
	for err := range lost {
		r := s.refuses(delivery.SlotTaken, err)
		if r.By != winner.By || !r.Since.Equal(winner.Created) || r.Deployment.ID != winner.ID {
			t.Fatalf("the loser is told wrong: %+v", r)
		}
	}
	other := s.deploys(to("production")) // another place is free
	s.until(other.ID, delivery.Succeeded)
	s.until(winner.ID, delivery.Succeeded)
	s.deploys(again)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	_, err := s.Deploy(bg, s.want(func(w *delivery.Want) { w.Service = "chekout" }))
	s.refuses(delivery.NoService, err)
	_, err = s.Deploy(bg, s.want(func(w *delivery.Want) { w.Service, w.Environment = "billing", "production" }))
	if r := s.refuses(delivery.NotDeployedThere, err); len(r.Environments) != 1 || r.Environments[0] != "staging" {
		t.Errorf("not told where it can be deployed: %+v", r)
	}
	_, err = s.Deploy(bg, s.want(at("no-such-branch")))
	if r := s.refuses(delivery.NoRef, err); r.Ref != "no-such-branch" || r.Repo != "acme/checkout" {
		t.Errorf("a ref that is not there: %+v", r)
	}
	_, err = s.Deploy(bg, s.want(at("mian")))
	if r := s.refuses(delivery.NoRef, err); len(r.Near) != 1 || r.Near[0] != "main" {
		t.Errorf("near it are %q", r.Near)
	}
	_, err = s.Deploy(bg, s.want(at("a..b")))
	if r := s.refuses(delivery.NoRef, err); r.Why == "" {
		t.Errorf("not told why: %+v", r)
	}
	s.repo.Commit("main", "ana", "Break the workflow", githubtest.Files{".github/workflows/deploy.yml": "on: workflow_dispatch\njobs: {}\n"})
	_, err = s.Deploy(bg, s.want())
	if r := s.refuses(delivery.WorkflowMistakes, err); len(r.Mistakes) < 4 {
		t.Errorf("mistakes: %q", r.Mistakes)
	}
	s.repo.Commit("main", "ana", "Remove the workflow", githubtest.Files{".github/workflows/deploy.yml": githubtest.Deleted})
	_, err = s.Deploy(bg, s.want())
	s.refuses(delivery.WorkflowMissing, err)
	s.runs(0)
	if all, err := s.History(bg, "", "", 10); err != nil || len(all) != 0 {
		t.Errorf("a refusal left a record: %v, %v", all, err)
	}
	s.free("staging", true)
}

func TestCommitThatRunsThereAlready(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.deploys()
	ended := s.until(first.ID, delivery.Succeeded)
	_, err := s.Deploy(context.Background(), s.want())
	r := s.refuses(delivery.AlreadyRunning, err)
	if r.By != "U0ANA" || !r.Since.Equal(ended.Ended) || r.Commit.SHA != first.Commit.SHA {
		t.Fatalf("wrong refusal: %+v", r)
	}
	if d := s.deploys(again); d.Changes.Status != "identical" {
		t.Fatalf("changes: %+v", d.Changes)
	}
}

func TestChangesSinceWhatRunsThere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.deploys()
	if first.Changes != nil || first.Before.SHA != "" {
		t.Fatalf("nobody knows what runs, yet: %+v", first.Before)
	}
	s.until(first.ID, delivery.Succeeded)
	for i := range 22 {
		branch := fmt.Sprintf("pull-%d", i)
		s.repo.Branch(branch, "main")
		s.repo.Commit(branch, "ana", "Work", githubtest.Files{branch: "x"})
		n := s.repo.OpenPR(githubtest.PR{Title: fmt.Sprintf("Pull %d", i), Author: "ana", Head: branch})
		s.repo.SquashPR(n, "ana")
		s.clock.Advance(time.Minute)
	}
	next := s.deploys()
	c := next.Changes
	if next.Before.SHA != first.Commit.SHA || next.Before.Source != delivery.FromLedger {
		t.Fatalf("before: %+v", next.Before)
	}
	if c == nil || c.Status != "ahead" || c.Ahead != 22 || len(c.PullRequests) != 20 || c.More != 2 || c.URL == "" {
		t.Fatalf("changes: %+v", c)
	}
	if p := c.PullRequests[0]; p.Title != "Pull 21" || p.URL == "" || p.Author != "ana" {
		t.Fatalf("the newest is not first: %+v", p)
	}
	s.until(next.ID, delivery.Succeeded)
	back := s.deploys(at(first.Commit.SHA))
	if b := back.Changes; b.Status != "behind" || b.Behind != 22 || len(b.PullRequests) != 20 {
		t.Fatalf("going back: %+v", b)
	}
}

func TestFirstDayAsksGitHub(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := s.repo.Head("main")
	s.repo.SetDeployment(old, "staging", "ana", "in_progress", "success")
	s.commit("Next")
	d := s.deploys()
	if d.Before.SHA != old || d.Before.Source != delivery.FromGitHub || d.Changes == nil || d.Changes.Ahead != 1 {
		t.Fatalf("before: %+v, changes: %+v", d.Before, d.Changes)
	}
	all, err := s.Status(context.Background(), "shop")
	if err != nil || all[0].Outside == nil || all[0].Outside.Commit.SHA != old || all[1].Outside != nil {
		t.Fatalf("status: %+v, %v", all, err)
	}
}

func TestAFailureLeavesADoubt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	good := s.deploys()
	s.until(good.ID, delivery.Succeeded)
	s.commit("Bad")
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	bad := s.deploys()
	s.until(bad.ID, delivery.Failed)
	back := s.deploys(at(good.Commit.SHA)) // no question: nobody knows that it still runs as it was
	if !back.Before.Doubtful || back.Before.SHA != good.Commit.SHA {
		t.Fatalf("before: %+v", back.Before)
	}
	all, err := s.Status(context.Background(), "checkout")
	if err != nil || all[0].Doubt == nil || all[0].Doubt.ID != bad.ID {
		t.Fatalf("status: %+v, %v", all[0], err)
	}
	s.until(back.ID, delivery.Succeeded)
	_, err = s.Deploy(context.Background(), s.want(at(good.Commit.SHA)))
	s.refuses(delivery.AlreadyRunning, err)
}

// What runs there changes while somebody else's plan is made: the plan is made anew.
func TestPlanIsMadeFromWhatRunsThere(t *testing.T) {
	t.Parallel()
	var meanwhile func()
	s := newStage(t, func(o *githubtest.Options) {
		o.OnCall = func(c githubtest.Call) {
			if fn := meanwhile; c.Op == githubtest.OpCompare && c.Phase == githubtest.Before && fn != nil {
				meanwhile = nil
				fn()
			}
		}
	})
	first := s.deploys()
	s.until(first.ID, delivery.Succeeded)
	second := s.commit("Second")
	third := s.commit("Third")
	meanwhile = func() {
		d, err := s.Deploy(context.Background(), s.want(at(second)))
		if err != nil {
			t.Error(err)
			return
		}
		s.until(d.ID, delivery.Succeeded)
	}
	d := s.deploys(at(third))
	if d.Before.SHA != second || d.Changes.Ahead != 1 {
		t.Fatalf("the changes are since %s: %+v", d.Before.SHA, d.Changes)
	}
}

// GitHub's deployments do not say of which service of a repository they are.
func TestSharedRepositoryIsNotAsked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(shipmateYAML, "repo: acme/billing", "repo: acme/checkout", 1))
	s.repo.SetDeployment("main", "staging", "ana", "success")
	s.commit("Next")
	if d := s.deploys(); d.Before.SHA != "" {
		t.Fatalf("before: %+v", d.Before)
	}
	all, err := s.Status(context.Background(), "checkout")
	if err != nil || all[0].Outside != nil {
		t.Fatalf("status: %+v, %v", all[0], err)
	}
}

// Whoever changes the record has its card drawn anew, in the same transaction.
func TestEveryChangeIsShown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	shown := func(what string) {
		t.Helper()
		key := store.Key("card", "next", "deployment/"+d.ID)
		err := s.db.Update(context.Background(), func(tx store.Tx) error {
			if v, err := tx.Get(key); v == nil {
				return fmt.Errorf("%s is not shown (%v)", what, err)
			}
			return work.Cancel(tx, "card", "deployment/"+d.ID)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	shown("the wish")
	s.until(d.ID, delivery.Running)
	shown("the run")
	s.cancels(d.ID)
	shown("the cancel")
	s.until(d.ID, delivery.Cancelled)
	shown("the end")
	if _, err := s.Retry(context.Background(), d.ID, s.want()); err != nil {
		t.Fatal(err)
	}
	shown("the retry")
}

// A commit that was confirmed is shown as what people asked for, and only a whole commit can be.
func TestConfirmedCommitKeepsTheRefAsAsked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	asked := func(w *delivery.Want) { w.Asked = "v5.2.0" }
	first := s.deploys(at(s.repo.Head("main")), asked)
	if first.Ref != "v5.2.0" {
		t.Errorf("asked for %s", first.Ref)
	}
	s.until(first.ID, delivery.Succeeded)
	_, err := s.Deploy(context.Background(), s.want(at(s.repo.Head("main")), asked))
	if r := s.refuses(delivery.AlreadyRunning, err); r.Ref != "v5.2.0" {
		t.Errorf("the question is about %s", r.Ref)
	}
	if d := s.deploys(at("main"), asked, again); d.Ref != "main" {
		t.Errorf("a branch is shown as %s", d.Ref)
	}
}
