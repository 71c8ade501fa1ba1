package incident

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// Preview is what a page would do, for whoever is to confirm it.
type Preview struct {
	Subject Subject
	Called  []Calling
	AsOf    time.Time
	Old     error // why who is called is not known, or not newer
	To      Route
	// Open are the pages to the same subject that nobody has resolved.
	Open []*Page
}

// Preview says whom a page would call. It refuses what cannot be paged at all; that PagerDuty does not answer is no reason not to
// page, so it is told in Old.
func (s *Service) Preview(ctx context.Context, w PageWant) (*Preview, error) {
	return s.preview(ctx, w, s.OnCall)
}

// preview is Preview with a way to ask who is on call.
func (s *Service) preview(ctx context.Context, w PageWant, onCall func(context.Context, Subject) (*Answer, error)) (*Preview, error) {
	if strings.TrimSpace(w.Message) == "" {
		return nil, &Refused{Code: EmptyMessage, Subject: w.Subject}
	}
	if err := s.configured(); err != nil {
		return nil, err
	}
	p := &Preview{Subject: w.Subject}
	if err := s.whomItCalls(ctx, p, onCall); err != nil {
		return nil, err
	}
	if err := s.route(p, s.current()); err != nil {
		return nil, err
	}
	if p.To.User == "" && p.To.Policy == "" && !p.To.Event {
		return nil, &Refused{Code: NobodyToPage, Subject: w.Subject}
	}
	var err error
	p.Open, err = s.OpenPages(ctx, w.Subject)
	p.Open = slices.DeleteFunc(p.Open, func(p *Page) bool { return p.Private }) // which is nobody else's to know
	return p, err
}

func (s *Service) whomItCalls(ctx context.Context, p *Preview, onCall func(context.Context, Subject) (*Answer, error)) error {
	if p.Subject.Kind == Someone {
		u, err := s.user(ctx, p.Subject.Name)
		if err != nil {
			return err
		}
		who := s.person(ctx, u)
		who.Slack = p.Subject.Name
		p.Called, p.To.User, p.AsOf = []Calling{{Who: who}}, u.ID, s.clock.Now()
		return nil
	}
	a, err := onCall(ctx, p.Subject)
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return err
	case err != nil:
		p.Old = err
	default:
		p.Called, p.AsOf, p.Old = calling(a), a.AsOf, a.Old
	}
	return nil
}

// OpenPages are the pages to a subject that have not ended, oldest first.
func (s *Service) OpenPages(ctx context.Context, sub Subject) ([]*Page, error) {
	var out []*Page
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, id := range snap.Scan(openUnder(sub), "") {
			p, err := loadPage(snap, string(id))
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b *Page) int { return a.Created.Compare(b.Created) })
	return out, err
}

// calling are whom a page would call, level by level.
func calling(a *Answer) []Calling {
	var out []Calling
	for _, r := range a.Rosters {
		for _, l := range r.Levels {
			for _, s := range l.Now {
				if !slices.ContainsFunc(out, func(c Calling) bool { return c.Who.ID == s.Who.ID && c.Level == l.N }) {
					out = append(out, Calling{Who: s.Who, Level: l.N, After: l.After})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Calling) int { return a.Level - b.Level })
	return out
}

// route finds how the page gets to PagerDuty.
func (s *Service) route(p *Preview, cfg *config.Config) error {
	missing := &Refused{Code: NoPageService, Subject: p.Subject}
	switch p.Subject.Kind {
	case Of:
		service, ok := cfg.Service(p.Subject.Name)
		if !ok {
			return &Refused{Code: NoSubject, Subject: p.Subject}
		}
		if service.PagerDutyService != "" {
			p.To.Service, p.To.Event = service.PagerDutyService, true
			return nil
		}
		return s.routeToTeam(p, cfg, service.Team, missing)
	case Team:
		return s.routeToTeam(p, cfg, p.Subject.Name, missing)
	}
	if p.To.Service = cfg.PagerDuty.Service; p.To.Service == "" {
		for _, name := range cfg.ServiceNames() {
			if p.To.Service = cfg.Services[name].PagerDutyService; p.To.Service != "" {
				break
			}
		}
	}
	if p.To.Service == "" {
		return missing
	}
	return nil
}

func (s *Service) routeToTeam(p *Preview, cfg *config.Config, team string, missing error) error {
	t, ok := cfg.Team(team)
	if !ok {
		return missing
	}
	services := pagedServices(cfg, t.Name)
	switch {
	case t.EscalationPolicy != "":
		p.To.Policy = t.EscalationPolicy
	case t.Schedule != "" && len(p.Called) > 0:
		p.To.User = p.Called[0].Who.ID // PagerDuty assigns an incident to one person, or calls by a policy
	}
	switch {
	case cfg.PagerDuty.Service != "":
		p.To.Service = cfg.PagerDuty.Service
	case len(services) > 0:
		p.To.Service = services[0].PagerDutyService
	}
	if p.To.Service == "" {
		return missing
	}
	if p.To.Policy == "" && p.To.User == "" && t.Schedule == "" && len(services) > 0 {
		p.To.Service, p.To.Event = services[0].PagerDutyService, true
	}
	return nil
}

// homeOf is the channel of the team that a subject is of; empty when it has none.
func homeOf(cfg *config.Config, sub Subject) string {
	team := sub.Name
	if service, ok := cfg.Service(sub.Name); ok && sub.Kind == Of {
		team = service.Team
	}
	if t, ok := cfg.Team(team); ok && sub.Kind != Someone {
		return t.Channel
	}
	return ""
}
