package slacktest

import (
	"net/url"
	"strings"
)

func teamMethods() map[string]method {
	return map[string]method{
		"auth.test":             {run: (*Server).authTest, perMin: often},
		"team.info":             {run: (*Server).teamInfo, perMin: tier3, scopes: []string{"team:read"}},
		"apps.connections.open": {run: (*Server).openConnection, perMin: often, app: true},
	}
}

func (s *Server) authTest(*call) (obj, error) {
	return obj{
		"url": s.teamURL(), "team": s.opts.TeamName, "user": "shipmate", "team_id": s.TeamID, "user_id": s.BotUserID,
		"bot_id": s.BotID, "is_enterprise_install": false,
	}, nil
}

func (s *Server) teamInfo(*call) (obj, error) {
	return obj{"team": obj{"id": s.TeamID, "name": s.opts.TeamName, "domain": s.domain(), "email_domain": "", "icon": obj{"image_default": true}}}, nil
}

// openConnection gives out an address with a ticket for one connection.
func (s *Server) openConnection(*call) (obj, error) {
	ticket := strings.ToLower(randomID("", 32))
	s.lines.tickets[ticket] = true
	where := "ws" + strings.TrimPrefix(s.base(), "http") + "/link/?"
	return obj{"url": where + url.Values{"ticket": {ticket}, "app_id": {s.AppID}}.Encode()}, nil
}
