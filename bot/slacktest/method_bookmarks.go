package slacktest

import (
	"slices"
	"strings"
)

func bookmarkMethods() map[string]method {
	write := []string{"bookmarks:write"}
	return map[string]method{
		"bookmarks.add":    {run: (*Server).bookmarkAdd, perMin: tier2, scopes: write},
		"bookmarks.edit":   {run: (*Server).bookmarkEdit, perMin: tier2, scopes: write},
		"bookmarks.remove": {run: (*Server).bookmarkRemove, perMin: tier2, scopes: write},
		"bookmarks.list":   {run: (*Server).bookmarkList, perMin: tier3, scopes: []string{"bookmarks:read"}},
	}
}

// Bookmark is a link at the head of a channel.
type Bookmark struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Link  string `json:"link"`
	Emoji string `json:"emoji"`
}

// maxBookmarks is how many a channel can have (Slack: bookmarks.add, too_many_bookmarks).
const maxBookmarks = 100

// shelf finds the channel of a call about bookmarks, which name it differently from all others.
func (s *Server) shelf(c *call) (*room, error) {
	r := s.world.channels[c.str("channel_id")]
	switch {
	case r == nil || !r.sees(s.BotUserID):
		return nil, refuse("channel_not_found")
	case !r.members[s.BotUserID]:
		return nil, refuse("not_in_channel")
	}
	return r, nil
}

func linkRefused(link string) *apiError {
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
		return refuse("invalid_link")
	}
	return nil
}

func (s *Server) bookmarkAdd(c *call) (obj, error) {
	r, err := s.shelf(c)
	switch {
	case err != nil:
		return nil, err
	case c.str("type") != "link":
		return nil, refuse("invalid_bookmark_type")
	case c.str("title") == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: title")
	case linkRefused(c.str("link")) != nil:
		return nil, linkRefused(c.str("link"))
	case r.Archived:
		return nil, refuse("is_archived")
	case len(r.bookmarks) >= maxBookmarks:
		return nil, refuse("too_many_bookmarks")
	}
	b := Bookmark{ID: randomID("Bk0", 9), Title: c.str("title"), Link: c.str("link"), Emoji: c.str("emoji")}
	r.bookmarks = append(r.bookmarks, b)
	return obj{"bookmark": s.bookmarkWire(r, b)}, nil
}

func (s *Server) bookmarkWire(r *room, b Bookmark) obj {
	now := s.now().Unix()
	return obj{
		"id": b.ID, "channel_id": r.ID, "title": b.Title, "link": b.Link, "emoji": b.Emoji, "type": "link",
		"date_created": now, "date_updated": now, "app_id": s.AppID,
	}
}

func (s *Server) bookmarkList(c *call) (obj, error) {
	r, err := s.shelf(c)
	if err != nil {
		return nil, err
	}
	list := []obj{}
	for _, b := range r.bookmarks {
		list = append(list, s.bookmarkWire(r, b))
	}
	return obj{"bookmarks": list}, nil
}

// bookmarked finds one bookmark of a channel.
func (s *Server) bookmarked(c *call) (*room, int, error) {
	r, err := s.shelf(c)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(r.bookmarks, func(b Bookmark) bool { return b.ID == c.str("bookmark_id") })
	if i < 0 {
		return nil, 0, refuse("not_found")
	}
	return r, i, nil
}

func (s *Server) bookmarkEdit(c *call) (obj, error) {
	r, i, err := s.bookmarked(c)
	if err != nil {
		return nil, err
	}
	if link := c.str("link"); link != "" {
		if refused := linkRefused(link); refused != nil {
			return nil, refused
		}
		r.bookmarks[i].Link = link
	}
	if c.has("title") {
		r.bookmarks[i].Title = c.str("title")
	}
	if c.has("emoji") {
		r.bookmarks[i].Emoji = c.str("emoji")
	}
	return obj{"bookmark": s.bookmarkWire(r, r.bookmarks[i])}, nil
}

func (s *Server) bookmarkRemove(c *call) (obj, error) {
	r, i, err := s.bookmarked(c)
	if err != nil {
		return nil, err
	}
	r.bookmarks = slices.Delete(slices.Clone(r.bookmarks), i, i+1)
	return obj{}, nil
}

// Bookmarks returns the links at the head of a channel, in their order.
func (s *Server) Bookmarks(channel string) []Bookmark {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.world.room(channel); r != nil {
		return slices.Clone(r.bookmarks)
	}
	return nil
}
