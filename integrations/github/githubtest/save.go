package githubtest

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

// Save writes all state as JSON: accounts, tokens, repositories, runs. Calls, faults and used budgets are not part of it.
func (s *Server) Save(w io.Writer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := json.NewEncoder(w).Encode(saved{saveFormat, s.w}); err != nil {
		return fmt.Errorf("saving GitHub's state: %w", err)
	}
	return nil
}

// Restore replaces all state by what Save wrote; when it fails, nothing has changed. The server's own token stays good.
func (s *Server) Restore(r io.Reader) error {
	in := saved{World: newWorld()}
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return fmt.Errorf("restoring GitHub's state: %w", err)
	}
	if in.Format != saveFormat {
		return fmt.Errorf("restoring GitHub's state: format %d, this version reads %d", in.Format, saveFormat)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = in.World
	s.w.Tokens[s.opts.Token] = &credential{Login: DefaultLogin, Scopes: []string{"repo", "workflow", "read:org"}}
	s.touch()
	return nil
}
