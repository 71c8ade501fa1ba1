package delivery

import (
	"context"
	"errors"
	"maps"
	"slices"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// maxPulls is how many pull requests a deployment's changes list.
const maxPulls = 20

// planned is a deployment that is wanted and not made, with the facts that its gates look at.
type planned struct {
	*Deployment
	facts Facts
	holds Incidents
	gone  Code // why the configuration does not know the place any more; empty when it does

	login   string   // who wrote the commit, on GitHub; empty when it is not known
	authors []string // who wrote what it brings; see authors
}

// plan makes the deployment that is asked for, as far as the configuration and GitHub decide it. Everything it learns from
// GitHub it learns now.
func (s *Service) plan(ctx context.Context, w Want) (*planned, error) {
	cfg := s.current()
	service, environment, err := place(cfg, w.Service, w.Environment)
	if err != nil {
		return nil, err
	}
	d := &Deployment{
		ID: ID(w.Request), Request: w.Request, Service: service.Name, Environment: environment.Name,
		Repo: string(service.Repo), By: w.By, Reason: cleanReason(w.Reason), Channel: w.Channel, Home: home(cfg, service),
		Created: w.At.UTC(), RetryOf: w.retryOf, Rollback: w.back,
		Decided: Decided{Workflow: service.Deploy.Workflow, Search: service.Deploy.Search, Start: service.Deploy.Start,
			Links: maps.Clone(service.Links), Next: next(cfg, service, environment.Name), Health: healthCheck(service, environment),
			Deployment: service.Deploy.Deployment, Record: service.Deploy.Record,
			Site: service.Deploy.Site(service.Name, environment.Name)},
	}
	p := &planned{Deployment: d, holds: s.readHolds, facts: Facts{Now: s.clock.Now(), Config: cfg, Service: service, Environment: environment, Anyway: w.Anyway, By: w.By, Rollback: w.back, Glass: w.Glass}}
	if err := p.takeInputs(w); err != nil {
		return nil, err
	}
	if w.Glass {
		if err := breakable(service, environment); err != nil {
			return nil, err
		}
		d.Glass = &Glass{Ask: s.concerned(ctx, d)}
	}
	if err := s.quickly(ctx, p, w); err != nil {
		return nil, err
	}
	if err := s.pin(ctx, p, w); err != nil {
		return nil, err
	}
	if d.Rollback != nil && d.Commit.SHA == d.Rollback.Bad.SHA {
		return nil, &Refused{Code: GoesNowhere, Service: d.Service, Environment: d.Environment, Commit: d.Commit}
	}
	if err := s.checkWorkflow(ctx, d); err != nil {
		return nil, err
	}
	if p.facts.Checks, err = s.readChecks(ctx, environment.Checks, d); err != nil {
		return nil, err
	}
	if d.Before = s.before(ctx, cfg, d, p.facts.Ledger); d.Rollback != nil {
		d.Before = Before{SHA: d.Rollback.Bad.SHA, Source: FromLedger, Doubtful: d.Before.Doubtful}
	}
	var commits []github.Commit
	d.Changes, commits = s.changes(ctx, d)
	p.authors = authors(commits, p.login)
	p.facts.Commit, p.facts.Before = d.Commit, d.Before
	if p.facts.Lineage, err = s.lineage(ctx, d, d.from(p.facts.Ledger), environment); err != nil {
		return nil, err
	}
	var unread *peopleUnread
	if p.facts.Permission, err = s.permission(ctx, &p.facts); err != nil && !errors.As(err, &unread) {
		return nil, err
	}
	return p, s.ask(ctx, p)
}

// judge reads what the store knows, and says of every gate how it stands. A deployment does not stand in its own way.
func (p *planned) judge(g store.Getter) ([]Gate, error) {
	f := &p.facts
	var err error
	if f.Earlier, err = earlier(g, f.Service.Name, f.Environment.After, f.Commit.SHA); err != nil {
		return nil, err
	}
	if f.Locks, err = readLocks(g, f.Service.Name, f.Environment.Name); err != nil {
		return nil, err
	}
	if f.Freezes, err = readFreezes(g, f.Environment.Name); err != nil {
		return nil, err
	}
	if f.Rollback == nil { // which is not kept waiting by incidents, nor by trouble with reading them
		if f.Holds, err = p.holds(g, f.Service.Name); err != nil {
			return nil, err
		}
	}
	if f.Veto, err = vetoOf(g, f.Service.Name, f.Environment.Name, f.Commit.SHA); err != nil {
		return nil, err
	}
	if f.Slot, err = holder(g, f.Service.Name, f.Environment.Name); err != nil {
		return nil, err
	}
	if f.Slot != nil && f.Slot.ID == p.ID {
		f.Slot = nil
	}
	if f.Twin, err = twin(g, p.Deployment); err != nil {
		return nil, err
	}
	if f.Rollback != nil || f.Glass {
		f.Twin = nil // whoever waits for the same commit keeps nobody from going back, nor in an emergency
	}
	ledger, err := readLedger(g, f.Service.Name, f.Environment.Name)
	if err != nil {
		return nil, err
	}
	f.Bound = bind(p.Deployment, p.from(ledger), f.Service, f.Environment)
	return Judge(*f), nil
}

// place finds what is deployed and where, and refuses what the configuration does not allow.
func place(cfg *config.Config, serviceName, environmentName string) (*config.Service, *config.Environment, error) {
	service, ok := cfg.Service(serviceName)
	if !ok {
		return nil, nil, &Refused{Code: NoService, Service: serviceName, Environment: environmentName}
	}
	environment, ok := cfg.Environment(environmentName)
	if !ok || !service.DeploysTo(environment.Name) {
		return nil, nil, &Refused{Code: NotDeployedThere, Service: service.Name, Environment: environmentName,
			Environments: service.Environments}
	}
	return service, environment, nil
}

// quickly answers what the store alone decides, before GitHub is asked anything, and reads the ledger. Whoever is asking wants to
// know of everything that is in the way.
func (s *Service) quickly(ctx context.Context, p *planned, w Want) error {
	f := &p.facts
	return s.db.View(ctx, func(snap store.Snapshot) (err error) {
		if f.Slot, err = holder(snap, f.Service.Name, f.Environment.Name); err != nil {
			return err
		}
		if f.Slot != nil && !w.asking && f.Rollback == nil {
			return refusal(f, w.Ref, []Gate{*slotGate(f)})
		}
		f.Ledger, err = readLedger(snap, f.Service.Name, f.Environment.Name)
		return err
	})
}

func home(cfg *config.Config, service *config.Service) string {
	if team, ok := cfg.Team(service.Team); ok && team.Channel != "" {
		return team.Channel
	}
	return cfg.Slack.AdminChannel
}

// pin turns the ref into one commit, once.
func (s *Service) pin(ctx context.Context, p *planned, w Want) error {
	d := p.Deployment
	commit, err := s.github.Resolve(ctx, d.Repo, w.Ref)
	var missing *github.RefNotFound
	if errors.As(err, &missing) {
		return &Refused{Code: NoRef, Service: d.Service, Environment: d.Environment, Repo: missing.Repo, Ref: missing.Ref,
			Near: missing.Near, Why: missing.Why}
	}
	if err != nil {
		return err
	}
	d.Ref, p.login = commit.Ref, commit.AuthorLogin
	if w.Asked != "" && w.Ref == commit.SHA {
		d.Ref = cut(w.Asked)
	}
	d.Commit = Commit{SHA: commit.SHA, Subject: cut(commit.Subject), Author: cut(commit.Author), URL: commit.URL, At: commit.Date}
	return nil
}

// checkWorkflow refuses a workflow that would not deploy this commit, or whose run could not be found again. Who listens to
// deployments nobody can tell.
func (s *Service) checkWorkflow(ctx context.Context, d *Deployment) error {
	branch, err := s.github.DefaultBranch(ctx, d.Repo)
	if err != nil {
		return err
	}
	d.Decided.Branch = branch
	if d.Decided.Deployment {
		return nil
	}
	refused := &Refused{Service: d.Service, Environment: d.Environment, Workflow: d.Decided.Workflow, Repo: d.Repo}
	workflow, err := s.github.Workflow(ctx, d.Repo, d.Decided.Workflow, branch)
	switch {
	case github.IsNotFound(err):
		refused.Code = WorkflowMissing
		return refused
	case err != nil:
		return err
	}
	refused.Mistakes = workflow.Mistakes(slices.Sorted(maps.Keys(d.Decided.Inputs))...)
	if len(refused.Mistakes) > 0 {
		refused.Code = WorkflowMistakes
		return refused
	}
	return nil
}

// before says what runs there: by the ledger, or on the first day by GitHub's latest successful deployment. A repository
// of several services is not asked, since its deployments do not say of which service they are.
func (s *Service) before(ctx context.Context, cfg *config.Config, d *Deployment, ledger Ledger) Before {
	doubtful := ledger.Doubt != ""
	if ledger.Deployment != "" {
		return Before{SHA: ledger.Commit.SHA, Source: FromLedger, Doubtful: doubtful}
	}
	if shared(cfg, d.Repo) {
		return Before{}
	}
	latest, found, err := s.github.LatestDeployment(ctx, d.Repo, d.Environment)
	if err != nil || !found {
		return Before{} // not knowing is no reason to refuse: the card says so
	}
	return Before{SHA: latest.SHA, Source: FromGitHub, Doubtful: doubtful}
}

func shared(cfg *config.Config, repo string) bool {
	n := 0
	for _, service := range cfg.Services {
		if string(service.Repo) == repo {
			n++
		}
	}
	return n > 1
}

// changes compares the commit with what runs there; nil when that is not known or cannot be read, since a list of changes
// is worth showing and not worth a refusal. With them come the commits, oldest first, as far as GitHub lists them.
func (s *Service) changes(ctx context.Context, d *Deployment) (*Changes, []github.Commit) {
	out, listed, _ := s.compared(ctx, d)
	return out, listed.Commits
}

// compared is changes with everything GitHub lists, and why it does not. What was learned before an error is returned with it.
func (s *Service) compared(ctx context.Context, d *Deployment) (_ *Changes, listed github.Comparison, err error) {
	switch d.Before.SHA {
	case "":
		return nil, listed, nil
	case d.Commit.SHA:
		return &Changes{Status: "identical"}, listed, nil
	}
	comparison, err := s.github.Compare(ctx, d.Repo, d.Before.SHA, d.Commit.SHA)
	if err != nil {
		return nil, listed, err
	}
	out := &Changes{Status: comparison.Status, Ahead: comparison.Ahead, Behind: comparison.Behind, URL: comparison.URL}
	listed = comparison
	if comparison.Status == "behind" {
		if listed, err = s.github.Compare(ctx, d.Repo, d.Commit.SHA, d.Before.SHA); err != nil {
			return out, listed, err
		}
		out.URL = listed.URL
	}
	out.list(listed)
	return out, listed, nil
}

// list takes over the pull requests of a comparison, newest first.
func (c *Changes) list(from github.Comparison) {
	c.AtLeast = from.Truncated
	for _, p := range slices.Backward(from.PullRequests) {
		if len(c.PullRequests) == maxPulls {
			c.More++
			continue
		}
		c.PullRequests = append(c.PullRequests, PullRequest{Number: p.Number, Title: cut(p.Title), Author: p.Author, URL: p.URL, Risks: risks(p.Body)})
	}
}
