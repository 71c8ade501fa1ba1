package slacktest

import "errors"

var errUnbuilt = errors.New("slacktest: not built yet")

// Server is a workspace with its API. All methods may be called from any goroutine.
type Server struct {
	BotToken  string // xoxb-…
	AppToken  string // xapp-…
	TeamID    string // T…
	AppID     string // A…
	BotUserID string // U…, named shipmate
	BotID     string // B…
}

// New starts a server with an empty workspace (only the bot's user and Slackbot). Close it.
func New(o Options) (*Server, error) { return nil, errUnbuilt }

// URL is the address of the Web API, ending in a slash: what slack.OptionAPIURL wants.
func (s *Server) URL() string { return "" }

// Close cuts all connections and frees the port.
func (s *Server) Close() error { return nil }
