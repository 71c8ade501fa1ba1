package pagerdutytest

import (
	"fmt"
	"math"
	"net/http"
	"time"
)

// The limits PagerDuty states ("PagerDuty: REST API rate limits", "PagerDuty: Events API v2 rate limits"), and one of ours
// for the operations of which it says only that they have one.
const (
	requestsPerMinute = 960
	eventsPerMinute   = 120
	tightPerMinute    = 120
)

// budget is what was used of one limit in the running minute.
type budget struct {
	limit int
	used  int
	reset time.Time
	sent  []time.Time // of a limit whose minute slides
}

func limitOf(set, otherwise int) int {
	if set > 0 {
		return set
	}
	return otherwise
}

// budget finds a limit's budget, begun anew when its minute is over; called with the lock held.
func (s *Server) budget(name string, limit int, now time.Time) *budget {
	b := s.budgets[name]
	if b == nil {
		b = &budget{limit: limit}
		s.budgets[name] = b
	}
	if !now.Before(b.reset) || b.reset.Sub(now) > time.Minute {
		b.used, b.reset = 0, now.Add(time.Minute)
	}
	return b
}

// spend counts a call against its limits and refuses it when one is used up. The headers tell of the tighter one.
func (q *request) spend() (*reply, *budget) {
	b := q.s.budget("", limitOf(q.s.opts.RateLimit, requestsPerMinute), q.now)
	if q.route != nil && q.route.tight {
		tight := q.s.budget(q.route.op, limitOf(q.s.opts.TightLimit, tightPerMinute), q.now)
		if b.used < b.limit {
			b.used++
			b = tight
		}
	}
	if b.used >= b.limit {
		r := q.limited(b, q.s.opts.SilentLimits)
		return &r, nil
	}
	b.used++
	return nil, b
}

// limited is the refusal when a limit is met, with its headers unless silent.
func (q *request) limited(b *budget, silent bool) reply {
	r := q.fail(429, 2020, "Rate Limit Exceeded")
	if !silent {
		r.header = http.Header{}
		(&budget{limit: b.limit, used: b.limit, reset: b.reset}).headers(r.header, q.now)
	}
	return r
}

func (b *budget) headers(h http.Header, now time.Time) {
	h.Set("Ratelimit-Limit", fmt.Sprint(b.limit))
	h.Set("Ratelimit-Remaining", fmt.Sprint(max(0, b.limit-b.used)))
	h.Set("Ratelimit-Reset", fmt.Sprint(int(math.Ceil(max(0, b.reset.Sub(now).Seconds())))))
}

// takesEvent counts an event against its key's limit, whose minute slides; called with the lock held.
func (s *Server) takesEvent(key string, now time.Time) bool {
	b := s.budget("events "+key, limitOf(s.opts.EventLimit, eventsPerMinute), now)
	for len(b.sent) > 0 && now.Sub(b.sent[0]) >= time.Minute {
		b.sent = b.sent[1:]
	}
	if len(b.sent) >= b.limit {
		return false
	}
	b.sent = append(b.sent, now)
	return true
}
