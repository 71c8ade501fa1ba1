package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/bot"
	"shipmate/incident"
)

// Rooms is where incidents run: in Slack. The bot is asked for when something is done, since it is made of the commands. What is
// done in a transaction is left for whoever has one.
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
		Pin:     func(ctx context.Context, channel, ts string) error { return b().EnsurePin(ctx, channel, ts) },
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
	case errors.As(err, &slack) && slack.Code == "restricted_action":
		why = fmt.Sprintf("Slack refused: %s. An administrator of the workspace can let apps do that.", slack.Code)
	case errors.As(err, &slack) && slack.Code != "":
		why = fmt.Sprintf("Slack refused: %s.", slack.Code)
	}
	var passing interface{ RetryAfter() time.Duration }
	if errors.As(err, &passing) {
		wait = passing.RetryAfter()
	}
	return why, bot.ForGood(err), wait
}
