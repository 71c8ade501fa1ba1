package slacktest

import "time"

// Kind names a way to break.
type Kind string

// Faults of a Web API method or of response_url.
const (
	RateLimited   Kind = "429"        // with Retry-After
	RateLimitedNo Kind = "429-silent" // without Retry-After
	ServerError   Kind = "5xx"        // Status, with HTML as body
	Hang          Kind = "hang"       // no answer until released or the caller gives up
	Reset         Kind = "reset"      // the connection is reset
	BadJSON       Kind = "bad-json"
	Refuse        Kind = "error" // ok:false with Error
)

// Faults of sockets. They happen once, when injected; For is their length.
const (
	DropAll      Kind = "drop-all"      // reset every socket
	DropOne      Kind = "drop-one"      // reset the oldest socket
	CloseAll     Kind = "close-all"     // a WebSocket close, without a disconnect frame
	RefuseNew    Kind = "refuse-new"    // new sockets get disconnect too_many_websockets for a while
	Stall        Kind = "stall"         // stop reading for a while: TCP back-pressure
	StopPings    Kind = "stop-pings"    // for a while
	Garbage      Kind = "garbage"       // a frame that is not JSON
	HalfOpen     Kind = "half-open"     // sockets stay open but nothing goes through any more, either way
	Warning      Kind = "warning"       // disconnect frame, and the cut after Options.Grace
	Refresh      Kind = "refresh"       // disconnect frame refresh_requested, and the cut after Options.Grace
	LinkDisabled Kind = "link-disabled" // Socket Mode is switched off for a while: disconnect link_disabled, no new ones
)

// Fault is one thing to go wrong.
type Fault struct {
	Method     string // "chat.update", "response_url", "socket"; any call when empty
	Kind       Kind
	Times      int  // how often; once when zero, for ever when negative
	Applied    bool // applied, and the answer is lost; else nothing happens
	RetryAfter time.Duration
	Status     int           // of ServerError; 503 when zero
	Error      string        // of Refuse; "internal_error" when empty
	For        time.Duration // real time, of socket faults; until removed when zero
}

// Injected is a fault at work.
type Injected struct{}

// Remove ends the fault and releases what hangs.
func (i *Injected) Remove() {}

// Hits tells how often the fault has struck.
func (i *Injected) Hits() int { return 0 }

// Inject makes something go wrong, for tests and the stage door.
func (s *Server) Inject(f Fault) (*Injected, error) { return nil, errUnbuilt }
