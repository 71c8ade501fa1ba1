package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/bot"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/store"
)

// Rooms is where incidents run: in Slack. The bot is asked for when something is done, since it is made of the
func Rooms(b func() *bot.Bot) incident.Rooms {
	return incident.Rooms{
		Ensure: func(ctx context.Context, want incident.RoomWant) (channel, name string, err error) {
			return b().EnsureRoom(ctx, bot.Room{ID: want.ID, Name: bot.RoomName(want.Name), Private: want.Private, Since: want.Since, Purpose: want.Purpose})
		},
		Invite: func(ctx context.Context, channel string, people []string) ([]string, error) {
			return b().Invite(ctx, channel, people)
		},
		Topic: func(ctx context.Context, channel, topic string) error { return b().SetTopic(ctx, channel, topic) },
		Bookmark: func(ctx context.Context, channel, title, link string) error {
			return b().EnsureBookmark(ctx, channel, title, link)
		},
		Header: func(tx store.Tx, id, channel string) error {
			return b().Place(tx, IncidentKind, id, channel)
		},
		Page: func(tx store.Tx, page, channel string) error { return b().Place(tx, pageKind, page, channel) },
		Show: func(tx store.Tx, id, channel string) error {
			kind, news, beside := IncidentShown(id, channel)
			return b().PlaceBeside(tx, kind, news, channel, beside)
		},
		Postmortem: func(tx store.Tx, id, channel string) error { return b().Place(tx, PostmortemKind, id, channel) },
		HeaderAt: func(g store.Getter, id string) (string, error) {
			_, ts, _, err := bot.CardAt(g, IncidentKind, id)
			return ts, err
		},
		Pin: func(ctx context.Context, channel, ts string) error { return b().EnsurePin(ctx, channel, ts) },
		Say: func(tx store.Tx, channel, id string, what incident.Announcement) error {
			return b().Announce(tx, channel, id, IncidentNews(what))
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

// Ledger is what incidents see of deployments.
type Ledger struct{ Deliveries *delivery.Service }

// Recent implements incident.Deploys.
func (l Ledger) Recent(ctx context.Context, services []string, since time.Time) ([]incident.Deploy, error) {
	all, err := l.Deliveries.Recent(ctx, services, since)
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
