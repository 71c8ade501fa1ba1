package commands

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
)

// A home tab tells somebody what waits for them, with the buttons to do it, when they are on call, and how the services of their teams
// stand. Everything but on-call and pull requests is read in the store, once for all tabs that are drawn for one change. These two are
// asked for when the tab is opened, for a bounded time, and kept for when it is drawn again.

// homePatience is how long a home tab waits for GitHub and PagerDuty each.
const homePatience = 2 * time.Second

func home(d Deps) bot.Command {
	var shared homeShared
	return bot.Command{
		Name:  "home",
		Short: "Show the home tab",
		Who:   bot.Everyone,
		On:    bot.Home,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			facts, err := shared.read(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			tab := homeTab{Config: req.Config, User: req.User, Now: req.At, homeFacts: facts}
			if tab.Teams, err = d.TeamsOf(ctx, req.User); err != nil {
				if req.Kept != nil {
					return bot.Reply{}, err
				}
				tab.Teams = nil // everybody's services are shown then
				tab.Unread = append(tab.Unread, "your teams")
			}
			if err := tab.waits(ctx, d, req); err != nil {
				return bot.Reply{}, err
			}
			if req.Kept == nil {
				tab.Kept = askForHome(ctx, d, req, tab.repos(), tab.githubTeams())
			} else if err := json.Unmarshal(req.Kept, &tab.Kept); err != nil {
				return bot.Reply{}, err
			}
			keep, err := json.Marshal(tab.Kept)
			return bot.Reply{Message: tab.message(), Keep: keep}, err
		},
	}
}

// homeFacts is what the tabs of everybody are made from.
type homeFacts struct {
	All         []delivery.Standing
	Reviews     []*delivery.Deployment
	Incidents   []*incident.Incident // that are open
	Postmortems []*incident.Postmortem
	Items       []*incident.Item
	Decisions   []*adr.Proposal
}

// homeShared keeps what was read for the tabs that are drawn for one change, which all have one request ID.
type homeShared struct {
	mu    sync.Mutex
	id    string
	facts homeFacts
}

func (s *homeShared) read(ctx context.Context, d Deps, req bot.Request) (homeFacts, error) {
	if req.Kept == nil {
		return readHome(ctx, d)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == req.ID {
		return s.facts, nil
	}
	facts, err := readHome(ctx, d)
	if err == nil {
		s.id, s.facts = req.ID, facts
	}
	return facts, err
}

func readHome(ctx context.Context, d Deps) (f homeFacts, err error) {
	if f.All, err = d.Delivery.Status(ctx, ""); err != nil {
		return f, refusal(err)
	}
	if f.Reviews, err = d.Delivery.Reviews(ctx); err != nil {
		return f, err
	}
	if f.Incidents, _, err = d.Incidents.List(ctx, 0); err != nil {
		return f, err
	}
	if f.Postmortems, _, err = d.Incidents.ListPostmortems(ctx, 0); err != nil {
		return f, err
	}
	if f.Items, err = d.Incidents.OpenItems(ctx, ""); err != nil {
		return f, err
	}
	f.Decisions, err = d.Decisions.OpenProposals(ctx, "")
	return f, err
}

// homeTab is what one person's tab shows.
type homeTab struct {
	Config *config.Config
	User   string
	Now    time.Time
	Teams  []string
	homeFacts
	homeWaits
	Kept homeKept
	// Unread is what could not be read.
	Unread []string
}

// services are those of the person's teams.
func (t *homeTab) services() (names []string) {
	for _, name := range t.Config.ServiceNames() {
		if service, ok := t.Config.Service(name); ok && slices.Contains(t.Teams, service.Team) {
			names = append(names, name)
		}
	}
	return names
}

// repos are the repositories of these services, each once.
func (t *homeTab) repos() (names []string) {
	for _, name := range t.services() {
		if repo := string(t.Config.Services[name].Repo); repo != "" && !slices.Contains(names, repo) {
			names = append(names, repo)
		}
	}
	return names
}

// githubTeams are the slugs of the person's teams on GitHub.
func (t *homeTab) githubTeams() (slugs []string) {
	for _, name := range t.Teams {
		if team, ok := t.Config.Team(name); ok && team.GitHubTeam != "" {
			slugs = append(slugs, team.GitHubTeam)
		}
	}
	return slugs
}

// message is the tab as it is shown.
func (t *homeTab) message() bot.Message {
	waiting, n := t.waitingParts()
	notes := t.notes()
	m := bot.Message{Text: bot.Textf("⏳ *%s for you*", waitsWord(n))}
	if n == 0 {
		so := bot.Text("✅ *Nothing waits for you.*")
		if len(notes) > 0 {
			so = "*Nothing waits for you*, as far as I could read."
		}
		m.Text = bot.Textf("%s Shipmate deploys services and tells what runs where, from where you talk.", so)
		m.Parts = append(m.Parts, bot.Section(firstLines(t.mine())))
	}
	m.Parts = append(m.Parts, waiting...)
	m.Parts = append(m.Parts, notes...)
	m.Parts = append(m.Parts, bot.Divider())
	if duty := t.dutyParts(); len(duty) > 0 {
		m.Parts = append(append(m.Parts, duty...), bot.Divider())
	}
	m.Parts = append(m.Parts, t.serviceParts()...)
	if n > 0 {
		m.Parts = append(m.Parts, bot.Divider(), bot.Section(firstLines(t.mine())))
	}
	m.Buttons = []bot.Button{{Label: "Deploy", Line: "deploy", Style: bot.Primary}, {Label: "What runs where", Line: "deploy status"}, {Label: "Help", Line: "shipmate help"}}
	return m
}

func waitsWord(n int) string {
	if n == 1 {
		return "One thing waits"
	}
	return itoa(n) + " things wait"
}

// firstLines are the lines to begin with, as the reader would type them.
func firstLines(mine []delivery.Standing) bot.Text {
	service, environment := "<service>", "<environment>"
	if len(mine) > 0 {
		service, environment = mine[0].Service, mine[0].Environment
	}
	return bot.Join("\n",
		bot.Textf("%s deploys; a branch goes after an @", bot.Code("/deploy "+service+" "+environment)),
		bot.Textf("%s says what runs where", bot.Code("/deploy status "+service)),
		bot.Textf("%s says what the builds do", bot.Code("/pipeline "+service)))
}
