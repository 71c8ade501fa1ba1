package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/bot"
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
