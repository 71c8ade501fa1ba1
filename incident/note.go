package incident

import (
	"time"

	"shipmate/store"
)

// Note is something one person is told unasked; package commands makes the words. Which of its fields is set says what it is about.
type Note struct {
	Person string // Slack ID
	// Topic groups what belongs together, and ID names the note within it: the same is told once.
	Topic, ID string
	At        time.Time
	// Page is what it is about, as it stands.
	Page *Page
	// Act is what could not be done with the page.
	Act *Act
	// Incident is what it is about, and Role the one that the person was given.
	Incident *Incident
	Role     Role
	// Due says that an update of the incident is due; Tired that the person has had the role for long.
	Due, Tired bool
	// Roomless says that the incident runs in no channel, so that the person has it in their direct messages.
	Roomless bool
	// Postmortem is what it is about, of Incident: Ask says that its owner is asked to write it, Relieved that the person need not any
	// more; else the owner is reminded.
	Postmortem    *Postmortem
	Ask, Relieved bool
	// Item is an action item that is late.
	Item *Item
	// Handover is a shift that changes hands, or does not.
	Handover *Handover
}

// Tell has a person told a note, in the transaction that writes why. It is told once, after the transaction is stored.
type Tell func(tx store.Tx, n Note) error
