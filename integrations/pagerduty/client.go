// Package pagerduty is PagerDuty in Shipmate's words: who is on call, opening an incident exactly once, what was said to
// whom, and acting on an incident in a person's name.
//
// It stands on go-pagerduty v1.8.0 for PagerDuty's references, events and the headers of a request, and closes what that
// version leaves open: errors that lose their headers and their cause, calls without a time limit, snoozing without the
// From header, overrides in a shape no longer described, Events whose refusals lose their reasons, and types in which one
// odd field makes a whole list unreadable. Every call takes one path (see call.go) with one time-out, one cap on concurrent
// calls and one kind of error. Reading is repeated when that is safe; nothing that changes PagerDuty is ever sent twice by
// this package on its own.
package pagerduty

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
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
	Timeout     time.Duration     // DefaultTimeout when 0
	Concurrency int               // DefaultConcurrency when 0
	// ReadPauses come before the second, third, … try of a read; 100 ms and 400 ms when nil.
	ReadPauses []time.Duration
	UserAgent  string
}

const (
	// DefaultTimeout bounds one call with its repetitions and the reading of its answer.
	DefaultTimeout = 10 * time.Second
	// DefaultConcurrency is how many calls may be under way at once. PagerDuty asks for requests one after the other
	// ("PagerDuty: REST API rate limits"); a few at once keep a person's click from standing behind a slow list.
	DefaultConcurrency = 4

	defaultAPIURL    = "https://api.pagerduty.com"
	defaultEventsURL = "https://events.pagerduty.com"
	defaultUserAgent = "shipmate"
)

// Client speaks to one PagerDuty account with one token. It is safe for concurrent use. Share one per token: limits are
// PagerDuty's per token, and so is what this Client remembers of them.
type Client struct {
	lib       *pd.Client // adds the headers and sends through http
	api       *url.URL
	events    *url.URL
	from      string
	keys      map[string]string
	token     bool
	clock     clock.Clock
	log       *slog.Logger
	secrets   *redactor
	timeout   time.Duration
	pauses    []time.Duration // before the second and third try of a read
	slots     chan struct{}
	budget    budget
	people    directory
	keysFound keyring
}

// New makes a client. It makes no call: a wrong token shows with the first one (see Check).
func New(cfg Config) (*Client, error) {
	api, err := base("api_url", cfg.APIURL, defaultAPIURL)
	if err != nil {
		return nil, err
	}
	events, err := base("events_url", cfg.EventsURL, defaultEventsURL)
	if err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		return nil, errors.New("pagerduty: no clock given")
	}
	if cfg.From != "" && !plausibleEmail(cfg.From) {
		return nil, errors.New("pagerduty: from must be the e-mail address of a PagerDuty user")
	}
	token := strings.TrimSpace(cfg.Token)
	c := &Client{api: api, events: events, from: cfg.From, keys: maps.Clone(cfg.Keys), token: token != "", clock: cfg.Clock,
		log: cfg.Log, secrets: newRedactor(token), timeout: cfg.Timeout,
		pauses: cfg.ReadPauses}
	if c.pauses == nil {
		c.pauses = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond}
	}
	for _, key := range cfg.Keys {
		c.secrets.learn(key)
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	concurrency := cfg.Concurrency
	if concurrency <= 0 {
		concurrency = DefaultConcurrency
	}
	c.slots = make(chan struct{}, concurrency)
	agent := cfg.UserAgent
	if agent == "" {
		agent = defaultUserAgent
	}
	c.lib = pd.NewClient(token)
	c.lib.HTTPClient = &http.Client{Transport: signed{agent, baseTransport(cfg.HTTP)}, CheckRedirect: noRedirect}
	return c, nil
}

// Configured reports that there is a token.
func (c *Client) Configured() bool { return c.token }

// base reads a configured address. Plain http is for a PagerDuty on this machine only: it would show the token.
func base(name, raw, otherwise string) (*url.URL, error) {
	if raw == "" {
		raw = otherwise
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("pagerduty: %s must look like %s", name, otherwise)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("pagerduty: %s must be https, only a PagerDuty on this machine may be http", name)
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// baseTransport is the given client's transport or one of our own, which notices dead HTTP/2 connections within
// 20 s instead of letting every call on them run into its time-out.
func baseTransport(given *http.Client) http.RoundTripper {
	if given != nil && given.Transport != nil {
		return given.Transport
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = DefaultConcurrency
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second}
	return t
}

// noRedirect follows nothing: PagerDuty's API does not redirect, so where one leads nobody knows, and the token goes along.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// signed says who is calling: the library writes its own name over what a request says.
type signed struct {
	agent string
	next  http.RoundTripper
}

// RoundTrip sends req under our name.
func (s signed) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", s.agent)
	return s.next.RoundTrip(req)
}

// plausibleEmail reports whether s can stand in the From header as an address; whether it is one PagerDuty decides.
func plausibleEmail(s string) bool {
	name, host, found := strings.Cut(s, "@")
	return found && name != "" && host != "" && !strings.ContainsAny(s, " \t\r\n,;<>") && !strings.Contains(host, "@")
}
