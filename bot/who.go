package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"shipmate/clock"
	"shipmate/config"
)

// How long what Slack said about people and groups is believed. After maxAge it is not: a question that needs it is
// refused until Slack answers again. Slack's notices (user_change, subteam_members_changed) drop what changed at once.
const (
	freshFor = 2 * time.Minute
	maxAge   = 10 * time.Minute
)

// Person is what Slack says of somebody.
type Person struct {
	ID       string
	Name     string // the handle, without @; no two people have the same
	Display  string // as they want to be called; two people may have the same
	Email    string
	Zone     *time.Location
	Team     string
	Guest    bool
	Bot      bool
	Inactive bool
}

// people knows who people are and which groups they are in, as Slack last said.
type people struct {
	api   *slackAPI
	clock clock.Clock

	mu      sync.Mutex
	persons map[string]aged[Person]
	names   aged[map[string][]string]  // IDs by handle and by display name, in lower case
	called  aged[map[string]string]    // how everybody wants to be called, by ID; see Called
	groups  aged[map[string]userGroup] // by handle and by ID
	loading sync.Mutex                 // one look-up of groups at a time
	listing sync.Mutex                 // one list of everybody at a time
}

type aged[T any] struct {
	v  T
	at time.Time
}

func newPeople(api *slackAPI, c clock.Clock) *people {
	return &people{api: api, clock: c, persons: map[string]aged[Person]{}}
}

// asSaidKey is where a context holds a person.
type asSaidKey struct{}

// asSaid has this person taken for what is said of them here, without asking Slack: where nothing is decided by it.
func asSaid(ctx context.Context, who Person) context.Context {
	return context.WithValue(ctx, asSaidKey{}, who)
}

// person looks somebody up, from the cache when it is fresh; when Slack does not answer, from the cache until maxAge.
func (p *people) person(ctx context.Context, id string) (Person, error) {
	if who, ok := ctx.Value(asSaidKey{}).(Person); ok && who.ID == id {
		return who, nil
	}
	now := p.clock.Now()
	p.mu.Lock()
	known, ok := p.persons[id]
	p.mu.Unlock()
	if ok && now.Sub(known.at) < freshFor {
		return known.v, nil
	}
	u, err := p.api.user(ctx, id)
	if err != nil {
		if ok && now.Sub(known.at) < maxAge {
			return known.v, nil
		}
		return Person{}, fmt.Errorf("looking up a person: %w", err)
	}
	v := personOf(u)
	p.keep(v, now)
	return v, nil
}

func personOf(u slack.User) Person {
	return Person{ID: u.ID, Name: u.Name, Display: u.Profile.DisplayName, Email: strings.ToLower(u.Profile.Email), Team: u.TeamID, Zone: zone(u.TZ),
		Guest: u.IsRestricted || u.IsUltraRestricted || u.IsStranger, Bot: u.IsBot || u.ID == "USLACKBOT", Inactive: u.Deleted}
}

func (p *people) keep(v Person, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.persons) > 20000 { // a whole large company; begin again rather than grow
		clear(p.persons)
	}
	p.persons[v.ID] = aged[Person]{v, now}
}

func zone(name string) *time.Location {
	if l, err := time.LoadLocation(name); err == nil && name != "" {
		return l
	}
	return time.UTC
}

// userGroups lists the user groups, by handle in lower case and by ID.
func (p *people) userGroups(ctx context.Context) (map[string]userGroup, error) {
	p.loading.Lock()
	defer p.loading.Unlock()
	now := p.clock.Now()
	p.mu.Lock()
	known := p.groups
	p.mu.Unlock()
	if known.v != nil && now.Sub(known.at) < freshFor {
		return known.v, nil
	}
	list, err := p.api.groups(ctx)
	if err != nil {
		if known.v != nil && now.Sub(known.at) < maxAge {
			return known.v, nil
		}
		return nil, fmt.Errorf("looking up user groups: %w", err)
	}
	m := map[string]userGroup{}
	for _, g := range list {
		one := userGroup{id: g.ID, users: g.Users}
		m[strings.ToLower(g.Handle)], m[g.ID] = one, one
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.groups = aged[map[string]userGroup]{m, now}
	return m, nil
}

// outdated drops what a notice from Slack says has changed.
func (p *people) outdated(n *payload) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n.Event.Type {
	case "user_change":
		delete(p.persons, n.Event.userID())
		p.names = aged[map[string][]string]{}
	case "subteam_updated", "subteam_members_changed":
		p.groups = aged[map[string]userGroup]{}
	}
}

// isOne tells whether the person is one of the principals. A principal that names nothing admits nobody. An error means
// that nobody knows, which is a no.
func (p *people) isOne(ctx context.Context, who Person, principals []config.Principal, cfg *config.Config) (bool, error) {
	var groups []string
	for _, pr := range principals {
		switch pr.Kind() {
		case config.UserPrincipal, config.EmailPrincipal:
			if isPerson(who, pr) {
				return true, nil
			}
		case config.GroupPrincipal:
			groups = append(groups, pr.Value())
		case config.TeamPrincipal:
			t, ok := cfg.Team(pr.Value())
			if !ok {
				continue
			}
			if slices.ContainsFunc(t.Members, func(m config.Principal) bool { return isPerson(who, m) }) {
				return true, nil
			}
			if t.SlackGroup != "" {
				groups = append(groups, strings.TrimPrefix(t.SlackGroup, "@"))
			}
		}
	}
	if len(groups) == 0 {
		return false, nil
	}
	known, err := p.userGroups(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(groups, func(g string) bool {
		return slices.Contains(known[strings.ToLower(g)].users, who.ID) || slices.Contains(known[g].users, who.ID)
	}), nil
}

func isPerson(who Person, p config.Principal) bool {
	return p.Value() == who.ID || p.Kind() == config.EmailPrincipal && who.Email != "" && p.Value() == who.Email
}

// may decides whether the person may use the command with these arguments. It returns nil, or a refusal that says why and
// who can.
func (b *Bot) may(ctx context.Context, c *Command, req Request, who Person) *Refusal {
	principals, everyone := c.Who.who(req)
	if everyone {
		return nil
	}
	ok, err := b.people.isOne(ctx, who, principals, req.Config)
	switch {
	case err != nil:
		b.log.Warn("permission could not be checked, so it was refused", "user", who.ID, "command", c.Name, "err", err)
		return Refuse("permission.unknown", "Not now: Slack does not tell who is in which group, so I cannot see whether you may do this. Please try again in a minute.")
	case !ok && len(principals) == 0:
		return Refuse("permission.nobody", "Nobody may do this: the configuration names no one who can.")
	case !ok:
		return Refuse("permission.denied", "You may not do this. %s can.", describe(principals, req.Config))
	}
	return nil
}

// describe names principals for people, each once.
func describe(principals []config.Principal, cfg *config.Config) Text {
	var names []Text
	for _, p := range principals {
		name := Bold(p)
		switch t, ok := cfg.Team(p.Value()); {
		case p.Kind() == config.TeamPrincipal && ok && t.SlackGroup != "":
			name = Textf("%s (@%s)", name, strings.TrimPrefix(t.SlackGroup, "@"))
		case p.Kind() == config.GroupPrincipal:
			name = Textf("@%s", p.Value())
		case p.Kind() == config.UserPrincipal:
			name = User(p.Value())
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return Join(", ", names...)
}
