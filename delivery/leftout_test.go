package delivery_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// jobs puts other jobs than those of the example into the workflow.
func (s *stage) jobs(yaml string) {
	s.Helper()
	head, _, ok := strings.Cut(github.ExampleWorkflow, "jobs:\n")
	if !ok {
		s.Fatal("the example workflow has no jobs")
	}
	s.repo.Commit("main", "ana", "More jobs", githubtest.Files{".github/workflows/deploy.yml": head + "jobs:\n" + yaml})
}

const testThenDeploy = `  test:
    runs-on: ubuntu-latest
    steps: [{name: Test, run: ./test.sh}]
  deploy:
    needs: test
    runs-on: ubuntu-latest
    steps: [{name: Deploy, run: ./deploy.sh}]
`

func (s *stage) ledger() delivery.Ledger {
	s.Helper()
	all, err := s.Status(context.Background(), "checkout")
	if err != nil {
		s.Fatal(err)
	}
	return all[0].Ledger
}

// A cancel arrives in the last moment of the tests: they end well, and nothing was deployed.
func TestCancelledBeforeItsDeployJob(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.jobs(testThenDeploy)
	s.repo.ScriptNext("deploy.yml", githubtest.Script{Step: 10 * time.Second, CancelTakes: time.Minute})
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.cancels(d.ID)
	got := s.until(d.ID, delivery.Cancelled)
	if run := s.runs(1)[0]; run.Conclusion != "cancelled" || got.Jobs[0].Conclusion != "success" || got.Jobs[1].Conclusion != "skipped" {
		t.Fatalf("run %+v, jobs %+v", run, got.Jobs)
	}
	if l := s.ledger(); l.Deployment != "" || l.Doubt != d.ID {
		t.Fatalf("what was not deployed is recorded: %+v", l)
	}
	s.free("staging", true)
}

// A run that calls itself a success although a job was left out after the cancel is not believed.
func TestSuccessOfAStoppedRunIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.jobs(testThenDeploy + "    if: failure()\n")
	s.repo.ScriptNext("deploy.yml", githubtest.Script{Step: 30 * time.Second, IgnoresCancel: true})
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.cancels(d.ID)
	got := s.until(d.ID, delivery.Cancelled)
	if got.Run.Conclusion != "success" || strings.Join(got.LeftOut(), ",") != "deploy" {
		t.Fatalf("run %+v, left out %v", got.Run, got.LeftOut())
	}
	if l := s.ledger(); l.Deployment != "" || l.Doubt != d.ID {
		t.Fatalf("what was not deployed is recorded: %+v", l)
	}
}

// Jobs that their own condition skips are normal, also when somebody asks to stop the run much later.
func TestSkippedJobsAreNormal(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]bool{"without a cancel": false, "long before the cancel": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.jobs(testThenDeploy + `  docs:
    if: failure()
    runs-on: ubuntu-latest
    steps: [{name: Docs, run: ./docs.sh}]
`)
			s.repo.ScriptNext("deploy.yml", githubtest.Script{Step: 3 * time.Minute, IgnoresCancel: true})
			d := s.deploys()
			s.until(d.ID, delivery.Running)
			if cancel {
				for s.clock.Now().Before(morning.Add(3 * time.Minute)) {
					s.step(d.ID)
				}
				s.cancels(d.ID)
			}
			got := s.until(d.ID, delivery.Succeeded)
			if len(got.LeftOut()) != 0 || s.ledger().Deployment != d.ID {
				t.Fatalf("left out %v, ledger %+v", got.LeftOut(), s.ledger())
			}
		})
	}
}

// What is written down of a failed read is shown on a card, where "nothing was changed" would be about nothing.
func TestTroubleOfAReadSaysOnlyWhy(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	d := s.deploys()
	s.until(d.ID, delivery.Running)
	s.github.Down(true)
	s.step(d.ID)
	got := s.now(d.ID)
	if got.Unread == nil || strings.Contains(got.Unread.Why, "nothing was changed") || !strings.HasSuffix(got.Unread.Why, ".") {
		t.Fatalf("the trouble: %+v", got.Unread)
	}
}
