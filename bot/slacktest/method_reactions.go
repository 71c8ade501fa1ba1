package slacktest

import (
	"regexp"
	"strings"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

func reactionMethods() map[string]method {
	return map[string]method{
		"reactions.add":    {run: (*Server).reactionAdd, perMin: tier3, scopes: []string{"reactions:write"}},
		"reactions.remove": {run: (*Server).reactionRemove, perMin: tier2, scopes: []string{"reactions:write"}},
		"reactions.get":    {run: (*Server).reactionGet, perMin: tier3, scopes: []string{"reactions:read"}},
	}
}

// item finds the message a reaction or pin is for.
func (s *Server) item(c *call) (*room, *Message, error) {
	if c.str("channel") == "" || c.str("timestamp") == "" {
		return nil, nil, refuse("no_item_specified")
	}
	r, err := s.visible(c)
	if err != nil {
		return nil, nil, err
	}
	if !validTS(c.str("timestamp")) {
		return nil, nil, refuse("bad_timestamp")
	}
	m := r.find(c.str("timestamp"))
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	return r, m, nil
}

func (s *Server) reactionAdd(c *call) (obj, error) {
	r, m, err := s.item(c)
	if err != nil {
		return nil, err
	}
	if r.Archived {
		return nil, refuse("is_archived")
	}
	if !r.members[s.BotUserID] {
		return nil, refuse("not_in_channel")
	}
	if _, code := s.react(r, m, s.BotUserID, strings.Trim(c.str("name"), ":")); code != "" {
		return nil, refuse(code)
	}
	return obj{}, nil
}

func (s *Server) reactionGet(c *call) (obj, error) {
	r, m, err := s.item(c)
	if err != nil {
		return nil, err
	}
	return obj{"type": "message", "channel": r.ID, "message": s.wire(m, false)}, nil
}

func (s *Server) reactionRemove(c *call) (obj, error) {
	r, m, err := s.item(c)
	if err != nil {
		return nil, err
	}
	if _, code := s.unreact(r, m, s.BotUserID, strings.Trim(c.str("name"), ":")); code != "" {
		return nil, refuse(code)
	}
	return obj{}, nil
}
