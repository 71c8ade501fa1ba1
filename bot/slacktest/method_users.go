package slacktest

import (
	"slices"
	"strings"
	"time"
)

func userMethods() map[string]method {
	read := []string{"users:read"}
	return map[string]method{
		"users.info":          {run: (*Server).userInfo, perMin: tier4, scopes: read},
		"users.list":          {run: (*Server).userList, perMin: tier2, scopes: read},
		"users.lookupByEmail": {run: (*Server).userByEmail, perMin: tier3, scopes: []string{"users:read.email"}},
	}
}

func (s *Server) userWire(u *User) obj {
	profile := obj{"real_name": u.RealName, "display_name": u.Name, "real_name_normalized": u.RealName, "display_name_normalized": u.Name, "team": s.teamOf(u)}
	if u.Email != "" && s.world.app.may("users:read.email") {
		profile["email"] = u.Email
	}
	offset := 0
	if zone, err := time.LoadLocation(u.TZ); err == nil {
		_, offset = s.now().In(zone).Zone()
	}
	w := obj{
		"id": u.ID, "team_id": s.teamOf(u), "name": u.Name, "deleted": u.Deleted, "real_name": u.RealName, "profile": profile,
		"is_bot": u.IsBot, "is_app_user": false, "updated": s.now().Unix(),
	}
	if u.Deleted {
		return w // Slack leaves the rest out for deactivated people
	}
	w["tz"], w["tz_label"], w["tz_offset"] = u.TZ, u.TZ, offset
	w["is_admin"], w["is_owner"], w["is_primary_owner"] = u.Admin, false, false
	w["is_restricted"], w["is_ultra_restricted"] = u.Restricted, false
	if s.teamOf(u) != s.TeamID {
		w["is_stranger"] = true
	}
	return w
}

func (s *Server) userInfo(c *call) (obj, error) {
	u := s.world.users[c.str("user")]
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return obj{"user": s.userWire(u)}, nil
}

func (s *Server) userList(c *call) (obj, error) {
	ids, next, err := page(c, sortedKeys(s.world.users), 1000, 1000)
	if err != nil {
		return nil, err
	}
	list := []obj{}
	for _, id := range ids {
		list = append(list, s.userWire(s.world.users[id]))
	}
	return obj{"members": list, "cache_ts": s.now().Unix(), "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) userByEmail(c *call) (obj, error) {
	u := s.world.emails[strings.ToLower(c.str("email"))]
	if u == nil || u.Deleted {
		return nil, refuse("users_not_found")
	}
	return obj{"user": s.userWire(u)}, nil
}

func groupMethods() map[string]method {
	read := []string{"usergroups:read"}
	return map[string]method{
		"usergroups.list":       {run: (*Server).groupList, perMin: tier2, scopes: read},
		"usergroups.users.list": {run: (*Server).groupUsers, perMin: tier2, scopes: read},
	}
}

func (s *Server) groupWire(g *UserGroup, users bool) obj {
	w := obj{
		"id": g.ID, "team_id": s.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle, "description": "",
		"is_external": false, "date_create": 0, "date_update": s.now().Unix(), "date_delete": 0, "user_count": len(g.Users),
	}
	if g.Disabled {
		w["date_delete"] = s.now().Unix()
	}
	if users {
		w["users"] = append([]string{}, g.Users...)
	}
	return w
}

func (s *Server) groupList(c *call) (obj, error) {
	list := []obj{}
	for _, id := range sortedKeys(s.world.groups) {
		if g := s.world.groups[id]; !g.Disabled || c.yes("include_disabled") {
			list = append(list, s.groupWire(g, c.yes("include_users")))
		}
	}
	return obj{"usergroups": list}, nil
}

func (s *Server) groupUsers(c *call) (obj, error) {
	g := s.world.groups[c.str("usergroup")]
	if g == nil || g.Disabled && !c.yes("include_disabled") {
		return nil, refuse("no_such_subteam")
	}
	users := slices.DeleteFunc(slices.Clone(g.Users), func(id string) bool {
		u := s.world.users[id]
		return u == nil || u.Deleted // deactivating takes people out of their groups
	})
	return obj{"users": append([]string{}, users...)}, nil
}
