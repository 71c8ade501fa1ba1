package slacktest

import "time"

// keepRecords is how much of each record of what happened is kept.
const keepRecords = 100_000

// records is what happened, for tests and the stage door. The oldest half of a list goes when it is full.
type records struct {
	full       int // length of a full list
	seq        int
	calls      []Call
	deliveries []*delivery
	problems   []Problem
	counts     Counts
}

func keep[T any](list []T, x T, full int) []T {
	if len(list) >= full {
		list = append([]T(nil), list[full/2:]...)
	}
	return append(list, x)
}

// recordDelivery remembers an envelope, and forgets the oldest with all that is known by their ids.
func (s *Server) recordDelivery(d *delivery) {
	if old := s.log.deliveries; len(old) >= s.log.full {
		for _, gone := range old[:s.log.full/2] {
			delete(s.lines.byID, gone.EnvelopeID)
			delete(s.lines.family, gone.Of)
			delete(s.lines.answers, gone.EnvelopeID)
		}
	}
	s.log.deliveries = keep(s.log.deliveries, d, s.log.full)
	s.lines.family[d.Of] = append(s.lines.family[d.Of], d)
}

func (s *Server) problem(kind, detail string) {
	s.log.problems = keep(s.log.problems, Problem{Kind: kind, Detail: detail, At: s.now()}, s.log.full)
	s.opts.Log.Debug("problem", "kind", kind, "detail", detail)
	s.changed()
}

// Problem is something a real Slack would have refused, dropped or never seen from a correct app.
type Problem struct {
	Kind   string // "unknown_method", "unknown_ack", "foreign_ack", "late_ack", "double_ack", "ack_too_big", "response_url_used", …
	Detail string
	At     time.Time
}

// Counts are totals since the start; the only record in a Quiet server.
type Counts struct {
	Sent        int // envelopes, redeliveries included
	Acked       int // in time, on the right connection
	TimedOut    int // not acked within 3 s
	Calls       int // of the Web API
	Refused     int // calls answered with an error, a limit or a fault
	ResponseURL int // posts to a response_url that were accepted
	Messages    int // posted by the app where others see them
	Ephemerals  int // shown to one person only
}

// Problems returns what a real Slack would have refused or a test should fail on.
func (s *Server) Problems() []Problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Problem(nil), s.log.problems...)
}

// Calls returns every request to the Web API, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.log.calls...)
}

// Counts returns totals.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.counts
}

// Deliveries returns every envelope sent, in order, those for which no connection was open included.
func (s *Server) Deliveries() []Delivery {
	return s.deliveries(func(*delivery) bool { return true })
}

// Acks returns the envelopes that were acked, in the order they were sent.
func (s *Server) Acks() []Delivery {
	return s.deliveries(func(d *delivery) bool { return d.Acked })
}

func (s *Server) deliveries(want func(*delivery) bool) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Delivery
	for _, d := range s.log.deliveries {
		if want(d) {
			list = append(list, d.Delivery)
		}
	}
	return list
}

// Ack returns the ack of an envelope, or of a redelivery of it.
func (s *Server) Ack(envelopeID string) (Delivery, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := envelopeID
	if sent := s.lines.byID[envelopeID]; len(sent) > 0 {
		first = sent[0].Of
	}
	for _, d := range s.lines.family[first] {
		if d.Acked {
			return d.Delivery, true
		}
	}
	return Delivery{}, false
}
