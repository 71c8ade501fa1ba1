package slacktest

import (
	"encoding/json"
	"slices"
	"sort"
)

// Message is a message as Slack keeps it.
type Message struct {
	Channel     string          `json:"channel"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	User        string          `json:"user,omitempty"`
	BotID       string          `json:"bot_id,omitempty"`
	Subtype     string          `json:"subtype,omitempty"`
	Username    string          `json:"username,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Edited      *Edited         `json:"edited,omitempty"`
	Reactions   []Reaction      `json:"reactions,omitempty"`
	ReplyCount  int             `json:"reply_count,omitempty"`
	ReplyUsers  []string        `json:"reply_users,omitempty"`
	LatestReply string          `json:"latest_reply,omitempty"`
	Broadcast   bool            `json:"broadcast,omitempty"` // a thread's reply shown in the channel too
	Pinned      *Pin            `json:"pin,omitempty"`
	Files       []File          `json:"files,omitempty"`
	Ephemeral   bool            `json:"ephemeral,omitempty"` // only For sees it
	For         string          `json:"for,omitempty"`
	Updates     int             `json:"updates,omitempty"` // how often it was changed

	// Values is what people chose in its menus: user → block_id → action_id → value.
	Values map[string]states `json:"values,omitempty"`
}

// Edited tells who last edited a message, and when.
type Edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

// Reaction is an emoji on a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

// File is an uploaded file.
type File struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"`
	Size  int    `json:"size"`
	Alt   string `json:"alt_txt,omitempty"`
	Data  []byte `json:"data,omitempty"`
	Done  bool   `json:"done,omitempty"` // completed and shared
}

func (m *Message) copied() Message {
	c := *m
	c.Reactions = slices.Clone(m.Reactions)
	return c
}

// inThread tells a reply from a parent or a message without thread.
func (m *Message) inThread() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

func (r *room) find(ts string) *Message { return r.byTS[ts] }

// add puts a message at the end of a channel and counts it on its parent.
func (r *room) add(m *Message) {
	r.messages = append(r.messages, m)
	r.byTS[m.TS] = m
	if !m.inThread() {
		return
	}
	r.threads[m.ThreadTS] = append(r.threads[m.ThreadTS], m)
	if parent := r.byTS[m.ThreadTS]; parent != nil {
		parent.ThreadTS = parent.TS
		r.countReplies(parent)
	}
}

func (r *room) countReplies(parent *Message) {
	replies := r.threads[parent.TS]
	parent.ReplyCount, parent.LatestReply = len(replies), ""
	if len(replies) == 0 {
		parent.ThreadTS, parent.ReplyUsers = "", nil
		return
	}
	last := replies[len(replies)-1]
	parent.LatestReply = last.TS
	if !slices.Contains(parent.ReplyUsers, last.User) {
		parent.ReplyUsers = append(parent.ReplyUsers, last.User)
	}
}

// remove takes a message away. A parent that has replies leaves a tombstone, as in Slack.
func (r *room) remove(m *Message) {
	if m.ReplyCount > 0 {
		*m = Message{
			Channel: m.Channel, TS: m.TS, ThreadTS: m.ThreadTS, Subtype: "tombstone", User: slackbotID, Text: "This message was deleted.",
			ReplyCount: m.ReplyCount, ReplyUsers: m.ReplyUsers, LatestReply: m.LatestReply,
		}
		return
	}
	delete(r.byTS, m.TS)
	r.messages = cutMessage(r.messages, m.TS)
	if m.inThread() {
		r.threads[m.ThreadTS] = cutMessage(r.threads[m.ThreadTS], m.TS)
		if parent := r.byTS[m.ThreadTS]; parent != nil {
			r.countReplies(parent)
		}
	}
}

func cutMessage(list []*Message, ts string) []*Message {
	i := firstNotBefore(list, ts)
	if i == len(list) || list[i].TS != ts {
		return list
	}
	return append(list[:i:i], list[i+1:]...)
}

func firstNotBefore(list []*Message, ts string) int {
	return sort.Search(len(list), func(i int) bool { return !tsBefore(list[i].TS, ts) })
}

// wire is a message as the Web API and events show it.
func (s *Server) wire(m *Message, allMetadata bool) obj {
	w := obj{"type": "message", "ts": m.TS, "text": m.Text, "team": s.TeamID}
	put := func(key string, has bool, v any) {
		if has {
			w[key] = v
		}
	}
	put("user", m.User != "", m.User)
	put("bot_id", m.BotID != "", m.BotID)
	put("app_id", m.BotID != "", s.AppID)
	put("subtype", m.Subtype != "", m.Subtype)
	put("username", m.Username != "", m.Username)
	put("thread_ts", m.ThreadTS != "", m.ThreadTS)
	put("blocks", m.Blocks != nil, m.Blocks)
	put("attachments", m.Attachments != nil, m.Attachments)
	put("edited", m.Edited != nil, m.Edited)
	put("reactions", len(m.Reactions) > 0, reactionsWire(m.Reactions))
	put("metadata", m.Metadata != nil, shownMetadata(m.Metadata, allMetadata))
	put("parent_user_id", m.inThread(), s.parentUser(m))
	put("pinned_to", m.Pinned != nil, []string{m.Channel})
	put("files", len(m.Files) > 0, filesWire(m.Files))
	if m.ReplyCount > 0 {
		w["reply_count"], w["reply_users"], w["reply_users_count"] = m.ReplyCount, m.ReplyUsers, len(m.ReplyUsers)
		w["latest_reply"], w["subscribed"], w["is_locked"] = m.LatestReply, false, false
	}
	if m.Ephemeral {
		w["is_ephemeral"] = true
	}
	return w
}

func (s *Server) parentUser(m *Message) string {
	if r := s.world.channels[m.Channel]; r != nil {
		if parent := r.byTS[m.ThreadTS]; parent != nil {
			return parent.User
		}
	}
	return ""
}

// shownMetadata is the metadata a reader gets: its payload only when it asked for all.
func shownMetadata(raw json.RawMessage, all bool) any {
	if all || raw == nil {
		return raw
	}
	var m struct {
		EventType string `json:"event_type"`
	}
	_ = json.Unmarshal(raw, &m)
	return m
}

func reactionsWire(list []Reaction) []obj {
	var out []obj
	for _, r := range list {
		out = append(out, obj{"name": r.Name, "users": r.Users, "count": len(r.Users)})
	}
	return out
}

func filesWire(list []File) []obj {
	var out []obj
	for _, f := range list {
		out = append(out, obj{"id": f.ID, "name": f.Name, "title": f.Title, "size": f.Size, "mode": "hosted", "alt_txt": f.Alt})
	}
	return out
}

// File returns an uploaded file.
func (s *Server) File(id string) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.world.files[id]; f != nil && f.Done {
		return *f, true
	}
	return File{}, false
}

// Messages returns what a channel shows, oldest first: messages and broadcast replies, not what is only in threads.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown(s.world.room(channel))
}

func (s *Server) shown(r *room) []Message {
	if r == nil {
		return nil
	}
	var list []Message
	for _, m := range r.messages {
		if !m.inThread() || m.Broadcast {
			list = append(list, m.copied())
		}
	}
	return list
}

// Message returns one message of a channel.
func (s *Server) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.world.room(channel); r != nil && r.byTS[ts] != nil {
		return r.byTS[ts].copied(), true
	}
	return Message{}, false
}

// Thread returns a thread's parent and replies, oldest first.
func (s *Server) Thread(channel, ts string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.room(channel)
	if r == nil || r.byTS[ts] == nil {
		return nil
	}
	list := []Message{r.byTS[ts].copied()}
	for _, m := range r.threads[ts] {
		list = append(list, m.copied())
	}
	return list
}

// Ephemerals returns what only this person sees in a channel, oldest first; in all channels when channel is empty.
func (s *Server) Ephemerals(user, channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.world.room(channel); r != nil {
		channel = r.ID
	}
	var list []Message
	for _, m := range s.world.whispers[user] {
		if channel == "" || m.Channel == channel {
			list = append(list, m.copied())
		}
	}
	return list
}

// DM returns the messages between a person and the bot, oldest first.
func (s *Server) DM(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown(s.world.dms[user])
}

// DMChannel returns the ID of the direct message between a person and the bot, made when there is none yet.
func (s *Server) DMChannel(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dm(user).ID
}
