package delivery

import (
	"context"
	"fmt"
	"strings"

	"shipmate/config"
	"shipmate/integrations/github"
)

// Sought is a change that is looked for: a pull request or issue by its Number, or a commit by its SHA.
type Sought struct {
	// Service is a name or alias. Without one it is every service of Repo (owner/name); without either, of a commit, every
	// service whose repository has it.
	Service string
	Repo    string
	Number  int
	SHA     string // at least the first seven digits
}

// Whereabouts is where a change is.
type Whereabouts struct {
	// Issue is the one that was asked for, nil when it was something else.
	Issue *TitledIssue
	// Found are the changes, each with the places of one service: of a pull request or commit one for each service of its
	// repository, of an issue those that say they close it.
	Found []Located
	// More is how many further changes say that they close the issue; AtLeast that there may be more still.
	More    int
	AtLeast bool
	// Elsewhere are pull requests that say they close the issue, in repositories of no service.
	Elsewhere []Issue
	// Unread are the repositories that could not be looked in.
	Unread []string
}

// TitledIssue is an issue with what it is about.
type TitledIssue struct {
	Issue
	Title string
	State string // open, closed
}

// Located is where a change is of one service.
type Located struct {
	Service string
	// Pull is the pull request, nil when only a commit was asked for. Commit is what came of it: as long as it is not merged its
	// newest commit.
	Pull   *Pull
	Commit Commit
	Places []Place // as the service lists its environments
}

// The bounds of one answer, which somebody waits for.
const (
	maxSoughtRepos = 20 // repositories in which a commit is looked for
	maxClosers     = 5  // changes that are shown for an issue
	maxLooks       = 80 // comparisons of commits
)

// Where says in which environments a change is, and since when. Where nothing is known of an environment it says that. A *Refused
// is returned for a service that is not configured, a repository of no service, and a commit that none has; a *github.Error when
// the pull request, issue or commit could not be read.
func (s *Service) Where(ctx context.Context, w Sought) (*Whereabouts, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	services, err := candidates(s.current(), w)
	if err != nil {
		return nil, err
	}
	l := &locator{Service: s, out: &Whereabouts{}, left: maxLooks, looked: map[string]Presence{}, standings: map[string][]Standing{}}
	if w.Number == 0 {
		err = l.commits(ctx, services, w.SHA)
	} else {
		err = l.number(ctx, services, w.Number)
	}
	if err != nil {
		return nil, err
	}
	return l.out, nil
}

// candidates are the services that may have what is sought.
func candidates(cfg *config.Config, w Sought) ([]*config.Service, error) {
	if w.Service != "" {
		service, ok := cfg.Service(w.Service)
		if !ok {
			return nil, &Refused{Code: NoService, Service: w.Service}
		}
		return []*config.Service{service}, nil
	}
	var out []*config.Service
	for _, name := range cfg.ServiceNames() {
		if w.Repo == "" || strings.EqualFold(string(cfg.Services[name].Repo), w.Repo) {
			out = append(out, cfg.Services[name])
		}
	}
	if len(out) == 0 {
		return nil, &Refused{Code: NoServiceOf, Repo: w.Repo}
	}
	return out, nil
}

// locator finds changes, with a bound on what it asks of GitHub.
type locator struct {
	*Service
	out       *Whereabouts
	left      int // how many comparisons may still be asked for
	looked    map[string]Presence
	standings map[string][]Standing // by service
}

// commits looks for a commit in the services' repositories.
func (l *locator) commits(ctx context.Context, services []*config.Service, sha string) error {
	found := map[string]*github.Commit{} // by repository, nil when it has none
	var failed error
	for _, service := range services {
		repo := string(service.Repo)
		commit, asked := found[repo]
		if !asked && len(found) == maxSoughtRepos {
			l.out.AtLeast = true
			break
		}
		if !asked {
			one, ok, err := l.github.CommitOf(ctx, repo, sha)
			if err != nil {
				failed = err
				l.out.Unread = append(l.out.Unread, repo)
			}
			if ok {
				commit = &one
			}
			found[repo] = commit
		}
		if commit != nil {
			if err := l.place(ctx, service, nil, *commit); err != nil {
				return err
			}
		}
	}
	switch {
	case len(l.out.Found) > 0:
		return nil
	case failed != nil:
		return failed
	}
	refused := &Refused{Code: NoCommit, Ref: sha}
	if len(services) == 1 {
		refused.Service, refused.Repo = services[0].Name, string(services[0].Repo)
	}
	return refused
}

// number looks for a pull request, and for an issue when there is none; all services have the same repository.
func (l *locator) number(ctx context.Context, services []*config.Service, n int) error {
	repo := string(services[0].Repo)
	pull, err := l.github.PullRequest(ctx, repo, n)
	if github.IsNotFound(err) {
		return l.issue(ctx, repo, n)
	}
	if err != nil {
		return err
	}
	return l.pull(ctx, services, pull)
}

func (l *locator) pull(ctx context.Context, services []*config.Service, pull github.PullRequest) error {
	shown := &Pull{PullRequest: PullRequest{Number: pull.Number, Title: cut(pull.Title), Author: cut(pull.Author), URL: pull.URL},
		State: pull.State, Base: pull.Base}
	commit := github.Commit{SHA: pull.HeadSHA, Subject: pull.Title, Author: pull.Author, URL: pull.URL}
	if pull.MergeSHA != "" {
		commit.SHA = pull.MergeSHA
	}
	for _, service := range services {
		if err := l.place(ctx, service, shown, commit); err != nil {
			return err
		}
	}
	return nil
}

// place says where a commit is of one service.
func (l *locator) place(ctx context.Context, service *config.Service, pull *Pull, commit github.Commit) error {
	all, known := l.standings[service.Name]
	if !known {
		var err error
		if all, err = l.Status(ctx, service.Name); err != nil {
			return err
		}
		l.standings[service.Name] = all
	}
	found := Located{Service: service.Name, Pull: pull,
		Commit: Commit{SHA: commit.SHA, Subject: cut(commit.Subject), Author: cut(commit.Author), URL: commit.URL}}
	for _, one := range all {
		p, err := l.in(ctx, string(service.Repo), one, commit.SHA)
		if err != nil {
			return fmt.Errorf("looking where %.12s is: %w", commit.SHA, err)
		}
		found.Places = append(found.Places, p)
	}
	l.out.Found = append(l.out.Found, found)
	return nil
}
