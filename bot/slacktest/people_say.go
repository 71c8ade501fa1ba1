package slacktest

import (
	"fmt"
	"strings"
)

// Said is a message a person posted and the envelopes that told the app.
type Said struct {
	Channel   string
	TS        string
	Envelopes []string
}

// who finds a person who can act here, or an error with Slack's word.
func (s *Server) who(user, channel string) (*User, *room, error) {
	u, r := s.world.user(user), s.world.room(channel)
	switch {
	case u == nil:
		return nil, nil, fmt.Errorf("user_not_found: %s", user)
	case u.Deleted:
		return nil, nil, fmt.Errorf("account_inactive: %s is deactivated", u.Name)
	case r == nil || !r.sees(u.ID):
		return nil, nil, fmt.Errorf("channel_not_found: %s cannot see %s", u.Name, channel)
	}
	return u, r, nil
}

// writes is who, for someone about to write.
func (s *Server) writes(user, channel string) (*User, *room, error) {
	u, r, err := s.who(user, channel)
	switch {
	case err != nil:
		return nil, nil, err
	case r.Archived:
		return nil, nil, fmt.Errorf("is_archived: #%s", r.Name)
	case !r.members[u.ID]:
		return nil, nil, fmt.Errorf("not_in_channel: %s has not joined #%s", u.Name, r.Name)
	}
	return u, r, nil
}

// Say posts a message as a person, into a thread when threadTS is set. Typed @names and #channels become mentions.
// To talk to the bot privately, say it in DMChannel(user). Mentioning the bot where it is not a member reaches nobody:
// Slackbot offers to invite it.
func (s *Server) Say(user, channel, threadTS, text string) (Said, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, r, err := s.writes(user, channel)
	if err != nil {
		return Said{}, fmt.Errorf("saying something: %w", err)
	}
	if strings.HasPrefix(text, "/") {
		return Said{}, fmt.Errorf("%s is a slash command: it is not posted as a message", strings.Fields(text)[0])
	}
	thread, err := r.threadOf(threadTS)
	if err != nil {
		return Said{}, fmt.Errorf("saying something: %w", err)
	}
	m := &Message{User: u.ID, ThreadTS: thread, Text: s.world.escape(text), Blocks: s.world.richText(text)}
	ids := s.post(r, m)
	if mentions(m.Text, s.BotUserID) && !r.members[s.BotUserID] {
		s.slackbot(u.ID, r.ID, "You mentioned <@"+s.BotUserID+">, but they’re not in this channel.")
	}
	return Said{Channel: r.ID, TS: m.TS, Envelopes: ids}, nil
}

// threadOf finds the parent of the message that is replied to.
func (r *room) threadOf(ts string) (string, error) {
	if ts == "" {
		return "", nil
	}
	m := r.find(ts)
	if m == nil {
		return "", fmt.Errorf("thread_not_found: %s", ts)
	}
	if m.ThreadTS != "" {
		return m.ThreadTS, nil
	}
	return m.TS, nil
}

func (s *Server) ownMessage(user, channel, ts string) (*room, *Message, error) {
	u, r, err := s.writes(user, channel)
	if err != nil {
		return nil, nil, err
	}
	m := r.find(ts)
	if m == nil {
		return nil, nil, fmt.Errorf("message_not_found: %s", ts)
	}
	if m.User != u.ID || m.BotID != "" {
		return nil, nil, fmt.Errorf("cant_update_message: %s did not write it", u.Name)
	}
	return r, m, nil
}

// Edit changes a person's own message: message_changed. Slack sends no second app_mention for it.
func (s *Server) Edit(user, channel, ts, text string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, m, err := s.ownMessage(user, channel, ts)
	if err != nil {
		return nil, fmt.Errorf("editing a message: %w", err)
	}
	before := s.wire(m, true)
	m.Text, m.Blocks = s.world.escape(text), s.world.richText(text)
	m.Edited = &Edited{User: m.User, TS: s.nextTS()}
	return s.change(r, before, m), nil
}

// Delete removes a person's own message: message_deleted.
func (s *Server) Delete(user, channel, ts string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, m, err := s.ownMessage(user, channel, ts)
	if err != nil {
		return nil, fmt.Errorf("deleting a message: %w", err)
	}
	return s.erase(r, m), nil
}
