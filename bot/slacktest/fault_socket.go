package slacktest

import (
	"time"

	"github.com/gorilla/websocket"
)

// Faults of sockets. They strike once, when injected, every open socket unless said otherwise.
const (
	DropAll      Kind = "drop-all"      // reset the connections
	DropOne      Kind = "drop-one"      // reset the oldest connection
	CloseAll     Kind = "close-all"     // a WebSocket close, without a disconnect frame
	RefuseNew    Kind = "refuse-new"    // new sockets get disconnect too_many_websockets for a while
	Stall        Kind = "stall"         // stop reading for a while: TCP back-pressure
	StopPings    Kind = "stop-pings"    // for a while
	Garbage      Kind = "garbage"       // a frame that is not JSON
	HalfOpen     Kind = "half-open"     // connections stay open but nothing goes through any more, either way
	Warning      Kind = "warning"       // disconnect frame, and the cut after Options.Grace
	WarningOne   Kind = "warning-one"   // the same for the oldest connection
	Refresh      Kind = "refresh"       // disconnect frame refresh_requested, and the cut after Options.Grace
	RefreshOne   Kind = "refresh-one"   // the same for the oldest connection
	LinkDisabled Kind = "link-disabled" // Socket Mode is switched off for a while: disconnect link_disabled, also for new ones
)

// Kinds lists the faults by name: those of calls, and those of sockets.
func Kinds() (calls, sockets []Kind) {
	return []Kind{RateLimited, RateLimitedNo, ServerError, Hang, Reset, BadJSON, Refuse},
		[]Kind{DropAll, DropOne, CloseAll, RefuseNew, Stall, StopPings, Garbage, HalfOpen, Warning, WarningOne, Refresh, RefreshOne, LinkDisabled}
}

// socketFaults are functions that break sockets and return how to mend them, nil when there is nothing to mend.
func socketFaults() map[Kind]func(*Server, Fault) (end func()) {
	each := func(f func(*Server, *socket, Fault)) func(*Server, Fault) func() {
		return func(s *Server, fault Fault) func() {
			for _, c := range s.lines.open {
				f(s, c, fault)
			}
			return nil
		}
	}
	oldest := func(f func(*Server, *socket, Fault)) func(*Server, Fault) func() {
		return func(s *Server, fault Fault) func() {
			if len(s.lines.open) > 0 {
				f(s, s.lines.open[0], fault)
			}
			return nil
		}
	}
	drop := func(_ *Server, c *socket, _ Fault) { c.net.reset() }
	bye := func(reason string) func(*Server, *socket, Fault) {
		return func(s *Server, c *socket, _ Fault) { s.sayBye(c, reason) }
	}
	return map[Kind]func(*Server, Fault) func(){
		DropAll:      each(drop),
		DropOne:      oldest(drop),
		CloseAll:     each(func(_ *Server, c *socket, _ Fault) { go c.close() }),
		Garbage:      each(func(_ *Server, c *socket, _ Fault) { c.send([]byte(`{"type":`)) }),
		HalfOpen:     each(func(_ *Server, c *socket, _ Fault) { c.net.deafen() }),
		Warning:      each(bye("warning")),
		WarningOne:   oldest(bye("warning")),
		Refresh:      each(bye("refresh_requested")),
		RefreshOne:   oldest(bye("refresh_requested")),
		Stall:        stallSockets,
		RefuseNew:    func(s *Server, f Fault) func() { return s.setUntil(&s.lines.refuseUntil, f.For) },
		StopPings:    func(s *Server, f Fault) func() { return s.setUntil(&s.lines.quietUntil, f.For) },
		LinkDisabled: disableLink,
	}
}

func stallSockets(s *Server, f Fault) func() {
	var resume []func()
	for _, c := range s.lines.open {
		resume = append(resume, c.net.stall(f.For))
	}
	return func() {
		for _, r := range resume {
			r()
		}
	}
}

func disableLink(s *Server, f Fault) func() {
	for _, c := range s.lines.open {
		s.sayBye(c, "link_disabled")
	}
	return s.setUntil(&s.lines.disabledTill, f.For)
}

// setUntil sets an end in real time; for ever, nearly, when d is zero.
func (s *Server) setUntil(t *time.Time, d time.Duration) func() {
	if d == 0 {
		d = 100 * 365 * 24 * time.Hour
	}
	*t = time.Now().Add(d)
	return func() { *t = time.Time{} }
}

// sayBye sends a disconnect frame and cuts the connection after the grace, unless the app does so first.
func (s *Server) sayBye(c *socket, reason string) {
	if c.leaves {
		return
	}
	c.leaves = true
	c.send(s.disconnectFrame(reason))
	time.AfterFunc(s.opts.Grace, c.close)
}

// close ends a connection with a WebSocket close frame.
func (c *socket) close() {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	c.cut()
}
