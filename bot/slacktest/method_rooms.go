package slacktest

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// roomMethods make channels and change them.
func roomMethods() map[string]method {
	manage := []string{"channels:manage", "groups:write"}
	return map[string]method{
		"conversations.create":     {run: (*Server).conversationCreate, perMin: tier2, scopes: manage},
		"conversations.rename":     {run: (*Server).conversationRename, perMin: tier2, scopes: manage},
		"conversations.setTopic":   {run: (*Server).conversationTopic, perMin: tier2, scopes: append(manage, "channels:write.topic")},
		"conversations.setPurpose": {run: (*Server).conversationPurpose, perMin: tier2, scopes: append(manage, "channels:write.topic")},
		"conversations.archive":    {run: (*Server).conversationArchive, perMin: tier2, scopes: manage},
	}
}

// Rules are what the workspace's administrators do not allow, which Slack answers with restricted_action.
type Rules struct {
	BotsMakeNoChannels    bool `json:"bots_make_no_channels,omitempty"`    // conversations.create and rename
	BotsArchiveNoChannels bool `json:"bots_archive_no_channels,omitempty"` // conversations.archive
}

// SetRules replaces what the administrators do not allow.
func (s *Server) SetRules(r Rules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.rules = r
	s.changed()
}

// Rules returns what the administrators do not allow.
func (s *Server) Rules() Rules {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.rules
}

// described is a topic or purpose as Slack shows it: escaped like a message.
func described(text string, r *room) obj {
	if text == "" {
		return obj{"value": "", "creator": "", "last_set": 0}
	}
	return obj{"value": escaped.Replace(text), "creator": r.Creator, "last_set": r.Created}
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// maxDescribed is how long a topic or a purpose may be, in characters.
const maxDescribed = 250

var channelName = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_-]+$`)

// nameRefused is what Slack says to a new name of a channel; nil when it takes it.
func (s *Server) nameRefused(name string) *apiError {
	switch {
	case name == "":
		return refuse("invalid_name_required")
	case utf8.RuneCountInString(name) > 80:
		return refuse("invalid_name_maxlength")
	case !channelName.MatchString(name):
		return refuse("invalid_name_specials")
	case strings.Trim(name, "_-") == "":
		return refuse("invalid_name_punctuation")
	case s.world.names[name] != nil:
		return refuse("name_taken") // also by one that is archived, or that the app cannot see
	}
	return nil
}

func (s *Server) conversationCreate(c *call) (obj, error) {
	name, private := c.str("name"), c.yes("is_private")
	if err := s.needScope(map[bool]string{false: "channels:manage", true: "groups:write"}[private]); err != nil {
		return nil, err
	}
	if s.world.rules.BotsMakeNoChannels {
		return nil, refuse("restricted_action")
	}
	if refused := s.nameRefused(name); refused != nil {
		return nil, refused
	}
	r := s.world.putChannel(Channel{Name: name, Private: private, Creator: s.BotUserID, Members: []string{s.BotUserID}, Created: s.now().Unix()})
	if !private {
		s.tell("channel_created", obj{"type": "channel_created", "event_ts": s.nextTS(), "channel": obj{
			"id": r.ID, "name": r.Name, "name_normalized": r.Name, "created": r.Created, "creator": r.Creator, "is_channel": true}})
	}
	return obj{"channel": s.channelWire(r)}, nil
}

// managed finds a channel the bot may change.
func (s *Server) managed(c *call) (*room, error) {
	r, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	if r.IM {
		return nil, refuse("method_not_supported_for_channel_type")
	}
	if err := s.needScope(r.kind("channels:manage", "groups:write")); err != nil {
		return nil, err
	}
	if !r.members[s.BotUserID] {
		return nil, refuse("not_in_channel")
	}
	return r, nil
}

// conversationRename gives a channel another name. An app may rename the channels it made.
func (s *Server) conversationRename(c *call) (obj, error) {
	r, err := s.managed(c)
	if err != nil {
		return nil, err
	}
	switch {
	case s.world.rules.BotsMakeNoChannels:
		return nil, refuse("restricted_action")
	case r.Creator != s.BotUserID:
		return nil, refuse("not_authorized")
	case r.Archived:
		return nil, refuse("is_archived")
	}
	before, name := r.Name, c.str("name")
	if refused := s.nameRefused(name); refused != nil {
		return nil, refused
	}
	delete(s.world.names, before)
	r.Name, s.world.names[name] = name, r
	kind := r.kind("channel", "group") + "_rename"
	s.tellIn(r, kind, obj{"type": kind, "event_ts": s.nextTS(), "channel": obj{"id": r.ID, "name": name, "name_normalized": name, "created": r.Created, "is_channel": true}})
	s.remark(r, r.kind("channel", "group")+"_name", "renamed the channel from “"+before+"” to “"+name+"”")
	return obj{"channel": s.channelWire(r)}, nil
}

func (s *Server) conversationTopic(c *call) (obj, error) {
	return s.describe(c, "topic", func(r *room) *string { return &r.Topic })
}

func (s *Server) conversationPurpose(c *call) (obj, error) {
	return s.describe(c, "purpose", func(r *room) *string { return &r.Purpose })
}

// describe sets a channel's topic or purpose and says so in it, when that is another one.
func (s *Server) describe(c *call, what string, of func(*room) *string) (obj, error) {
	r, err := s.managed(c)
	text := c.str(what)
	switch {
	case err != nil:
		return nil, err
	case r.Archived:
		return nil, refuse("is_archived")
	case utf8.RuneCountInString(text) > maxDescribed:
		return nil, refuse("too_long")
	}
	if now := of(r); *now != text {
		*now = text
		s.remark(r, r.kind("channel", "group")+"_"+what, "set the channel "+map[string]string{"topic": "topic", "purpose": "description"}[what]+": "+escaped.Replace(text))
	}
	return obj{what: text, "channel": s.channelWire(r)}, nil
}

// remark is a line about what the app did to a channel, as Slack puts it there in the app's name.
func (s *Server) remark(r *room, subtype, text string) {
	m := &Message{User: s.BotUserID, Subtype: subtype, Text: text, Channel: r.ID, TS: s.nextTS()}
	r.add(m)
	if !s.opts.Quiet {
		s.tellIn(r, "message."+r.topic(), s.messageEvent(r, m))
	}
	s.changed()
}

func (s *Server) conversationArchive(c *call) (obj, error) {
	r, err := s.managed(c)
	switch {
	case err != nil:
		return nil, err
	case r.Archived:
		return nil, refuse("already_archived")
	case s.world.rules.BotsArchiveNoChannels:
		return nil, refuse("restricted_action")
	case r.Name == "general":
		return nil, refuse("cant_archive_general")
	}
	s.archive(r, s.BotUserID)
	return obj{}, nil
}
