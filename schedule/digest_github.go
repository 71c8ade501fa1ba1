package schedule

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"shipmate/config"
	"shipmate/integrations/github"
)

const (
	// repoFresh is how long what GitHub said of a repository is used for the digests of other teams.
	repoFresh = 10 * time.Minute
	// branchFresh is how long the name of a repository's default branch is believed.
	branchFresh = 24 * time.Hour
	// runsBack is how far back the runs of a branch are looked at: a workflow that fails is looked for since when.
	runsBack = 7 * 24 * time.Hour
)

// repoBook knows what GitHub said of repositories lately, so that teams share what is asked. It takes four calls at most for a
// repository with up to a hundred open pull requests and issues: for its default branch, the runs on it, its pull requests and its issues.
type repoBook struct {
	github *github.Client
	now    func() time.Time

	mu     sync.Mutex
	told   map[string]saying // by what was asked
	flight singleflight.Group
}

type saying struct {
	at time.Time
	v  any
}

func newRepoBook(client *github.Client, now func() time.Time) *repoBook {
	return &repoBook{github: client, now: now, told: map[string]saying{}}
}

// ask returns what was said lately, or asks: once for all who ask at the same time. What failed is not kept.
func ask[T any](ctx context.Context, b *repoBook, key string, fresh time.Duration, read func(context.Context) (T, error)) (T, error) {
	if v, ok := b.known(key, fresh); ok {
		return v.(T), nil
	}
	flight := b.flight.DoChan(key, func() (any, error) {
		if v, ok := b.known(key, fresh); ok { // the flight before this one landed meanwhile
			return v, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sourceTimeout) // it is read for all who wait, whoever came first
		defer cancel()
		v, err := read(ctx)
		if err != nil {
			return nil, err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.forget()
		b.told[key] = saying{b.now(), v}
		return v, nil
	})
	var none T
	select {
	case r := <-flight:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(T), nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// known is what was said lately enough.
func (b *repoBook) known(key string, fresh time.Duration) (any, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.told[key]
	return s.v, ok && b.now().Sub(s.at) < fresh
}

// forget drops what nobody believes any more, now and then.
func (b *repoBook) forget() {
	if len(b.told)%256 != 0 {
		return
	}
	for key, s := range b.told {
		if b.now().Sub(s.at) >= branchFresh || b.now().Sub(s.at) >= repoFresh && !strings.HasPrefix(key, "branch ") {
			delete(b.told, key)
		}
	}
}

func (b *repoBook) pulls(ctx context.Context, repo string) ([]github.OpenPull, error) {
	return ask(ctx, b, "pulls "+repo, repoFresh, func(ctx context.Context) ([]github.OpenPull, error) {
		all, _, err := b.github.OpenPullRequests(ctx, repo)
		return all, err
	})
}

func (b *repoBook) branch(ctx context.Context, repo string) (string, error) {
	return ask(ctx, b, "branch "+repo, branchFresh, func(ctx context.Context) (string, error) { return b.github.DefaultBranch(ctx, repo) })
}

func (b *repoBook) runs(ctx context.Context, repo string) ([]github.BranchRun, error) {
	branch, err := b.branch(ctx, repo)
	if err != nil {
		return nil, err
	}
	return ask(ctx, b, "runs "+repo, repoFresh, func(ctx context.Context) ([]github.BranchRun, error) {
		since := b.now().Add(-runsBack).Truncate(24 * time.Hour)
		all, _, err := b.github.BranchRuns(ctx, repo, branch, since)
		return all, err
	})
}

// pulls are the pull requests that wait for somebody: no drafts, none of bots, the oldest first.
func (s *Service) pulls(ctx context.Context, of Span, repos []string) ([]Pull, error) {
	var out []Pull
	hours := of.Team.WorkingHours()
	day := hours.To - hours.From
	for day <= 0 {
		day += 24 * time.Hour
	}
	for _, repo := range repos {
		all, err := s.repos.pulls(ctx, repo)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			if p.Draft || p.AuthorBot || p.Created.After(of.Until) {
				continue
			}
			one := Pull{Repo: repo, Number: p.Number, Title: p.Title, URL: p.URL, Author: s.sources.Login(ctx, p.Author), Age: hours.Between(p.Created, of.Until), Day: day}
			for _, login := range p.Reviewers {
				one.Turn = append(one.Turn, s.sources.Login(ctx, login))
			}
			one.Turn = append(one.Turn, p.Teams...)
			if one.Mine = len(one.Turn) == 0; one.Mine {
				one.Turn = []string{one.Author}
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b Pull) int { return int(b.Age - a.Age) })
	return out, nil
}

// bad are the conclusions of a run that has failed (GitHub REST: Workflow runs, conclusion).
var bad = []string{"failure", "timed_out", "startup_failure"}

// pipelines are the workflows whose last run on the default branch failed, with since when they do, and those that were repeated until they
// went well in the time that is told of. Workflows that deploy are none of them: deployments are told of.
func (s *Service) pipelines(ctx context.Context, of Span, repos []string) ([]Pipeline, error) {
	var out []Pipeline
	for _, repo := range repos {
		runs, err := s.repos.runs(ctx, repo)
		if err != nil {
			return nil, err
		}
		branch, err := s.repos.branch(ctx, repo)
		if err != nil {
			return nil, err
		}
		deploys := deployFiles(s.current(), repo)
		runs = slices.DeleteFunc(slices.Clone(runs), func(r github.BranchRun) bool { return slices.Contains(deploys, path.Base(r.Path)) })
		for _, p := range append(failing(runs), flaky(runs, of)...) {
			p.Repo, p.Branch, p.By = repo, branch, s.sources.Login(ctx, p.By)
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Pipeline) int {
		if a.Flaky != b.Flaky { // what fails comes first
			if b.Flaky {
				return -1
			}
			return 1
		}
		return a.Since.Compare(b.Since)
	})
	return out, nil
}

// deployFiles are the files of the workflows in a repository that deploy.
func deployFiles(cfg *config.Config, repo string) []string {
	var out []string
	for _, service := range cfg.Services {
		if string(service.Repo) == repo && !service.Deploy.Deployment {
			out = append(out, service.Deploy.Workflow)
		}
	}
	return out
}

// failing are the workflows whose last run that ended has failed, since the first of the failures in a row. Runs are given newest first;
// one that was cancelled or skipped says nothing.
func failing(runs []github.BranchRun) []Pipeline {
	var order []int64
	found := map[int64]*Pipeline{} // by workflow
	over := map[int64]bool{}       // its last success is behind
	for _, r := range runs {
		failed := slices.Contains(bad, r.Conclusion)
		switch {
		case r.Status != "completed" || over[r.WorkflowID] || !failed && r.Conclusion != "success":
		case !failed:
			over[r.WorkflowID] = true
		case found[r.WorkflowID] == nil:
			order = append(order, r.WorkflowID)
			found[r.WorkflowID] = &Pipeline{Workflow: r.Workflow, URL: r.URL, SHA: short(r.HeadSHA), By: r.Actor, Since: r.Created}
		default: // it failed before, too: that is since when, and the link goes to the last
			p := found[r.WorkflowID]
			p.SHA, p.By, p.Since = short(r.HeadSHA), r.Actor, r.Created
		}
	}
	var out []Pipeline
	for _, id := range order {
		out = append(out, *found[id])
	}
	return out
}

// flaky are the runs that went well when they were repeated, in the time that is told of: what came later, the next digest tells of.
func flaky(runs []github.BranchRun, of Span) []Pipeline {
	var out []Pipeline
	for _, r := range runs {
		if r.Conclusion == "success" && r.Attempt > 1 && r.Updated.After(of.Since) && !r.Updated.After(of.Until) {
			out = append(out, Pipeline{Workflow: r.Workflow, URL: r.URL, SHA: short(r.HeadSHA), By: r.Actor, Since: r.Created, Flaky: true, Repeats: r.Attempt - 1})
		}
	}
	return out
}

func short(sha string) string { return sha[:min(7, len(sha))] }

// debts are the open issues of the register: the new ones, and then the oldest first, so that however many there are both are among those
// that are kept.
func (s *Service) debts(ctx context.Context, of Span, repos []string) ([]Debt, error) {
	label := s.current().Debt.IssueLabel()
	var out []Debt
	for _, repo := range repos {
		all, err := s.repos.debts(ctx, repo, label)
		if err != nil {
			return nil, err
		}
		for _, i := range all {
			if i.Created.After(of.Until) { // the next digest tells of it
				continue
			}
			out = append(out, Debt{Repo: repo, Number: i.Number, Title: i.Title, URL: i.URL, Since: i.Created, New: i.Created.After(of.Since)})
		}
	}
	slices.SortStableFunc(out, func(a, b Debt) int {
		if a.New != b.New {
			if a.New {
				return -1
			}
			return 1
		}
		return a.Since.Compare(b.Since)
	})
	return out, nil
}
