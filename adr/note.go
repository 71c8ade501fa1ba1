package adr

import (
	"time"

	"shipmate/store"
)

// Note is something that a person or a channel is told about a proposal. Which of them it is says Kind.
type Note struct {
	Person   string // Slack ID; empty where a channel is told
	ID       string // what is said once
	Kind     string // one of the constants
	At       time.Time
	Proposal *Proposal

	// Of a pull request that somebody opened by hand: the log it is for, its number and address, and what is wrong with it.
	Log     string
	Pull    int
	URL     string
	Problem Problem
}

// The kinds of notes.
const (
	NoteReady   = "ready"   // it has its thumbs, and its author can merge it
	NoteDecided = "decided" // it is accepted, rejected or closed
	NoteTaken   = "taken"   // the number of a record in somebody's own pull request is taken
	NoteWaits   = "waits"   // it waits for the person's thumb
)

// tellReady tells its author, once for what it says now, that it can be merged.
func (s *Service) tellReady(tx store.Tx, p *Proposal) error {
	if !p.Ready.IsZero() {
		return nil
	}
	p.Ready = s.clock.Now().UTC()
	return s.tell(tx, Note{Person: p.By, ID: p.ID + "-ready-" + p.Text, Kind: NoteReady, At: p.Ready, Proposal: p})
}

// announce tells its author and the channels of its log what was decided, once each.
func (s *Service) announce(tx store.Tx, p *Proposal, channels []string) error {
	n := Note{ID: p.ID + "-decided", Kind: NoteDecided, At: p.Ended, Proposal: p}
	for _, channel := range channels {
		if err := s.say(tx, channel, n.ID+"-"+channel, n); err != nil {
			return err
		}
	}
	n.Person = p.By
	return s.tell(tx, n)
}
