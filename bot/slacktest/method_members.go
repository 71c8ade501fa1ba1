package slacktest

func memberMethods() map[string]method {
	manage := []string{"channels:manage", "groups:write"}
	return map[string]method{
		"conversations.members": {run: (*Server).conversationMembers, perMin: tier4, scopes: []string{"channels:read", "groups:read", "im:read"}},
		"conversations.join":    {run: (*Server).conversationJoin, perMin: tier3, scopes: []string{"channels:join"}},
		"conversations.invite":  {run: (*Server).conversationInvite, perMin: tier3, scopes: append(manage, "channels:write.invites")},
		"conversations.kick":    {run: (*Server).conversationKick, perMin: tier3, scopes: manage},
		"conversations.leave":   {run: (*Server).conversationLeave, perMin: tier3, scopes: manage},
	}
}

func (s *Server) conversationMembers(c *call) (obj, error) {
	r, err := s.readable(c, "read")
	if err != nil {
		return nil, err
	}
	ids, next, err := page(c, sortedKeys(r.members), 100, 1000)
	if err != nil {
		return nil, err
	}
	return obj{"members": append([]string{}, ids...), "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) conversationJoin(c *call) (obj, error) {
	r, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case r.IM || r.Private:
		return nil, refuse("method_not_supported_for_channel_type")
	case r.Archived:
		return nil, refuse("is_archived")
	}
	result := obj{}
	if r.members[s.BotUserID] {
		result["warning"] = "already_in_channel"
		result["response_metadata"] = obj{"warnings": []string{"already_in_channel"}}
	}
	s.enter(r, s.BotUserID, "")
	result["channel"] = s.channelWire(r)
	return result, nil
}

// maxInvited is how many people one invitation may name (Slack: conversations.invite).
const maxInvited = 100

// conversationInvite brings people in: all of them or, when one cannot be, nobody, unless force lets the others in. Who
// could not be is told of one by one.
func (s *Server) conversationInvite(c *call) (obj, error) {
	r, err := s.managed(c)
	if err != nil {
		return nil, err
	}
	users := c.list("users")
	switch {
	case r.Archived:
		return nil, refuse("is_archived")
	case len(users) == 0:
		return nil, refuse("no_user")
	case len(users) > maxInvited:
		return nil, refuse("too_many_users")
	}
	var good []string
	var refused *apiError
	for _, id := range users {
		no := s.invitable(r, id)
		if no == nil {
			good = append(good, id)
			continue
		}
		if refused == nil {
			refused = refuse(no.Code)
		}
		refused.Each = append(refused.Each, obj{"user": id, "ok": false, "error": no.Code})
	}
	if refused != nil && (!c.yes("force") || len(good) == 0) {
		return nil, refused
	}
	for _, id := range good {
		s.enter(r, id, s.BotUserID)
	}
	result := obj{"channel": s.channelWire(r)}
	if refused != nil {
		result["errors"] = refused.Each
	}
	return result, nil
}

func (s *Server) invitable(r *room, user string) *apiError {
	u := s.world.users[user]
	switch {
	case user == s.BotUserID:
		return refuse("cant_invite_self")
	case u == nil:
		return refuse("user_not_found")
	case u.Deleted:
		return refuse("cant_invite")
	case r.members[user]:
		return refuse("already_in_channel")
	}
	return nil
}

func (s *Server) conversationKick(c *call) (obj, error) {
	r, err := s.managed(c)
	user := c.str("user")
	switch {
	case err != nil:
		return nil, err
	case user == s.BotUserID:
		return nil, refuse("cant_kick_self")
	case s.world.users[user] == nil:
		return nil, refuse("user_not_found")
	case !r.members[user]:
		return nil, refuse("not_in_channel")
	}
	s.leave(r, user)
	return obj{}, nil
}

func (s *Server) conversationLeave(c *call) (obj, error) {
	r, err := s.visible(c)
	switch {
	case err != nil:
		return nil, err
	case r.IM:
		return nil, refuse("method_not_supported_for_channel_type")
	case r.Archived:
		return nil, refuse("is_archived")
	case !r.members[s.BotUserID]:
		return obj{"not_in_channel": true}, nil
	case len(r.members) == 1:
		return nil, refuse("last_member")
	}
	s.leave(r, s.BotUserID)
	return obj{}, nil
}
