package slacktest_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// What a client sent before it died is served when the server is drained; a socket that stays is in nobody's way.
func TestDrainServesWhatTheDeadHaveSent(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	g.connect()
	http.DefaultClient.CloseIdleConnections() // the one that asked where to connect
	var served atomic.Int64
	g.OnCall(func(c slacktest.Call) {
		if c.Phase == slacktest.Before {
			time.Sleep(20 * time.Millisecond) // slower than who does not wait for it
		} else {
			served.Add(1)
		}
	})
	const dead = 8
	for range dead {
		g.dies()
	}
	g.must(g.Drain(t.Context()))
	if n := served.Load(); n != dead {
		t.Errorf("%d of %d calls are served", n, dead)
	}
}

// A client that lives is said to.
func TestDrainWaitsForTheLiving(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	conn, err := net.Dial("tcp", g.host())
	g.must(err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := g.Drain(ctx); err == nil || !strings.Contains(err.Error(), "1 connections are open") {
		t.Errorf("drained: %v", err)
	}
}

// dies sends a call and is gone before the answer.
func (g *stage) dies() {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.host())
	g.must(err)
	body := "channel=C0PAY&text=last"
	_, err = fmt.Fprintf(conn, "POST /api/chat.postMessage HTTP/1.1\r\nHost: slack\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", g.BotToken, len(body), body)
	g.must(err)
	g.must(conn.Close())
}

func (g *stage) host() string {
	g.t.Helper()
	u, err := url.Parse(g.URL())
	g.must(err)
	return u.Host
}
