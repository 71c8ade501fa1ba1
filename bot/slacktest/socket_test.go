package slacktest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"shipmate/bot/slacktest"
)

func TestHelloCountsConnections(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	for want := 1.0; want <= 2; want++ {
		f := g.dial().next()
		info, _ := f["connection_info"].(map[string]any)
		debug, _ := f["debug_info"].(map[string]any)
		if f["type"] != "hello" || f["num_connections"] != want || info["app_id"] != g.AppID || debug["approximate_connection_time"] == nil {
			t.Errorf("hello %v: %v", want, f)
		}
	}
	if c := g.Connections(); c.Open != 2 || c.Opened != 2 || len(c.IDs) != 2 {
		t.Errorf("connections: %+v", c)
	}
}

func TestTicketWorksOnce(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	address := g.ticket()
	ws, _, err := websocket.DefaultDialer.DialContext(g.ctx(), address, nil)
	g.must(err)
	defer ws.Close()
	for _, again := range []string{address, strings.Split(address, "ticket=")[0] + "ticket=guess"} {
		_, resp, err := websocket.DefaultDialer.DialContext(g.ctx(), again, nil)
		if err == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("a used or guessed ticket: %v", err)
		}
	}
}

func TestPings(t *testing.T) {
	t.Parallel()
	g := newStage(t, func(o *slacktest.Options) { o.PingEvery = time.Millisecond })
	a := g.connect()
	<-a.pings
	<-a.pings
	stop, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.StopPings})
	g.must(err)
	b := g.connect()
	for range 100 {
		g.call("auth.test") // takes a while: many pings' worth
	}
	if len(b.pings) != 0 {
		t.Error("pings go on")
	}
	stop.Remove()
	<-b.pings
}

func TestEleventhConnectionIsTurnedAway(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	for range 10 {
		g.connect()
	}
	a := g.dial()
	if f := a.next(); f["type"] != "disconnect" || f["reason"] != "too_many_websockets" || f["num_connections"] != 10.0 {
		t.Errorf("the eleventh gets %v", f)
	}
	<-a.closed
	if c := g.Connections(); c.Open != 10 || c.Opened != 11 {
		t.Errorf("connections: %+v", c)
	}
}

func TestEnvelopesGoToAnyConnection(t *testing.T) {
	t.Parallel()
	spread := func(seed uint64) string {
		g := newStage(t, func(o *slacktest.Options) { o.Seed = seed })
		g.connect()
		g.connect()
		for range 40 {
			_, err := g.Event(map[string]any{"type": "marker"})
			g.must(err)
		}
		var b strings.Builder
		for _, d := range g.Deliveries() {
			b.WriteByte('0' + byte(d.Conn))
		}
		return b.String()
	}
	first := spread(7)
	if n := strings.Count(first, "1"); n < 5 || n > 35 {
		t.Errorf("40 envelopes went to %s", first)
	}
	if again := spread(7); again != first {
		t.Errorf("the same seed gave %s and %s", first, again)
	}
}

func TestAcksAreMatched(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a, b := g.connect(), g.connect()
	id, err := g.Slash("U0ANA", "payments", "/deploy checkout staging")
	g.must(err)
	var f map[string]any
	right, wrong := a, b
	select {
	case f = <-a.frames:
	case f = <-b.frames:
		right, wrong = b, a
	}
	wrong.ack(f)
	g.wait("the foreign ack", func() bool { return g.problem("foreign_ack") })
	if _, ok := g.Ack(id); ok {
		t.Error("a foreign ack counts")
	}
	right.ack(f)
	g.wait("the ack", func() bool { d, ok := g.Ack(id); return ok && d.AckConn == d.Conn && d.Conn != 0 })
	right.ack(f)
	g.wait("the second ack", func() bool { return g.problem("double_ack") })
	right.ack(map[string]any{"envelope_id": "nonsense"})
	g.wait("the unknown ack", func() bool { return g.problem("unknown_ack") })
	g.must(right.ws.WriteMessage(websocket.TextMessage, []byte("}")))
	g.wait("the bad frame", func() bool { return g.problem("bad_frame") })
	if acks := g.Acks(); len(acks) != 1 || acks[0].EnvelopeID != id {
		t.Errorf("acks: %+v", acks)
	}
}

func TestLateAckIsRefused(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	id, err := g.Slash("U0ANA", "payments", "/deploy checkout staging")
	g.must(err)
	f := a.next()
	g.clock.Advance(3 * time.Second)
	g.wait("the time-out", func() bool { return g.Counts().TimedOut == 1 })
	a.ack(f, map[string]any{"text": "too late"})
	g.wait("the late ack", func() bool { return g.problem("late_ack") })
	if _, ok := g.Ack(id); ok {
		t.Error("a late ack counts")
	}
	if e := g.Ephemerals("U0ANA", "payments"); len(e) != 1 || e[0].Text != `/deploy failed with the error "operation_timeout"` {
		t.Errorf("Ana sees %+v", e)
	}
}

func TestAckOf20KiBIsDropped(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	send := func(size int) string {
		id, err := g.Slash("U0ANA", "payments", "/deploy x y")
		g.must(err)
		f := a.next()
		frame := map[string]any{"envelope_id": id, "payload": map[string]any{"text": ""}}
		frame["payload"] = map[string]any{"text": strings.Repeat("x", size-len(asJSON(frame)))}
		g.must(a.ws.WriteMessage(websocket.TextMessage, []byte(asJSON(frame))))
		_ = f
		return id
	}
	fits := send(20480 - 1)
	g.wait("the ack", func() bool { _, ok := g.Ack(fits); return ok })
	g.noProblems()
	big := send(20480)
	g.wait("the refusal", func() bool { return g.problem("ack_too_big") })
	if _, ok := g.Ack(big); ok {
		t.Error("an ack of 20 KiB counts")
	}
}

func TestPayloadWhereNoneIsAccepted(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	_, err := g.Event(map[string]any{"type": "marker"})
	g.must(err)
	a.take(map[string]any{"text": "hi"})
	if !g.problem("payload_ignored") {
		t.Error("a payload in an event's ack is no problem")
	}
}

func TestRefreshLeavesAGrace(t *testing.T) {
	t.Parallel()
	g := newStage(t, func(o *slacktest.Options) { o.Grace = 200 * time.Millisecond })
	a, b := g.connect(), g.connect()
	_, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.RefreshOne})
	g.must(err)
	if f := a.next(); f["type"] != "disconnect" || f["reason"] != "refresh_requested" {
		t.Fatalf("the oldest gets %v", f)
	}
	for range 10 {
		id, err := g.Slash("U0ANA", "payments", "/deploy x y")
		g.must(err)
		if f := b.next(); f["envelope_id"] != id {
			t.Fatalf("the other connection gets %v", f)
		}
	}
	if err := <-a.closed; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("after the grace: %v", err)
	}
	g.wait("the cut", func() bool { return g.Connections().Open == 1 })
}

func TestWarnedAloneStillGetsEnvelopes(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	_, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.Warning})
	g.must(err)
	if f := a.next(); f["reason"] != "warning" {
		t.Fatalf("warning: %v", f)
	}
	a.nothing()
}

func TestLinkDisabled(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	off, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.LinkDisabled})
	g.must(err)
	if f := a.next(); f["reason"] != "link_disabled" {
		t.Errorf("open: %v", f)
	}
	if f := g.dial().next(); f["reason"] != "link_disabled" {
		t.Errorf("new: %v", f)
	}
	off.Remove()
	g.connect()
}

func TestRefuseNew(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	off, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.RefuseNew, For: time.Hour})
	g.must(err)
	if f := g.dial().next(); f["reason"] != "too_many_websockets" {
		t.Errorf("new: %v", f)
	}
	off.Remove()
	g.connect()
}

func TestSocketsBreak(t *testing.T) {
	t.Parallel()
	for kind, check := range map[slacktest.Kind]func(g *stage, a, b *app){
		slacktest.DropAll: func(g *stage, a, b *app) { <-a.closed; <-b.closed },
		slacktest.DropOne: func(g *stage, a, b *app) { <-a.closed; b.nothing() },
		slacktest.CloseAll: func(g *stage, a, b *app) {
			if err := <-a.closed; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				g.t.Errorf("close without a frame: %v", err)
			}
			<-b.closed
		},
		slacktest.Garbage: func(g *stage, a, b *app) {
			if f := a.next(); f["garbage"] != `{"type":` {
				g.t.Errorf("garbage: %v", f)
			}
			b.next()
		},
	} {
		g := newStage(t)
		a, b := g.connect(), g.connect()
		_, err := g.Inject(slacktest.Fault{Method: "socket", Kind: kind})
		g.must(err)
		t.Log(kind)
		if kind == slacktest.DropOne {
			g.wait("the drop", func() bool { return g.Connections().Open == 1 })
		}
		check(g, a, b)
	}
}

func TestStalledConnectionReadsLater(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	stall, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.Stall})
	g.must(err)
	id, err := g.Slash("U0ANA", "payments", "/deploy x y")
	g.must(err)
	a.ack(a.next()) // writing still works: the kernel takes it
	for range 3 {
		g.call("auth.test") // a round trip, during which the ack would have been read
	}
	if _, ok := g.Ack(id); ok {
		t.Error("a stalled connection was read")
	}
	stall.Remove()
	g.wait("the ack", func() bool { _, ok := g.Ack(id); return ok })
}

func TestStalledConnectionPushesBack(t *testing.T) {
	t.Parallel()
	g := newStage(t, func(o *slacktest.Options) { o.ReadBuffer = 4096 })
	a := g.connect()
	stall, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.Stall})
	g.must(err)
	wrote := make(chan error, 1)
	go func() {
		_ = a.ws.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		for {
			if err := a.ws.WriteMessage(websocket.TextMessage, make([]byte, 1<<16)); err != nil {
				wrote <- err
				return
			}
		}
	}()
	if err := <-wrote; !strings.Contains(err.Error(), "timeout") {
		t.Errorf("writing ended with %v, not for want of room", err)
	}
	stall.Remove()
}

func TestHalfOpenSwallowsEverything(t *testing.T) {
	t.Parallel()
	g := newStage(t, func(o *slacktest.Options) { o.PingEvery = 5 * time.Millisecond })
	a := g.connect()
	<-a.pings
	_, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.HalfOpen})
	g.must(err)
	id, err := g.Slash("U0ANA", "payments", "/deploy x y")
	g.must(err)
	g.must(a.ws.WriteJSON(map[string]any{"envelope_id": id}))
	b := g.connect()
	<-b.pings
	<-b.pings
	if len(a.frames) != 0 {
		t.Error("an envelope came through")
	}
	if _, ok := g.Ack(id); ok {
		t.Error("an ack came through")
	}
	if g.Connections().Open != 2 {
		t.Error("the half-open connection is not open any more")
	}
}

func TestSendAndRedeliver(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	if _, err := g.Send([]byte(`{"type":"odd"}`)); err == nil {
		t.Error("sent without a socket")
	}
	a := g.connect()
	_, err := g.Send([]byte(`{"type":"odd","envelope_id":"e1","payload":{"a":1}}`))
	g.must(err)
	if f := a.next(); f["type"] != "odd" {
		t.Errorf("sent: %v", f)
	}
	id, err := g.Slash("U0ANA", "payments", "/deploy x y")
	g.must(err)
	first := a.next()
	same, err := g.Redeliver(id, 2, true)
	g.must(err)
	fresh, err := g.Redeliver(id, 1, false)
	g.must(err)
	if same[0] != id || same[1] != id || fresh[0] == id {
		t.Errorf("ids: %v, %v", same, fresh)
	}
	for i := range 3 {
		f := a.next()
		if asJSON(f["payload"]) != asJSON(first["payload"]) {
			t.Errorf("redelivery %d has another payload", i)
		}
		a.ack(f)
	}
	a.ack(first)
	g.wait("all acks", func() bool { return g.Counts().Acked == 4 })
	g.noProblems()
	if d, ok := g.Ack(fresh[0]); !ok || d.Of != id {
		t.Errorf("the ack of a redelivery: %+v", d)
	}
	if _, err := g.Redeliver("none", 1, true); err == nil {
		t.Error("redelivered what was never sent")
	}
}
