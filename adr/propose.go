package adr

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Want is a decision that somebody wants to propose.
type Want struct {
	Request string // its ID; the same request makes the same proposal
	At      time.Time
	By      string // Slack ID
	Channel string
	Log     string // its name; empty for the main one

	Title, Context, Decision, Consequences, Alternatives string
	Services                                             []string
	Supersedes                                           []int
	Reviewers                                            []string // Slack IDs
	Change                                               *Change  // of the record Number, instead of a new one
	Number                                               int
}

// Propose writes down that somebody proposes a decision. It gets its number and its pull request from steps.
func (s *Service) Propose(ctx context.Context, w Want) (*Proposal, error) {
	if p, err := s.Proposal(ctx, ProposalID(w.Request)); !errors.Is(err, ErrNotFound) {
		return p, err
	}
	log, err := s.Log(w.Log)
	if err != nil {
		return nil, err
	}
	planned := Proposal{ID: ProposalID(w.Request), Request: w.Request, Stage: 1, State: Numbering, By: w.By, Channel: w.Channel, Created: w.At.UTC(),
		Log: log.Name, Scope: log.Scope(), Repo: string(log.Repo), Dir: log.Dir, Base: log.Branch, Context: strings.TrimSpace(w.Context),
		Decision: strings.TrimSpace(w.Decision), Consequences: strings.TrimSpace(w.Consequences), Alternatives: strings.TrimSpace(w.Alternatives),
		Services: slices.Clone(w.Services), Reviewers: slices.Clone(w.Reviewers), Change: w.Change}
	planned.Draft = w.Change == nil && planned.Context == "" && planned.Decision == ""
	if err := s.about(ctx, log, &planned, w); err != nil {
		return nil, err
	}
	planned.ByName, _ = s.people.Name(ctx, w.By) // the record names nobody then
	if zone, err := s.people.Zone(ctx, w.By); err == nil {
		planned.Zone = zone.String()
	}
	var p *Proposal
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		was, err := loadProposal(tx, planned.ID)
		if !errors.Is(err, ErrNotFound) {
			p = was
			return err
		}
		copied := planned
		p = &copied
		if err := s.claim(tx, p); err != nil {
			return err
		}
		if err := s.saveProposal(tx, p); err != nil {
			return err
		}
		return work.Wake(tx, Proposals, p.ID, time.Time{})
	})
	return p, err
}

// about checks what a proposal is about: its title, the record that it changes, and those that it supersedes.
func (s *Service) about(ctx context.Context, log config.DecisionLog, p *Proposal, w Want) (err error) {
	if w.Change != nil {
		return s.aboutRecord(ctx, log, p, w)
	}
	var bad *TitleError
	if p.Title, err = CleanTitle(w.Title); errors.As(err, &bad) {
		if strings.TrimSpace(w.Title) == "" {
			return &Refused{Code: NoTitle}
		}
		return &Refused{Code: BadTitle, Word: bad.Why}
	}
	for _, n := range w.Supersedes {
		old, err := s.old(ctx, log, n)
		if err != nil {
			return err
		}
		if !slices.Contains(p.Supersedes, old) {
			p.Supersedes = append(p.Supersedes, old)
		}
	}
	return err
}

// claim puts a new proposal into the line for a number; one that changes a record has that for itself until it is decided.
func (s *Service) claim(tx store.Tx, p *Proposal) error {
	if p.Change == nil {
		return tx.Put(lineKey(p), nil)
	}
	holder, err := tx.Get(changeKey(p.Scope, p.Number))
	if err != nil {
		return err
	}
	if holder != nil {
		other, err := loadProposal(tx, string(holder))
		if err != nil {
			return err
		}
		return &Refused{Code: AlreadySo, Word: "proposed", Proposal: other}
	}
	return tx.Put(changeKey(p.Scope, p.Number), []byte(p.ID))
}
