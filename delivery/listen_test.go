package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// listening is a stage on which others carry out what is deployed.
func listening(t *testing.T, opts ...func(*githubtest.Options)) *stage {
	t.Helper()
	s := newStage(t, opts...)
	s.configure(strings.Replace(shipmateYAML, "{workflow: deploy.yml}", "{deployment: true, inputs: {region: eu}}", 1))
	return s
}

// ordered expects so many deployments on GitHub and returns the last.
func (s *stage) ordered(n int) githubtest.Deployment {
	s.Helper()
	all := s.github.Deployments("acme/checkout")
	if len(all) != n {
		s.Fatalf("%d deployments on GitHub, want %d: %+v", len(all), n, all)
	}
	return all[n-1]
}

func (s *stage) says(state, why string) {
	s.Helper()
	all := s.github.Deployments("acme/checkout")
	s.repo.Report(all[len(all)-1].ID, "ana", githubtest.Says{State: state, Description: why, LogURL: "https://ci.example/7", SiteURL: "https://staging.example"})
}

func TestOthersCarryItOut(t *testing.T) {
	t.Parallel()
	s := listening(t)
	s.logins["U0ANA"] = "ana"
	d := s.until(s.deploys(func(w *delivery.Want) { w.Reason = "the demo" }).ID, delivery.Queued)
	on := s.ordered(1)
	if on.Description != "by @ana: the demo" {
		t.Errorf("described as %q", on.Description)
	}
	payload, ok := on.Payload.(map[string]any)
	if on.SHA != d.Commit.SHA || on.Environment != "staging" || !ok || payload["correlation_id"] != d.ID || payload["service"] != "checkout" ||
		payload["inputs"].(map[string]any)["region"] != "eu" || d.Run.ID != on.ID {
		t.Errorf("%+v", on)
	}
	s.runs(0)
	s.free("staging", false)
	s.step(d.ID)
	s.says("in_progress", "rolling out")
	begun := s.clock.Now()
	d = s.until(d.ID, delivery.Running)
	if len(d.Jobs) != 1 || d.Jobs[0].Step != "rolling out" || !d.Started.Equal(begun) || d.Run.URL != "https://ci.example/7" || d.Site != "https://staging.example" {
		t.Errorf("%+v %+v", d, d.Jobs)
	}
	s.step(d.ID)
	s.says("success", "")
	d = s.until(d.ID, delivery.Succeeded)
	s.free("staging", true)
	if all, err := s.Status(context.Background(), "checkout"); err != nil || all[0].Ledger.Commit.SHA != d.Commit.SHA {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestOthersSayThatItFailed(t *testing.T) {
	t.Parallel()
	for state, said := range map[string]string{"failure": "no such column", "error": ""} {
		s := listening(t)
		d := s.until(s.deploys().ID, delivery.Queued)
		s.says(state, said)
		d = s.until(d.ID, delivery.Failed)
		if d.Failure == nil || d.Failure.URL != "https://ci.example/7" || !strings.Contains(d.Failure.Why, state) || !strings.Contains(d.Failure.Why, said) {
			t.Errorf("%+v", d.Failure)
		}
	}
	s := listening(t)
	d := s.until(s.deploys().ID, delivery.Queued)
	s.says("inactive", "")
	s.until(d.ID, delivery.Cancelled)
}

// GitHub cannot stop what others carry out: it needs a person, and what came of it is still seen.
func TestNobodyCanStopWhatOthersCarryOut(t *testing.T) {
	t.Parallel()
	s := listening(t)
	d := s.until(s.deploys().ID, delivery.Queued)
	if d = s.cancels(d.ID); d.State != delivery.Lost || d.Lost != delivery.Unstoppable || d.Offer() != delivery.OfferFree {
		t.Fatalf("%+v", d)
	}
	_, err := s.Cancel(context.Background(), delivery.Stop{Request: "me too", By: "U0CY", Service: "checkout", Environment: "staging"})
	s.refuses(delivery.AlreadyCancelled, err)
	before := s.clock.Now()
	for range 3 {
		s.step(d.ID)
	}
	if s.clock.Now().Sub(before) > time.Minute {
		t.Error("it is looked at too seldom")
	}
	s.says("in_progress", "")
	s.step(d.ID)
	if d = s.now(d.ID); d.State != delivery.Lost || d.Lost != delivery.Unstoppable || d.Started.IsZero() {
		t.Fatalf("%+v", d)
	}
	s.free("staging", false)
	if got := s.ordered(1).States; len(got) != 1 {
		t.Errorf("Shipmate said %v", got)
	}
	s.says("success", "")
	s.until(d.ID, delivery.Succeeded)
	other := s.until(s.deploys(again).ID, delivery.Queued)
	s.cancels(other.ID)
	if d = s.cancels(other.ID); d.State != delivery.Abandoned {
		t.Fatalf("%+v", d)
	}
	s.free("staging", true)
}

// What broken glass skips GitHub is not asked for either.
func TestBrokenGlassSkipsChecksOnGitHubToo(t *testing.T) {
	t.Parallel()
	s := listening(t)
	s.repo.SetStatus("main", "ci/build", "failure", "broken", "")
	d := s.deploys(to("sealed"), func(w *delivery.Want) { w.Glass, w.Reason = true, "orders are lost" })
	s.until(d.ID, delivery.Queued)
	s.ordered(1)
}

// A failure stays one when somebody tidies up after it.
func TestFailureThatWasTidiedUp(t *testing.T) {
	t.Parallel()
	s := listening(t)
	d := s.until(s.deploys().ID, delivery.Queued)
	s.says("failure", "no such column")
	s.says("inactive", "")
	if d = s.until(d.ID, delivery.Failed); d.Failure == nil || !strings.Contains(d.Failure.Why, "no such column") {
		t.Errorf("%+v", d.Failure)
	}
}

// Whatever happens to the answer, GitHub gets one deployment.
func TestOrderIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, when := range []githubtest.Phase{githubtest.Before, githubtest.After} {
		s := listening(t)
		s.github.Fault(githubtest.Fault{Match: githubtest.OpCreateDeployment, When: when, Kind: githubtest.Reset, Times: 1})
		d := s.deploys()
		s.step(d.ID)
		s.connect(time.Second)
		d = s.until(d.ID, delivery.Queued)
		if s.ordered(1).ID != d.Run.ID {
			t.Errorf("%+v", d.Run)
		}
	}
}

func TestOrderThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	s := listening(t)
	s.mayOnlyRead()
	if d := s.until(s.deploys().ID, delivery.Failed); d.Failure == nil || !strings.Contains(d.Failure.Why, "Deployments: read and write") {
		t.Errorf("%+v", d.Failure)
	}
}

// mayOnlyRead takes the right to write from Shipmate's token.
func (s *stage) mayOnlyRead() {
	s.github.AddUser(githubtest.User{Login: "eve"})
	s.repo.Grant("eve", "pull")
	s.github.AddToken(githubtest.DefaultToken, "eve", "repo")
}

// recording is a stage on which GitHub is told of deployments beside their runs.
func recording(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	s.configure(strings.Replace(shipmateYAML, "{workflow: deploy.yml}", `{record: true, environment_url: "https://{environment}.acme.example/{service}"}`, 1))
	return s
}

// records takes steps until GitHub has all there is to say, as far as it can be said now.
func (s *stage) records(id string) {
	s.Helper()
	for range 20 {
		next, err := s.StepRecord(context.Background(), id)
		if err != nil {
			s.Fatal(err)
		}
		if next.IsZero() {
			return
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	s.Fatalf("never written: %+v", s.now(id).Record)
}

func TestRecordedBesideItsRun(t *testing.T) {
	t.Parallel()
	s := recording(t)
	d := s.deploys()
	s.records(d.ID) // nothing is there to be told
	s.until(d.ID, delivery.Queued)
	if !s.due(delivery.RecordDomain, d.ID) {
		t.Error("nobody tells GitHub")
	}
	s.records(d.ID)
	s.until(d.ID, delivery.Running)
	s.records(d.ID)
	s.until(d.ID, delivery.Succeeded)
	s.records(d.ID)
	s.records(d.ID)
	on := s.ordered(1)
	if got := strings.Join(on.States, " "); got != "queued in_progress success" || on.SiteURL != "https://staging.acme.example/checkout" || on.SHA != d.Commit.SHA {
		t.Errorf("%+v", on)
	}
	s.runs(1)
}

func TestRecordIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for _, op := range []string{githubtest.OpCreateDeployment, githubtest.OpCreateDeploymentStatus} {
		for _, when := range []githubtest.Phase{githubtest.Before, githubtest.After} {
			s := recording(t)
			s.github.Fault(githubtest.Fault{Match: op, When: when, Kind: githubtest.Reset, Times: 1})
			d := s.until(s.deploys().ID, delivery.Succeeded)
			s.records(d.ID)
			if got := s.ordered(1).States; len(got) != 1 || got[0] != "success" {
				t.Errorf("%s %s: %v", op, when, got)
			}
		}
	}
}

// A record that cannot be written is told, and harms nothing.
func TestRecordThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	s := recording(t)
	d := s.until(s.deploys().ID, delivery.Queued)
	s.mayOnlyRead()
	s.records(d.ID)
	if r := s.now(d.ID).Record; r == nil || !strings.Contains(r.Why, "Deployments: read and write") {
		t.Fatalf("%+v", r)
	}
	s.until(d.ID, delivery.Succeeded)
	s.records(d.ID)
	if n := len(s.github.Deployments("acme/checkout")); n != 0 {
		s.Errorf("%d deployments on GitHub", n)
	}
	if _, err := s.StepRecord(context.Background(), "d-aaaaaaaaaa"); err != nil && !errors.Is(err, delivery.ErrNotFound) {
		t.Error(err)
	}
}

// GitHub's limits only make a record later.
func TestRecordIsWrittenAfterTheLimits(t *testing.T) {
	t.Parallel()
	s := recording(t)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpCreateDeployment, When: githubtest.Before, Kind: githubtest.SecondaryLimit403, RetryAfter: 2 * time.Minute, Times: 3})
	d := s.until(s.deploys().ID, delivery.Succeeded)
	s.records(d.ID)
	if r := s.now(d.ID).Record; r.Why != "" {
		t.Fatalf("%+v", r)
	}
	s.ordered(1)
}

// A GitHub that stays away is not asked for ever.
func TestRecordThatIsGivenUp(t *testing.T) {
	t.Parallel()
	s := recording(t)
	d := s.until(s.deploys().ID, delivery.Succeeded)
	s.github.Fault(githubtest.Fault{Match: githubtest.OpCreateDeploymentStatus, When: githubtest.Before, Kind: githubtest.Status502})
	for range 4 {
		if _, err := s.StepRecord(context.Background(), d.ID); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(25 * time.Minute)
	}
	s.records(d.ID)
	if got := s.now(d.ID); got.Record.Why == "" || got.State != delivery.Succeeded {
		t.Errorf("%+v", got.Record)
	}
}
