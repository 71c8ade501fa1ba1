package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
)

// Veto keeps a commit from being deployed to an environment again: it was rolled back there.
type Veto struct {
	Service     string    `json:"service"`
	Environment string    `json:"environment"`
	Commit      Commit    `json:"commit"`
	By          string    `json:"by"` // Slack ID
	At          time.Time `json:"at"`
	Reason      string    `json:"reason,omitempty"`
	// Rollback is the deployment that went back from it.
	Rollback string `json:"rollback"`
}

// VetoWant asks for the end of a veto.
type VetoWant struct {
	// Request is the ID of the request; asking again with the same gives the same answer.
	Request string
	By      string // Slack ID
	// Service and Environment are names or aliases, SHA the commit's first digits, at least seven.
	Service     string
	Environment string
	SHA         string
}

// Unveto lets a commit be deployed again where it was rolled back, and returns the veto as it was; a *Refused when there is none.
func (s *Service) Unveto(ctx context.Context, w VetoWant) (*Veto, error) {
	where := s.named(Stop{Service: w.Service, Environment: w.Environment})
	all, err := s.Vetoes(ctx)
	if err != nil {
		return nil, err
	}
	key := ""
	for _, v := range all {
		if v.Service == where.Service && v.Environment == where.Environment && strings.HasPrefix(v.Commit.SHA, strings.ToLower(w.SHA)) {
			key = vetoKey(v.Service, v.Environment, v.Commit.SHA)
		}
	}
	return once(ctx, s, vetoRequestKey(w.Request), "ending a veto", func(tx store.Tx) (*Veto, error) {
		gone := &Refused{Code: NotVetoed, Service: where.Service, Environment: where.Environment, Ref: w.SHA}
		if key == "" {
			return nil, gone
		}
		v, found, err := store.Load[Veto](tx, key)
		switch {
		case err != nil:
			return nil, err
		case !found:
			return nil, gone
		}
		return &v, tx.Delete(key)
	})
}

// Unvetoed returns the veto that the request has ended, or ErrNotFound.
func (s *Service) Unvetoed(ctx context.Context, request string) (*Veto, error) {
	return answeredBefore[Veto](ctx, s, vetoRequestKey(request))
}

// Vetoes lists all there are.
func (s *Service) Vetoes(ctx context.Context) ([]Veto, error) {
	var out []Veto
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, data := range snap.Scan(vetoPrefix, "") {
			var v Veto
			if err := json.Unmarshal(data, &v); err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading vetoes: %w", err)
	}
	return out, nil
}

// vetoOf returns the veto of a commit in an environment; nil when there is none.
func vetoOf(g store.Getter, service, environment, sha string) (*Veto, error) {
	v, found, err := store.Load[Veto](g, vetoKey(service, environment, sha))
	if err != nil || !found {
		return nil, err
	}
	return &v, nil
}

// vetoGate keeps a commit out that was rolled back there, until somebody says otherwise.
func vetoGate(f *Facts) *Gate {
	if f.Veto == nil {
		return &Gate{Verdict: Passed}
	}
	return &Gate{Verdict: Closed, Code: Vetoed, By: f.Veto.By, Since: f.Veto.At, Why: f.Veto.Reason, Commit: f.Veto.Commit.SHA}
}
