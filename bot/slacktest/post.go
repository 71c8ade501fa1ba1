package slacktest

// post puts a message into a channel and tells the app of it. It returns the envelopes' ids.
func (s *Server) post(r *room, m *Message) []string {
	m.Channel, m.TS = r.ID, s.nextTS()
	r.add(m)
	if m.BotID != "" {
		s.log.counts.Messages++
	}
	s.changed()
	return s.tellMessage(r, m)
}

// tellMessage sends app_mention and message events for a new message, as far as the bot may hear them.
func (s *Server) tellMessage(r *room, m *Message) []string {
	if s.opts.Quiet && m.BotID != "" || !r.members[s.BotUserID] {
		return nil
	}
	var ids []string
	if !r.IM && m.BotID == "" && mentions(m.Text, s.BotUserID) {
		e := s.messageEvent(r, m)
		e["type"] = "app_mention"
		delete(e, "channel_type")
		ids = append(ids, s.tell("app_mention", e))
	}
	ids = append(ids, s.tell("message."+r.topic(), s.messageEvent(r, m)))
	return given(ids)
}

func given(ids []string) []string {
	var list []string
	for _, id := range ids {
		if id != "" {
			list = append(list, id)
		}
	}
	return list
}

// topic is the second half of a message subscription: channels, groups or im.
func (r *room) topic() string { return r.scopeFamily() }

func (s *Server) messageEvent(r *room, m *Message) obj {
	e := s.wire(m, true)
	e["channel"], e["channel_type"], e["event_ts"] = r.ID, r.channelType(), m.TS
	if m.BotID == "" && m.Subtype == "" {
		e["client_msg_id"] = newEnvelopeID()
	}
	return e
}

// change tells the app that a message was edited.
func (s *Server) change(r *room, before obj, m *Message) []string {
	m.Updates++
	s.changed()
	if s.opts.Quiet {
		return nil
	}
	at := s.nextTS()
	return given([]string{s.tellIn(r, "message."+r.topic(), obj{
		"type": "message", "subtype": "message_changed", "message": s.wire(m, true), "previous_message": before, "hidden": true,
		"channel": r.ID, "channel_type": r.channelType(), "ts": at, "event_ts": at,
	})})
}

// erase removes a message and tells the app.
func (s *Server) erase(r *room, m *Message) []string {
	before := s.wire(m, true)
	gone := m.TS
	r.remove(m)
	s.changed()
	at := s.nextTS()
	return given([]string{s.tellIn(r, "message."+r.topic(), obj{
		"type": "message", "subtype": "message_deleted", "deleted_ts": gone, "previous_message": before, "hidden": true,
		"channel": r.ID, "channel_type": r.channelType(), "ts": at, "event_ts": at,
	})})
}

// whisper shows a message to one person only.
func (s *Server) whisper(user, channel string, m *Message) *Message {
	m.Channel, m.TS, m.Ephemeral, m.For = channel, s.nextTS(), true, user
	s.log.counts.Ephemerals++
	if !s.opts.Quiet {
		s.world.whispers[user] = append(s.world.whispers[user], m)
	}
	s.changed()
	return m
}

// slackbot tells a person something on Slack's behalf.
func (s *Server) slackbot(user, channel, text string) {
	s.whisper(user, channel, &Message{User: slackbotID, Username: "Slackbot", Text: text})
}

func (s *Server) findWhisper(user, channel, ts string) *Message {
	list := s.world.whispers[user]
	i := firstNotBefore(list, ts)
	if i < len(list) && list[i].TS == ts && list[i].Channel == channel {
		return list[i]
	}
	return nil
}

// botMessage is a message of the app.
func (s *Server) botMessage(text string) *Message {
	return &Message{User: s.BotUserID, BotID: s.BotID, Text: text}
}
