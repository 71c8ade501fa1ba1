package bot

import (
	"log/slog"
	"testing"
	"time"
)

// A connection that is greeted while the bot stops, after the other was closed, ends no gap that anybody should be told of.
func TestStoppingIsNoGap(t *testing.T) {
	t.Parallel()
	for _, ending := range []bool{false, true} {
		told := 0
		s := newSockets(Sockets{}, nil, nil, func(time.Time, time.Time) { told++ }, slog.New(slog.DiscardHandler))
		s.heard() // the first connection
		s.mu.Lock()
		s.deaf, s.ending = time.Now(), ending
		s.mu.Unlock()
		s.heard()
		s.wg.Wait()
		if want := map[bool]int{false: 1, true: 0}[ending]; told != want {
			t.Errorf("stopping %v: told of %d gaps, want %d", ending, told, want)
		}
	}
}
