package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Sockets says how connections are kept. The zero value is what production uses; tests shorten it. It is real time, since
// it is about the network.
type Sockets struct {
	Second   time.Duration // the second connection opens so long after the first, so that both do not expire together; 1 min
	MinLife  time.Duration // a connection that lived so long is replaced at once, a shorter one after a pause; 30 s
	MaxPause time.Duration // the longest pause; 60 s
	Silence  time.Duration // without a frame or a ping for so long a connection is dead; 30 s, as Slack pings every few
	Write    time.Duration // a connection that does not take an ack within it is replaced; 5 s
}

func (s Sockets) withDefaults() Sockets {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&s.Second, time.Minute)
	def(&s.MinLife, 30*time.Second)
	def(&s.MaxPause, time.Minute)
	def(&s.Silence, 30*time.Second)
	def(&s.Write, 5*time.Second)
	return s
}

// sockets keeps two connections open and replaces each before it breaks where Slack gives notice.
type sockets struct {
	cfg  Sockets
	open func(context.Context) (url string, err error)
	take func(*conn, *envelope)
	gap  func(from, to time.Time) // called after a time without any connection
	log  *slog.Logger

	mu     sync.Mutex
	conns  map[*conn]bool
	last   time.Time     // when one of those that are gone was last heard
	deaf   time.Time     // since when there is no connection that delivers; zero when there is one
	fails  int           // attempts in a row that gave no lasting connection
	reason string        // why the last connection ended or could not be opened
	first  chan struct{} // closed when the first connection stands
	once   sync.Once
	fatal  error // why there will never be one

	alarmed atomic.Bool // people were told that nothing is heard, so they are told when something is
	giveUp  context.CancelFunc
	ending  bool // the connections are closed because the bot stops, which is no gap
	wg      sync.WaitGroup
}

func newSockets(cfg Sockets, open func(context.Context) (string, error), take func(*conn, *envelope), gap func(from, to time.Time), log *slog.Logger) *sockets {
	return &sockets{cfg: cfg.withDefaults(), open: open, take: take, gap: gap, log: log,
		conns: map[*conn]bool{}, deaf: time.Now(), first: make(chan struct{})}
}

// run keeps both connections until ctx ends, then closes them. Acks of what was read are still sent before. Its error says
// why Slack will never let us in: a token that is wrong from the start.
func (s *sockets) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.giveUp = cancel
	var lines sync.WaitGroup
	lines.Go(func() { s.keep(ctx) })
	lines.Go(func() {
		select {
		case <-s.first:
		case <-ctx.Done():
			return
		}
		if wait(ctx, s.cfg.Second) == nil {
			s.keep(ctx)
		}
	})
	lines.Wait()
	s.mu.Lock()
	s.ending = true
	all := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, c := range all {
		c.leave()
	}
	s.wg.Wait()
	return s.fatal
}

// keep holds one line of connections: when the current one is to be replaced, the next is opened while the old drains.
func (s *sockets) keep(ctx context.Context) {
	pause := time.Duration(0)
	for ctx.Err() == nil {
		c, err := s.connect(ctx)
		if err != nil && s.hopeless(err) {
			return
		}
		if err != nil {
			s.failed(err.Error())
			pause = s.longer(pause)
			s.log.Warn("cannot open a socket", "err", err, "again_in", pause)
			_ = wait(ctx, pause) // ends with ctx, which the loop asks
			continue
		}
		replaced := make(chan struct{})
		var once sync.Once
		s.wg.Go(func() {
			c.serve(s.take, s.heard, func() { once.Do(func() { close(replaced) }) })
			s.gone(c)
			c.pending.Wait() // nothing is read any more; what was read is still acknowledged
			c.close()
		})
		select {
		case <-replaced:
		case <-ctx.Done():
			return
		}
		lived := time.Since(c.opened)
		s.log.Info("socket is replaced", "reason", c.reason.Load(), "lived", lived.Round(time.Millisecond))
		if lived >= s.cfg.MinLife && c.ready.Load() {
			pause = 0
			continue
		}
		s.failed(c.reason.Load().(string))
		pause = s.longer(pause)
		_ = wait(ctx, pause)
	}
}

// refusals are Slack's words for a token that will not work until somebody changes it, and what to do about each.
var refusals = map[string]string{
	"invalid_auth":           "Slack does not know the app token; set SLACK_APP_TOKEN to one of Basic Information, App-Level Tokens",
	"not_authed":             "Slack got no app token; set SLACK_APP_TOKEN",
	"account_inactive":       "the app token belongs to an app or workspace that is deactivated",
	"token_revoked":          "the app token was revoked; make a new one and set SLACK_APP_TOKEN",
	"not_allowed_token_type": "SLACK_APP_TOKEN must be an app-level token, which begins with xapp-",
	"missing_scope":          "the app token lacks the scope connections:write; make a new one with it",
}

// hopeless ends everything for a refusal that comes before there was any connection. Later, when the bot has served for a
// while, a refusal may be an administrator's mistake that is mended again, so it is only tried again.
func (s *sockets) hopeless(err error) bool {
	var api *Error
	select {
	case <-s.first:
		return false
	default:
	}
	if !errors.As(err, &api) || refusals[api.Code] == "" {
		return false
	}
	s.fatal = fmt.Errorf("%s (Slack says %s)", refusals[api.Code], api.Code)
	s.giveUp()
	return true
}

// longer doubles a pause up to the longest, with a little chance so that many replicas do not come together.
func (s *sockets) longer(pause time.Duration) time.Duration {
	pause = min(max(2*pause, min(time.Second, s.cfg.MaxPause)), s.cfg.MaxPause)
	return pause - rand.N(pause/5+1)
}

func (s *sockets) connect(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	url, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	c, err := dial(ctx, url, s.cfg, s.log)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = true
	return c, nil
}

// heard takes note that a connection stands, and tells of the gap that it ends.
func (s *sockets) heard() {
	s.mu.Lock()
	from, ending := s.deaf, s.ending
	s.deaf = time.Time{}
	s.mu.Unlock()
	isFirst := false
	s.once.Do(func() { isFirst = true; close(s.first) })
	if !from.IsZero() && (!isFirst || s.alarmed.Load()) && !ending {
		s.wg.Go(func() { s.gap(from, time.Now()) })
	}
}

func (s *sockets) gone(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.reason = c.reason.Load().(string)
	if heard := c.lastHeard(); c.ready.Load() && heard.After(s.last) {
		s.last = heard
	}
	for other := range s.conns {
		if other.ready.Load() {
			return
		}
	}
	if s.deaf.IsZero() {
		s.deaf = s.last
	}
}

func (s *sockets) failed(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails++
	s.reason = reason
}

// Hearing is the state of the connections to Slack.
type Hearing struct {
	Open      []time.Duration // age of each connection that delivers
	DeafSince time.Time       // since when none does; zero when one does
	Failures  int             // attempts in a row that gave no lasting connection
	Reason    string          // why the last one ended
}

// hearing looks at every connection now, so that one that fell silent counts as gone before its read times out.
func (s *sockets) hearing() Hearing {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	h := Hearing{Failures: s.fails, Reason: s.reason}
	silent := s.deaf
	if silent.IsZero() {
		silent = s.last
	}
	for c := range s.conns {
		if c.alive(now) {
			h.Open = append(h.Open, now.Sub(c.opened).Round(time.Second))
			if now.Sub(c.opened) > s.cfg.MinLife {
				s.fails = 0
			}
			continue
		}
		if heard := c.lastHeard(); c.ready.Load() && heard.After(silent) {
			silent = heard
		}
	}
	if len(h.Open) == 0 {
		h.DeafSince = silent
	}
	return h
}

// wait waits for d of real time or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
