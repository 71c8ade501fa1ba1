package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Limits of one connection.
const (
	drainTimeout = 30 * time.Second // how long a connection Slack wants to replace may still deliver
	goodbye      = 2 * time.Second  // how long Slack has to answer ours
	readLimit    = 8 << 20          // bytes of one frame; Slack documents none
	maxAck       = 20 << 10         // Slack drops larger acks silently (slack-go, socketmode.maxResponseSize)
)

// errAckTooLarge is returned for an acknowledgement Slack would drop.
var errAckTooLarge = errors.New("acknowledgement over 20 KiB")

// conn is one Socket Mode connection. Its acks leave through it or not at all: they never cross to another one.
type conn struct {
	ws     *websocket.Conn
	cfg    Sockets
	opened time.Time
	log    *slog.Logger

	net      *gathering
	out      outbox
	heard    atomic.Int64 // unix nano of the last frame or ping
	ready    atomic.Bool  // hello received
	draining atomic.Bool
	left     atomic.Bool  // our side has said goodbye
	reason   atomic.Value // string: why Slack wants it replaced, or why it ended

	taking  sync.Mutex // guards stopped
	stopped bool       // nothing more is taken
	pending sync.WaitGroup
}

// dial connects to the single-use address that apps.connections.open gave.
func dial(ctx context.Context, url string, cfg Sockets, log *slog.Logger) (*conn, error) {
	var under *gathering
	d := websocket.Dialer{
		NetDialContext:   dialNet(&under),
		HandshakeTimeout: 10 * time.Second,
		// An ack must be one frame: Slack is believed to drop continuation frames (slack-go, defaultWriteBufferSize).
		WriteBufferSize: 32 << 10,
		ReadBufferSize:  32 << 10,
		Proxy:           websocket.DefaultDialer.Proxy,
	}
	ws, resp, err := d.DialContext(ctx, url, nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // the handshake's body holds nothing
	}
	if err != nil {
		e := &Error{Op: "socket", Code: network(err), Passing: true} // the URL is a secret while it lives
		if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
			e.Code = fmt.Sprintf("http_%d", resp.StatusCode)
		}
		return nil, e
	}
	c := &conn{ws: ws, net: under, cfg: cfg, opened: time.Now(), log: log}
	c.reason.Store("")
	ws.SetReadLimit(readLimit)
	ws.SetPingHandler(func(data string) error {
		c.hear()
		// A pong that cannot leave is noticed by the next ack or by Slack; reading goes on.
		_ = ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(c.cfg.Write))
		return nil
	})
	c.hear()
	return c, nil
}

func (c *conn) hear() {
	now := time.Now()
	c.heard.Store(now.UnixNano())
	_ = c.ws.SetReadDeadline(now.Add(c.cfg.Silence)) // fails only on a closed connection, which the read reports
	if c.left.Load() {
		_ = c.ws.SetReadDeadline(now.Add(goodbye))
	}
}

// begin takes one more envelope under way, unless the connection is being left. Whoever took it calls pending.Done.
func (c *conn) begin() bool {
	c.taking.Lock()
	defer c.taking.Unlock()
	if c.stopped {
		return false
	}
	c.pending.Add(1)
	return true
}

// leave takes nothing more, acknowledges what was taken, and says goodbye. What Slack had sent already is read to its answer
// and passed over: closing with unread bytes would throw away acks that are still on their way.
func (c *conn) leave() {
	c.taking.Lock()
	c.stopped = true
	c.taking.Unlock()
	c.pending.Wait()
	until := time.Now().Add(goodbye)
	c.left.Store(true)
	_ = c.ws.SetReadDeadline(until) // these fail only on a connection that has ended already
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), until)
}

// serve reads frames until the connection ends and hands every envelope to take, which must not block for long and calls
// pending.Done when it is through. hello is called when Slack has taken the connection, replace when Slack wants it replaced
// and when it ended.
func (c *conn) serve(take func(*conn, *envelope), hello, replace func()) {
	defer replace()
	var frame bytes.Buffer
	for {
		if err := c.read(&frame); err != nil {
			c.ended(err)
			return
		}
		c.hear()
		env, err := readFrame(frame.Bytes())
		if err != nil {
			c.log.Warn("unreadable frame on a socket", "bytes", frame.Len(), "err", err)
			continue
		}
		switch env.Type {
		case "hello":
			c.ready.Store(true)
			hello()
		case "disconnect":
			c.reason.Store(env.Reason)
			c.drain()
			replace()
		default:
			if env.ID != "" && c.begin() {
				take(c, env)
			}
		}
	}
}

// read reads one frame.
func (c *conn) read(frame *bytes.Buffer) error {
	_, r, err := c.ws.NextReader()
	if err != nil {
		return err
	}
	frame.Reset()
	_, err = frame.ReadFrom(r)
	return err
}

// ended notes why and when the connection ended: one that was cut was heard until then, one that fell silent was not.
func (c *conn) ended(err error) {
	var timeout net.Error
	var closed *websocket.CloseError
	silent := errors.As(err, &timeout) && timeout.Timeout()
	if !silent {
		c.heard.Store(time.Now().UnixNano())
	}
	switch {
	case silent:
		c.reason.CompareAndSwap("", "nothing was heard any more")
	case errors.As(err, &closed):
		c.reason.CompareAndSwap("", fmt.Sprintf("it was closed (%d)", closed.Code))
	default:
		c.reason.CompareAndSwap("", "it was cut: "+network(err))
	}
}

// drain lets the connection deliver and ack what is under way for a while, and closes it then.
func (c *conn) drain() {
	if c.draining.Swap(true) {
		return
	}
	time.AfterFunc(drainTimeout, c.close)
}

// ack acknowledges an envelope, with payload if it is not nil. A connection that cannot write it is closed: its write error
// would stick, and everything after it would go unacked unseen.
func (c *conn) ack(envelopeID string, payload any) error {
	data, err := json.Marshal(struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload,omitempty"`
	}{envelopeID, payload})
	if err != nil {
		return fmt.Errorf("acknowledging: %w", err)
	}
	if len(data) >= maxAck {
		return errAckTooLarge
	}
	if err := c.out.send(data, c.writeAll); err != nil {
		c.reason.CompareAndSwap("", "cannot write: "+network(err))
		c.close()
		return fmt.Errorf("acknowledging: %w", err)
	}
	return nil
}

func (c *conn) close() { _ = c.ws.Close() } // closing twice is harmless

// alive tells whether the connection delivers.
func (c *conn) alive(now time.Time) bool {
	return c.ready.Load() && now.Sub(c.lastHeard()) < c.cfg.Silence
}

// lastHeard is when the last frame or ping came.
func (c *conn) lastHeard() time.Time { return time.Unix(0, c.heard.Load()) }
