// Package githubtest is a GitHub that runs here: the REST API over real HTTP, with state behind it, for tests and for the
// sandbox's stage. Repositories hold real git objects (the SHAs are what git would compute), workflows are read from the
// YAML in the repository, and runs progress by the clock they are given: nothing moves but time.
//
// What it knows it answers as GitHub documents it: status codes, bodies, error bodies, Link headers, ETags, rate limits.
// What it does not know is a 404 that Problems reports, so that a client cannot quietly rely on it. It leaves out GraphQL,
// webhooks, matrix jobs, required checks of pushes, and reviews that branch rules ask for.
package githubtest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"shipmate/clock"
)

// DefaultToken is accepted when Options names no other; it belongs to the user DefaultLogin.
const DefaultToken = "ghp_githubtest0000000000000000000000000"

// DefaultLogin is the account behind the default token; it may write to every repository.
const DefaultLogin = "shipmate-bot"

// Options are the settings of a Server; the zero value with a Clock is a usable github.com.
type Options struct {
	Clock  clock.Clock  // required; all times and all progress come from it
	Listen string       // address to listen on; 127.0.0.1:0 when empty
	Log    *slog.Logger // one line per call at debug; none when nil
	Token  string       // the token of DefaultLogin; DefaultToken when empty

	// RunAppears is how long after a dispatch the new run stays invisible to lists and look-ups.
	RunAppears time.Duration
	// OldServer makes the server one that does not know return_run_details and refuses it with 422.
	OldServer bool

	// HTMLURL begins the html_url of everything; https://github.com when empty.
	HTMLURL string

	// RateLimit is the primary budget per token and hour; GitHub's 5,000 when 0 ("GitHub REST: Rate limits").
	RateLimit int
	// TreeLimit is how many entries of a tree are shown before it is truncated; GitHub's 100,000 when 0.
	TreeLimit int
	// PointsPerMinute is the secondary limit per token: reads cost 1, writes 5; GitHub's 900 when 0, none when negative.
	PointsPerMinute int
	// LimitStatus is the status of a rate-limit refusal, 403 or 429 (GitHub uses either); 403 when 0.
	LimitStatus int

	// OnCall is called twice per request, before it is applied and after, before it is answered. It runs on the request's
	// goroutine without locks and may block, or kill the client.
	OnCall func(Call)
	// Wrap goes around the whole server, to check what passes (package openapi has one).
	Wrap func(http.Handler) http.Handler
}

// Server is one GitHub. All methods may be called from any goroutine.
type Server struct {
	opts   Options
	ln     net.Listener
	http   *http.Server
	base   string // http://host:port
	routes []*route

	mu       sync.Mutex
	w        *world
	calls    []Call
	seq      int
	problems []string
	faults   []*fault
	down     bool
	budgets  map[string]*budget
	changed  chan struct{} // closed and replaced at every change
	closing  chan struct{}
	close    sync.Once
}

// Open starts a server. It fails when Options.Listen cannot be listened on.
func Open(o Options) (*Server, error) {
	if o.Clock == nil {
		return nil, fmt.Errorf("githubtest: Options.Clock is required")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.HTMLURL == "" {
		o.HTMLURL = "https://github.com"
	}
	o.HTMLURL = strings.TrimSuffix(o.HTMLURL, "/")
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("githubtest: %w", err)
	}
	s := &Server{opts: o, ln: ln, base: "http://" + ln.Addr().String(), w: newWorld(), budgets: map[string]*budget{},
		changed: make(chan struct{}), closing: make(chan struct{})}
	s.routes = s.allRoutes()
	s.AddUser(User{Login: DefaultLogin, Name: "Shipmate", Email: "shipmate@example.com", Bot: true})
	s.addUser(User{Login: actionsUser, Name: actionsUser, Bot: true}, "Bot")
	s.AddToken(o.Token, DefaultLogin, "repo", "workflow", "read:org")
	var h http.Handler = http.HandlerFunc(s.serve)
	if o.Wrap != nil {
		h = o.Wrap(h)
	}
	s.http = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go s.http.Serve(ln)
	return s, nil
}

// New is Open for tests and seeds: it panics where Open returns an error.
func New(o Options) *Server {
	s, err := Open(o)
	if err != nil {
		panic(err)
	}
	return s
}

// URL is the base for an API client, with a trailing slash. The same API is served below URL()+"api/v3/", where clients
// of GitHub Enterprise Server look for it.
func (s *Server) URL() string { return s.base + "/" }

// Close ends the server and every request it still holds.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.closing)
		s.http.Close()
	})
}

// Changes tells that something was changed, by a call or by hand; several changes may be told as one. What changes by the
// passing of time alone is not told. The channel is closed when ctx ends or the server closes.
func (s *Server) Changes(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	s.mu.Lock()
	next := s.changed
	s.mu.Unlock()
	go func() {
		defer close(out)
		for {
			select {
			case <-next:
			case <-ctx.Done():
				return
			case <-s.closing:
				return
			}
			s.mu.Lock()
			next = s.changed
			s.mu.Unlock()
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out
}

// touch wakes who listens to Changes; called with the lock held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) now() time.Time { return s.opts.Clock.Now().UTC() }
