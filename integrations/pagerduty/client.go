// Package pagerduty is PagerDuty in Shipmate's words: who is on call, opening an incident exactly once, what was said to
// whom, and acting on an incident in a person's name.
//
// It stands on go-pagerduty v1.8.0 for PagerDuty's types and for the headers of a request, and closes what that version
// leaves open: errors that lose their headers and their cause, calls without a time limit, snoozing without the From header,
// overrides in a shape no longer described, Events whose refusals lose their reasons, and one odd field that makes a whole
// list unreadable. Every call takes one path (see call.go) with one time-out, one cap on concurrent calls and one kind of
// error. Reading is repeated when that is safe; nothing that changes PagerDuty is ever sent twice by this package on its own.
package pagerduty

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"

	"shipmate/clock"
)

// Config says where PagerDuty is and who asks.
type Config struct {
	APIURL    string // https://api.pagerduty.com when empty; https://api.eu.pagerduty.com for an account in the EU
	EventsURL string // https://events.pagerduty.com when empty
	// Token is a REST API key. Without one only Trigger works, and only for the services in Keys; all else is refused with an
	// *Error that IsNotConfigured.
	Token       string
	From        string            // e-mail of the PagerDuty user in whose name Shipmate acts where nobody else is named
	Keys        map[string]string // routing keys of Events API v2 by PagerDuty's service ID; used before asking PagerDuty
	HTTP        *http.Client      // its Transport is what calls go through; nil takes one of our own
	Clock       clock.Clock       // required
	Log         *slog.Logger      // one debug line per call, without bodies; nil logs nothing
	Timeout     time.Duration
	Concurrency int
	UserAgent   string
}

// Client speaks to one PagerDuty account with one token. It is safe for concurrent use.
type Client struct {
	lib   *pd.Client
	clock clock.Clock
	token bool
}

// New makes a client. It makes no call: a wrong token shows with the first one (see Check).
func New(cfg Config) (*Client, error) {
	if cfg.Clock == nil {
		return nil, errors.New("pagerduty: no clock given")
	}
	return &Client{lib: pd.NewClient(cfg.Token), clock: cfg.Clock, token: cfg.Token != ""}, nil
}

// Configured reports that there is a token.
func (c *Client) Configured() bool { return c.token }
