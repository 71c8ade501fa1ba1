package delivery_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// source asks what a promotion would promote.
func (s *stage) source(p delivery.Promotion) (*delivery.Standing, error) {
	s.Helper()
	if p.Service == "" {
		p.Service = "checkout"
	}
	return s.Promotable(context.Background(), p)
}

func TestPromotionTakesWhatSucceededLast(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, err := s.source(delivery.Promotion{From: "staging", To: "production"})
	if r := s.refuses(delivery.NothingToPromote, err); r.From != "staging" || r.Environment != "production" {
		t.Errorf("told %+v", r)
	}
	first := s.commit("First")
	good := s.until(s.deploys().ID, delivery.Succeeded)
	second := s.commit("Second") // it runs nowhere
	for _, p := range []delivery.Promotion{
		{From: "STG", To: "prod"}, {To: "gated"}, {Service: "shop", From: "staging", To: "production", Only: first},
	} {
		one, err := s.source(p)
		if err != nil || one.Ledger.Commit.SHA != first || one.Environment != "staging" || one.Doubt != nil {
			t.Fatalf("%+v promotes %+v, %v", p, one, err)
		}
	}
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	bad := s.until(s.deploys().ID, delivery.Failed)
	one, err := s.source(delivery.Promotion{From: "staging", To: "production"})
	if err != nil || one.Ledger.Deployment != good.ID || one.Doubt == nil || one.Doubt.ID != bad.ID || one.Doubt.Commit.SHA != second {
		t.Fatalf("after a failure: %+v, %v", one, err)
	}
	s.until(s.deploys(again).ID, delivery.Succeeded)
	_, err = s.source(delivery.Promotion{From: "staging", To: "production", Only: first})
	if r := s.refuses(delivery.SourceMoved, err); r.Commit.SHA != second || r.Ref != first {
		t.Errorf("told %+v", r)
	}
}

func TestPromotionIsRefusedWhenItsPlacesMakeNoSense(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, err := s.source(delivery.Promotion{To: "production"})
	if r := s.refuses(delivery.NoSource, err); slices.Contains(r.Environments, "production") || !slices.Contains(r.Environments, "staging") {
		t.Errorf("offers %v", r.Environments)
	}
	_, err = s.source(delivery.Promotion{From: "stg", To: "staging"})
	s.refuses(delivery.SamePlace, err)
	_, err = s.source(delivery.Promotion{Service: "billing", From: "production", To: "staging"})
	if r := s.refuses(delivery.NotDeployedThere, err); r.Environment != "production" {
		t.Errorf("told %+v", r)
	}
	_, err = s.source(delivery.Promotion{Service: "billing", From: "staging", To: "production"})
	s.refuses(delivery.NotDeployedThere, err)
	_, err = s.source(delivery.Promotion{Service: "payroll", To: "production"})
	s.refuses(delivery.NoService, err)
}

// What is promoted says so, also when it is retried, and knows the one environment that comes after.
func TestPromotedDeploymentSaysWhereItCameFrom(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(regexp.MustCompile(`environments: \[staging, production.*\]`).ReplaceAllString(shipmateYAML, "environments: [staging, production]"),
		"production: {aliases: [prod]}", "production: {aliases: [prod], after: staging}", 1))
	sha := s.commit("First")
	if d := s.until(s.deploys().ID, delivery.Succeeded); d.Decided.Next != "production" || d.PromotedFrom() != "" {
		t.Fatalf("staging: %+v", d)
	}
	s.commit("Second")
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	d := s.until(s.deploys(to("production"), at(sha), func(w *delivery.Want) { w.Asked = delivery.AskedFrom("staging") }).ID, delivery.Failed)
	s.asked++
	retried, err := s.Retry(context.Background(), d.ID, s.want())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []*delivery.Deployment{d, retried} {
		if one.PromotedFrom() != "staging" || one.Commit.SHA != sha || one.Decided.Next != "" {
			t.Errorf("%+v", one)
		}
	}
}

func TestNextIsKnownOnlyWhenThereIsOne(t *testing.T) {
	t.Parallel()
	s := newStage(t) // guarded and gated come after staging
	if d := s.deploys(); d.Decided.Next != "" {
		t.Errorf("next is %q", d.Decided.Next)
	}
}
