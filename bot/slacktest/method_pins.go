package slacktest

import (
	"cmp"
	"slices"
)

func pinMethods() map[string]method {
	return map[string]method{
		"pins.add":    {run: (*Server).pinAdd, perMin: tier2, scopes: []string{"pins:write"}},
		"pins.list":   {run: (*Server).pinList, perMin: tier2, scopes: []string{"pins:read"}},
		"pins.remove": {run: (*Server).pinRemove, perMin: tier2, scopes: []string{"pins:write"}},
	}
}

// Pin is a message kept at hand in its channel: who put it there, and when.
type Pin struct {
	By string `json:"by"`
	At string `json:"at"` // a time stamp like a message's
}

// pinnable finds the message of a call about a pin, in a channel the bot is in.
func (s *Server) pinnable(c *call) (*room, *Message, error) {
	r, m, err := s.item(c)
	switch {
	case err != nil:
		return nil, nil, err
	case !r.members[s.BotUserID]:
		return nil, nil, refuse("not_in_channel")
	}
	return r, m, nil
}

func (s *Server) pinAdd(c *call) (obj, error) {
	r, m, err := s.pinnable(c)
	switch {
	case err != nil:
		return nil, err
	case r.Archived:
		return nil, refuse("is_archived")
	case m.Pinned != nil:
		return nil, refuse("already_pinned")
	}
	m.Pinned = &Pin{By: s.BotUserID, At: s.nextTS()}
	s.tellPin(r, m, "pin_added")
	return obj{}, nil
}

func (s *Server) pinRemove(c *call) (obj, error) {
	r, m, err := s.pinnable(c)
	switch {
	case err != nil:
		return nil, err
	case m.Pinned == nil:
		return nil, refuse("no_pin")
	}
	was := m.Pinned
	m.Pinned = nil
	s.tellPin(r, &Message{TS: m.TS, User: m.User, Text: m.Text, Pinned: was}, "pin_removed")
	return obj{}, nil
}

func (s *Server) tellPin(r *room, m *Message, kind string) {
	s.changed()
	s.tellIn(r, kind, obj{
		"type": kind, "user": m.Pinned.By, "channel_id": r.ID, "item": s.pinWire(r, m), "item_user": m.User,
		"has_pins": len(r.pinned()) > 0, "event_ts": s.nextTS(),
	})
}

func (s *Server) pinWire(r *room, m *Message) obj {
	created, _, _ := cutTS(m.Pinned.At)
	return obj{"type": "message", "channel": r.ID, "created": created, "created_by": m.Pinned.By, "message": s.wire(m, false)}
}

func (s *Server) pinList(c *call) (obj, error) {
	r, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case !r.members[s.BotUserID]:
		return nil, refuse("not_in_channel")
	}
	items := []obj{}
	for _, m := range r.pinned() {
		items = append(items, s.pinWire(r, m))
	}
	return obj{"items": items}, nil
}

// pinned are a channel's pins, the newest first.
func (r *room) pinned() []*Message {
	var list []*Message
	for _, m := range r.messages {
		if m.Pinned != nil {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b *Message) int { return cmp.Compare(b.Pinned.At, a.Pinned.At) })
	return list
}

// Pins returns the messages pinned in a channel, the newest pin first.
func (s *Server) Pins(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.room(channel)
	if r == nil {
		return nil
	}
	var list []Message
	for _, m := range r.pinned() {
		list = append(list, m.copied())
	}
	return list
}
