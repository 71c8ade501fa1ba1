package main

import (
	"context"
	"errors"
	"time"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/integrations/pagerduty"
	"shipmate/store"
)

// connectPager builds what asks PagerDuty and keeps incidents. A service's key that is wrong is told at once: it would be found out
// by the first page.
func (a *app) connectPager(p parts, cfg *config.Config, links *bot.Links) error {
	keys := map[string]string{}
	for _, name := range cfg.ServiceNames() {
		key, problem := p.Secrets.PageKey(name)
		if problem != nil {
			return errors.New(problem.String())
		}
		if id := cfg.Services[name].PagerDutyService; id != "" && key.Given() {
			keys[id] = key.Reveal()
		}
	}
	var err error
	a.pager, err = pagerduty.New(pagerduty.Config{APIURL: cfg.PagerDuty.APIURL, EventsURL: cfg.PagerDuty.EventsURL, Token: p.Secrets.PagerDuty.Reveal(),
		From: cfg.PagerDuty.From, Keys: keys, Clock: p.Clock, Log: p.Log, UserAgent: "shipmate/" + version()})
	if err != nil {
		return err
	}
	a.incidents, err = incident.New(incident.Config{DB: a.db, PagerDuty: a.pager, GitHub: a.github, Clock: p.Clock, Current: a.live.Current,
		People: a.peopleOnCall(links), Rooms: a.rooms(), Deploys: commands.Ledger{Deliveries: a.deliveries}, Freed: delivery.Freed,
		Tell: func(tx store.Tx, n incident.Note) error {
			if kind, id, ok := commands.IncidentNoteCard(n); ok {
				return a.bot.TellCard(tx, n.Person, kind, id)
			}
			if kind, id, ok := commands.IncidentReminder(n); ok {
				return a.bot.Remind(tx, n.Person, kind, id)
			}
			return a.bot.Tell(tx, n.Person, n.Topic, n.ID, commands.IncidentNote(n))
		}})
	return err
}

// peopleOnCall is what incidents ask of people. They ask when they run: the bot is made of them.
func (a *app) peopleOnCall(links *bot.Links) incident.People {
	return incident.People{
		Account: func(g store.Getter, person string) (string, bool, error) {
			return links.Login(g, person, bot.OnPagerDuty)
		},
		Person: func(g store.Getter, account string) (string, bool, error) {
			return links.Person(g, bot.OnPagerDuty, account)
		},
		Email:   func(ctx context.Context, person string) (string, error) { return a.bot.EmailOf(ctx, person) },
		ByEmail: func(ctx context.Context, address string) (string, error) { return a.bot.WithEmail(ctx, address) },
		Name:    func(ctx context.Context, person string) (string, error) { return a.bot.NameOf(ctx, person) },
		Zone:    func(ctx context.Context, person string) (*time.Location, error) { return a.bot.ZoneOf(ctx, person) },
		GitHub: func(g store.Getter, person string) (string, error) {
			login, proven, err := links.Login(g, person, bot.OnGitHub)
			if !proven { // a claim of their own names nobody to give work to
				login = ""
			}
			return login, err
		},
		OnGitHub: func(g store.Getter, login string) (string, error) {
			person, proven, err := links.Person(g, bot.OnGitHub, login)
			if !proven {
				person = ""
			}
			return person, err
		},
	}
}

// rooms is where incidents run, with what is shown of them.
func (a *app) rooms() incident.Rooms {
	r := commands.Rooms(func() *bot.Bot { return a.bot })
	r.Header = func(tx store.Tx, id, channel string) error {
		return a.bot.Place(tx, commands.IncidentKind, id, channel)
	}
	r.HeaderAt = func(g store.Getter, id string) (string, error) {
		_, ts, _, err := bot.CardAt(g, commands.IncidentKind, id)
		return ts, err
	}
	r.Page = func(tx store.Tx, page, channel string) error {
		return a.bot.Place(tx, commands.PageKind, page, channel)
	}
	r.Postmortem = func(tx store.Tx, id, channel string) error {
		return a.bot.Place(tx, commands.PostmortemKind, id, channel)
	}
	r.Show = func(tx store.Tx, id, channel string) error {
		kind, news, beside := commands.IncidentShown(id, channel)
		return a.bot.PlaceBeside(tx, kind, news, channel, beside)
	}
	r.Say = func(tx store.Tx, channel, id string, what incident.Announcement) error {
		if kind, id, ok := commands.IncidentNewsReminder(what); ok {
			return a.bot.Remind(tx, channel, kind, id)
		}
		return a.bot.Announce(tx, channel, id, commands.IncidentNews(what))
	}
	return r
}
