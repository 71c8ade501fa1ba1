package slacktest

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Limits of messages (Slack: chat.postMessage, chat.update).
const (
	maxText        = 40000 // characters; what is longer is cut
	maxUpdate      = 4000  // characters of chat.update's text
	maxAttachments = 100
	maxMetadata    = 8 << 10 // bytes; Slack publishes no figure, this one is ours
)

func chatMethods() map[string]method {
	write := []string{"chat:write"}
	return map[string]method{
		"chat.postMessage":   {run: (*Server).postMessage, perMin: 300, scopes: write},
		"chat.postEphemeral": {run: (*Server).postEphemeral, perMin: tier4, scopes: write},
		"chat.update":        {run: (*Server).updateMessage, perMin: tier3, scopes: write},
		"chat.delete":        {run: (*Server).deleteMessage, perMin: tier3, scopes: write},
		"chat.getPermalink":  {run: (*Server).permalink, perMin: often},
	}
}

func (s *Server) postMessage(c *call) (obj, error) {
	r, err := s.postRoom(c)
	if err != nil {
		return nil, err
	}
	m, err := s.content(c)
	if err != nil {
		return nil, err
	}
	if ts := c.str("thread_ts"); ts != "" {
		m.ThreadTS = r.existingThread(ts)
		m.Broadcast = m.ThreadTS != "" && c.yes("reply_broadcast")
	}
	if m.Broadcast {
		m.Subtype = "thread_broadcast"
	}
	s.post(r, m)
	return obj{"channel": r.ID, "ts": m.TS, "message": s.wire(m, true)}, nil
}

// existingThread is the parent a reply hangs on. A reply to a message that is gone is posted outside of any thread.
func (r *room) existingThread(ts string) string {
	thread, err := r.threadOf(ts)
	if err != nil {
		return ""
	}
	return thread
}

// postRoom finds where a post goes: a channel's ID or name, a person's ID for their direct message.
func (s *Server) postRoom(c *call) (*room, error) {
	to := c.str("channel")
	if u := s.world.users[to]; u != nil {
		if u.ID == s.BotUserID || u.ID == slackbotID {
			return nil, refuse("cannot_dm_bot")
		}
		if u.Deleted {
			return nil, refuse("user_disabled")
		}
		return s.dm(u.ID), nil
	}
	r := s.world.room(to)
	switch {
	case r == nil, r.Private && !r.members[s.BotUserID]:
		return nil, refuse("channel_not_found")
	case r.Archived:
		return nil, refuse("is_archived")
	case !r.members[s.BotUserID] && !s.world.app.may("chat:write.public"):
		return nil, refuse("not_in_channel")
	}
	return r, nil
}

// content builds a message of the app from a call's arguments.
func (s *Server) content(c *call) (*Message, error) {
	m := s.botMessage(cutText(c.str("text")))
	blocks, refused := s.checkedBlocks(c.raw("blocks"), inMessage)
	if refused != nil {
		return nil, refused
	}
	m.Blocks, m.Attachments = blocks, nonEmpty(c.raw("attachments"))
	if err := checkAttachments(m.Attachments); err != nil {
		return nil, err
	}
	if md := c.str("markdown_text"); md != "" {
		switch {
		case m.Text != "" || m.Blocks != nil:
			return nil, refuse("markdown_text_conflict")
		case utf8.RuneCountInString(md) > maxMarkdown:
			return nil, refuse("msg_too_long")
		}
		m.Text = md
	}
	if m.Text == "" && m.Blocks == nil && m.Attachments == nil {
		return nil, refuse("no_text")
	}
	if name := c.str("username"); name != "" {
		if err := s.needScope("chat:write.customize"); err != nil {
			return nil, err
		}
		m.Username = name
	}
	if err := s.setMetadata(m, c.raw("metadata")); err != nil {
		return nil, err
	}
	return m, nil
}

func cutText(text string) string {
	if len(text) <= maxText || utf8.RuneCountInString(text) <= maxText {
		return text
	}
	return string([]rune(text)[:maxText])
}

func checkAttachments(raw json.RawMessage) error {
	var list []json.RawMessage
	if raw == nil {
		return nil
	}
	if json.Unmarshal(raw, &list) != nil {
		return refuse("invalid_attachments")
	}
	if len(list) > maxAttachments {
		return refuse("too_many_attachments")
	}
	return nil
}

var metadataKey = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// setMetadata checks and stores metadata. {} removes what was there, nothing keeps it.
func (s *Server) setMetadata(m *Message, raw json.RawMessage) *apiError {
	text := strings.TrimSpace(string(raw))
	if text == "" || text == "null" {
		return nil
	}
	var data struct {
		EventType string                     `json:"event_type"`
		Payload   map[string]json.RawMessage `json:"event_payload"`
	}
	if json.Unmarshal(raw, &data) != nil {
		return refuse("invalid_metadata_format")
	}
	if data.EventType == "" && len(data.Payload) == 0 {
		m.Metadata = nil
		return nil
	}
	if len(text) > maxMetadata {
		return refuse("metadata_too_large")
	}
	if data.EventType == "" || data.Payload == nil {
		return refuse("invalid_metadata_schema")
	}
	for key := range data.Payload {
		if !metadataKey.MatchString(key) {
			return refuse("invalid_metadata_schema", key)
		}
	}
	m.Metadata = json.RawMessage(text)
	return nil
}

func (s *Server) postEphemeral(c *call) (obj, error) {
	r, u := s.world.channels[c.str("channel")], s.world.users[c.str("user")]
	switch {
	case r == nil, r.Private && !r.members[s.BotUserID]:
		return nil, refuse("channel_not_found")
	case r.Archived:
		return nil, refuse("is_archived")
	case !r.members[s.BotUserID]:
		return nil, refuse("not_in_channel")
	case u == nil, u.Deleted, !r.members[u.ID]:
		return nil, refuse("user_not_in_channel")
	}
	m, err := s.content(c)
	if err != nil {
		return nil, err
	}
	m.ThreadTS = c.str("thread_ts")
	s.whisper(u.ID, r.ID, m)
	return obj{"message_ts": m.TS}, nil
}

// ownPost finds a message of the app by a call's channel and ts.
func (s *Server) ownPost(c *call, forbidden string) (*room, *Message, error) {
	r := s.world.channels[c.str("channel")]
	if r == nil || r.Private && !r.members[s.BotUserID] {
		return nil, nil, refuse("channel_not_found")
	}
	m := r.find(c.str("ts"))
	switch {
	case m == nil || m.Subtype == "tombstone":
		return nil, nil, refuse("message_not_found")
	case m.BotID != s.BotID:
		return nil, nil, refuse(forbidden)
	}
	return r, m, nil
}

// updateMessage changes a message of the app: text alone removes its blocks, metadata stays unless given, and an edit
// with blocks is not marked as edited (Slack: chat.update).
func (s *Server) updateMessage(c *call) (obj, error) {
	r, m, err := s.ownPost(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if r.Archived {
		return nil, refuse("is_inactive")
	}
	if utf8.RuneCountInString(c.str("text")) > maxUpdate {
		return nil, refuse("msg_too_long")
	}
	if !c.has("text") && !c.has("blocks") && !c.has("attachments") && !c.has("markdown_text") && c.has("metadata") {
		return s.updateMetadata(c, r, m)
	}
	fresh, err := s.content(c)
	if err != nil {
		return nil, err
	}
	before := s.wire(m, true)
	if c.has("text") || c.has("markdown_text") {
		m.Text = fresh.Text
	}
	m.Blocks = fresh.Blocks
	if c.has("attachments") || fresh.Blocks != nil {
		m.Attachments = fresh.Attachments
	}
	if c.has("metadata") {
		m.Metadata = fresh.Metadata
	}
	if m.Blocks == nil {
		m.Edited = &Edited{User: s.BotUserID, TS: s.nextTS()}
	}
	s.change(r, before, m)
	return obj{"channel": r.ID, "ts": m.TS, "text": m.Text, "message": s.wire(m, true)}, nil
}

func (s *Server) updateMetadata(c *call, r *room, m *Message) (obj, error) {
	before := s.wire(m, true)
	if err := s.setMetadata(m, c.raw("metadata")); err != nil {
		return nil, err
	}
	s.change(r, before, m)
	return obj{"channel": r.ID, "ts": m.TS, "text": m.Text, "message": s.wire(m, true)}, nil
}

func (s *Server) deleteMessage(c *call) (obj, error) {
	r, m, err := s.ownPost(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	ts := m.TS
	s.erase(r, m)
	return obj{"channel": r.ID, "ts": ts}, nil
}

func (s *Server) permalink(c *call) (obj, error) {
	r := s.world.channels[c.str("channel")]
	if r == nil || r.Private && !r.members[s.BotUserID] {
		return nil, refuse("channel_not_found")
	}
	m := r.find(c.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := s.teamURL() + "archives/" + r.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.inThread() {
		link += "?" + url.Values{"thread_ts": {m.ThreadTS}, "cid": {r.ID}}.Encode()
	}
	return obj{"channel": r.ID, "permalink": link}, nil
}

func (s *Server) teamURL() string { return "https://" + s.domain() + ".slack.com/" }
