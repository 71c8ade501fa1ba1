package delivery_test

import (
	"context"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

func TestRetryDeploysTheSameCommit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	old := s.deploys(func(w *delivery.Want) { w.Reason = "the demo" })
	_, err := s.Retry(bg, old.ID, s.want())
	s.refuses(delivery.NotEnded, err)
	s.until(old.ID, delivery.Failed)
	s.commit("Pushed since")

	w := s.want(func(w *delivery.Want) { w.By = "U0BEN" })
	for range 2 { // the same request, the same answer
		d, err := s.Retry(bg, old.ID, w)
		if err != nil || d.Commit != old.Commit || d.RetryOf != old.ID || d.Ref != "main" || d.Reason != "the demo" || d.By != "U0BEN" {
			t.Fatalf("retry: %+v, %v", d, err)
		}
	}
	retried := s.now(old.ID)
	if retried.Retried == nil || retried.Retried.By != "U0BEN" || retried.Offer() != delivery.NoOffer {
		t.Fatalf("the old one: %+v", retried)
	}
	_, err = s.Retry(bg, old.ID, s.want())
	if r := s.refuses(delivery.AlreadyRetried, err); r.By != "U0BEN" || r.Deployment.Retried.ID != delivery.ID(w.Request) {
		t.Fatalf("the second is told %+v", r)
	}
	s.until(delivery.ID(w.Request), delivery.Succeeded)
	if runs := s.runs(2); runs[1].Inputs["sha"] != old.Commit.SHA {
		t.Fatalf("the retry deployed %+v", runs[1])
	}
	_, err = s.Retry(bg, delivery.ID(w.Request), s.want())
	s.refuses(delivery.NothingToRetry, err)
	_, err = s.Retry(bg, "d-aaaaaaaaaa", s.want())
	s.refuses(delivery.NoDeployment, err)
}

func TestRetryAsksTheGates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	old := s.deploys()
	s.until(old.ID, delivery.Failed)
	s.deploys(func(w *delivery.Want) { w.By = "U0CY" })
	_, err := s.Retry(context.Background(), old.ID, s.want())
	if r := s.refuses(delivery.SlotTaken, err); r.By != "U0CY" {
		t.Fatalf("told %+v", r)
	}
	if s.now(old.ID).Retried != nil {
		t.Fatal("a refused retry counts as one")
	}
}
