package pagerdutytest

import (
	"encoding/json"
	"fmt"
	"io"
)

// saveFormat is raised when what Save writes can no longer be read by what came before.
const saveFormat = 1

type saved struct {
	Format int    `json:"format"`
	World  *world `json:"world"`
}

// Save writes all state as JSON: people, rotas, services, incidents, what is queued. Calls, faults and used budgets are not part of it.
func (s *Server) Save(w io.Writer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := json.NewEncoder(w).Encode(saved{saveFormat, s.w}); err != nil {
		return fmt.Errorf("saving PagerDuty's state: %w", err)
	}
	return nil
}

// Restore replaces all state by what Save wrote; when it fails, nothing has changed.
func (s *Server) Restore(r io.Reader) error {
	in := saved{World: &world{}}
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return fmt.Errorf("restoring PagerDuty's state: %w", err)
	}
	if in.Format != saveFormat {
		return fmt.Errorf("restoring PagerDuty's state: format %d, this version reads %d", in.Format, saveFormat)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = in.World
	s.touch()
	return nil
}
