package main

import (
	"context"
	"errors"
	"fmt"
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
	a.incidents, err = incident.New(incident.Config{DB: a.db, PagerDuty: a.pager, Clock: p.Clock, Current: a.live.Current,
		People: a.peopleOnCall(links), Rooms: a.rooms(), Deploys: ledger{a.deliveries},
		Tell: func(tx store.Tx, n incident.Note) error {
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
	}
}

// rooms is where incidents run.
func (a *app) rooms() incident.Rooms {
	return incident.Rooms{
		Ensure: func(ctx context.Context, want incident.RoomWant) (channel, name string, err error) {
			return a.bot.EnsureRoom(ctx, bot.Room{ID: want.ID, Name: bot.RoomName(want.Name), Private: want.Private, Since: want.Since, Purpose: want.Purpose})
		},
		Invite: func(ctx context.Context, channel string, people []string) ([]string, error) {
			return a.bot.Invite(ctx, channel, people)
		},
		Topic: func(ctx context.Context, channel, topic string) error { return a.bot.SetTopic(ctx, channel, topic) },
		Bookmark: func(ctx context.Context, channel, title, link string) error {
			return a.bot.EnsureBookmark(ctx, channel, title, link)
		},
		Header: func(tx store.Tx, id, channel string) error {
			return a.bot.Place(tx, commands.IncidentKind, id, channel)
		},
		Show: func(tx store.Tx, id, channel string) error {
			kind, news, beside := commands.IncidentShown(id, channel)
			return a.bot.PlaceBeside(tx, kind, news, channel, beside)
		},
		HeaderAt: func(g store.Getter, id string) (string, error) {
			_, ts, _, err := bot.CardAt(g, commands.IncidentKind, id)
			return ts, err
		},
		Pin: func(ctx context.Context, channel, ts string) error { return a.bot.EnsurePin(ctx, channel, ts) },
		Say: func(tx store.Tx, channel, id string, what incident.Announcement) error {
			return a.bot.Announce(tx, channel, id, commands.IncidentNews(what))
		},
		Refuses: refusesRoom,
	}
}

// refusesRoom puts Slack's no into words.
func refusesRoom(err error) (why string, forGood bool, wait time.Duration) {
	why = "Slack did not answer."
	var user bot.UserError
	var slack *bot.Error
	switch {
	case errors.As(err, &user):
		why = user.UserMessage()
	case errors.As(err, &slack) && slack.Code != "":
		why = fmt.Sprintf("Slack refused: %s.", slack.Code)
	}
	var passing interface{ RetryAfter() time.Duration }
	if errors.As(err, &passing) {
		wait = passing.RetryAfter()
	}
	return why, bot.ForGood(err), wait
}

// ledger is what incidents see of deployments.
type ledger struct{ deliveries *delivery.Service }

// Recent implements incident.Deploys.
func (l ledger) Recent(ctx context.Context, services []string, since time.Time) ([]incident.Deploy, error) {
	all, err := l.deliveries.Recent(ctx, services, since)
	if err != nil {
		return nil, err
	}
	var out []incident.Deploy
	for _, c := range all {
		d := incident.Deploy{ID: c.ID, Service: c.Service, Environment: c.Environment, SHA: c.Commit.SHA, Subject: c.Commit.Subject, URL: c.Commit.URL,
			By: c.By, Began: c.Began(), Ended: c.Ended, State: string(c.State), Back: c.There && c.Deployment.Rollback == nil, Rollback: c.Deployment.Rollback != nil}
		if c.Undone() {
			d.State = "rolled_back"
		}
		out = append(out, d)
	}
	return out, nil
}
