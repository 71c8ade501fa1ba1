package bot

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"shipmate/clock"
)

// budget keeps what Shipmate sends below Slack's limits, per method and for posts also per channel, and honours every
// Retry-After. It never blocks: it says how long to wait, so that one slow channel holds up nobody else.
//
// The numbers are Slack's tiers (Slack: Rate limits): chat.postMessage about 1 a second per channel with short bursts and
// several hundred a minute in all, chat.update tier 3 (50 a minute), chat.postEphemeral tier 4 (100 a minute).
type budget struct {
	clock clock.Clock

	mu      sync.Mutex
	limits  map[string]*rate.Limiter
	blocked map[string]time.Time
}

// priority is how urgent something is: lower ones leave a share of the budget to higher ones.
type priority int

const (
	progress priority = iota // of a card: may wait for the next state
	ending                   // a failure or the end of something
	answers                  // to what somebody asked
)

// reserve is the share of a method's burst that a priority leaves untouched.
var reserve = map[priority]float64{progress: 0.4, ending: 0.15, answers: 0}

func newBudget(c clock.Clock) *budget {
	return &budget{clock: c, limits: map[string]*rate.Limiter{}, blocked: map[string]time.Time{}}
}

type tier struct {
	perMinute float64
	burst     int
}

// seldom is tier 2, 20 calls in any minute: what runs in and what had saved up together.
var seldom = tier{15, 5}

var tiers = map[string]tier{
	"chat.postMessage":   {240, 30},
	"chat.update":        {50, 20},
	"chat.postEphemeral": {100, 30},
	"views.publish":      {100, 20},

	"files.getUploadURLExternal": {100, 20},

	"conversations.create":     seldom,
	"conversations.rename":     seldom,
	"conversations.archive":    seldom,
	"conversations.setTopic":   seldom,
	"conversations.setPurpose": seldom,
	"users.conversations":      seldom,
	"bookmarks.add":            seldom,
	"pins.add":                 seldom,
	"conversations.members":    {90, 10},
	"conversations.invite":     {30, 20}, // tier 3, of which somebody may need one each
}

// perChannel is what one channel takes of chat.postMessage.
var perChannel = tier{60, 4}

// take takes one call of method to channel out of the budget and returns 0, or takes nothing and returns how long to wait.
func (b *budget) take(method, channel string, p priority) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	for _, key := range []string{method, method + " " + channel} {
		if until := b.blocked[key]; now.Before(until) {
			return until.Sub(now)
		}
	}
	all := b.limiter(method, tiers[method], now)
	left := reserve[p] * float64(all.Burst())
	if short := left + 1 - all.TokensAt(now); short > 0 {
		return wholeMilliseconds(short / float64(all.Limit()))
	}
	if method == "chat.postMessage" {
		one := b.limiter(method+" "+channel, perChannel, now)
		if short := 1 - one.TokensAt(now); short > 0 {
			return wholeMilliseconds(short / float64(one.Limit()))
		}
		one.AllowN(now, 1)
	}
	all.AllowN(now, 1)
	return 0
}

// heldFor is how long Slack asked to leave a method alone, from now.
func (b *budget) heldFor(method string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.blocked[method].Sub(b.clock.Now()))
}

// wholeMilliseconds rounds up, so that nobody comes back a moment too early.
func wholeMilliseconds(seconds float64) time.Duration {
	return time.Duration(seconds*1000+1) * time.Millisecond
}

func (b *budget) limiter(key string, t tier, now time.Time) *rate.Limiter {
	l := b.limits[key]
	if l == nil {
		if t.perMinute == 0 {
			t = tier{50, 10} // tier 3, the most common
		}
		if len(b.limits) > 4096 {
			b.forget(now)
		}
		l = rate.NewLimiter(rate.Limit(t.perMinute/60), t.burst)
		b.limits[key] = l
	}
	return l
}

// forget drops the limiters that are full again, which is what a new one would be.
func (b *budget) forget(now time.Time) {
	for k, l := range b.limits {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(b.limits, k)
		}
	}
	for k, until := range b.blocked {
		if now.After(until) {
			delete(b.blocked, k)
		}
	}
}

// block stops a method for as long as Slack asked. Slack limits posts by channel, everything else by method.
func (b *budget) block(method, channel string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := method
	if method == "chat.postMessage" && channel != "" {
		key = method + " " + channel
	}
	b.blocked[key] = b.clock.Now().Add(d)
}
