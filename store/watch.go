package store

import (
	"context"
	"sort"
	"strings"
	"sync"
)

// watchers are the open Watch channels. Each has room for one signal, so signals wait for a slow reader as one.
type watchers struct {
	mu    sync.Mutex
	ended bool
	open  map[chan struct{}]string // the prefix each waits for
}

// add opens a channel that is closed when ctx ends.
func (w *watchers) add(ctx context.Context, prefix string) <-chan struct{} {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || ctx.Err() != nil {
		close(ch)
		return ch
	}
	if w.open == nil {
		w.open = make(map[chan struct{}]string)
	}
	w.open[ch] = prefix
	context.AfterFunc(ctx, func() { w.remove(ch) })
	return ch
}

func (w *watchers) remove(ch chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, open := w.open[ch]; open {
		delete(w.open, ch)
		close(ch)
	}
}

// end closes all channels, and those added from now on.
func (w *watchers) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for ch := range w.open {
		close(ch)
	}
	w.open = nil
}

// signal tells those who wait for a prefix of one of the keys, which are sorted.
func (w *watchers) signal(keys []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch, prefix := range w.open {
		i := sort.SearchStrings(keys, prefix)
		if i == len(keys) || !strings.HasPrefix(keys[i], prefix) {
			continue
		}
		select {
		case ch <- struct{}{}:
		default: // it has not taken the last one yet
		}
	}
}
