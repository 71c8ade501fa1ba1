package slacktest

import (
	"context"
	"encoding/json"
	"time"
)

// Message is a message as Slack keeps it.
type Message struct {
	Channel     string          `json:"channel"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	User        string          `json:"user,omitempty"`
	BotID       string          `json:"bot_id,omitempty"`
	Subtype     string          `json:"subtype,omitempty"`
	Username    string          `json:"username,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Edited      *Edited         `json:"edited,omitempty"`
	Reactions   []Reaction      `json:"reactions,omitempty"`
	ReplyCount  int             `json:"reply_count,omitempty"`
	LatestReply string          `json:"latest_reply,omitempty"`
	Broadcast   bool            `json:"broadcast,omitempty"` // a thread's reply shown in the channel too
	Pinned      bool            `json:"pinned,omitempty"`
	Files       []File          `json:"files,omitempty"`
	Ephemeral   bool            `json:"ephemeral,omitempty"` // only For sees it
	For         string          `json:"for,omitempty"`
	Updates     int             `json:"updates,omitempty"` // how often it was changed
}

// Edited tells who last edited a message, and when.
type Edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

// Reaction is an emoji on a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

// File is an uploaded file.
type File struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"`
	Size  int    `json:"size"`
	Data  []byte `json:"data,omitempty"`
}

// View is a modal or a home tab as a person has it open.
type View struct {
	ID              string            `json:"id"`
	User            string            `json:"user"`
	Type            string            `json:"type"` // modal or home
	CallbackID      string            `json:"callback_id"`
	ExternalID      string            `json:"external_id"`
	PrivateMetadata string            `json:"private_metadata"`
	Hash            string            `json:"hash"`
	Title           string            `json:"title"`
	Submit          string            `json:"submit"`
	Close           string            `json:"close"`
	Blocks          json.RawMessage   `json:"blocks"`
	State           json.RawMessage   `json:"state"`            // state.values: block_id → action_id → value
	Errors          map[string]string `json:"errors,omitempty"` // by block_id, after response_action errors
	Trouble         string            `json:"trouble,omitempty"` // what Slack shows when a submission went unanswered or wrong
	RootViewID      string            `json:"root_view_id"`
	PreviousViewID  string            `json:"previous_view_id"`
	ClearOnClose    bool              `json:"clear_on_close"`
	NotifyOnClose   bool              `json:"notify_on_close"`
}

// Delivery is an envelope sent over one connection, and its ack.
type Delivery struct {
	EnvelopeID string
	Of         string // id of the envelope this one repeats; its own when it is the first
	Type       string // events_api, slash_commands, interactive
	Attempt    int    // retry_attempt
	Conn       int    // the connection it was sent on; 0 when none was open
	SentAt     time.Time
	Acked      bool
	AckConn    int
	AckAt      time.Time
	AckPayload json.RawMessage
}

// Call is a request to the Web API or to a response_url.
type Call struct {
	Seq      int
	Method   string            // "chat.postMessage"; "response_url"; "upload"
	Phase    Phase             // in OnCall only
	Params   map[string]string // without tokens
	Envelope string            // of a response_url: the envelope it came with
	At       time.Time
	Outcome  string // "ok", Slack's error, "429", "500", "reset", "hang"
}

// Phase says at which point of a call OnCall is called.
type Phase string

// The points of a call: nothing applied yet; applied, but not answered yet.
const (
	Before Phase = "before"
	After  Phase = "after"
)

// Connections counts sockets.
type Connections struct {
	Open   int   // now
	Opened int   // ever
	IDs    []int // of the open ones, oldest first
}

// Problem is something a real Slack would have refused, dropped or never seen from a correct app.
type Problem struct {
	Kind   string // "unknown_method", "unknown_ack", "foreign_ack", "late_ack", "double_ack", "ack_too_big", "response_url_used", …
	Detail string
	At     time.Time
}

// Counts are totals since the start; the only record in a Quiet server.
type Counts struct {
	Sent, Acked, TimedOut, Calls, Refused, ResponseURL, Messages, Ephemerals int
}

// Messages returns what a channel shows, oldest first: messages and broadcast replies, not what is only in threads.
func (s *Server) Messages(channel string) []Message { return nil }

// Message returns one message of a channel.
func (s *Server) Message(channel, ts string) (Message, bool) { return Message{}, false }

// Thread returns a thread's parent and replies, oldest first.
func (s *Server) Thread(channel, ts string) []Message { return nil }

// Ephemerals returns what only this person sees in a channel, oldest first; in all channels when channel is empty.
func (s *Server) Ephemerals(user, channel string) []Message { return nil }

// DM returns the messages between a person and the bot, oldest first.
func (s *Server) DM(user string) []Message { return nil }

// DMChannel returns the ID of the direct message between a person and the bot, made when there is none yet.
func (s *Server) DMChannel(user string) string { return "" }

// Views returns the modals a person has open, the one on top last.
func (s *Server) Views(user string) []View { return nil }

// View returns an open modal or published home by its ID.
func (s *Server) View(id string) (View, bool) { return View{}, false }

// Home returns the home tab published for a person.
func (s *Server) Home(user string) (View, bool) { return View{}, false }

// Deliveries returns every envelope sent, in order.
func (s *Server) Deliveries() []Delivery { return nil }

// Acks returns the envelopes that were acked, in the order they were sent.
func (s *Server) Acks() []Delivery { return nil }

// Ack returns the ack of an envelope or of a redelivery of it.
func (s *Server) Ack(envelopeID string) (Delivery, bool) { return Delivery{}, false }

// Calls returns every request to the Web API, in order.
func (s *Server) Calls() []Call { return nil }

// Connections tells how many sockets there are and were.
func (s *Server) Connections() Connections { return Connections{} }

// Problems returns what a real Slack would have refused or a test should fail on.
func (s *Server) Problems() []Problem { return nil }

// Counts returns totals.
func (s *Server) Counts() Counts { return Counts{} }

// OnCall sets a function that is called in each call's goroutine before it is applied and again when it is applied but
// not yet answered. It may read the server. nil removes it.
func (s *Server) OnCall(f func(Call)) {}

// OnAck sets a function called for each ack that counts, in the connection's goroutine. nil removes it.
func (s *Server) OnAck(f func(Delivery)) {}

// Changes returns a channel that gets a hint after any change, until ctx ends. Hints may be merged; none is lost.
func (s *Server) Changes(ctx context.Context) <-chan struct{} { return nil }

// Wait returns when cond holds, which it asks after each change; else ctx's error.
func (s *Server) Wait(ctx context.Context, cond func() bool) error { return errUnbuilt }
