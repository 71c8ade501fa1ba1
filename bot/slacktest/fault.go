package slacktest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Kind names a way to break.
type Kind string

// Faults of a Web API method or of response_url.
const (
	RateLimited   Kind = "429"        // with Retry-After
	RateLimitedNo Kind = "429-silent" // without Retry-After
	ServerError   Kind = "5xx"        // Status, with HTML as body
	Hang          Kind = "hang"       // no answer until removed, then answered as if nothing had been; or the caller gives up
	Reset         Kind = "reset"      // the connection is reset
	BadJSON       Kind = "bad-json"
	Refuse        Kind = "error" // ok:false with Error
)

// Fault is one thing to go wrong.
type Fault struct {
	Method     string // "chat.update", "response_url", "upload", "socket"; any call when empty
	Kind       Kind
	Times      int           // how often; once when zero, for ever when negative; socket faults happen once
	Applied    bool          // applied, and the answer is lost; else nothing happens
	RetryAfter time.Duration // of RateLimited; 1 s when zero
	Status     int           // of ServerError; 503 when zero
	Error      string        // of Refuse; "internal_error" when empty
	For        time.Duration // real time, of the socket faults that last; until removed when zero
}

// Injected is a fault at work.
type Injected struct {
	Fault
	s        *Server
	left     int
	hits     int
	released chan struct{}
	removed  bool
	end      func() // undoes a socket fault
}

// Inject makes something go wrong, for tests and the stage door.
func (s *Server) Inject(f Fault) (*Injected, error) {
	i := &Injected{Fault: f, s: s, left: max(f.Times, 1), released: make(chan struct{})}
	if f.Times < 0 {
		i.left = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	if strikes, ok := socketFaults()[f.Kind]; ok {
		i.hits = 1
		i.end = strikes(s, f)
		return i, nil
	}
	if !callFault(f.Kind) || f.Method == "socket" {
		return nil, fmt.Errorf("injecting a fault: there is no %q for %q", f.Kind, f.Method)
	}
	s.faults = append(s.faults, i)
	return i, nil
}

func callFault(k Kind) bool {
	switch k {
	case RateLimited, RateLimitedNo, ServerError, Hang, Reset, BadJSON, Refuse:
		return true
	}
	return false
}

// Remove ends the fault and releases what hangs. It may be called more than once.
func (i *Injected) Remove() {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	if i.removed {
		return
	}
	i.removed = true
	close(i.released)
	i.s.forget(i)
	if i.end != nil {
		i.end()
	}
	i.s.changed()
}

// Hits tells how often the fault has struck.
func (i *Injected) Hits() int {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.hits
}

func (s *Server) forget(i *Injected) {
	for n, o := range s.faults {
		if o == i {
			s.faults = append(s.faults[:n:n], s.faults[n+1:]...)
			return
		}
	}
}

// strike takes the first fault that waits for a method.
func (s *Server) strike(method string) *Injected {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.faults {
		if i.Method != "" && i.Method != method {
			continue
		}
		i.hits++
		if i.left--; i.left == 0 {
			s.forget(i)
		}
		if i.left < 0 {
			i.left = -1
		}
		return i
	}
	return nil
}

// fail lets a fault answer the call. It returns true when the call goes on as usual, after a Hang that was removed.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, c *call, i *Injected) bool {
	switch i.Kind {
	case RateLimited, RateLimitedNo:
		s.end(c, "429")
		if i.Kind == RateLimited {
			w.Header().Set("Retry-After", strconv.Itoa(max(1, wholeSeconds(i.RetryAfter))))
		}
		writeRaw(w, http.StatusTooManyRequests, "application/json", `{"ok":false,"error":"ratelimited"}`)
	case ServerError:
		status := i.Status
		if status == 0 {
			status = http.StatusServiceUnavailable
		}
		s.end(c, strconv.Itoa(status))
		writeRaw(w, status, "text/html", "<!DOCTYPE html><html><body><h1>Server Error</h1></body></html>")
	case Hang:
		return s.hang(r, c, i)
	case Reset:
		s.end(c, "reset")
		resetConn(w)
	case BadJSON:
		s.end(c, "bad-json")
		writeRaw(w, http.StatusOK, "application/json", `{"ok":true,"ts":`)
	case Refuse:
		code := i.Error
		if code == "" {
			code = "internal_error"
		}
		s.end(c, code)
		s.reply(w, c, nil, refuse(code))
	}
	return false
}

func (s *Server) hang(r *http.Request, c *call, i *Injected) bool {
	select {
	case <-i.released:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	s.end(c, "hang")
	return false
}

func writeRaw(w http.ResponseWriter, status int, media, body string) {
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func resetConn(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		c.(*gateConn).reset()
	}
}
