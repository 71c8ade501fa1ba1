package slacktest_test

import (
	"strconv"
	"testing"
	"time"
)

func TestTiers(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	for method, perMin := range map[string]int{
		"users.list": 20, "usergroups.list": 20, "conversations.list": 20, "team.info": 50, "users.info": 100, "views.open": 100, "auth.test": 600,
	} {
		for i := range perMin {
			if a := g.call(method); a.status != 200 {
				t.Fatalf("%s: call %d is refused: %s", method, i+1, a.raw)
			}
		}
		a := g.call(method)
		if a.status != 429 || a.code() != "ratelimited" || a.header.Get("Retry-After") != "60" {
			t.Errorf("%s: call %d: %d, Retry-After %q", method, perMin+1, a.status, a.header.Get("Retry-After"))
		}
	}
	g.clock.Advance(59 * time.Second)
	if a := g.call("users.list"); a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("a second early: %d %q", a.status, a.header.Get("Retry-After"))
	}
	g.clock.Advance(time.Second)
	if a := g.call("users.list"); a.status != 200 {
		t.Errorf("in the next minute: %d", a.status)
	}
}

func TestPostsPerChannel(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	post := func(channel string) answer { return g.call("chat.postMessage", "channel", channel, "text", "x") }
	for i := range 5 {
		if a := post("C0PAY"); a.status != 200 {
			t.Fatalf("post %d of a burst: %s", i+1, a.raw)
		}
	}
	if a := post("payments"); a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("one more, by name: %d", a.status)
	}
	if a := post("C0RND"); a.status != 200 {
		t.Errorf("another channel: %s", a.raw)
	}
	g.clock.Advance(time.Second)
	if a := post("C0PAY"); a.status != 200 {
		t.Errorf("a second later: %s", a.raw)
	}
	if a := post("C0PAY"); a.status != 429 {
		t.Errorf("and one more: %d", a.status)
	}
}

func TestOpeningConnections(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	for range 10 {
		g.ticket()
	}
	a := g.send("apps.connections.open", "application/x-www-form-urlencoded", g.AppToken, "")
	if wait, _ := strconv.Atoi(a.header.Get("Retry-After")); a.status != 429 || wait != 60 {
		t.Errorf("the eleventh: %d, Retry-After %d", a.status, wait)
	}
	g.clock.Advance(time.Minute)
	g.ticket()
}

func TestNoLimits(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits)
	for range 25 {
		if a := g.call("users.list"); a.status != 200 {
			t.Fatal(a.raw)
		}
	}
}
