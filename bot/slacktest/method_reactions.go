package slacktest

import (
	"regexp"
	"strings"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

func reactionMethods() map[string]method {
	return map[string]method{
		"reactions.add": {run: (*Server).reactionAdd, perMin: tier3, scopes: []string{"reactions:write"}},
		"reactions.get": {run: (*Server).reactionGet, perMin: tier3, scopes: []string{"reactions:read"}},
		"pins.add":      {run: (*Server).pinAdd, perMin: tier2, scopes: []string{"pins:write"}},
		"bookmarks.add": {run: (*Server).bookmarkAdd, perMin: tier2, scopes: []string{"bookmarks:write"}},
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

func (s *Server) pinAdd(c *call) (obj, error) {
	r, m, err := s.item(c)
	switch {
	case err != nil:
		return nil, err
	case !r.members[s.BotUserID]:
		return nil, refuse("not_in_channel")
	case m.Pinned:
		return nil, refuse("already_pinned")
	}
	m.Pinned = true
	return obj{}, nil
}

// bookmark is a link at the head of a channel.
type bookmark struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Link  string `json:"link"`
	Emoji string `json:"emoji"`
}

// maxBookmarks is how many a channel can have (Slack: bookmarks.add, too_many_bookmarks).
const maxBookmarks = 100

func (s *Server) bookmarkAdd(c *call) (obj, error) {
	r := s.world.channels[c.str("channel_id")]
	switch {
	case r == nil || !r.sees(s.BotUserID):
		return nil, refuse("channel_not_found")
	case !r.members[s.BotUserID]:
		return nil, refuse("not_in_channel")
	case c.str("type") != "link":
		return nil, refuse("invalid_bookmark_type")
	case c.str("title") == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: title")
	case !strings.HasPrefix(c.str("link"), "https://") && !strings.HasPrefix(c.str("link"), "http://"):
		return nil, refuse("invalid_link")
	case len(r.bookmarks) >= maxBookmarks:
		return nil, refuse("too_many_bookmarks")
	}
	b := bookmark{ID: randomID("Bk0", 9), Title: c.str("title"), Link: c.str("link"), Emoji: c.str("emoji")}
	r.bookmarks = append(r.bookmarks, b)
	now := s.now().Unix()
	return obj{"bookmark": obj{
		"id": b.ID, "channel_id": r.ID, "title": b.Title, "link": b.Link, "emoji": b.Emoji, "type": "link",
		"date_created": now, "date_updated": now, "app_id": s.AppID,
	}}, nil
}
