package delivery

import (
	"context"
	"errors"
	"net/http"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
)

// readTimeout bounds everything that is asked of GitHub for one answer, on the machine's clock: somebody waits for it.
const readTimeout = 25 * time.Second

// Pipeline reads what GitHub knows of a commit now. It returns a *Refused for a service that is not configured, and a
// *github.Error or *github.RefNotFound when GitHub could not be asked or knows no such commit.
func (s *Service) Pipeline(ctx context.Context, l Look) (*Pipeline, error) {
	service, ok := s.current().Service(l.Service)
	if !ok {
		return nil, &Refused{Code: NoService, Service: l.Service}
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	p, err := s.locate(ctx, service, l)
	if err != nil {
		return nil, err
	}
	if err := s.look(ctx, p, nil); err != nil {
		return nil, err
	}
	return p, nil
}

// locate turns what was asked for into one commit, and finds the branch whose rules count for it.
func (s *Service) locate(ctx context.Context, service *config.Service, l Look) (*Pipeline, error) {
	p := &Pipeline{Service: service.Name, Repo: string(service.Repo)}
	ref := l.Ref
	if l.Pull > 0 {
		pull, err := s.github.PullRequest(ctx, p.Repo, l.Pull)
		if err != nil {
			return nil, err
		}
		p.Pull = &Pull{PullRequest: PullRequest{Number: pull.Number, Title: cut(pull.Title), Author: cut(pull.Author), URL: pull.URL},
			State: pull.State, Base: pull.Base}
		ref, p.Branch = pull.HeadSHA, pull.Base
	}
	commit, err := s.github.Resolve(ctx, p.Repo, ref)
	if err != nil {
		return nil, err
	}
	p.Ref = commit.Ref
	p.Commit = Commit{SHA: commit.SHA, Subject: cut(commit.Subject), Author: cut(commit.Author), URL: commit.URL}
	if ref == "" {
		p.Branch = commit.Branch
	}
	if p.Branch == "" {
		p.Branch, err = s.github.DefaultBranch(ctx, p.Repo)
	}
	return p, err
}

// look reads how the commit of p stands now; before is what was read last time, whose log is not read again. Runs are read
// before the checks, so that what begins between the two is seen as under way.
func (s *Service) look(ctx context.Context, p, before *Pipeline) error {
	runs, err := s.github.WorkflowRuns(ctx, p.Repo, p.Commit.SHA)
	p.RunsHidden = ""
	if err != nil {
		if !forbidden(err) {
			return err
		}
		p.RunsHidden, _ = explain(err)
	}
	checks, err := s.github.Checks(ctx, p.Repo, p.Commit.SHA, p.Branch)
	if err != nil {
		return err
	}
	p.take(checks, runs, s.clock.Now())
	s.firstFailure(ctx, p, before)
	return nil
}

// forbidden tells that the token may not see it, as one without the right to read Actions.
func forbidden(err error) bool {
	var e *github.Error
	return errors.As(err, &e) && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound) && !github.IsRateLimited(err)
}

// firstFailure notes the check that failed first, and reads the end of its log when GitHub has it.
func (s *Service) firstFailure(ctx context.Context, p, before *Pipeline) {
	p.Failure, p.FailureOf = nil, 0
	first := p.firstFailed()
	if first == nil {
		return
	}
	p.Failure, p.FailureOf = &Failure{Job: first.Title(), Step: first.Step, URL: first.URL}, first.job
	if first.job == 0 {
		return // reported by somebody else, who keeps the log
	}
	if before != nil && before.FailureOf == first.job && before.Failure != nil && len(before.Failure.Log) > 0 {
		p.Failure.Log = before.Failure.Log
		return
	}
	lines, err := s.github.LogTail(ctx, p.Repo, first.job, maxLines)
	if err != nil {
		why, _ := explain(err)
		p.Failure.Why = "The log could not be read: " + why
		return
	}
	for _, line := range lines {
		p.Failure.Log = append(p.Failure.Log, cut(line))
	}
}

// firstFailed is the job that failed first, else the first other check that did, else nil.
func (p *Pipeline) firstFailed() *Check {
	var first *Check
	for i := range p.Checks {
		c := &p.Checks[i]
		switch {
		case rank(c.State) > 0:
			return first // they come first
		case first == nil,
			first.job == 0 && c.job != 0,
			c.job != 0 && c.Ended.Before(first.Ended):
			first = c
		}
	}
	return first
}

// Title is the check as people know it: a job with its workflow.
func (c *Check) Title() string {
	if c.Workflow == "" || c.Workflow == c.Name {
		return c.Name
	}
	return c.Workflow + " / " + c.Name
}
