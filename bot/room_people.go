package bot

import (
	"context"
	"errors"
	"slices"
)

// maxInvited is how many people one call may invite (Slack: conversations.invite).
const maxInvited = 100

// Invite brings people, given by their Slack IDs, into a channel that Shipmate is in. Who is in it already counts as brought in,
// and nobody stays out because somebody else cannot come: failed are those whom Slack does not let in, for good. An error is
// about the channel, or passing; then not everybody may be in, and the call can be made again.
func (b *Bot) Invite(ctx context.Context, channel string, users []string) (failed []string, err error) {
	self, err := b.self.wait(ctx)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, id := range users {
		if id != "" && id != self.user && !slices.Contains(people, id) {
			people = append(people, id)
		}
	}
	for some := range slices.Chunk(people, maxInvited) {
		out, err := b.inviteSome(ctx, channel, some)
		failed = append(failed, out...)
		if err != nil {
			return failed, later(err)
		}
	}
	return failed, nil
}

// inviteSome invites up to a hundred people at once, looks who came, and invites the others one by one, since only then Slack
// says whom each refusal is about.
func (b *Bot) inviteSome(ctx context.Context, channel string, people []string) (failed []string, err error) {
	missing := people
	if len(people) > 1 {
		if err := b.api.invite(ctx, channel, people); err != nil && !aboutPerson(err) {
			return nil, err
		}
		in, err := b.api.members(ctx, channel)
		if err != nil {
			return nil, err
		}
		missing = slices.DeleteFunc(slices.Clone(people), func(id string) bool { return slices.Contains(in, id) })
	}
	for _, id := range missing {
		err := b.api.invite(ctx, channel, []string{id})
		switch {
		case err == nil, isCode(err, "already_in_channel"), isCode(err, "cant_invite_self"):
		case aboutPerson(err):
			b.log.Info("somebody cannot be invited", "user", id, "channel", channel, "err", err)
			failed = append(failed, id)
		default:
			return failed, err
		}
	}
	return failed, nil
}

// personRefusals are Slack's words for an invitation that are about who is invited (Slack: conversations.invite).
var personRefusals = map[string]bool{"already_in_channel": true, "cant_invite_self": true, "cant_invite": true, "user_not_found": true,
	"user_disabled": true, "ura_max_channels": true, "invitee_cant_see_channel": true, "no_external_invite_permission": true,
	"user_team_not_in_channel": true}

func aboutPerson(err error) bool {
	var api *Error
	return errors.As(err, &api) && personRefusals[api.Code]
}

// Members lists the Slack IDs of who is in a channel, without Shipmate itself.
func (b *Bot) Members(ctx context.Context, channel string) ([]string, error) {
	self, err := b.self.wait(ctx)
	if err != nil {
		return nil, err
	}
	all, err := b.api.members(ctx, channel)
	if err != nil {
		return nil, later(err)
	}
	return slices.DeleteFunc(all, func(id string) bool { return id == self.user }), nil
}
