package bot

import (
	"context"

	"github.com/slack-go/slack"
)

// What Shipmate does with channels it makes. Each call takes its turn in the method's budget first and is made once: whoever
// asks again looks first, or asks for something that is the same when it is done twice.

// turn takes a call out of the method's budget, or is the error that says how long to wait.
func (a *slackAPI) turn(method string) error {
	if d := a.budget.take(method, "", answers); d > 0 {
		return &Error{Op: method, Code: "rate limited", RetryAfter: d, Passing: true}
	}
	return nil
}

func (a *slackAPI) createRoom(ctx context.Context, name string, private bool) (*slack.Channel, error) {
	if err := a.turn("conversations.create"); err != nil {
		return nil, err
	}
	c, err := a.client.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name, IsPrivate: private})
	return c, a.fail("conversations.create", "", err)
}

// ownRooms lists the channels of one type that the bot is in; each of those it made is among them.
func (a *slackAPI) ownRooms(ctx context.Context, private bool) (all []slack.Channel, err error) {
	kind := "public_channel"
	if private {
		kind = "private_channel"
	}
	if err := a.turn("users.conversations"); err != nil {
		return nil, err
	}
	for cursor := ""; ; { // the pages after the first take no turn, or a long list would never be read to its end
		page, next, err := a.client.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
			Types: []string{kind}, Limit: 999, Cursor: cursor})
		if err := a.fail("users.conversations", "", err); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

func (a *slackAPI) room(ctx context.Context, channel string) (*slack.Channel, error) {
	if err := a.turn("conversations.info"); err != nil {
		return nil, err
	}
	c, err := a.client.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	return c, a.fail("conversations.info", "", err)
}

func (a *slackAPI) setPurpose(ctx context.Context, channel, purpose string) error {
	if err := a.turn("conversations.setPurpose"); err != nil {
		return err
	}
	_, err := a.client.SetPurposeOfConversationContext(ctx, channel, purpose)
	return a.fail("conversations.setPurpose", "", err)
}

func (a *slackAPI) setTopic(ctx context.Context, channel, topic string) error {
	if err := a.turn("conversations.setTopic"); err != nil {
		return err
	}
	_, err := a.client.SetTopicOfConversationContext(ctx, channel, topic)
	return a.fail("conversations.setTopic", "", err)
}

func (a *slackAPI) renameRoom(ctx context.Context, channel, name string) (*slack.Channel, error) {
	if err := a.turn("conversations.rename"); err != nil {
		return nil, err
	}
	c, err := a.client.RenameConversationContext(ctx, channel, name)
	return c, a.fail("conversations.rename", "", err)
}

func (a *slackAPI) archiveRoom(ctx context.Context, channel string) error {
	if err := a.turn("conversations.archive"); err != nil {
		return err
	}
	return a.fail("conversations.archive", "", a.client.ArchiveConversationContext(ctx, channel))
}

// invite lets in whoever of the people can be, also when others cannot.
func (a *slackAPI) invite(ctx context.Context, channel string, users []string) error {
	if err := a.turn("conversations.invite"); err != nil {
		return err
	}
	_, err := a.client.ForceInviteUsersToConversationContext(ctx, channel, users...)
	return a.fail("conversations.invite", "", err)
}

func (a *slackAPI) members(ctx context.Context, channel string) (all []string, err error) {
	if err := a.turn("conversations.members"); err != nil {
		return nil, err
	}
	for cursor := ""; ; { // the pages after the first take no turn, or a long list would never be read to its end
		page, next, err := a.client.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{
			ChannelID: channel, Limit: 999, Cursor: cursor})
		if err := a.fail("conversations.members", "", err); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

func (a *slackAPI) bookmarks(ctx context.Context, channel string) ([]slack.Bookmark, error) {
	if err := a.turn("bookmarks.list"); err != nil {
		return nil, err
	}
	all, err := a.client.ListBookmarksContext(ctx, channel)
	return all, a.fail("bookmarks.list", "", err)
}

func (a *slackAPI) addBookmark(ctx context.Context, channel, title, link string) error {
	if err := a.turn("bookmarks.add"); err != nil {
		return err
	}
	_, err := a.client.AddBookmarkContext(ctx, channel, slack.AddBookmarkParameters{Title: title, Type: "link", Link: link})
	return a.fail("bookmarks.add", "", err)
}

func (a *slackAPI) pin(ctx context.Context, channel, ts string) error {
	if err := a.turn("pins.add"); err != nil {
		return err
	}
	return a.fail("pins.add", "", a.client.AddPinContext(ctx, channel, slack.NewRefToMessage(channel, ts)))
}
