// Package slacktest is a Slack to talk to without Slack: one workspace, one installed app, the Web API over HTTP and
// Socket Mode over a WebSocket. It keeps real state, refuses what Slack refuses with Slack's own error words, and
// breaks on request. Tests drive it, and the sandbox shows it as a chat.
//
// People act through methods such as Slash, Say and Press; each gives back the id of the envelope the app was sent.
// What the app did is read with Messages, Views, Calls, Acks and the like. Times that people or products wait for
// (3 s to ack, 30 minutes of a response_url, redelivery, rate limits) pass on Options.Clock; network behaviour (pings,
// graces, stalls) passes in real time.
package slacktest

import (
	"log/slog"
	"time"

	"shipmate/clock"
)

// Options say how a Server is made. Only Clock is required.
type Options struct {
	Clock  clock.Clock  // tells message times, deadlines, expiry and rate limits
	Listen string       // address to listen on; 127.0.0.1:0 when empty
	Log    *slog.Logger // one debug line per call and connection; nothing when nil

	App      App    // what is installed; see SetApp
	TeamName string // "Acme" when empty; its lower-case form is the workspace's domain
	Seed     uint64 // seeds the choice of connection for each envelope

	NoLimits   bool          // no rate limits, for load tests
	Quiet      bool          // keep no history (messages, acks, calls), only Counts; for load tests
	PingEvery  time.Duration // real time between WebSocket pings; 10 s when zero
	Grace      time.Duration // real time between a disconnect frame and the cut; 10 s when zero
	ReadBuffer int           // kernel receive buffer of accepted connections in bytes; the system's when zero
}
