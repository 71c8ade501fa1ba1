package githubtest

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

// The limits GitHub states ("GitHub REST: Rate limits for the REST API").
const (
	primaryPerHour         = 5000
	primaryUnauthenticated = 60
	pointsPerMinute        = 900
	contentPerMinute       = 80
)

// budget is what one token has used.
type budget struct {
	limit   int
	used    int
	reset   time.Time
	minute  time.Time // when the running minute of the secondary limits began
	points  int
	content int
}

// budget finds the budget of who is asking, begun anew when its hour or minute is over.
func (s *Server) budget(q *request) *budget {
	key, limit := "nobody", primaryUnauthenticated
	if q.who != nil && q.who.key != "" {
		key, limit = q.who.key, s.opts.RateLimit
		if limit == 0 {
			limit = primaryPerHour
		}
	}
	b := s.budgets[key]
	if b == nil {
		b = &budget{limit: limit}
		s.budgets[key] = b
	}
	if !q.now.Before(b.reset) {
		b.used, b.reset = 0, q.now.Add(time.Hour)
	}
	if q.now.Sub(b.minute) >= time.Minute || q.now.Before(b.minute) {
		b.minute, b.points, b.content = q.now, 0, 0
	}
	return b
}

// refuses counts the call against the secondary limits and refuses it when a limit is used up.
func (b *budget) refuses(q *request) *reply {
	if q.route != nil && q.route.free {
		return nil
	}
	cost, content := 5, 0
	if q.Method == "GET" || q.Method == "HEAD" || q.Method == "OPTIONS" {
		cost = 1
	} else if q.route != nil && strings.Contains(q.route.op, "create") && q.route.op != OpDispatch {
		content = 1
	}
	limit := q.s.opts.PointsPerMinute
	if limit == 0 {
		limit = pointsPerMinute
	}
	switch {
	case b.used >= b.limit:
		r := q.primaryLimit()
		return &r
	case limit > 0 && (b.points+cost > limit || b.content+content > contentPerMinute):
		r := q.secondaryLimit(q.limitStatus(), b.minute.Add(time.Minute).Sub(q.now))
		return &r
	}
	b.points += cost
	b.content += content
	return nil
}

func (b *budget) exhausted() *budget {
	return &budget{limit: b.limit, used: b.limit, reset: b.reset}
}

func (b *budget) headers(h http.Header) {
	h.Set("X-RateLimit-Limit", fmt.Sprint(b.limit))
	h.Set("X-RateLimit-Remaining", fmt.Sprint(max(0, b.limit-b.used)))
	h.Set("X-RateLimit-Reset", fmt.Sprint(b.reset.Unix()))
	h.Set("X-RateLimit-Used", fmt.Sprint(b.used))
	h.Set("X-RateLimit-Resource", "core")
}

func (q *request) limitStatus() int {
	if q.s.opts.LimitStatus != 0 {
		return q.s.opts.LimitStatus
	}
	return 403
}

const limitsDoc = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"

// primaryLimit is the refusal when the hour's budget is used up.
func (q *request) primaryLimit() reply {
	whose := "127.0.0.1"
	if q.who != nil && q.who.login != "" {
		whose = fmt.Sprintf("user ID %d", q.s.mustAccount(q.who.login).ID)
	}
	if q.who != nil && q.who.app != nil {
		whose = fmt.Sprintf("installation ID %d", q.who.app.Installation)
	}
	return reply{status: q.limitStatus(), body: obj{"message": fmt.Sprintf("API rate limit exceeded for %s.", whose),
		"documentation_url": limitsDoc}}
}

// secondaryLimit is the refusal for too much at once; without a wait it says none, as GitHub sometimes does.
func (q *request) secondaryLimit(status int, wait time.Duration) reply {
	r := reply{status: status, body: obj{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		"documentation_url": limitsDoc + "#about-secondary-rate-limits"}}
	if wait > 0 {
		r = r.with("Retry-After", fmt.Sprint(math.Ceil(wait.Seconds())))
	}
	return r
}

// getRateLimit tells the budget and costs nothing.
func getRateLimit(q *request) reply {
	b := q.s.budget(q)
	core := obj{"limit": b.limit, "used": b.used, "remaining": max(0, b.limit-b.used), "reset": b.reset.Unix()}
	search := obj{"limit": 30, "used": 0, "remaining": 30, "reset": q.now.Add(time.Minute).Unix()}
	return ok(obj{"resources": obj{"core": core, "search": search, "graphql": obj{"limit": 5000, "used": 0, "remaining": 5000,
		"reset": b.reset.Unix()}}, "rate": core})
}
