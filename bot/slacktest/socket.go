package slacktest

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxSockets is how many an app may have open at a time (Slack: Using Socket Mode, multiple connections).
const maxSockets = 10

// wires are the sockets and what went over them.
type wires struct {
	tickets      map[string]bool // single use
	open         []*socket       // oldest first
	opened       int
	refuseUntil  time.Time // real time, like the next two
	quietUntil   time.Time // no pings
	disabledTill time.Time // Socket Mode is switched off
	byID         map[string][]*delivery
	family       map[string][]*delivery       // by the first envelope's ID
	answers      map[string][]Option          // to block_suggestion, by envelope ID
	offers       map[string][]json.RawMessage // the options last suggested to a person in a field
	triggers     *expiring[*trigger]
	lastTrigger  int64 // the number that newTriggerID used last
	responses    *expiring[*responseURL]
}

func newWires() *wires {
	return &wires{
		tickets: map[string]bool{}, byID: map[string][]*delivery{}, family: map[string][]*delivery{},
		answers: map[string][]Option{}, offers: map[string][]json.RawMessage{}, triggers: newExpiring[*trigger](), responses: newExpiring[*responseURL](),
	}
}

// socket is one WebSocket connection. Its writer goroutine alone writes data frames.
type socket struct {
	id     int
	ws     *websocket.Conn
	net    *gateConn
	wake   chan struct{}
	gone   chan struct{}
	once   sync.Once
	leaves bool // a disconnect frame was sent; guarded by Server.mu

	mu    sync.Mutex
	queue [][]byte
}

func (c *socket) send(frame []byte) {
	c.mu.Lock()
	c.queue = append(c.queue, frame)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *socket) take() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	frames := c.queue
	c.queue = nil
	return frames
}

// writeAll writes what is queued.
func (c *socket) writeAll() error {
	for _, frame := range c.take() {
		if err := c.ws.WriteMessage(websocket.TextMessage, frame); err != nil {
			return err
		}
	}
	return nil
}

// cut ends the connection without a word.
func (c *socket) cut() {
	c.once.Do(func() { close(c.gone) })
	_ = c.net.Close()
}

// serveSocket answers a WebSocket request that carries a ticket.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	ok := s.lines.tickets[r.URL.Query().Get("ticket")]
	delete(s.lines.tickets, r.URL.Query().Get("ticket"))
	s.mu.Unlock()
	if !ok {
		http.Error(w, "ticket unknown or used", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &socket{ws: ws, net: ws.NetConn().(*gateConn), wake: make(chan struct{}, 1), gone: make(chan struct{})}
	if reason := s.admit(c); reason != "" {
		s.turnAway(c, reason)
		return
	}
	s.opts.Log.Debug("socket opened", "conn", c.id)
	go s.write(c)
	s.read(c)
	s.drop(c)
	s.opts.Log.Debug("socket closed", "conn", c.id)
}

// admit takes a connection in and says hello, or returns the reason not to.
func (s *Server) admit(c *socket) (reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines
	l.opened++
	c.id = l.opened
	switch now := time.Now(); {
	case s.closed, now.Before(l.disabledTill):
		return "link_disabled"
	case len(l.open) >= maxSockets, now.Before(l.refuseUntil):
		return "too_many_websockets"
	}
	l.open = append(l.open, c)
	c.send(s.helloFrame())
	s.changed()
	return ""
}

func (s *Server) helloFrame() []byte {
	return mustJSON(obj{
		"type": "hello", "num_connections": len(s.lines.open), "connection_info": obj{"app_id": s.AppID},
		"debug_info": obj{"host": "applink-1", "build_number": 10, "approximate_connection_time": 18060},
	})
}

func (s *Server) disconnectFrame(reason string) []byte {
	return mustJSON(obj{
		"type": "disconnect", "reason": reason, "num_connections": len(s.lines.open), "connection_info": obj{"app_id": s.AppID},
		"debug_info": obj{"host": "applink-1"},
	})
}

func (s *Server) turnAway(c *socket, reason string) {
	s.mu.Lock()
	frame := s.disconnectFrame(reason)
	s.changed()
	s.mu.Unlock()
	_ = c.ws.WriteMessage(websocket.TextMessage, frame)
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = c.ws.Close()
}

// drop forgets a connection that has ended.
func (s *Server) drop(c *socket) {
	c.cut()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.lines.open {
		if o == c {
			s.lines.open = append(s.lines.open[:i:i], s.lines.open[i+1:]...)
		}
	}
	s.changed()
}

func (s *Server) write(c *socket) {
	ping := time.NewTicker(s.opts.PingEvery)
	defer ping.Stop()
	for {
		select {
		case <-c.wake:
			if c.net.together(c.writeAll) != nil {
				c.cut()
				return
			}
		case <-ping.C:
			if s.pings() && c.ws.WriteControl(websocket.PingMessage, []byte("Ping from applink-1"), time.Now().Add(10*time.Second)) != nil {
				c.cut()
				return
			}
		case <-c.gone:
			return
		}
	}
}

func (s *Server) pings() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !time.Now().Before(s.lines.quietUntil)
}

// read takes acks until the connection ends.
func (s *Server) read(c *socket) {
	for {
		_, frame, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		s.readAck(c, frame)
	}
}

// pick chooses the connection an envelope goes to: any that is not about to be cut, else any; nil when none is open.
func (s *Server) pick() *socket {
	open := s.lines.open
	staying := 0
	for _, c := range open {
		if !c.leaves {
			staying++
		}
	}
	if staying == 0 {
		if len(open) == 0 {
			return nil
		}
		return open[s.rng.IntN(len(open))]
	}
	n := s.rng.IntN(staying)
	for _, c := range open {
		if c.leaves {
			continue
		}
		if n == 0 {
			return c
		}
		n--
	}
	return nil
}

// Connections counts sockets.
type Connections struct {
	Open   int   // now
	Opened int   // ever, those turned away included
	IDs    []int // of the open ones, oldest first
}

// Connections tells how many sockets there are and were.
func (s *Server) Connections() Connections {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Connections{Open: len(s.lines.open), Opened: s.lines.opened}
	for _, o := range s.lines.open {
		c.IDs = append(c.IDs, o.id)
	}
	return c
}

// obj is a JSON object.
type obj = map[string]any

// mustJSON encodes what this package built itself; only a value that is no JSON at all can fail.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("slacktest: encoding its own " + err.Error())
	}
	return b
}
