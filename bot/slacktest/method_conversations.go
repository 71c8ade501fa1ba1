package slacktest

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

func conversationMethods() map[string]method {
	read := []string{"channels:read", "groups:read", "im:read"}
	return map[string]method{
		"conversations.info":  {run: (*Server).conversationInfo, perMin: tier3, scopes: read},
		"conversations.list":  {run: (*Server).conversationList, perMin: tier2, scopes: read},
		"users.conversations": {run: (*Server).userConversations, perMin: tier2, scopes: read},
		"conversations.open":  {run: (*Server).conversationOpen, perMin: tier3, scopes: []string{"im:write"}},
	}
}

// visible finds a channel the bot can see by its ID.
func (s *Server) visible(c *call) (*room, error) {
	r := s.world.channels[c.str("channel")]
	if r == nil || !r.sees(s.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	return r, nil
}

func (s *Server) readable(c *call, right string) (*room, error) {
	r, err := s.visible(c)
	if err != nil {
		return nil, err
	}
	return r, s.needScope(r.scopeFamily() + ":" + right)
}

func (s *Server) channelWire(r *room) obj {
	if r.IM {
		return obj{
			"id": r.ID, "created": r.Created, "is_im": true, "is_channel": false, "is_group": false, "is_archived": r.Archived,
			"user": r.User, "is_open": true, "is_user_deleted": s.world.users[r.User] == nil || s.world.users[r.User].Deleted,
		}
	}
	return obj{
		"id": r.ID, "name": r.Name, "name_normalized": r.Name, "created": r.Created, "creator": r.Creator, "is_archived": r.Archived,
		"is_channel": !r.Private, "is_group": r.Private, "is_im": false, "is_mpim": false, "is_private": r.Private, "is_general": false,
		"is_member": r.members[s.BotUserID], "is_shared": false, "is_ext_shared": false, "num_members": len(r.members),
		"topic": described(r.Topic, r), "purpose": described(r.Purpose, r),
		"context_team_id": s.TeamID,
	}
}

func (s *Server) conversationInfo(c *call) (obj, error) {
	r, err := s.readable(c, "read")
	if err != nil {
		return nil, err
	}
	w := s.channelWire(r)
	if !c.yes("include_num_members") {
		delete(w, "num_members")
	}
	return obj{"channel": w}, nil
}

// ofTypes says which channels a list asks for, and checks the scopes for them.
func (s *Server) ofTypes(c *call) (func(*room) bool, error) {
	types := c.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	for _, t := range types {
		family, ok := map[string]string{"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}[t]
		if !ok {
			return nil, refuse("invalid_types")
		}
		if err := s.needScope(family + ":read"); err != nil {
			return nil, err
		}
	}
	return func(r *room) bool {
		kind := r.kind("public_channel", "private_channel")
		if r.IM {
			kind = "im"
		}
		return slices.Contains(types, kind) && !(r.Archived && c.yes("exclude_archived"))
	}, nil
}

func (s *Server) conversationList(c *call) (obj, error) {
	return s.channelPage(c, func(r *room) bool { return r.sees(s.BotUserID) })
}

func (s *Server) userConversations(c *call) (obj, error) {
	user := c.str("user")
	if user == "" {
		user = s.BotUserID
	}
	if s.world.users[user] == nil {
		return nil, refuse("user_not_found")
	}
	return s.channelPage(c, func(r *room) bool { return r.members[user] && r.sees(s.BotUserID) })
}

func (s *Server) channelPage(c *call, want func(*room) bool) (obj, error) {
	typed, err := s.ofTypes(c)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, id := range sortedKeys(s.world.channels) {
		if r := s.world.channels[id]; typed(r) && want(r) {
			ids = append(ids, id)
		}
	}
	ids, next, err := page(c, ids, 100, 1000)
	if err != nil {
		return nil, err
	}
	list := []obj{}
	for _, id := range ids {
		list = append(list, s.channelWire(s.world.channels[id]))
	}
	return obj{"channels": list, "response_metadata": obj{"next_cursor": next}}, nil
}

// page cuts a sorted list at the call's cursor and limit.
func page(c *call, keys []string, usual, most int) (items []string, next string, err error) {
	limit := c.number("limit", usual)
	if limit == 0 {
		limit = usual
	}
	if limit < 0 || limit > most {
		return nil, "", refuse("invalid_limit")
	}
	if cursor := c.str("cursor"); cursor != "" {
		from, err := base64.StdEncoding.DecodeString(cursor)
		if err != nil || !strings.HasPrefix(string(from), "next:") {
			return nil, "", refuse("invalid_cursor")
		}
		i, _ := slices.BinarySearch(keys, strings.TrimPrefix(string(from), "next:"))
		keys = keys[i:]
	}
	if len(keys) <= limit {
		return keys, "", nil
	}
	return keys[:limit], base64.StdEncoding.EncodeToString([]byte("next:" + keys[limit])), nil
}

// conversationOpen opens the direct message with one person. Group messages are not modelled.
func (s *Server) conversationOpen(c *call) (obj, error) {
	users := c.list("users")
	switch {
	case c.str("channel") != "":
		r := s.world.channels[c.str("channel")]
		if r == nil || !r.IM {
			return nil, refuse("channel_not_found")
		}
		users = []string{r.User}
	case len(users) == 0:
		return nil, refuse("users_list_not_supplied")
	case len(users) > 1:
		s.problem("unmodelled", "conversations.open with "+strconv.Itoa(len(users))+" users")
		return nil, refuse("method_not_supported_for_channel_type")
	}
	u := s.world.users[users[0]]
	switch {
	case u == nil:
		return nil, refuse("user_not_found")
	case u.Deleted:
		return nil, refuse("user_disabled")
	case u.IsBot || u.ID == slackbotID:
		return nil, refuse("cannot_dm_bot")
	}
	_, open := s.world.dms[u.ID]
	r := s.dm(u.ID)
	channel := obj{"id": r.ID}
	if c.yes("return_im") {
		channel = s.channelWire(r)
	}
	return obj{"channel": channel, "no_op": open, "already_open": open}, nil
}
