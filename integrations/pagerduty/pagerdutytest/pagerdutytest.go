// Package pagerdutytest is a PagerDuty that runs here: REST API v2 and Events API v2 over real HTTP, with state behind
// them, for tests and for the sandbox's stage. Who is on call is computed from rotations, restrictions and overrides;
// incidents are assigned, notified and escalated by the clock the server is given: nothing moves but time.
//
// What it knows it answers as PagerDuty documents it: status codes, error numbers, pages, rate limits, the From header. What it
// does not know is a 404 that Problems reports, so that a client cannot quietly rely on it. It leaves out alerts as things
// of their own, priorities, webhooks, merging, maintenance windows and support hours; the numbers of the limits of single
// operations are ours, as PagerDuty does not publish them.
package pagerdutytest

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

// DefaultToken is accepted when Options names no other.
const DefaultToken = "u+PagerdutyTest00000"

// DefaultEmail is the address of the user Shipmate acts as, who is there from the start and never on call by itself.
const DefaultEmail = "shipmate@example.com"

// Options are the settings of a Server; the zero value with a Clock is a usable account.
type Options struct {
	Clock  clock.Clock  // required; all times and all progress come from it
	Listen string       // address to listen on; 127.0.0.1:0 when empty
	Log    *slog.Logger // one line per call at debug; none when nil
	Token  string       // a REST API key of the account; DefaultToken when empty

	// EventDelay is how long after its 202 an event is processed.
	EventDelay time.Duration
	// NoResponders takes the ability coordinated_responding from the account: requests for responders are 402.
	NoResponders bool

	// HTMLURL begins the html_url of everything; https://acme.pagerduty.com when empty.
	HTMLURL string

	// RateLimit is the budget of the token per minute; PagerDuty's 960 when 0 ("PagerDuty: REST API rate limits").
	RateLimit int
	// TightLimit is the limit per minute of each operation that has one of its own; 120 when 0.
	TightLimit int
	// EventLimit is how many events per minute a routing key takes; 120 when 0 ("PagerDuty: Events API v2 rate limits").
	EventLimit int
	// SilentLimits leaves the headers out of a 429 for too many requests, as PagerDuty sometimes does.
	SilentLimits bool

	// OnCall is called twice per request, before it is applied and after, before it is answered. It runs on the request's
	// goroutine without locks and may block, or kill the client.
	OnCall func(Call)
	// Wrap goes around the whole server, to check what passes (package openapi has one).
	Wrap func(http.Handler) http.Handler
}

// Server is one PagerDuty account. All methods may be called from any goroutine.
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
		return nil, fmt.Errorf("pagerdutytest: Options.Clock is required")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Token == "" {
		o.Token = DefaultToken
	}
	if o.HTMLURL == "" {
		o.HTMLURL = "https://acme.pagerduty.com"
	}
	o.HTMLURL = strings.TrimSuffix(o.HTMLURL, "/")
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("pagerdutytest: %w", err)
	}
	s := &Server{opts: o, ln: ln, base: "http://" + ln.Addr().String(), w: &world{}, budgets: map[string]*budget{},
		changed: make(chan struct{}), closing: make(chan struct{})}
	s.routes = allRoutes()
	s.AddUser(User{Name: "Shipmate", Email: DefaultEmail})
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

// APIURL is the base of the REST API, without a trailing slash.
func (s *Server) APIURL() string { return s.base }

// EventsURL is the base of Events API v2, without a trailing slash; events go to EventsURL()+"/v2/enqueue".
func (s *Server) EventsURL() string { return s.base }

// Close ends the server and every request it still holds.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.closing)
		s.http.Close()
	})
}

// Changes tells that something was changed, by a call, by hand or by the passing of time; several changes may be told as
// one. The channel is closed when ctx ends or the server closes.
func (s *Server) Changes(ctx context.Context) <-chan struct{} {
	out := make(chan struct{}, 1)
	s.mu.Lock()
	next := s.changed
	s.mu.Unlock()
	go func() {
		defer close(out)
		for {
			if !s.await(ctx, next) {
				return
			}
			s.mu.Lock()
			s.settle()
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

// await returns true at the next change or when the time has come for one, false when there is nothing to wait for any more.
func (s *Server) await(ctx context.Context, next <-chan struct{}) bool {
	s.mu.Lock()
	at, coming := s.w.nextMoment()
	s.mu.Unlock()
	var due <-chan time.Time
	if coming {
		t := clock.TimerAt(s.opts.Clock, at)
		defer t.Stop()
		due = t.C
	}
	select {
	case <-next:
	case <-due:
	case <-ctx.Done():
		return false
	case <-s.closing:
		return false
	}
	return true
}

// touch wakes who listens to Changes; called with the lock held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) now() time.Time { return s.opts.Clock.Now().UTC() }

// with runs f on the world as it stands now, and tells that it changed.
func (s *Server) with(f func(w *world, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	f(s.w, s.now())
	s.settle()
	s.touch()
}
