package bot

import (
	"sync"
	"time"
)

// liveCards counts the cards that were updated lately, by which everybody's progress is paced.
type liveCards struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// liveFor is how long after an update a card counts as live.
const liveFor = time.Minute

func (l *liveCards) note(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[string]time.Time{}
	}
	l.last[id] = now
}

func (l *liveCards) count(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, t := range l.last {
		if now.Sub(t) > liveFor {
			delete(l.last, id)
		}
	}
	return len(l.last)
}

// pace is how long a card waits between two states of progress: three seconds, more when many are live, so that all of
// them together stay within Slack's 50 updates a minute.
func (b *Bot) pace() time.Duration {
	return max(3*time.Second, time.Duration(b.live.count(b.clock.Now()))*1500*time.Millisecond)
}
