package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"shipmate/adr"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

// DigestParts are what digests read from.
type DigestParts struct {
	Delivery  *delivery.Service
	Incidents *incident.Service
	Decisions *adr.Service
	Config    func() *config.Config
	// Called is how a person, a Slack ID, wants to be called; "" when Slack does not tell.
	Called func(ctx context.Context, person string) string
	// OnGitHub is who has a login there, a Slack ID; "" when nobody is known to.
	OnGitHub func(ctx context.Context, login string) string
}

const (
	// digestDeploys is how many deployments of each place a digest names.
	digestDeploys = 25
	// digestOver is how many incidents that are over are looked at for those that ended lately.
	digestOver = 50
	// dueSoon is how far ahead something is due that a digest names.
	dueSoon = 48 * time.Hour
	// onCallOld is how old an answer of PagerDuty may be for a digest.
	onCallOld = 15 * time.Minute
)

// DigestSources is where digests read what GitHub does not know.
func DigestSources(p DigestParts) schedule.Sources {
	return schedule.Sources{Deploys: p.deploys, Promotions: p.promotions, OnCall: p.onCall, Incidents: p.incidents, Followups: p.followups, Decisions: p.decisions,
		Holds: p.holds, Figures: p.figures, Pages: p.pages, Baking: p.baking, Login: p.login}
}

// name is how somebody is called; that nobody knows is told as it is.
func (p DigestParts) name(ctx context.Context, person string) string {
	if person == "" {
		return ""
	}
	if name := p.Called(ctx, person); name != "" {
		return name
	}
	return "somebody"
}

func (p DigestParts) login(ctx context.Context, login string) string {
	if person := p.OnGitHub(ctx, login); person != "" {
		if name := p.Called(ctx, person); name != "" {
			return name
		}
	}
	return login
}

func (p DigestParts) deploys(ctx context.Context, of schedule.Span) ([]schedule.Deploy, int, []schedule.Waiting, error) {
	ended, more, err := p.Delivery.Ended(ctx, of.Services, of.Since, of.Until, digestDeploys)
	if err != nil {
		return nil, 0, nil, err
	}
	cfg := p.Config()
	var out []schedule.Deploy
	for _, d := range ended {
		one := schedule.Deploy{Service: d.Service, Environment: d.Environment, SHA: d.Commit.Short(), URL: d.Commit.URL, Subject: d.Commit.Subject, By: p.name(ctx, d.By),
			At: d.Ended, State: string(d.State), Back: d.Rollback != nil}
		if service, ok := cfg.Service(d.Service); ok {
			one.Last = slices.Contains(delivery.Production(cfg, service), d.Environment)
		}
		out = append(out, one)
	}
	var waiting []schedule.Waiting
	standings, err := p.standings(ctx, of)
	if err != nil {
		return nil, 0, nil, err
	}
	for _, one := range standings {
		for _, d := range one.Waiting {
			waiting = append(waiting, p.waiting(ctx, d))
		}
	}
	return out, more, waiting, nil
}

// waiting is a deployment that waits: for an approval only while one is missing.
func (p DigestParts) waiting(ctx context.Context, d *delivery.Deployment) schedule.Waiting {
	return schedule.Waiting{Service: d.Service, Environment: d.Environment, SHA: d.Commit.Short(), By: p.name(ctx, d.By), Since: d.Created,
		Approval: d.Offer() == delivery.OfferVote}
}

// standings are how the services of a team stand.
func (p DigestParts) standings(ctx context.Context, of schedule.Span) ([]delivery.Standing, error) {
	return p.Delivery.Standings(ctx, of.Services)
}

// promotions are what runs in an environment and not in the one that comes after it, the oldest first.
func (p DigestParts) promotions(ctx context.Context, of schedule.Span) ([]schedule.Promotion, error) {
	all, err := p.standings(ctx, of)
	if err != nil {
		return nil, err
	}
	var out []schedule.Promotion
	for _, u := range delivery.Behind(p.Config(), all) {
		out = append(out, schedule.Promotion{Service: u.Service, From: u.From, To: u.To, SHA: u.Ledger.Commit.Short(), URL: u.Ledger.Commit.URL,
			Subject: u.Ledger.Commit.Subject, By: p.name(ctx, u.Ledger.By), Since: u.Ledger.Since})
	}
	return out, nil
}

func (p DigestParts) holds(ctx context.Context, of schedule.Span) ([]schedule.Closure, error) {
	all, err := p.standings(ctx, of)
	if err != nil {
		return nil, err
	}
	var out []schedule.Closure
	var places []string
	for _, s := range all {
		for _, l := range s.Locks {
			one := schedule.Closure{Service: l.Service, Environment: l.Environment, By: p.name(ctx, l.By), Why: l.Reason, Since: l.At, Until: l.Until}
			if !slices.Contains(out, one) { // a lock of all services stands with each
				out = append(out, one)
			}
		}
		if !slices.Contains(places, s.Environment) {
			places = append(places, s.Environment)
		}
	}
	made, windows, err := p.Delivery.Freezes(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range made {
		if f.Environment == "" || slices.Contains(places, f.Environment) {
			out = append(out, schedule.Closure{Environment: f.Environment, Freeze: true, By: p.name(ctx, f.By), Why: f.Reason, Since: f.At, Until: f.Until})
		}
	}
	for _, w := range windows {
		if slices.Contains(places, w.Environment) && w.Since.Before(of.Until.Add(24*time.Hour)) {
			out = append(out, schedule.Closure{Environment: w.Environment, Freeze: true, Why: w.Reason, Since: w.Since, Until: w.Until})
		}
	}
	return out, nil
}

// pages are those to the team and to its services that have not ended, the oldest first.
func (p DigestParts) pages(ctx context.Context, of schedule.Span) ([]schedule.Page, error) {
	subjects := []incident.Subject{{Kind: incident.Team, Name: of.Team.Name}}
	for _, name := range of.Services {
		subjects = append(subjects, incident.Subject{Kind: incident.Of, Name: name})
	}
	var out []schedule.Page
	for _, sub := range subjects {
		open, err := p.Incidents.OpenPages(ctx, sub)
		if err != nil {
			return nil, err
		}
		for _, page := range open {
			if page.Private {
				continue
			}
			one := schedule.Page{Subject: sub.Name, Message: page.Message, State: string(page.State), Since: page.Created}
			if page.Alarm != nil {
				one.URL = page.Alarm.URL
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b schedule.Page) int { return a.Since.Compare(b.Since) })
	return out, nil
}

// baking are deployments that have not yet run for as long as their environment's bake asks.
func (p DigestParts) baking(ctx context.Context, of schedule.Span) ([]schedule.Baking, error) {
	all, err := p.Delivery.Baking(ctx, of.Services, of.Until)
	if err != nil {
		return nil, err
	}
	var out []schedule.Baking
	for _, b := range all {
		out = append(out, schedule.Baking{Service: b.Service, Environment: b.Environment, SHA: b.Ledger.Commit.Short(), URL: b.Ledger.Commit.URL, By: p.name(ctx, b.Ledger.By),
			Until: b.Until})
	}
	return out, nil
}

// figureDays is what the figures of a week are of: a week alone is too short for most of them.
const figureDays = 30

// figures are those of delivery and of incidents. Of a team that did not deploy and had no incident there are none.
func (p DigestParts) figures(ctx context.Context, of schedule.Span) ([]schedule.Figure, error) {
	var out []schedule.Figure
	s, err := teamStats(ctx, p.Delivery, of.Team.Name, of.Until)
	if err != nil {
		return nil, err
	}
	if s.Deployments+s.Undone+s.Otherwise > 0 {
		for _, f := range figuresOf(s) {
			out = append(out, schedule.Figure{Name: f.name, Value: f.value, Note: f.note})
		}
	}
	i, err := p.Incidents.Stats(ctx, incident.StatsWant{Team: of.Team.Name, Days: figureDays, Until: of.Until})
	if err != nil {
		return nil, err
	}
	if i.Incidents > 0 {
		for _, f := range incidentFigures(i) {
			out = append(out, schedule.Figure{Name: f.name, Value: f.value, Note: f.note})
		}
	}
	return out, nil
}

// teamStats are the statistics of a team's services; none where nothing says what production is.
func teamStats(ctx context.Context, d *delivery.Service, team string, until time.Time) (delivery.Stats, error) {
	s, err := d.Stats(ctx, delivery.StatsWant{Team: team, Days: figureDays, Until: until})
	var refused *delivery.Refused
	if errors.As(err, &refused) {
		return delivery.Stats{}, nil
	}
	return s, err
}

func (p DigestParts) onCall(ctx context.Context, of schedule.Span) ([]schedule.Duty, error) {
	sub := incident.Subject{Kind: incident.Team, Name: of.Team.Name}
	if !slices.Contains(incident.Subjects(p.Config()), sub) {
		return nil, nil
	}
	a, err := p.Incidents.OnCallLately(ctx, sub, onCallOld)
	var refused *incident.Refused
	if errors.As(err, &refused) && refused.Code == incident.NoPagerDuty {
		return nil, nil // nobody is on call by a PagerDuty that there is not
	}
	if err != nil {
		return nil, err
	}
	return duties(a), nil
}

// duties are who is on call at the first level of each roster, or that nobody is. An answer that is not of now says of when it is.
func duties(a *incident.Answer) []schedule.Duty {
	var old time.Time
	if a.Old != nil {
		old = a.AsOf
	}
	var out []schedule.Duty
	for _, r := range a.Rosters {
		if len(r.Levels) == 0 {
			continue
		}
		first := r.Levels[0]
		next := ""
		if len(first.Next) > 0 {
			next = first.Next[0].Who.Name
		}
		for _, s := range first.Now {
			out = append(out, schedule.Duty{Who: s.Who.Name, Until: s.End, Next: next, Old: old})
		}
		if len(first.Now) == 0 {
			out = append(out, schedule.Duty{Next: next, Old: old})
		}
	}
	return out
}

func (p DigestParts) incidents(ctx context.Context, of schedule.Span) ([]schedule.Incident, error) {
	open, over, err := p.Incidents.List(ctx, digestOver)
	if err != nil {
		return nil, err
	}
	var out []schedule.Incident
	for _, i := range append(open, over...) {
		if i.Private || !ofTheirs(i.Services, of.Services) || !i.Open() && (!i.Resolved.After(of.Since) || i.Resolved.After(of.Until)) {
			continue
		}
		out = append(out, schedule.Incident{Number: i.Number, Title: i.Title, Severity: i.Severity, Channel: i.Room.ID, Lead: p.name(ctx, i.Roles[incident.Commander].Person),
			Since: i.Created, Resolved: i.Resolved})
	}
	return out, nil
}

// ofTheirs tells whether any of some services is a team's. What names no service concerns everybody.
func ofTheirs(services, mine []string) bool {
	return len(services) == 0 || slices.ContainsFunc(services, func(s string) bool { return slices.Contains(mine, s) })
}

// followups are the post-mortems and action items that are due within two days, or late, what is due first first.
func (p DigestParts) followups(ctx context.Context, of schedule.Span) ([]schedule.Followup, error) {
	var out []schedule.Followup
	open, _, err := p.Incidents.ListPostmortems(ctx, 0)
	if err != nil {
		return nil, err
	}
	soon := of.Until.Add(dueSoon)
	for _, pm := range open {
		if pm.Private || pm.Team != of.Team.Name && !ofTheirs(pm.Services, of.Services) || pm.Due.After(soon) {
			continue
		}
		one := schedule.Followup{Postmortem: true, Number: pm.Number, What: "post-mortem", Who: p.name(ctx, pm.Owner), Due: pm.Due, Late: pm.Overdue(of.Until)}
		if pm.Pull != nil {
			one.URL = pm.Pull.URL
		}
		out = append(out, one)
	}
	items, err := p.Incidents.OpenItems(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if it.Private || it.Team != of.Team.Name && !ofTheirs(it.Services, of.Services) || it.Due.IsZero() || it.Due.After(soon) {
			continue
		}
		who := it.Owner
		if it.Person != "" {
			who = p.name(ctx, it.Person)
		}
		out = append(out, schedule.Followup{Number: it.Number, What: it.Action, URL: it.URL, Who: who, Due: it.Due, Day: true, Late: it.Late(of.Until)})
	}
	slices.SortStableFunc(out, func(a, b schedule.Followup) int { return a.Due.Compare(b.Due) })
	return out, nil
}

// decisions are those that are being proposed, and those that were decided in the time that is told of. Who decides for all services
// decides for each.
func (p DigestParts) decisions(ctx context.Context, of schedule.Span) ([]schedule.Decision, error) {
	if len(p.Config().DecisionLogs()) == 0 {
		return nil, nil
	}
	ended, err := p.Decisions.Ended(ctx, of.Since)
	if err != nil {
		return nil, err
	}
	open, err := p.Decisions.OpenProposals(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []schedule.Decision
	for _, d := range append(ended, open...) {
		at := d.Created
		if d.State.Ended() {
			at = d.Ended
		}
		if !ofTheirs(d.Services, of.Services) || at.After(of.Until) {
			continue
		}
		one := schedule.Decision{Name: d.Name(), Title: d.Title, State: string(d.State), By: p.name(ctx, d.By), At: at, New: at.After(of.Since)}
		if d.Pull != nil {
			one.URL = d.Pull.URL
		}
		out = append(out, one)
	}
	return out, nil
}
