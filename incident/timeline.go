package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
)

// LineKind says what a line of a timeline tells.
type LineKind string

// The kinds of lines.
const (
	LineDeclared     LineKind = "declared"
	LineSeverity     LineKind = "severity"
	LineStatus       LineKind = "status"
	LineReopened     LineKind = "reopened"
	LineRole         LineKind = "role"
	LineImpact       LineKind = "impact"
	LineTitle        LineKind = "title"
	LineService      LineKind = "service"
	LineNoService    LineKind = "no_service"
	LineUpdate       LineKind = "update"
	LineNote         LineKind = "note"    // somebody wrote it down
	LineMessage      LineKind = "message" // somebody marked a message
	LinePaged        LineKind = "paged"
	LineNotPaged     LineKind = "not_paged"
	LineAcknowledged LineKind = "acknowledged"
	LineEscalated    LineKind = "escalated"
	LinePageOver     LineKind = "page_resolved"
	LineDeployed     LineKind = "deployed"
	LineRolledBack   LineKind = "rolled_back"
)

// Line is one thing that happened in an incident.
type Line struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Kind LineKind  `json:"kind"`
	By   string    `json:"by,omitempty"`   // Slack ID of who did it, or wrote the message
	Whom string    `json:"whom,omitempty"` // Slack ID of whom it is about
	Text string    `json:"text,omitempty"`
	From string    `json:"from,omitempty"` // what it was before
	Link string    `json:"link,omitempty"` // where it is to be seen

	// Of a message somebody marked: where it stands, who marked it, and what became of it since.
	Channel string    `json:"channel,omitempty"`
	TS      string    `json:"ts,omitempty"`
	Marked  string    `json:"marked,omitempty"`
	Edited  time.Time `json:"edited,omitzero"`
	Deleted bool      `json:"deleted,omitempty"` // its text is gone with it
}

// lineKey is of a line in the order of time, and of writing where that is the same.
func lineKey(incident string, l Line) string {
	return linesOf(incident) + fmt.Sprintf("%019d", l.At.UnixNano()) + "/" + store.Key(l.ID)
}

// note writes a line of an incident's timeline, in the transaction that saves the incident.
func (s *Service) note(tx store.Tx, i *Incident, l Line) error {
	i.Lines++
	l.At, l.ID = l.At.UTC(), fmt.Sprintf("%06d", i.Lines)
	if l.Channel != "" {
		if err := tx.Put(sourceKey(l.Channel, l.TS), []byte(i.ID+" "+lineKey(i.ID, l))); err != nil {
			return err
		}
	}
	return store.Save(tx, lineKey(i.ID, l), l)
}

// Timeline are the lines of an incident, oldest first.
func (s *Service) Timeline(ctx context.Context, id string) ([]Line, error) {
	var out []Line
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, value := range snap.Scan(linesOf(id), "") {
			var l Line
			if err := json.Unmarshal(value, &l); err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the timeline of %s: %w", id, err)
	}
	return out, nil
}

// AddNote writes a line that somebody wants in the timeline.
func (s *Service) AddNote(ctx context.Context, w ChangeWant, text string) (*Incident, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &Refused{Code: EmptyMessage}
	}
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		return s.note(tx, i, Line{At: w.At, Kind: LineNote, By: w.By, Text: strings.TrimSpace(text)})
	})
}

// Said is a message that somebody marked.
type Said struct {
	Channel, TS string
	At          time.Time // when it was said
	By          string    // Slack ID of who said it
	Text        string
	Link        string
}

// Mark puts a message into the timeline of the incident, where it was said; marked again it is there once.
func (s *Service) Mark(ctx context.Context, w ChangeWant, m Said) (*Incident, error) {
	return s.change(ctx, w, func(tx store.Tx, i *Incident) error {
		before, err := tx.Get(sourceKey(m.Channel, m.TS))
		if err != nil || before != nil {
			return err
		}
		return s.note(tx, i, Line{At: m.At, Kind: LineMessage, By: m.By, Text: m.Text, Link: m.Link, Channel: m.Channel, TS: m.TS, Marked: w.By})
	})
}

// Unmark takes a message out again, when whoever put it in takes their mark away.
func (s *Service) Unmark(ctx context.Context, w ChangeWant, channel, ts string) error {
	return s.onMessage(ctx, channel, ts, func(tx store.Tx, key string, l *Line) error {
		if l.Marked != w.By {
			return nil
		}
		if err := tx.Delete(sourceKey(channel, ts)); err != nil {
			return err
		}
		return tx.Delete(key)
	})
}

// Edited follows a change of a message that stands in a timeline; of one that does not nothing happens.
func (s *Service) Edited(ctx context.Context, channel, ts, text string, at time.Time) error {
	return s.onMessage(ctx, channel, ts, func(tx store.Tx, key string, l *Line) error {
		if l.Text == text || l.Deleted {
			return nil
		}
		l.Text, l.Edited = text, at.UTC()
		return store.Save(tx, key, l)
	})
}

// Removed follows the removal of a message: its line stays and says that the message is gone, without its words.
func (s *Service) Removed(ctx context.Context, channel, ts string, at time.Time) error {
	return s.onMessage(ctx, channel, ts, func(tx store.Tx, key string, l *Line) error {
		if l.Deleted {
			return nil
		}
		l.Text, l.Deleted, l.Edited = "", true, at.UTC()
		return store.Save(tx, key, l)
	})
}

// onMessage changes the line that a message stands in, if it stands in one.
func (s *Service) onMessage(ctx context.Context, channel, ts string, fn func(tx store.Tx, key string, l *Line) error) error {
	return s.db.Update(ctx, func(tx store.Tx) error {
		found, err := tx.Get(sourceKey(channel, ts))
		if err != nil || found == nil {
			return err
		}
		id, key, _ := strings.Cut(string(found), " ")
		l, there, err := store.Load[Line](tx, key)
		if err != nil || !there {
			return err
		}
		if err := fn(tx, key, &l); err != nil {
			return err
		}
		i, err := loadIncident(tx, id)
		if err != nil {
			return err
		}
		return s.wakeCards(tx, i)
	})
}
