package schedule

import "time"

// Note is something that people are told about a schedule.
type Note struct {
	Kind     NoteKind
	ID       string // names what is told: it is told once
	At       time.Time
	Person   string // who is told; a Slack ID; empty for a channel
	By       string // who did it; a Slack ID
	Schedule *Schedule
}

// NoteKind is what a note says.
type NoteKind string

// The notes.
const (
	NoteStopped NoteKind = "stopped" // it does not run any more, because its owner may not
	NoteFailed  NoteKind = "failed"  // a time of it could not be run, so that nothing was answered: see Schedule.Last
	NotePaused  NoteKind = "paused"  // somebody else paused it
	NoteRemoved NoteKind = "removed" // somebody else removed it
)
