package pagerdutytest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is what a fault does to a call.
type Kind string

// The kinds of faults.
const (
	Status500       Kind = "500"                         // an error object as PagerDuty words it
	Status502       Kind = "502"                         // an HTML page of whatever stands before PagerDuty
	Status503       Kind = "503"                         // the same
	RateLimit       Kind = "rate limit"                  // 429 with headers; the reset says Fault.RetryAfter, else what is left of the minute
	SilentRateLimit Kind = "rate limit without a header" // 429 and no word on how long
	HangUp          Kind = "hang"                        // no answer until released, then the answer
	Slow            Kind = "slow"                        // the answer comes Fault.For of real time late
	Reset           Kind = "connection reset"            // TCP reset instead of an answer
	Truncate        Kind = "truncated body"              // half of the answer's body, then the connection ends
)

// Phase is a moment of a call: Before it is applied, or After, with the answer still unsent.
type Phase string

// The two phases.
const (
	Before Phase = "before"
	After  Phase = "after"
)

// Fault makes matching calls go wrong. With When After the call is applied and its answer lost.
type Fault struct {
	// Match is an operation's name as PagerDuty's description gives it ("createIncident"), or a method and a path with * for
	// any part ("POST /incidents/*/notes"), or "*" for every call.
	Match      string
	Times      int // how many calls it hits; 0: all until cleared
	When       Phase
	Kind       Kind
	RetryAfter time.Duration // of RateLimit
	For        time.Duration // of Slow
}

// OpCreateIncident and the others are operations often given to Fault.Match.
const (
	OpOnCalls        = "listOnCalls"
	OpUsers          = "listUsers"
	OpIncidents      = "listIncidents"
	OpIncident       = "getIncident"
	OpCreateIncident = "createIncident"
	OpUpdateIncident = "updateIncident"
	OpCreateNote     = "createIncidentNote"
	OpCreateOverride = "createScheduleOverride"
	OpEvent          = "createV2Event"
	OpService        = "getService"
	OpAbilities      = "listAbilities"
)

// fault is a Fault in force.
type fault struct {
	Fault
	left    int // -1: no end
	release chan struct{}
	once    sync.Once
}

// Fault puts a fault in force. Faults are asked in the order they were set, at most one per phase hits a call. The
// returned function takes it back and lets go what it holds; it may be called more than once.
func (s *Server) Fault(f Fault) (release func()) {
	if f.When == "" {
		f.When = Before
	}
	if f.Kind == Truncate {
		f.When = After // there is nothing to truncate before
	}
	ft := &fault{Fault: f, left: f.Times, release: make(chan struct{})}
	if f.Times == 0 {
		ft.left = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, ft)
	s.touch()
	return func() {
		ft.once.Do(func() { close(ft.release) })
		s.mu.Lock()
		defer s.mu.Unlock()
		ft.left = 0
		s.touch()
	}
}

// ClearFaults takes all faults back and lets go what they hold.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		f.once.Do(func() { close(f.release) })
	}
	s.faults = nil
	s.touch()
}

// Faults are those still in force.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Fault
	for _, f := range s.faults {
		if f.left != 0 {
			out = append(out, f.Fault)
		}
	}
	return out
}

// Down makes every call a 503 with an HTML page, until it is up again. What goes by the clock goes on.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	s.touch()
}

// takeFaults finds what hits this call, and counts it; called with the lock held.
func (s *Server) takeFaults(q *request) (early, late *fault) {
	for _, f := range s.faults {
		slot := &early
		if f.When == After {
			slot = &late
		}
		if f.left == 0 || *slot != nil || !f.matches(q) {
			continue
		}
		*slot = f
		if f.left > 0 {
			f.left--
		}
	}
	return early, late
}

func (f *fault) matches(q *request) bool {
	if f.Match == "*" || f.Match == opOf(q) {
		return true
	}
	method, pattern, ok := strings.Cut(f.Match, " ")
	return ok && (method == "*" || strings.EqualFold(method, q.Method)) && wild(pattern, q.URL.Path)
}

// wild matches a path, with * for any one part.
func wild(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for n := range want {
		if want[n] != "*" && want[n] != got[n] {
			return false
		}
	}
	return true
}

// suffer lets a fault do its work. Before applying, answered tells that there will be no applying; after, the answer comes
// back as the client gets it, with status 0 for none at all.
func (s *Server) suffer(f *fault, q *request, answer reply) (reply, bool) {
	if f == nil {
		return answer, false
	}
	switch f.Kind {
	case HangUp:
		select {
		case <-f.release:
		case <-s.closing:
		case <-q.Context().Done():
			return reply{}, true
		}
		return answer, false
	case Slow:
		t := time.NewTimer(f.For)
		defer t.Stop()
		select {
		case <-t.C:
		case <-f.release:
		case <-s.closing:
		case <-q.Context().Done():
			return reply{}, true
		}
		return answer, false
	case Truncate:
		return answer, false
	case Reset:
		return reply{}, true
	case RateLimit, SilentRateLimit:
		s.mu.Lock()
		defer s.mu.Unlock()
		b := *s.budget("", limitOf(s.opts.RateLimit, requestsPerMinute), q.now)
		if f.RetryAfter > 0 {
			b.reset = q.now.Add(f.RetryAfter)
		}
		out := q.limited(&b, f.Kind == SilentRateLimit)
		if q.route != nil && q.route.events {
			out = throttled()
		}
		out.encode()
		return out, true
	}
	status, _ := strconv.Atoi(string(f.Kind))
	if f.Kind != Status500 {
		return page(status), true
	}
	out := q.fail(status, 2000, "Internal Server Error")
	if q.route != nil && q.route.events {
		out = reply{status: status, body: obj{"status": "error", "message": "Internal Server Error"}}
	}
	out.encode()
	return out, true
}

// page is what stands before PagerDuty when nothing behind it answers.
func page(status int) reply {
	return reply{status: status, raw: []byte("<html><head><title>" + http.StatusText(status) + "</title></head><body>" + http.StatusText(status) + "</body></html>"),
		header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}}
}
