package clock

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// stage serves m on loopback and returns its address.
func stage(t *testing.T, m *Manual) (*Server, *httptest.Server) {
	t.Helper()
	s := Serve(m)
	web := httptest.NewServer(s)
	t.Cleanup(func() { web.CloseClientConnections(); web.Close() })
	return s, web
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestFollowersOfAFrozenClock(t *testing.T) {
	t.Parallel()
	ctx := within(t)
	m := NewManual(start)
	s, web := stage(t, m)
	var clocks []Clock
	for range 3 {
		c, err := Follow(ctx, web.URL)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Now(); !got.Equal(start) {
			t.Errorf("a new follower shows %v, want %v", got, start)
		}
		clocks = append(clocks, c)
	}
	if s.Followers() != 3 {
		t.Errorf("%d followers, want 3", s.Followers())
	}
	for i := range 20 {
		var timers []*Timer
		for _, c := range clocks {
			timers = append(timers, c.NewTimer(time.Hour))
		}
		m.Advance(time.Hour)
		if err := s.WaitFollowers(ctx); err != nil {
			t.Fatal(err)
		}
		for j, c := range clocks {
			if !c.Now().Equal(m.Now()) {
				t.Fatalf("move %d: follower %d shows %v, want %v", i, j, c.Now(), m.Now())
			}
			if _, ok := fired(timers[j]); !ok {
				t.Fatalf("move %d: follower %d applied it without firing its timer", i, j)
			}
		}
	}
}

func TestFollowerOfARunningClock(t *testing.T) {
	t.Parallel()
	ctx := within(t)
	m := NewRunning(start)
	s, web := stage(t, m)
	c, err := Follow(ctx, web.URL)
	if err != nil {
		t.Fatal(err)
	}
	between := func() {
		t.Helper()
		before, got, after := m.Now(), c.Now(), m.Now()
		if got.Before(before) || got.After(after) {
			t.Errorf("the follower shows %v between %v and %v", got, before, after)
		}
	}
	between()
	timer := c.NewTimer(time.Hour)
	m.Advance(time.Hour)
	<-timer.C
	if err := s.WaitFollowers(ctx); err != nil {
		t.Fatal(err)
	}
	between()
	<-c.NewTimer(time.Millisecond).C // it runs by itself
}

func TestFollowerOutlivesTheStage(t *testing.T) {
	t.Parallel()
	ctx := within(t)
	m := NewManual(start)
	s, web := stage(t, m)
	c, err := Follow(ctx, web.URL)
	if err != nil {
		t.Fatal(err)
	}
	m.Advance(time.Hour)
	if err := s.WaitFollowers(ctx); err != nil {
		t.Fatal(err)
	}
	web.CloseClientConnections()
	if got, want := c.Now(), start.Add(time.Hour); !got.Equal(want) {
		t.Errorf("without its stage the follower shows %v, want %v", got, want)
	}
	// The stage is still there, so the follower comes back and is told what it missed.
	timer := TimerAt(c, start.Add(48*time.Hour))
	m.Advance(48 * time.Hour)
	select {
	case <-timer.C:
	case <-ctx.Done():
		t.Fatal("the follower did not come back")
	}
}

func TestFollowerThatLeftIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	ctx := within(t)
	m := NewManual(start)
	s, web := stage(t, m)
	following, leave := context.WithCancel(ctx)
	if _, err := Follow(following, web.URL); err != nil {
		t.Fatal(err)
	}
	leave()
	m.Advance(time.Hour)
	if err := s.WaitFollowers(ctx); err != nil {
		t.Errorf("waiting for one that left: %v", err)
	}
}

func TestWaitFollowersEndsWithItsContext(t *testing.T) {
	t.Parallel()
	m := NewManual(start)
	s, web := stage(t, m)
	res, err := http.Get(web.URL) // one that never acknowledges
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, "data: ") {
		t.Fatalf("the stream begins with %q, %v", line, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.WaitFollowers(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestFollowSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for url, want := range map[string]string{web.URL: "404", gone.URL: "refused", "://": "scheme"} {
		if _, err := Follow(t.Context(), url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Follow(%q): %v, want it to say %q", url, err, want)
		}
	}
}

func TestServerRefusesOtherMachinesAndBadRequests(t *testing.T) {
	t.Parallel()
	s := Serve(NewManual(start))
	for _, tc := range []struct {
		method, from, body string
		want               int
	}{
		{"GET", "192.0.2.1:99", "", http.StatusForbidden},
		{"POST", "[2001:db8::1]:99", "follower=1&version=1", http.StatusForbidden},
		{"POST", "127.0.0.1:99", "follower=x&version=1", http.StatusBadRequest},
		{"POST", "127.0.0.1:99", "follower=1&version=-1", http.StatusBadRequest},
		{"POST", "[::1]:99", "follower=9&version=1", http.StatusNoContent},
		{"PUT", "127.0.0.1:99", "", http.StatusMethodNotAllowed},
	} {
		r := httptest.NewRequest(tc.method, "/", strings.NewReader(tc.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = tc.from
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tc.want {
			t.Errorf("%s from %s with %q: %d, want %d", tc.method, tc.from, tc.body, w.Code, tc.want)
		}
	}
	if s.Followers() != 0 {
		t.Error("an acknowledgement of nobody made a follower")
	}
}

// A real child process follows, hears of a move, and may be killed.
func TestAnotherProcessFollows(t *testing.T) {
	if url := os.Getenv("CLOCK_TEST_FOLLOW"); url != "" {
		followAsChild(t, url)
		return
	}
	t.Parallel()
	ctx := within(t)
	m := NewManual(start)
	s, web := stage(t, m)
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestAnotherProcessFollows$")
	child.Env = append(os.Environ(), "CLOCK_TEST_FOLLOW="+web.URL)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	expect := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the child says %q, want %q", lines.Text(), want)
		}
	}
	expect("2026-03-02T09:00:00Z")
	m.Advance(time.Hour)
	expect("2026-03-02T10:00:00Z")
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
	m.Advance(time.Hour)
	if err := s.WaitFollowers(ctx); err != nil {
		t.Errorf("waiting for a killed process: %v", err)
	}
}

func followAsChild(t *testing.T, url string) {
	c, err := Follow(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for {
		hour := c.NewTimer(time.Hour)
		os.Stdout.WriteString(c.Now().Format(time.RFC3339) + "\n")
		<-hour.C
	}
}

// BenchmarkMoveReachesFollower measures a move until its acknowledgement; the sandbox wants it well under 50 ms.
func BenchmarkMoveReachesFollower(b *testing.B) {
	m := NewManual(start)
	s := Serve(m)
	web := httptest.NewServer(s)
	defer web.Close()
	defer web.CloseClientConnections()
	if _, err := Follow(b.Context(), web.URL); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m.Advance(time.Second)
		if err := s.WaitFollowers(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
