package schedule

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"shipmate/integrations/github"
)

// MaxWaitedFor is how many repositories are asked for whose turn it is, the first that are given; most people's teams have fewer.
const MaxWaitedFor = 20

// Reviewer is somebody on GitHub.
type Reviewer struct {
	Login string
	Teams []string // slugs of the teams they are in
}

// WaitingFor are the open pull requests of repositories that wait for somebody: those that they or a team of theirs were asked to review
// and have not said anything to, and theirs that nobody is asked to review. The oldest come first; drafts are none. What GitHub said in
// the last minutes is used; else each repository takes a call or two, at the same time. Of what it does not say before ctx ends, all is
// false, and what it says later is there when it is asked again.
func (s *Service) WaitingFor(ctx context.Context, repos []string, who Reviewer) (pulls []Pull, all bool) {
	said, all := eachOf(repos, func(repo string) ([]github.OpenPull, error) { return s.repos.pulls(ctx, repo) })
	for n, found := range said {
		for _, p := range found {
			turn := turnOf(p, who)
			if turn == nobodys {
				continue
			}
			pulls = append(pulls, Pull{Repo: repos[n], Number: p.Number, Title: p.Title, URL: p.URL, Author: p.Author, Created: p.Created,
				Mine: turn == authors, Teams: turn == teams})
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
			if item.Until.After(now) || !contains(item.Logins, login) {
				continue
			}
			out = append(out, item)
		}
	}
	byCost(out)
	return out, all
}

// eachOf asks of as many repositories as are asked for somebody, at the same time, and says whether all of them were read.
func eachOf[T any](repos []string, ask func(repo string) ([]T, error)) (said [][]T, all bool) {
	repos = repos[:min(len(repos), MaxWaitedFor)]
	said = make([][]T, len(repos))
	failed := make([]error, len(repos))
	var asking sync.WaitGroup
	for n, repo := range repos {
		asking.Go(func() { said[n], failed[n] = ask(repo) })
	}
	asking.Wait()
	return said, errors.Join(failed...) == nil
}

// turn says as what a pull request waits for somebody.
type turn int

const (
	nobodys  turn = iota // it does not wait for them
	authors              // it is theirs, and nobody is asked to review it
	teams                // a team of theirs is asked
	personal             // they are asked
)

func turnOf(p github.OpenPull, who Reviewer) turn {
	mine := strings.EqualFold(p.Author, who.Login)
	switch {
	case p.Draft:
		return nobodys
	case contains(p.Reviewers, who.Login):
		return personal
	case mine && len(p.Reviewers)+len(p.Teams) == 0:
		return authors
	case !mine && slices.ContainsFunc(p.Teams, func(slug string) bool { return contains(who.Teams, slug) }):
		return teams
	}
	return nobodys
}

// contains tells whether a name is among others, as GitHub compares logins and slugs.
func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
