package github

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is the hourly budget as GitHub last reported it. The zero Rate means that none was reported: GitHub
// Enterprise Server has no limits unless they are switched on.
type Rate struct {
	Limit     int       `json:"limit"`
	Remaining int       `json:"remaining"`
	Reset     time.Time `json:"reset"`
}

const (
	// A primary limit counts by the hour, so no honest wait is longer (GitHub REST: Rate limits).
	maxHold = time.Hour
	// "At least one minute" is GitHub's rule for a secondary limit without Retry-After, growing from time to time.
	minSecondaryHold = time.Minute
	maxSecondaryHold = 16 * time.Minute
	// maxPace keeps something moving even when the budget is gone.
	maxPace = time.Minute
	// maxWriteWait is how long a change may queue for its turn; beyond it the call is refused and comes again.
	maxWriteWait = 2 * time.Second
)

// newWriteLimiter spaces changes by a second, as GitHub asks (GitHub REST: Best practices), after a burst: a single
// deploy never waits, a bulk of them is spread out.
func newWriteLimiter() *rate.Limiter { return rate.NewLimiter(rate.Every(time.Second), 20) }

// budget remembers what GitHub said about limits.
type budget struct {
	mu      sync.Mutex
	rate    Rate
	held    time.Time // no calls before this
	strikes int       // secondary limits in a row without Retry-After
	skew    time.Duration
}

// see notes the limits an answer reports and how far GitHub's clock is from ours. Other buckets than "core" (search,
// GraphQL) are not ours.
func (b *budget) see(h http.Header, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		b.skew = date.Sub(now)
	}
	if r, ok := parseRate(h); ok {
		b.rate = r
	}
}

func parseRate(h http.Header) (Rate, bool) {
	if resource := h.Get("X-RateLimit-Resource"); resource != "" && resource != "core" {
		return Rate{}, false
	}
	limit, err1 := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	reset, err3 := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return Rate{}, false
	}
	return Rate{Limit: limit, Remaining: remaining, Reset: time.Unix(reset, 0).UTC()}, true
}

// hold stops all calls for d.
func (b *budget) hold(d time.Duration, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := now.Add(d); until.After(b.held) {
		b.held = until
	}
}

// strike counts one more secondary limit without Retry-After and says how long to wait.
func (b *budget) strike() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := min(minSecondaryHold<<b.strikes, maxSecondaryHold)
	if b.strikes < 8 {
		b.strikes++
	}
	return d
}

func (b *budget) wellAgain() {
	b.mu.Lock()
	b.strikes = 0
	b.mu.Unlock()
}

// heldFor says how long calls are still stopped.
func (b *budget) heldFor(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.held.Sub(now))
}

// behind is how far GitHub's clock is behind ours; 0 when it is not.
func (b *budget) behind() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, -b.skew)
}

// Rate returns the hourly budget as the last answer reported it.
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
	if held := c.budget.heldFor(now); held > 0 {
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
