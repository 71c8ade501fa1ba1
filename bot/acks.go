package bot

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// outbox sends what many goroutines want to say on one connection, in frames of their own, with as few calls to the
// network as it can: acks become due many at a time, when the journal has committed them together.
type outbox struct {
	writing sync.Mutex // held by who writes

	mu   sync.Mutex
	next *batch // what leaves next; nil when nothing waits
}

// batch is what leaves together.
type batch struct {
	frames [][]byte
	done   chan struct{}
	err    error // once done is closed
}

// send puts a frame on its way and waits until it has left, or could not.
func (o *outbox) send(frame []byte, write func(frames [][]byte) error) error {
	o.mu.Lock()
	b := o.next
	if b == nil {
		b = &batch{done: make(chan struct{})}
		o.next = b
	}
	b.frames = append(b.frames, frame)
	first := len(b.frames) == 1
	o.mu.Unlock()
	if !first {
		<-b.done
		return b.err
	}
	runtime.Gosched() // who was told of the same commit comes along
	o.writing.Lock()
	defer o.writing.Unlock()
	o.mu.Lock()
	o.next = nil
	o.mu.Unlock()
	b.err = write(b.frames)
	close(b.done)
	return b.err
}

// writeAll writes frames within the connection's time for writing.
func (c *conn) writeAll(frames [][]byte) error {
	if err := c.ws.SetWriteDeadline(time.Now().Add(c.cfg.Write)); err != nil {
		return err
	}
	return c.net.together(func() error {
		for _, f := range frames {
			if err := c.ws.WriteMessage(websocket.TextMessage, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// gathering is a network connection that can gather what is written to it.
type gathering struct {
	net.Conn

	mu   sync.Mutex
	held *bytes.Buffer // nil when nothing is held back
}

func (g *gathering) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held != nil {
		return g.held.Write(p)
	}
	return g.Conn.Write(p)
}

// together writes what write writes with one call to the network.
func (g *gathering) together(write func() error) error {
	g.mu.Lock()
	g.held = &bytes.Buffer{}
	g.mu.Unlock()
	err := write()
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.held.Bytes()
	g.held = nil
	if err != nil {
		return err
	}
	_, err = g.Conn.Write(all)
	return err
}

// dialNet opens the network connection that a socket stands on.
func dialNet(into **gathering) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		*into = &gathering{Conn: c}
		return *into, nil
	}
}
