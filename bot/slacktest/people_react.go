package slacktest

import (
	"fmt"
	"slices"
)

// React adds an emoji, named without colons, to a message: reaction_added.
func (s *Server) React(user, channel, ts, emoji string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, r, err := s.who(user, channel)
	if err != nil {
		return nil, fmt.Errorf("reacting: %w", err)
	}
	m := r.find(ts)
	if m == nil {
		return nil, fmt.Errorf("reacting: message_not_found: %s", ts)
	}
	id, code := s.react(r, m, u.ID, emoji)
	if code != "" {
		return nil, fmt.Errorf("reacting: %s", code)
	}
	return given([]string{id}), nil
}

// Unreact takes a person's own emoji off a message: reaction_removed.
func (s *Server) Unreact(user, channel, ts, emoji string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, r, err := s.who(user, channel)
	if err != nil {
		return nil, fmt.Errorf("taking a reaction back: %w", err)
	}
	m := r.find(ts)
	if m == nil {
		return nil, fmt.Errorf("taking a reaction back: message_not_found: %s", ts)
	}
	id, code := s.unreact(r, m, u.ID, emoji)
	if code != "" {
		return nil, fmt.Errorf("taking a reaction back: %s", code)
	}
	return given([]string{id}), nil
}

// react adds an emoji and tells the app; code is Slack's error, if any.
func (s *Server) react(r *room, m *Message, user, emoji string) (id, code string) {
	if !emojiName.MatchString(emoji) {
		return "", "invalid_name"
	}
	i := slices.IndexFunc(m.Reactions, func(x Reaction) bool { return x.Name == emoji })
	switch {
	case i < 0:
		m.Reactions = append(m.Reactions, Reaction{Name: emoji, Users: []string{user}})
	case slices.Contains(m.Reactions[i].Users, user):
		return "", "already_reacted"
	default:
		m.Reactions[i].Users = append(slices.Clone(m.Reactions[i].Users), user)
	}
	return s.tellReaction("reaction_added", r, m, user, emoji), ""
}

// unreact takes an emoji off and tells the app; code is Slack's error, if any.
func (s *Server) unreact(r *room, m *Message, user, emoji string) (id, code string) {
	i := slices.IndexFunc(m.Reactions, func(x Reaction) bool { return x.Name == emoji && slices.Contains(x.Users, user) })
	if i < 0 {
		return "", "no_reaction"
	}
	left := without(m.Reactions[i].Users, []string{user})
	m.Reactions = slices.Clone(m.Reactions)
	if m.Reactions[i].Users = left; len(left) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	return s.tellReaction("reaction_removed", r, m, user, emoji), ""
}

func (s *Server) tellReaction(kind string, r *room, m *Message, user, emoji string) string {
	s.changed()
	return s.tellIn(r, kind, obj{
		"type": kind, "user": user, "reaction": emoji, "item_user": m.User, "event_ts": s.nextTS(),
		"item": obj{"type": "message", "channel": r.ID, "ts": m.TS},
	})
}
