package slacktest

import (
	"context"
	"fmt"
)

// Changes returns a channel that gets a hint after any change, until ctx ends. Hints may be merged; none is lost. It
// is not closed.
func (s *Server) Changes(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	s.subs[c] = true
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		delete(s.subs, c)
		s.mu.Unlock()
	})
	return c
}

// changed hints to everyone who listens.
func (s *Server) changed() {
	for c := range s.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Wait returns when cond holds, which it asks after each change; else ctx's error. cond may read the server.
func (s *Server) Wait(ctx context.Context, cond func() bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hints := s.Changes(ctx)
	for !cond() {
		select {
		case <-hints:
		case <-s.done:
			return fmt.Errorf("waiting on the fake Slack: it was closed")
		case <-ctx.Done():
			return fmt.Errorf("waiting on the fake Slack: %w", ctx.Err())
		}
	}
	return nil
}
