package slacktest

import (
	"math"
	"time"
)

// limits counts calls the way Slack does: per method in windows of a minute; chat.postMessage also per channel, about
// one a second with room for a short burst (Slack: Rate limits); apps.connections.open by a bucket, since what is
// published of it differs.
type limits struct {
	windows map[string]*window
	buckets map[string]*bucket
}

type window struct {
	start time.Time
	used  int
}

type bucket struct {
	left float64
	at   time.Time
}

const (
	postBurst     = 5
	postPerSecond = 1.0
	openBurst     = 10 // as many as may be open
	openPerSecond = 1.0 / 60
)

func newLimits() *limits {
	return &limits{windows: map[string]*window{}, buckets: map[string]*bucket{}}
}

// limit refuses a call that is one too many, with the time until the next one is taken.
func (s *Server) limit(c *call, m method) error {
	if s.opts.NoLimits {
		return nil
	}
	var wait time.Duration
	switch c.method {
	case "apps.connections.open":
		wait = s.limits.draw("open", s.now(), openBurst, openPerSecond)
	case "chat.postMessage":
		channel := c.str("channel")
		if r := s.world.room(channel); r != nil {
			channel = r.ID
		}
		wait = s.limits.draw("post/"+channel, s.now(), postBurst, postPerSecond)
	}
	if wait == 0 {
		wait = s.limits.count(c.method, s.now(), m.perMin)
	}
	if wait > 0 {
		return &apiError{Code: "ratelimited", Status: 429, Retry: wait}
	}
	return nil
}

func (l *limits) count(method string, now time.Time, perMin int) time.Duration {
	w := l.windows[method]
	if w == nil || now.Sub(w.start) >= time.Minute || now.Before(w.start) {
		w = &window{start: now}
		l.windows[method] = w
	}
	if w.used >= perMin {
		return w.start.Add(time.Minute).Sub(now)
	}
	w.used++
	return 0
}

func (l *limits) draw(key string, now time.Time, burst, perSecond float64) time.Duration {
	b := l.buckets[key]
	if b == nil || now.Before(b.at) {
		b = &bucket{left: burst, at: now}
		l.buckets[key] = b
	}
	b.left = math.Min(burst, b.left+now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	if b.left < 1 {
		return time.Duration((1 - b.left) / perSecond * float64(time.Second))
	}
	b.left--
	return 0
}
