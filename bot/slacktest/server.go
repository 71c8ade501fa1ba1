// Package slacktest is a Slack to talk to without Slack: one workspace, one installed app, the Web API over HTTP and
// Socket Mode over a WebSocket. It keeps real state, refuses what Slack refuses with Slack's own error words, and
// breaks on request. Tests drive it, and the sandbox shows it as a chat.
//
// People act through methods such as Slash, Say and Press; each gives back the id of the envelope the app was sent.
// What the app did is read with Messages, Views, Calls, Acks and the like. Times that people or products wait for
// (3 s to ack, 30 minutes of a response_url, redelivery, rate limits) pass on Options.Clock; network behaviour (pings,
// graces, stalls) passes in real time.
package slacktest

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"shipmate/clock"
)

// Options say how a Server is made. Only Clock is required.
type Options struct {
	Clock  clock.Clock  // tells message times, deadlines, expiry and rate limits
	Listen string       // address to listen on; 127.0.0.1:0 when empty
	Log    *slog.Logger // one debug line per call and connection; nothing when nil

	App      App    // what is installed; see SetApp
	TeamName string // "Acme" when empty; its lower-case form is the workspace's domain
	Seed     uint64 // seeds the choice of connection for each envelope

	NoLimits   bool          // no rate limits, for load tests
	Quiet      bool          // keep no record of envelopes, calls and ephemeral messages, only Counts; for load tests
	PingEvery  time.Duration // real time between WebSocket pings; 10 s when zero
	Grace      time.Duration // real time between a disconnect frame and the cut; 10 s when zero
	ReadBuffer int           // kernel receive buffer of accepted connections in bytes; the system's when zero
}

func (o Options) withDefaults() Options {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.TeamName == "" {
		o.TeamName = "Acme"
	}
	if o.PingEvery == 0 {
		o.PingEvery = 10 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	return o
}

// Server is a workspace with its API. All methods may be called from any goroutine. The tokens and IDs are fixed once
// New or Restore has returned.
type Server struct {
	BotToken  string // xoxb-…
	AppToken  string // xapp-…
	TeamID    string // T…
	AppID     string // A…
	BotUserID string // U…, named shipmate
	BotID     string // B…

	opts     Options
	listener net.Listener
	http     *http.Server
	methods  map[string]method
	schedule *schedule
	done     chan struct{}
	running  sync.WaitGroup

	connected atomic.Int64 // HTTP connections, sockets aside

	mu     sync.Mutex // guards everything below; functions without "mu" in their comment expect it held
	closed bool
	rng    *rand.Rand
	world  *world
	lines  *wires
	log    records
	limits *limits
	faults []*Injected
	subs   map[chan struct{}]bool
	onCall func(Call)
	onAck  func(Delivery)
}

// New starts a server with an empty workspace (only the bot's user and Slackbot). Close it.
func New(o Options) (*Server, error) {
	if o.Clock == nil {
		return nil, errors.New("slacktest: Options.Clock is required")
	}
	o = o.withDefaults()
	inner, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for the fake Slack on %s: %w", o.Listen, err)
	}
	s := &Server{
		BotToken: "xoxb-" + randomID("", 24), AppToken: "xapp-1-" + randomID("", 24),
		TeamID: "T0ACME00001", AppID: "A0SHIPMATE1", BotUserID: "U0SHIPMATE1", BotID: "B0SHIPMATE1",
		opts: o, listener: &gateListener{Listener: inner, readBuffer: o.ReadBuffer},
		methods: allMethods(), schedule: newSchedule(o.Clock), done: make(chan struct{}),
		rng: rand.New(rand.NewPCG(o.Seed, 1)), lines: newWires(), limits: newLimits(), log: records{full: keepRecords}, subs: map[chan struct{}]bool{},
	}
	s.world = s.newWorld()
	s.http = &http.Server{Handler: s.routes(), ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), ConnState: s.count}
	s.running.Go(func() { _ = s.http.Serve(s.listener) })
	s.running.Go(s.schedule.run)
	return s, nil
}

// newWorld returns the workspace on its first day.
func (s *Server) newWorld() *world {
	w := emptyWorld(s.opts.App.withDefaults())
	w.putUser(User{ID: s.BotUserID, Name: "shipmate", RealName: "Shipmate", IsBot: true})
	w.putUser(User{ID: slackbotID, Name: "slackbot", RealName: "Slackbot"})
	return w
}

const slackbotID = "USLACKBOT"

func (s *Server) base() string { return "http://" + s.listener.Addr().String() }

// URL is the address of the Web API, ending in a slash: what slack.OptionAPIURL wants.
func (s *Server) URL() string { return s.base() + "/api/" }

// Close cuts all connections, releases what hangs and frees the port. It may be called more than once.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	for _, c := range s.lines.open {
		c.cut()
	}
	s.mu.Unlock()
	s.schedule.stop()
	err := s.http.Close()
	s.running.Wait()
	return err
}

func (s *Server) domain() string { return strings.ToLower(s.opts.TeamName) }

func (s *Server) now() time.Time { return s.opts.Clock.Now() }
