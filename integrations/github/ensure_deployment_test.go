package github

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

func (s *stage) order() Order {
	return Order{Repo: "acme/shop", SHA: s.shas[0], Environment: "staging", Service: "shop", Description: strings.Repeat("Straße ", 30),
		Inputs: map[string]string{"region": "eu"}, CorrelationID: "d-20261120-7"}
}

func TestDeploymentIsCreatedOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	ctx := t.Context()
	id, err := s.c.EnsureDeployment(ctx, s.order())
	if err != nil {
		t.Fatal(err)
	}
	all := s.Deployments("acme/shop")
	if len(all) != 1 || all[0].ID != id || all[0].SHA != s.shas[0] || len([]rune(all[0].Description)) != 140 {
		t.Fatalf("%+v", all)
	}
	again := s.order()
	again.Attempted = s.clock.Now()
	if found, err := s.c.EnsureDeployment(ctx, again); err != nil || found != id {
		t.Errorf("found %d, %v", found, err)
	}
	again.CorrelationID = "d-20261120-8"
	if _, err := s.c.EnsureDeployment(ctx, again); !errors.Is(err, ErrNotYet) {
		t.Errorf("another's was taken for it: %v", err)
	}
	s.clock.Advance(2 * time.Minute)
	if _, err := s.c.EnsureDeployment(ctx, again); !errors.Is(err, ErrLost) {
		t.Errorf("nobody allowed it to be sent again: %v", err)
	}
	var written time.Time
	again.Resend = func(_ context.Context, at time.Time) error { written = at; return nil }
	if _, err := s.c.EnsureDeployment(ctx, again); err != nil || !written.Equal(s.clock.Now()) || len(s.Deployments("acme/shop")) != 2 {
		t.Errorf("%v, written at %s", err, written)
	}
}

// An answer that is lost after GitHub took it: the deployment is found, and none is made twice.
func TestDeploymentWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.Fault(githubtest.Fault{Match: githubtest.OpCreateDeployment, When: githubtest.After, Kind: githubtest.Reset, Times: 1})
	o := s.order()
	if _, err := s.c.EnsureDeployment(t.Context(), o); !IsUnclear(err) {
		t.Fatal(err)
	}
	o.Attempted = s.clock.Now()
	o.Resend = func(context.Context, time.Time) error { return errors.New("sent again") }
	if _, err := s.c.EnsureDeployment(t.Context(), o); err != nil || len(s.Deployments("acme/shop")) != 1 {
		t.Error(err)
	}
}

func TestDeploymentThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	o := s.order()
	var e *Error
	for says, answer := range map[string]http.HandlerFunc{
		"does not create a deployment of this commit: Conflict merging main into topic.": refusing(409, "Conflict merging main into topic."),
		"nothing was deployed": refusing(202, "Auto-merged main into topic on deployment."),
		"does not create this deployment in acme/shop: No ref found": refusing(422, "No ref found for: 12"),
	} {
		_, err := serve(t, answer).client(t).EnsureDeployment(t.Context(), o)
		if !errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	for _, change := range []func(*Order){
		func(o *Order) { o.SHA = "main" }, func(o *Order) { o.CorrelationID = "short" }, func(o *Order) { o.Environment = "" },
	} {
		o := s.order()
		change(&o)
		if _, err := s.c.EnsureDeployment(t.Context(), o); !errors.As(err, &e) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if n := len(s.Deployments("acme/shop")); n != 0 {
		t.Errorf("%d deployments", n)
	}
	f := serve(t, refusing(403, "Resource not accessible by integration"))
	if _, err := f.client(t).EnsureDeployment(t.Context(), o); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Deployments: read and write") {
		t.Errorf("%v", err)
	}
}

// What GitHub's own defaults would do is never left to them.
func TestDeploymentSaysEverything(t *testing.T) {
	t.Parallel()
	var sent map[string]any
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&sent)
		reply(w, 202, map[string]any{"message": "Auto-merged main into topic on deployment."})
	})
	o := Order{Repo: "acme/shop", SHA: shaA, Environment: "staging", CorrelationID: "d-20261120-7"}
	if id, err := f.client(t).EnsureDeployment(t.Context(), o); id != 0 || err == nil || IsUnclear(err) {
		t.Errorf("%d, %v", id, err)
	}
	if contexts, ok := sent["required_contexts"].([]any); !ok || len(contexts) != 0 || sent["auto_merge"] != false || sent["ref"] != shaA {
		t.Errorf("sent %v", sent)
	}
}

func TestCorrelationOfAPayload(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"correlation_id":"d-1"}`: "d-1", `"{\"correlation_id\":\"d-1\"}"`: "d-1", `"text"`: "", `{}`: "", `[1]`: "", ``: "", `null`: "",
	} {
		if got := correlation(json.RawMessage(raw)); got != want {
			t.Errorf("%s: %q", raw, got)
		}
	}
}

func TestStatusesOfADeployment(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	ctx := t.Context()
	id, err := s.c.EnsureDeployment(ctx, s.order())
	if err != nil {
		t.Fatal(err)
	}
	read := func() Recorded {
		t.Helper()
		r, err := s.c.Recorded(ctx, "acme/shop", id)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := read(); r.State != "pending" || !r.Begun.IsZero() || !r.Created.Equal(noon) {
		t.Errorf("%+v", r)
	}
	s.clock.Advance(time.Minute)
	s.repo.Report(id, "ana", githubtest.Says{State: "in_progress", Description: "rolling", LogURL: "https://ci.example/7"})
	s.clock.Advance(time.Minute)
	if r := read(); r.State != "in_progress" || r.Description != "rolling" || r.LogURL != "https://ci.example/7" || !r.Begun.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", r)
	}
	for range 2 { // what was said is not said again
		if err := s.c.EnsureStatus(ctx, "acme/shop", id, Report{State: "success", SiteURL: "https://staging.example"}); err != nil {
			t.Fatal(err)
		}
	}
	other, err := s.c.EnsureDeployment(ctx, Order{Repo: "acme/shop", SHA: s.shas[0], Environment: "staging", CorrelationID: "d-20261120-8"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.c.EnsureStatus(ctx, "acme/shop", other, Report{State: "success"}); err != nil {
		t.Fatal(err)
	}
	if r := read(); r.State != "success" || r.SiteURL != "https://staging.example" || !r.Updated.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("what another replaced did not succeed any more: %+v", r)
	}
	if err := s.c.EnsureStatus(ctx, "acme/shop", id, Report{State: "success"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Deployments("acme/shop")[0].States; !slices.Equal(got, []string{"in_progress", "success", "inactive"}) {
		t.Errorf("said %v", got)
	}
	if _, err := s.c.Recorded(ctx, "acme/shop", 4711); !IsNotFound(err) {
		t.Error(err)
	}
}

func TestDeploymentListeners(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.AddRepo("acme/bare").Commit("main", "ana", "Begin", githubtest.Files{"a.txt": "1"})
	s.commit("main", "ana", "Listen", githubtest.Files{".github/workflows/a.yml": "on: deployment\njobs: {}\n", ".github/workflows/b.yaml": "on: [push, deployment_status]\n",
		".github/workflows/c.yml": "on: {deployment: {}}\n", ".github/workflows/d.yml": "on: [push]\n", ".github/workflows/readme.md": "on: deployment"})
	if got, err := s.c.DeploymentListeners(t.Context(), "acme/shop"); err != nil || !slices.Equal(got, []string{"a.yml", "b.yaml", "c.yml"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := s.c.DeploymentListeners(t.Context(), "acme/bare"); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPermissionToRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	all, err := s.c.Permissions(t.Context(), "acme/shop", true)
	if err != nil {
		t.Fatal(err)
	}
	if p := stateOf(t, all, "Deployments: read and write"); p.State != Granted || !strings.Contains(p.For, "create") {
		t.Errorf("%+v", p)
	}
}

// What others write as addresses is linked only when it is one.
func TestDeploymentLinksOnlyAddresses(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	id, err := s.c.EnsureDeployment(t.Context(), s.order())
	if err != nil {
		t.Fatal(err)
	}
	s.repo.Report(id, "ana", githubtest.Says{State: "failure", LogURL: "javascript:alert(1)", SiteURL: "https://" + strings.Repeat("a", 2000)})
	if got, err := s.c.Recorded(t.Context(), "acme/shop", id); err != nil || got.State != "failure" || got.LogURL != "" || got.SiteURL != "" {
		t.Errorf("%+v, %v", got, err)
	}
}
