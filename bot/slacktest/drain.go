package slacktest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Drain returns once no HTTP connection is open, sockets aside: when all clients are gone, everything they sent has then been served. It is
// for a test that moves the clock after a client died, since what the client sent just before may otherwise be served in another hour. It
// fails when a client is still there as ctx ends.
func (s *Server) Drain(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.listener.Addr().String())
	if err != nil {
		return fmt.Errorf("draining the fake Slack: %w", err)
	}
	defer conn.Close()
	// Connections are accepted in their order, so those made before this one have been counted when this one is answered.
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return fmt.Errorf("draining the fake Slack: %w", err)
		}
	}
	if _, err := fmt.Fprint(conn, "GET /drain HTTP/1.0\r\n\r\n"); err != nil {
		return fmt.Errorf("draining the fake Slack: %w", err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("draining the fake Slack: %w", err)
	}
	_ = conn.Close() // read only
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for s.connected.Load() > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("draining the fake Slack: %d connections are open: %w", s.connected.Load(), ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// count keeps the number of open HTTP connections. One that becomes a socket is none any more.
func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connected.Add(1)
	case http.StateHijacked, http.StateClosed:
		s.connected.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}
