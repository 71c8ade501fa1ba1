// Package github is GitHub in Shipmate's words: what a ref is, what changed between two commits, what the checks say,
// starting a workflow run exactly once and following it to its end, opening pull requests and issues exactly once.
//
// It stands on go-github v60 for GitHub's types and requests, and closes what that version leaves open: a token that
// would follow a redirect to another host, paths it does not escape, 429 it does not know, 202 it calls an error, bodies
// it throws away, and a client that goes silent for an hour after one secondary limit. Every call takes one path (see
// call.go) with one time-out, one cap on concurrent calls and one kind of error. Reading is repeated when that is safe;
// nothing that changes GitHub is ever sent twice by this package on its own.
package github

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	gh "github.com/google/go-github/v60/github"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"shipmate/clock"
)

// Config says where GitHub is and who asks. Either Token or App must be given.
type Config struct {
	APIURL      string       // https://api.github.com/ when empty; https://host/api/v3/ for GitHub Enterprise Server
	Token       string       // a personal access token; empty when App is set
	App         App          // a GitHub App's installation; the zero App when Token is set
	HTTP        *http.Client // its Transport is what calls go through; nil takes one of our own
	Clock       clock.Clock  // required
	Log         *slog.Logger // one debug line per call, without bodies; nil logs nothing
	Timeout     time.Duration
	Concurrency int
	UserAgent   string
	Writes      *rate.Limiter // spaces changes, on real time; nil spaces them as GitHub asks for
}

// App is a GitHub App's installation. Its tokens live for an hour and are renewed by themselves.
type App struct {
	ID             int64
	InstallationID int64
	PrivateKeyPEM  []byte
}

const (
	// DefaultTimeout bounds one call with its repetitions and the reading of its answer.
	DefaultTimeout = 10 * time.Second
	// DefaultConcurrency is how many calls may be under way at once. GitHub allows 100 for everything that shares the
	// token (GitHub REST: Rate limits, secondary); Shipmate's own worker pool is larger than this on purpose.
	DefaultConcurrency = 8

	defaultAPIURL    = "https://api.github.com/"
	defaultUserAgent = "shipmate"
)

// Client speaks to one GitHub with one identity. It is safe for concurrent use. Share one per token: limits are
// GitHub's per token, and so is what this Client remembers of them.
type Client struct {
	requests *gh.Client   // builds requests; never sends them
	http     *http.Client // sends them: cache, credentials, then the given transport
	plain    *http.Client // sends what must carry no credentials, such as a log's signed address
	clock    clock.Clock
	log      *slog.Logger
	app      App
	secrets  *redactor
	appAuth  http.RoundTripper // signs as the App itself; nil with a token

	timeout   time.Duration
	pauses    []time.Duration // before the second and third try of a read
	slots     chan struct{}
	writes    *rate.Limiter
	budget    budget
	pullFiles *lru.Cache[string, PullFiles] // see OpenPullRequestFiles

	noRunDetails atomic.Bool // this server does not know return_run_details
}

// New makes a client. It makes no call: a wrong token shows with the first one (see WhoAmI).
func New(cfg Config) (*Client, error) {
	base, err := apiURL(cfg.APIURL)
	if err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		return nil, fmt.Errorf("github: no clock given")
	}
	c := &Client{
		requests: gh.NewClient(nil),
		clock:    cfg.Clock,
		log:      cfg.Log,
		app:      cfg.App,
		secrets:  newRedactor(cfg.Token),
		timeout:  cfg.Timeout,
		pauses:   []time.Duration{100 * time.Millisecond, 400 * time.Millisecond},
		writes:   cmp.Or(cfg.Writes, newWriteLimiter()),
	}
	c.pullFiles, _ = lru.New[string, PullFiles](keptPulls) // fails only for a size below one
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
	c.requests.BaseURL = base
	c.requests.UserAgent = cfg.UserAgent
	if cfg.UserAgent == "" {
		c.requests.UserAgent = defaultUserAgent
	}
	if err := c.connect(cfg, base); err != nil {
		return nil, err
	}
	return c, nil
}

// connect builds the way out: cache, then credentials, then the transport.
func (c *Client) connect(cfg Config, base *url.URL) error {
	transport := baseTransport(cfg.HTTP)
	auth, err := newAuth(cfg, base, transport, c.secrets)
	if err != nil {
		return err
	}
	c.appAuth = auth.asApp
	c.http = &http.Client{Transport: newETagCache(auth), CheckRedirect: sameHostReads}
	c.plain = &http.Client{Transport: transport, CheckRedirect: noRedirect}
	return nil
}

// apiURL reads the configured address. Plain http is for a GitHub on this machine only: it would show the token.
func apiURL(raw string) (*url.URL, error) {
	if raw == "" {
		raw = defaultAPIURL
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("github: api_url must look like https://api.github.com/ or https://host/api/v3/")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("github: api_url must be https, only a GitHub on this machine may be http")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
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
