package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ackWithin is how long an app may take to ack (Slack: Slash commands, Handling user interaction).
const ackWithin = 3 * time.Second

// maxAck is the size from which Slack silently drops an ack (slack-go's socketmode, measured by its maintainers).
const maxAck = 20 << 10

// Delivery is an envelope sent over one connection, and its ack.
type Delivery struct {
	EnvelopeID string
	Of         string // id of the envelope this one repeats; its own when it is the first
	Type       string // events_api, slash_commands, interactive
	Attempt    int    // retry_attempt
	Conn       int    // the connection it was sent on; 0 when none was open
	SentAt     time.Time
	Raw        json.RawMessage // the envelope; nil in a Quiet server
	Acked      bool            // in time, and on the connection it was sent on
	AckConn    int
	AckAt      time.Time
	AckPayload json.RawMessage
}

// delivery is a Delivery with what follows from it.
type delivery struct {
	Delivery
	payload  json.RawMessage
	answers  bool                          // accepts_response_payload
	late     bool                          // its 3 s are over
	answered func(payload json.RawMessage) // what an ack does; nil when nothing
	missed   func(due time.Time)           // what no ack in time does; nil when nothing
}

type envelope struct {
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	Type    string          `json:"type"`
	Answers bool            `json:"accepts_response_payload"`
	Attempt *int            `json:"retry_attempt,omitempty"`
	Reason  *string         `json:"retry_reason,omitempty"`
}

func (d *delivery) frame() []byte {
	e := envelope{ID: d.EnvelopeID, Payload: d.payload, Type: d.Type, Answers: d.answers}
	if d.Type == "events_api" {
		reason := ""
		if d.Attempt > 0 {
			reason = "timeout"
		}
		e.Attempt, e.Reason = &d.Attempt, &reason
	}
	return mustJSON(e)
}

// deliver sends an envelope over any connection, and sets its deadline. With no connection it is missed at once.
func (s *Server) deliver(d *delivery) {
	if d.EnvelopeID == "" {
		d.EnvelopeID = newEnvelopeID()
	}
	if d.Of == "" {
		d.Of = d.EnvelopeID
	}
	s.transmit(d, d.frame())
}

func (s *Server) transmit(d *delivery, frame []byte) {
	d.SentAt = s.now()
	s.log.counts.Sent++
	if !s.opts.Quiet {
		d.Raw = frame
		s.recordDelivery(d)
	}
	s.lines.byID[d.EnvelopeID] = append(s.lines.byID[d.EnvelopeID], d)
	c := s.pick()
	if c == nil {
		s.expire(d, d.SentAt)
		return
	}
	d.Conn = c.id
	c.send(frame)
	s.schedule.at(d.SentAt.Add(ackWithin), func(due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !d.Acked {
			s.expire(d, due)
		}
	})
	s.changed()
}

// expire ends the wait for an ack.
func (s *Server) expire(d *delivery, due time.Time) {
	d.late = true
	s.log.counts.TimedOut++
	if s.opts.Quiet {
		delete(s.lines.byID, d.EnvelopeID)
	}
	if d.missed != nil {
		d.missed(due)
	}
	s.changed()
}

// readAck takes one frame from the app.
func (s *Server) readAck(c *socket, frame []byte) {
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	err := json.Unmarshal(frame, &ack)
	d, hook := s.takeAck(c, len(frame), ack.ID, ack.Payload, err)
	if d != nil && hook != nil {
		hook(*d)
	}
}

func (s *Server) takeAck(c *socket, size int, id string, payload json.RawMessage, err error) (*Delivery, func(Delivery)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.problem("bad_frame", "connection "+fmt.Sprint(c.id)+" sent something that is not JSON")
		return nil, nil
	}
	d, kind := s.matchAck(c, size, id)
	if kind != "" {
		s.problem(kind, fmt.Sprintf("envelope %s on connection %d, %d bytes", id, c.id, size))
		return nil, nil
	}
	if string(payload) == "null" || string(payload) == "{}" {
		payload = nil
	}
	d.Acked, d.AckConn, d.AckAt = true, c.id, s.now()
	s.log.counts.Acked++
	if s.opts.Quiet {
		delete(s.lines.byID, id)
	} else {
		d.AckPayload = payload
	}
	if payload != nil && !d.answers {
		s.problem("payload_ignored", "envelope "+id+" does not accept a response payload")
		payload = nil
	}
	if d.answered != nil {
		d.answered(payload)
	}
	s.changed()
	copied := d.Delivery
	return &copied, s.onAck
}

// matchAck finds the delivery an ack is for, or says what is wrong with it.
func (s *Server) matchAck(c *socket, size int, id string) (*delivery, string) {
	sent := s.lines.byID[id]
	if len(sent) == 0 {
		return nil, "unknown_ack"
	}
	if size >= maxAck {
		return nil, "ack_too_big"
	}
	kind := "foreign_ack"
	for _, d := range sent {
		switch {
		case d.Conn != c.id:
		case d.Acked:
			kind = "double_ack"
		case d.late:
			kind = "late_ack"
		default:
			return d, ""
		}
	}
	return nil, kind
}

// OnAck sets a function called for each ack that counts, in the connection's goroutine. nil removes it.
func (s *Server) OnAck(f func(Delivery)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onAck = f
}

// Send puts an envelope as it is on one connection, once. Its envelope_id, if any, is matched with the ack; nothing
// else follows from either.
func (s *Server) Send(raw json.RawMessage) (string, error) {
	var e envelope
	_ = json.Unmarshal(raw, &e) // what cannot be read is sent all the same
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines.open) == 0 {
		return "", errors.New("sending an envelope: no socket is open")
	}
	d := &delivery{Delivery: Delivery{EnvelopeID: e.ID, Of: e.ID, Type: e.Type}, payload: e.Payload, answers: e.Answers}
	s.transmit(d, raw)
	return e.ID, nil
}

// Redeliver sends an earlier envelope again n times, under the same envelope_id or new ones, and returns the ids. An
// ack of any of them does what the ack of the first would have done, unless that was done already.
func (s *Server) Redeliver(envelopeID string, n int, sameID bool) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.lines.byID[envelopeID]
	if len(sent) == 0 {
		return nil, fmt.Errorf("redelivering %s: no such envelope", envelopeID)
	}
	first := sent[0]
	var ids []string
	for range n {
		again := &delivery{
			Delivery: Delivery{Of: first.Of, Type: first.Type, Attempt: first.Attempt}, payload: first.payload, answers: first.answers,
			answered: first.answered,
		}
		if sameID {
			again.EnvelopeID = envelopeID
		}
		s.deliver(again)
		ids = append(ids, again.EnvelopeID)
	}
	return ids, nil
}
