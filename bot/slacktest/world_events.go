package slacktest

import (
	"fmt"
	"slices"
)

// Deactivate takes a person out of the workspace, as an admin would: user_change.
func (s *Server) Deactivate(user string) error {
	u, ok := s.User(user)
	if !ok {
		return fmt.Errorf("deactivating %s: user_not_found", user)
	}
	u.Deleted = true
	return s.UpdateUser(u)
}

// UpdateUser replaces what is known of a person: user_change.
func (s *Server) UpdateUser(u User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	if s.world.users[u.ID] == nil {
		return fmt.Errorf("changing user %s: user_not_found", u.ID)
	}
	stored := s.world.putUser(u)
	s.tell("user_change", obj{"type": "user_change", "user": s.userWire(stored), "cache_ts": s.now().Unix(), "event_ts": s.nextTS()})
	return nil
}

// SetGroupMembers replaces a group's members: subteam_updated and subteam_members_changed.
func (s *Server) SetGroupMembers(group string, users ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	g := s.world.groups[group]
	if g == nil {
		return fmt.Errorf("changing group %s: no_such_subteam", group)
	}
	added, removed := without(users, g.Users), without(g.Users, users)
	g.Users = slices.Clone(users)
	now := s.now().Unix()
	s.tell("subteam_members_changed", obj{
		"type": "subteam_members_changed", "subteam_id": g.ID, "team_id": s.TeamID, "date_previous_update": now, "date_update": now,
		"added_users": added, "added_users_count": len(added), "removed_users": removed, "removed_users_count": len(removed),
		"event_ts": s.nextTS(),
	})
	s.tell("subteam_updated", obj{"type": "subteam_updated", "subteam": s.groupWire(g, true), "event_ts": s.nextTS()})
	return nil
}

func without(list, drop []string) []string {
	rest := []string{}
	for _, x := range list {
		if !slices.Contains(drop, x) {
			rest = append(rest, x)
		}
	}
	return rest
}

// Join lets someone, also the bot, join a public channel: member_joined_channel.
func (s *Server) Join(user, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.room(channel)
	if r == nil || r.Private || r.IM || s.world.users[user] == nil {
		return fmt.Errorf("%s joining %s: no such person or public channel", user, channel)
	}
	s.enter(r, user, "")
	return nil
}

// Invite has one member bring another person, also the bot, into a channel: member_joined_channel.
func (s *Server) Invite(by, channel, user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.room(channel)
	if r == nil || r.IM || !r.members[by] || s.world.users[user] == nil {
		return fmt.Errorf("%s inviting %s to %s: no such person or channel, or not a member", by, user, channel)
	}
	s.enter(r, user, by)
	return nil
}

// Kick has one person remove another, also the bot, from a channel: member_left_channel; channel_left or group_left
// for the bot.
func (s *Server) Kick(by, channel, user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.room(channel)
	if r == nil || r.IM || !r.members[user] {
		return fmt.Errorf("%s removing %s from %s: not a member", by, user, channel)
	}
	s.leave(r, user)
	return nil
}

// Archive closes a channel: channel_archive, or group_archive when it is private.
func (s *Server) Archive(by, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.room(channel)
	if r == nil || r.IM || r.Archived {
		return fmt.Errorf("archiving %s: no such open channel", channel)
	}
	s.archive(r, by)
	return nil
}

func (s *Server) archive(r *room, by string) {
	r.Archived = true
	kind := r.kind("channel", "group") + "_archive"
	s.tellIn(r, kind, obj{"type": kind, "channel": r.ID, "user": by, "event_ts": s.nextTS()})
	s.changed()
}

// enter makes someone a member. The bot hears of it where it is a member itself, also of its own arrival.
func (s *Server) enter(r *room, user, by string) {
	if r.members[user] {
		return
	}
	r.members[user] = true
	e := obj{"type": "member_joined_channel", "user": user, "channel": r.ID, "channel_type": r.kind("C", "G"), "team": s.TeamID, "event_ts": s.nextTS()}
	if by != "" {
		e["inviter"] = by
	}
	s.tellIn(r, "member_joined_channel", e)
	s.changed()
}

func (s *Server) leave(r *room, user string) {
	e := obj{"type": "member_left_channel", "user": user, "channel": r.ID, "channel_type": r.kind("C", "G"), "team": s.TeamID, "event_ts": s.nextTS()}
	s.tellIn(r, "member_left_channel", e)
	delete(r.members, user)
	if user == s.BotUserID {
		kind := r.kind("channel", "group") + "_left"
		s.tell(kind, obj{"type": kind, "channel": r.ID, "actor_id": user, "event_ts": s.nextTS()})
	}
	s.changed()
}

// kind picks the word for a public or a private channel.
func (r *room) kind(public, private string) string {
	if r.Private {
		return private
	}
	return public
}

// channelType is the word events use: channel, group or im.
func (r *room) channelType() string {
	if r.IM {
		return "im"
	}
	return r.kind("channel", "group")
}

// scopeFamily is the first half of a channel scope: channels, groups or im.
func (r *room) scopeFamily() string {
	return map[string]string{"channel": "channels", "group": "groups", "im": "im"}[r.channelType()]
}

// sees tells whether a person can look into a channel.
func (r *room) sees(user string) bool { return r.members[user] || !r.Private && !r.IM }

// slashName is the channel's name in a slash command's payload; direct messages and private channels have none there.
func (r *room) slashName() string {
	if r.IM {
		return "directmessage"
	}
	return r.kind(r.Name, "privategroup")
}
