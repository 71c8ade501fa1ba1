package slacktest

import "io"

// Save writes the workspace as JSON: people, channels, messages, views, tokens and the events not yet acked.
func (s *Server) Save(w io.Writer) error { return errUnbuilt }

// Restore replaces the workspace by a saved one. Open sockets are left alone.
func (s *Server) Restore(r io.Reader) error { return errUnbuilt }
