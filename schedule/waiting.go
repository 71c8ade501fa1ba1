package schedule

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"shipmate/integrations/github"
)

// maxWaitedFor is how many repositories are asked for whose turn it is; most people's teams have fewer.
const maxWaitedFor = 20

// WaitingFor are the open pull requests of repositories that wait for somebody, by their login on GitHub: those they were asked to review
// and have not said anything to, and theirs that nobody is asked to review. The oldest come first; drafts are none. What GitHub said in
// the last minutes is used; else each repository takes a call or two, at the same time. Of what it does not say before ctx ends, all is
// false, and what it says later is there when it is asked again.
func (s *Service) WaitingFor(ctx context.Context, repos []string, login string) (pulls []Pull, all bool) {
	said, all := eachOf(repos, func(repo string) ([]github.OpenPull, error) { return s.repos.pulls(ctx, repo) })
	for n, found := range said {
		for _, p := range found {
			if turnOf(p, login) {
				pulls = append(pulls, Pull{Repo: repos[n], Number: p.Number, Title: p.Title, URL: p.URL, Author: p.Author, Created: p.Created, Mine: strings.EqualFold(p.Author, login)})
			}
		}
	}
	slices.SortStableFunc(pulls, func(a, b Pull) int { return a.Created.Compare(b.Created) })
	return pulls, all
}

// TakenDebt is the open technical debt of repositories that is assigned to somebody, by their login on GitHub, the dearest first. What is
// put off is left out. It asks as WaitingFor does, and says as that does whether it knows all.
func (s *Service) TakenDebt(ctx context.Context, repos []string, login string) (out []DebtItem, all bool) {
	said, all := eachOf(repos, func(repo string) ([]DebtItem, error) { return s.openDebts(ctx, repo) })
	now := s.clock.Now()
	for _, found := range said {
		for _, item := range found {
			if item.Until.After(now) || !slices.ContainsFunc(item.Logins, func(l string) bool { return strings.EqualFold(l, login) }) {
				continue
			}
			out = append(out, item)
		}
	}
	byCost(out)
	return out, all
}

// eachOf asks of as many repositories as are asked for somebody, at the same time, and says whether that is all that there is to know.
func eachOf[T any](repos []string, ask func(repo string) ([]T, error)) (said [][]T, all bool) {
	all = len(repos) <= maxWaitedFor
	repos = repos[:min(len(repos), maxWaitedFor)]
	said = make([][]T, len(repos))
	failed := make([]error, len(repos))
	var asking sync.WaitGroup
	for n, repo := range repos {
		asking.Go(func() { said[n], failed[n] = ask(repo) })
	}
	asking.Wait()
	return said, all && errors.Join(failed...) == nil
}

// turnOf tells whether a pull request waits for somebody.
func turnOf(p github.OpenPull, login string) bool {
	if p.Draft {
		return false
	}
	if slices.ContainsFunc(p.Reviewers, func(r string) bool { return strings.EqualFold(r, login) }) {
		return true
	}
	return len(p.Reviewers)+len(p.Teams) == 0 && strings.EqualFold(p.Author, login)
}
