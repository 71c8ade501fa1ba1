package sandbox

import "sync"

// hub tells everybody who looks that something changed.
type hub struct {
	mu   sync.Mutex
	next chan struct{}
}

func newHub() *hub { return &hub{next: make(chan struct{})} }

// touch wakes who waits.
func (h *hub) touch() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.next)
	h.next = make(chan struct{})
}

// changed is closed at the next touch.
func (h *hub) changed() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next
}
