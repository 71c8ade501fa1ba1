package slacktest

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// gateListener accepts connections that can be stalled, deafened and reset.
type gateListener struct {
	net.Listener
	readBuffer int
}

func (l *gateListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok && l.readBuffer > 0 {
		_ = tcp.SetReadBuffer(l.readBuffer)
	}
	return &gateConn{Conn: c, closed: make(chan struct{})}, nil
}

// gateConn is a connection whose reading can be held up, so that the peer feels TCP back-pressure, and whose writing
// can be made to vanish, so that it looks alive when it is not.
type gateConn struct {
	net.Conn
	closed chan struct{}
	once   sync.Once

	mu   sync.Mutex
	gate chan struct{} // closed when reading may go on; nil when it always may
	dead bool
	held *bytes.Buffer // what was written while together runs; nil otherwise
}

func (c *gateConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.waitGate() // after, so that a read that was waiting when the gate closed is held up too
	return n, err
}

func (c *gateConn) waitGate() {
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-c.closed:
	}
}

func (c *gateConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.held != nil {
		defer c.mu.Unlock()
		return c.held.Write(p)
	}
	dead := c.dead
	c.mu.Unlock()
	if dead {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// together sends everything that write writes with one call to the network, as a busy server's frames leave.
func (c *gateConn) together(write func() error) error {
	c.mu.Lock()
	c.held = &bytes.Buffer{}
	c.mu.Unlock()
	err := write()
	c.mu.Lock()
	all := c.held.Bytes()
	c.held = nil
	c.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = c.Write(all)
	return err
}

// stall stops reading for d, or until resumed when d is zero.
func (c *gateConn) stall(d time.Duration) (resume func()) {
	gate := make(chan struct{})
	c.mu.Lock()
	c.gate = gate
	c.mu.Unlock()
	resume = sync.OnceFunc(func() { close(gate) })
	if d > 0 {
		time.AfterFunc(d, resume)
	}
	return resume
}

// deafen leaves the connection open with nothing going through, either way.
func (c *gateConn) deafen() {
	c.stall(0)
	c.mu.Lock()
	c.dead = true
	c.mu.Unlock()
}

// reset closes with a TCP RST instead of a FIN.
func (c *gateConn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func (c *gateConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
