package pagerduty

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Rate is the budget of requests per minute as PagerDuty last reported it ("PagerDuty: REST API rate limits"). The zero
// Rate means that none was reported. Tighter limits of single operations are not in it.
type Rate struct {
	Limit     int       `json:"limit"`
	Remaining int       `json:"remaining"`
	Reset     time.Time `json:"reset"`
}

const (
	// Windows last a minute; a header that says much more is wrong.
	maxHold = 10 * time.Minute
	// What we wait when PagerDuty says 429 and not how long, growing from time to time.
	minUntoldHold = 30 * time.Second
	maxUntoldHold = 4 * time.Minute
	// maxPace keeps something moving even when the budget is gone.
	maxPace = time.Minute
)

// general is the limit all calls of the REST API share.
const general = ""

// budget remembers what PagerDuty said about limits.
type budget struct {
	mu      sync.Mutex
	rate    Rate
	held    map[string]time.Time // by limit: no calls before this
	strikes map[string]int       // by limit: refusals in a row that did not say how long
}

// see notes the limit an answer reports. What an operation with a limit of its own reports is that one.
func (b *budget) see(k call, h http.Header, now time.Time) {
	r, ok := parseRate(h, now)
	if !ok || k.bucket() != general {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate = r
}

// parseRate reads PagerDuty's headers; the reset is in seconds from now.
func parseRate(h http.Header, now time.Time) (Rate, bool) {
	limit, err1 := strconv.Atoi(h.Get("Ratelimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("Ratelimit-Remaining"))
	reset, err3 := strconv.Atoi(h.Get("Ratelimit-Reset"))
	if err1 != nil || err2 != nil || err3 != nil || reset < 0 {
		return Rate{}, false
	}
	return Rate{Limit: limit, Remaining: remaining, Reset: now.Add(time.Duration(reset) * time.Second)}, true
}

// hold stops the calls of k's limit for d. A tighter limit's refusal does not stop the others.
func (b *budget) hold(k call, d time.Duration, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil {
		b.held = map[string]time.Time{}
	}
	if until := now.Add(d); until.After(b.held[k.bucket()]) {
		b.held[k.bucket()] = until
	}
}

// strike counts one more refusal that did not say how long, and says how long to wait.
func (b *budget) strike(k call) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.strikes == nil {
		b.strikes = map[string]int{}
	}
	n := b.strikes[k.bucket()]
	b.strikes[k.bucket()] = min(n+1, 8)
	return min(minUntoldHold<<n, maxUntoldHold)
}

func (b *budget) wellAgain(k call) {
	b.mu.Lock()
	delete(b.strikes, k.bucket())
	b.mu.Unlock()
}

// heldFor says how long calls like k are still stopped, by their own limit or the general one.
func (b *budget) heldFor(k call, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	held := b.held[k.bucket()].Sub(now)
	if k.events == "" {
		held = max(held, b.held[general].Sub(now))
	}
	return max(0, held)
}

// Rate returns the budget as the last answer reported it.
func (c *Client) Rate() Rate {
	c.budget.mu.Lock()
	defer c.budget.mu.Unlock()
	return c.budget.rate
}

// Pace suggests the pause between two reads of whoever polls with this client, all pollers together: 0 while more
// than half of the budget is there, then what is left spread over the time until it is renewed, keeping a tenth for
// people's own requests and for changes; while a limit holds, the rest of the hold. Never more than a minute except
// for a hold.
func (c *Client) Pace() time.Duration {
	now := c.clock.Now()
	if held := c.budget.heldFor(call{}, now); held > 0 {
		return held
	}
	r := c.Rate()
	left := r.Reset.Sub(now)
	if r.Limit == 0 || r.Remaining > r.Limit/2 || left <= 0 {
		return 0
	}
	spendable := r.Remaining - r.Limit/10
	if spendable <= 0 {
		return min(left, maxPace)
	}
	return min(left/time.Duration(spendable), maxPace)
}
