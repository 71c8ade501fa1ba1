package schedule

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
)

func debtsAsked(repo, label string) string { return "debts " + repo + " " + label }

// debts are the open issues of the register in a repository.
func (b *repoBook) debts(ctx context.Context, repo, label string) ([]DebtItem, error) {
	return ask(ctx, b, debtsAsked(repo, label), repoFresh, func(ctx context.Context) ([]DebtItem, error) {
		return b.items(ctx, repo, github.IssueQuery{Labels: []string{label}})
	})
}

// paid are the issues of the register in a repository that were closed since a time.
func (b *repoBook) paid(ctx context.Context, repo, label string, since time.Time) ([]DebtItem, error) {
	key := "paid " + since.UTC().Format(time.RFC3339) + " " + repo + " " + label
	return ask(ctx, b, key, repoFresh, func(ctx context.Context) ([]DebtItem, error) {
		all, err := b.items(ctx, repo, github.IssueQuery{Labels: []string{label}, State: "closed", Since: since})
		return slices.DeleteFunc(all, func(i DebtItem) bool { return i.Closed.Before(since) }), err
	})
}

func (b *repoBook) items(ctx context.Context, repo string, q github.IssueQuery) ([]DebtItem, error) {
	all, _, err := b.github.ListIssues(ctx, repo, q)
	var out []DebtItem
	for _, i := range all {
		out = append(out, itemOf(repo, i)) // their descriptions are not kept
	}
	return out, err
}

// forgetDebts has the register of a repository read anew.
func (b *repoBook) forgetDebts(repo, label string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.told, debtsAsked(repo, label))
}

// Register is the technical debt of some services.
type Register struct {
	Items   []DebtItem        // open, the dearest first
	Missing map[string]string // repositories that could not be read, and why, in words for people
}

// reposAtOnce is how many repositories are read at a time for one person.
const reposAtOnce = 4

// Register reads the technical debt of a service, or of all without one. What was read in the last ten minutes is not read again; what
// cannot be read is missing.
func (s *Service) Register(ctx context.Context, service string) *Register {
	out := &Register{Missing: map[string]string{}}
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, reposAtOnce)
	for _, repo := range reposOf(s.current(), service) {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			items, err := s.openDebts(ctx, repo)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.log.Warn("technical debt could not be read", "repo", repo, "err", err)
				out.Missing[repo] = sourceWords(err)
			}
			out.Items = append(out.Items, items...)
		})
	}
	wg.Wait()
	slices.SortFunc(out.Items, func(a, b DebtItem) int { // repositories came as they came
		if c := strings.Compare(a.Repo, b.Repo); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
	byCost(out.Items)
	return out
}

// reposOf are the repositories of a service, or of all of them without one, each once.
func reposOf(cfg *config.Config, service string) []string {
	var out []string
	for _, name := range cfg.ServiceNames() {
		repo := string(cfg.Services[name].Repo)
		if (service == "" || service == name) && !slices.Contains(out, repo) {
			out = append(out, repo)
		}
	}
	return out
}

// openDebts are the open issues of the register in a repository, with what was said about them here.
func (s *Service) openDebts(ctx context.Context, repo string) ([]DebtItem, error) {
	read, err := s.repos.debts(ctx, repo, s.current().Debt.IssueLabel())
	if err != nil {
		return nil, err
	}
	said, err := s.standings(ctx, repo)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	out := slices.Clone(read)
	for n := range out {
		item := &out[n]
		item.Who = nil
		for _, login := range item.Logins {
			item.Who = append(item.Who, s.sources.Login(ctx, login))
		}
		if st := said[item.Number]; st != nil && (st.snoozed(now) || st.overdue(*item, now)) {
			item.Until, item.Day, item.By, item.Why = st.Until, st.Day, st.By, st.Why
		}
	}
	return slices.DeleteFunc(out, func(i DebtItem) bool { // what was read may be older than what was decided
		st := said[i.Number]
		return st != nil && st.dropped(now) && !i.Updated.After(st.At.Add(repoFresh))
	}), nil
}

// DebtItem reads one open issue of the register. A *Refused with NoDebt says that there is none such.
func (s *Service) DebtItem(ctx context.Context, repo string, number int) (DebtItem, error) {
	label := s.current().Debt.IssueLabel()
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	for range 2 {
		all, err := s.repos.debts(ctx, repo, label)
		if err != nil {
			return DebtItem{}, err
		}
		if at := slices.IndexFunc(all, func(i DebtItem) bool { return i.Number == number }); at >= 0 {
			return all[at], nil
		}
		s.repos.forgetDebts(repo, label) // it may have come since
	}
	return DebtItem{}, &Refused{Code: NoDebt, Item: DebtItem{Repo: repo, Number: number}, Word: label}
}
