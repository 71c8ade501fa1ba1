package schedule

import (
	"context"
	"slices"
	"time"

	"shipmate/config"
)

// Span is what a section is read for: a team's services, and a time.
type Span struct {
	Team         *config.Team
	Services     []string // names of the team's services, sorted
	Since, Until time.Time
}

// Sources are where the facts of digests are that other parts of the program keep. Each returns within the time its context has; what
// cannot be read is an error, never left out.
type Sources struct {
	// Deploys are those that ended, the newest first, and how many more there were; and those that wait.
	Deploys    func(ctx context.Context, of Span) (ended []Deploy, more int, waiting []Waiting, err error)
	Promotions func(ctx context.Context, of Span) ([]Promotion, error)
	OnCall     func(ctx context.Context, of Span) ([]Duty, error)
	Incidents  func(ctx context.Context, of Span) ([]Incident, error)
	Followups  func(ctx context.Context, of Span) ([]Followup, error)
	Decisions  func(ctx context.Context, of Span) ([]Decision, error)
	Holds      func(ctx context.Context, of Span) ([]Closure, error)
	Figures    func(ctx context.Context, of Span) ([]Figure, error)
	Pages      func(ctx context.Context, of Span) ([]Page, error)
	Baking     func(ctx context.Context, of Span) ([]Baking, error)
	// Login is how whoever has that login on GitHub wants to be called; the login itself when nobody knows.
	Login func(ctx context.Context, login string) string
}

// servicesOf are a team's services, sorted, and the repositories they are in, each once.
func servicesOf(cfg *config.Config, team string) (services, repos []string) {
	for _, name := range cfg.ServiceNames() {
		service := cfg.Services[name]
		if service.Team != team {
			continue
		}
		services = append(services, name)
		if repo := string(service.Repo); !slices.Contains(repos, repo) {
			repos = append(repos, repo)
		}
	}
	return services, repos
}

// gather reads sections, one after the other: many digests are gathered at once.
func (s *Service) gather(ctx context.Context, team *config.Team, d *Digest, wanted []config.DigestSection) (facts Facts, misses map[config.DigestSection]error) {
	services, repos := servicesOf(s.current(), team.Name)
	of := Span{Team: team, Services: services, Since: d.Since, Until: d.Until}
	misses = map[config.DigestSection]error{}
	for _, section := range wanted {
		if ctx.Err() != nil {
			return facts, misses
		}
		if err := s.read(ctx, section, of, repos, &facts); err != nil {
			s.log.Warn("a digest could not read a source", "team", team.Name, "section", section, "err", err)
			misses[section] = err
		}
	}
	return facts, misses
}

func (s *Service) read(ctx context.Context, section config.DigestSection, of Span, repos []string, facts *Facts) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	switch section {
	case config.DigestDeploys:
		ended, more, waiting, failed := s.sources.Deploys(ctx, of)
		if failed != nil {
			return failed
		}
		facts.Deploys, facts.Waiting = some(ended), some(waiting)
		facts.Deploys.More += more
	case config.DigestPromotions:
		facts.Promotion, err = kept(func() ([]Promotion, error) { return s.sources.Promotions(ctx, of) })
	case config.DigestPipelines:
		facts.Pipelines, err = kept(func() ([]Pipeline, error) { return s.pipelines(ctx, of, repos) })
	case config.DigestReviews:
		facts.Pulls, err = kept(func() ([]Pull, error) { return s.pulls(ctx, of, repos) })
	case config.DigestFigures:
		facts.Figures, err = s.sources.Figures(ctx, of)
	case config.HandoverPages:
		facts.Pages, err = kept(func() ([]Page, error) { return s.sources.Pages(ctx, of) })
	case config.HandoverBaking:
		facts.Baking, err = kept(func() ([]Baking, error) { return s.sources.Baking(ctx, of) })
	case config.DigestOnCall:
		facts.OnCall, err = s.sources.OnCall(ctx, of)
	case config.DigestIncidents:
		facts.Incidents, err = kept(func() ([]Incident, error) { return s.sources.Incidents(ctx, of) })
	case config.DigestFollowups:
		facts.Followups, err = kept(func() ([]Followup, error) { return s.sources.Followups(ctx, of) })
	case config.DigestDecisions:
		facts.Decisions, err = kept(func() ([]Decision, error) { return s.sources.Decisions(ctx, of) })
	case config.DigestDebt:
		facts.Debts, err = kept(func() ([]Debt, error) { return s.debts(ctx, of, repos) })
	case config.DigestHolds:
		facts.Holds, err = kept(func() ([]Closure, error) { return s.sources.Holds(ctx, of) })
	}
	return err
}

func kept[T any](read func() ([]T, error)) (Some[T], error) {
	all, err := read()
	if err != nil {
		return Some[T]{}, err
	}
	return some(all), nil
}
