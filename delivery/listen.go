package delivery

import (
	"context"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// A service whose deployments others carry out has no workflow that is dispatched: a deployment is created on GitHub, and
// whoever listens to those says of it how it goes. Run is then that deployment, with its ID and the address of its log, and
// what is said of it counts as one job.

// order is the deployment on GitHub that is wanted.
func (d *Deployment) order(description string, attempt github.Attempt) github.Order {
	return github.Order{Repo: d.Repo, SHA: d.Commit.SHA, Environment: d.Environment, Service: d.Service, Description: description,
		Inputs: d.Decided.Inputs, CorrelationID: d.ID, Attempt: attempt}
}

// ensure sends the deployment, or finds what was sent, in the way it is carried out.
func (s *Service) ensure(ctx context.Context, d *Deployment, attempt github.Attempt) (github.Run, error) {
	if !d.Decided.Deployment {
		return s.github.EnsureRun(ctx, d.dispatchOf(attempt))
	}
	id, err := s.github.EnsureDeployment(ctx, d.order(s.signed(ctx, d), attempt))
	return github.Run{ID: id, Status: "queued"}, err
}

// signed says on GitHub who deploys and why: by their login there if they have proven it, else by their ID on Slack.
func (s *Service) signed(ctx context.Context, d *Deployment) string {
	login, proven := "", false
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		login, proven, err = s.people.Login(snap, d.By)
		return err
	})
	who := d.By + " on Slack"
	if err == nil && proven && login != "" {
		who = "@" + login
	}
	if d.Reason == "" {
		return "by " + who
	}
	return "by " + who + ": " + d.Reason
}

// listen looks at what was said of the deployment, until that is how it ended. Nobody can stop it from here: one that somebody
// wants stopped needs a person, until it has ended.
func (s *Service) listen(ctx context.Context, d *Deployment) (time.Time, error) {
	said, err := s.github.Recorded(ctx, d.Repo, d.Run.ID)
	switch {
	case github.IsNotFound(err):
		return s.missing(ctx, d)
	case err != nil:
		return s.trouble(ctx, d, err, nil)
	}
	now := s.clock.Now()
	return s.move(ctx, d.ID, pause(now.Sub(d.begun())), func(d *Deployment) {
		d.see(saidRun(said), failureOf(said), now)
		d.Site = said.SiteURL
		if d.Cancel != nil && !d.State.Ended() {
			d.State, d.Lost = Lost, Unstoppable
		}
	})
}

// saidRun reads what was said of a deployment as a run of one job.
func saidRun(said github.Recorded) github.Run {
	job := github.Job{Name: "deployment", Status: "queued", URL: said.LogURL, StartedAt: said.Begun}
	switch said.State {
	case "in_progress":
		job.Status = "in_progress"
		if said.Description != "" {
			job.Steps = []github.Step{{Name: cut(said.Description), Status: "in_progress"}}
		}
	case "success", "failure", "error", "inactive":
		job.Status, job.CompletedAt = "completed", said.Updated
		job.Conclusion = map[string]string{"success": "success", "inactive": "cancelled"}[said.State]
		if job.Conclusion == "" {
			job.Conclusion = "failure"
		}
		if job.StartedAt.IsZero() { // it said nothing before its end
			job.StartedAt = said.Updated
		}
	}
	return github.Run{ID: said.ID, URL: said.LogURL, Status: job.Status, Conclusion: job.Conclusion, CreatedAt: said.Created,
		UpdatedAt: said.Updated, Jobs: []github.Job{job}}
}

// failureOf is why the deployment failed, as far as was said; nil when it did not.
func failureOf(said github.Recorded) *Failure {
	if said.State != "failure" && said.State != "error" {
		return nil
	}
	f := &Failure{URL: said.LogURL, Why: "Whoever carries it out said " + said.State + " and no more."}
	if why := strings.TrimSpace(said.Description); why != "" {
		f.Why = "Whoever carries it out said " + said.State + ": " + cut(why)
	}
	return f
}
