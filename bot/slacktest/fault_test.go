package slacktest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
)

func TestFaultsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	for kind, check := range map[slacktest.Kind]func(error) bool{
		slacktest.RateLimited: func(err error) bool {
			var limited *slack.RateLimitedError
			return errors.As(err, &limited) && limited.RetryAfter == 7*time.Second
		},
		slacktest.RateLimitedNo: func(err error) bool { return statusOf(err) == 429 },
		slacktest.ServerError:   func(err error) bool { return statusOf(err) == 502 },
		slacktest.Reset:         func(err error) bool { return err != nil && strings.Contains(err.Error(), "reset") },
		slacktest.BadJSON:       func(err error) bool { return err != nil && statusOf(err) == 0 },
		slacktest.Refuse:        func(err error) bool { return isAny(err, "fatal_error") },
	} {
		for _, applied := range []bool{false, true} {
			g := newStage(t, noEvents)
			_, err := g.Inject(slacktest.Fault{
				Method: "chat.postMessage", Kind: kind, Applied: applied, RetryAfter: 7 * time.Second, Status: 502, Error: "fatal_error",
			})
			g.must(err)
			g.call("auth.test") // another method is not struck
			_, _, err = g.api.PostMessageContext(g.ctx(), "C0PAY", slack.MsgOptionText("x", false))
			if !check(err) {
				t.Errorf("%s, applied %t: %v", kind, applied, err)
			}
			if n := len(g.Messages("payments")); (n == 1) != applied {
				t.Errorf("%s, applied %t: %d messages", kind, applied, n)
			}
			if a := g.call("chat.postMessage", "channel", "C0PAY", "text", "y"); a.code() != "" {
				t.Errorf("%s struck twice: %s", kind, a.raw)
			}
			if c := g.Calls()[1]; c.Outcome == "ok" || c.Outcome == "" {
				t.Errorf("%s: recorded as %q", kind, c.Outcome)
			}
		}
	}
}

func statusOf(err error) int {
	var status slack.StatusCodeError
	if errors.As(err, &status) {
		return status.Code
	}
	return 0
}

func TestHangIsReleased(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	hang, err := g.Inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.Hang})
	g.must(err)
	answered := make(chan string, 1)
	go func() { answered <- g.call("chat.postMessage", "channel", "C0PAY", "text", "x").code() }()
	g.wait("the hang", func() bool { return len(g.Calls()) == 1 })
	if len(g.Messages("payments")) != 0 {
		t.Error("applied before it was released")
	}
	hang.Remove()
	hang.Remove()
	if code := <-answered; code != "" || len(g.Messages("payments")) != 1 {
		t.Errorf("after the release: %q", code)
	}
}

func TestHangUntilTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		g := newStage(t, noEvents)
		_, err := g.Inject(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.Hang, Applied: applied})
		g.must(err)
		ctx, cancel := context.WithCancel(g.ctx())
		done := make(chan error, 1)
		go func() {
			_, _, err := g.api.PostMessageContext(ctx, "C0PAY", slack.MsgOptionText("x", false))
			done <- err
		}()
		g.wait("the call", func() bool { return len(g.Calls()) == 1 && (!applied || len(g.Messages("payments")) == 1) })
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller: %v", err)
		}
		g.wait("the end", func() bool { return g.Calls()[0].Outcome == "hang" })
		if n := len(g.Messages("payments")); (n == 1) != applied {
			t.Errorf("applied %t: %d messages", applied, n)
		}
	}
}

func TestFaultCounts(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	twice, err := g.Inject(slacktest.Fault{Kind: slacktest.ServerError, Times: 2})
	g.must(err)
	for i, want := range []int{503, 503, 200} {
		if a := g.call("auth.test"); a.status != want {
			t.Errorf("call %d: %d, want %d", i+1, a.status, want)
		}
	}
	if twice.Hits() != 2 {
		t.Errorf("%d hits", twice.Hits())
	}
	forever, err := g.Inject(slacktest.Fault{Method: "auth.test", Kind: slacktest.ServerError, Times: -1})
	g.must(err)
	for range 5 {
		if a := g.call("auth.test"); a.status != 503 {
			t.Errorf("a lasting fault: %d", a.status)
		}
	}
	forever.Remove()
	if a := g.call("auth.test"); a.status != 200 || forever.Hits() != 5 {
		t.Errorf("removed: %d, %d hits", a.status, forever.Hits())
	}
	for _, f := range []slacktest.Fault{{Kind: "meteor"}, {Kind: slacktest.Reset, Method: "socket"}} {
		if _, err := g.Inject(f); err == nil {
			t.Errorf("%+v is taken", f)
		}
	}
}

func TestResponseURLFault(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	to := g.slashed(g.connect())
	_, err := g.Inject(slacktest.Fault{Method: "response_url", Kind: slacktest.ServerError, Applied: true})
	g.must(err)
	if a := g.respond(to, map[string]any{"text": "x"}); a.status != 503 || len(g.Ephemerals("U0ANA", "")) != 1 {
		t.Errorf("answer: %d", a.status)
	}
}

func TestEveryKindCanBeInjected(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	calls, sockets := slacktest.Kinds()
	for _, k := range calls {
		if _, err := g.Inject(slacktest.Fault{Method: "users.list", Kind: k}); err != nil {
			t.Error(err)
		}
	}
	for _, k := range sockets {
		if _, err := g.Inject(slacktest.Fault{Method: "socket", Kind: k, For: time.Millisecond}); err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	_, err := g.Inject(slacktest.Fault{Method: "auth.test", Kind: slacktest.Hang})
	g.must(err)
	failed := make(chan error, 1)
	go func() {
		_, err := g.api.AuthTestContext(g.ctx())
		failed <- err
	}()
	g.wait("the hang", func() bool { return len(g.Calls()) == 1 })
	g.must(g.Close())
	<-a.closed
	if err := <-failed; err == nil {
		t.Error("a hanging call was answered")
	}
	var refused *net.OpError
	if _, err := http.Get(g.URL()); !errors.As(err, &refused) {
		t.Errorf("the port is still open: %v", err)
	}
	if err := g.Wait(g.ctx(), func() bool { return false }); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("waiting on a closed server: %v", err)
	}
	g.must(g.Close())
}
