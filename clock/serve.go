package clock

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Server shows a Manual clock to other processes of this machine, which Follow it. It answers only requests that come over
// loopback.
//
// GET opens a stream of server-sent events, one position per event; POST with the form values follower and version says
// that a follower stands at that position.
type Server struct {
	clock *Manual

	mu        sync.Mutex
	last      int
	followers map[int]uint64 // the position each one has applied
	applied   chan struct{}  // closed when followers changes
}

// position is one event of the stream.
type position struct {
	Follower int    `json:"follower"` // whom this stream is for
	Version  uint64 `json:"version"`
	state
}

// Serve returns a handler that lets other processes follow m.
func Serve(m *Manual) *Server {
	return &Server{clock: m, followers: map[int]uint64{}, applied: make(chan struct{})}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		http.Error(w, "the clock is served to this machine only", http.StatusForbidden)
		return
	}
	switch r.Method {
	case http.MethodGet:
		s.stream(w, r)
	case http.MethodPost:
		s.acknowledge(w, r)
	default:
		http.Error(w, "GET follows the clock, POST acknowledges a move", http.StatusMethodNotAllowed)
	}
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	id := s.join()
	defer s.leave(id)
	out := http.NewResponseController(w)
	// The stream outlives any time-out of the server it is mounted in; not every writer has one to lift.
	_ = out.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	for {
		st, version, moved := s.clock.position()
		event, err := json.Marshal(position{Follower: id, Version: version, state: st})
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", event); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case <-moved:
		case <-r.Context().Done():
			return
		}
	}
}

func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.FormValue("follower"))
	if err != nil {
		http.Error(w, "follower is not a number", http.StatusBadRequest)
		return
	}
	version, err := strconv.ParseUint(r.FormValue("version"), 10, 64)
	if err != nil {
		http.Error(w, "version is not a number", http.StatusBadRequest)
		return
	}
	s.change(func() {
		if _, here := s.followers[id]; here {
			s.followers[id] = version
		}
	})
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) join() (id int) {
	s.change(func() {
		s.last++
		id = s.last
		s.followers[id] = 0
	})
	return id
}

func (s *Server) leave(id int) { s.change(func() { delete(s.followers, id) }) }

func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.applied)
	s.applied = make(chan struct{})
}

// Followers returns how many processes follow the clock now.
func (s *Server) Followers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.followers)
}

// WaitFollowers returns once every process that follows now stands where the clock stands: the timers a move passed have
// fired there. What they woke may still be running. It returns at once when nobody follows, and ctx's error when ctx ends.
func (s *Server) WaitFollowers(ctx context.Context) error {
	for {
		_, version, _ := s.clock.position()
		behind, changed := s.behind(version)
		if behind == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d processes to apply the moved clock: %w", behind, ctx.Err())
		}
	}
}

func (s *Server) behind(version uint64) (int, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, applied := range s.followers {
		if applied < version {
			n++
		}
	}
	return n, s.applied
}
