package delivery

import (
	"time"

	"shipmate/store"
)

// Note is something one person is told unasked; package commands makes the words. Which of OldLock and Turn is set says what it
// is about.
type Note struct {
	Person string // Slack ID
	// Topic groups what belongs together, and ID names the note within it: the same is told once.
	Topic, ID string
	At        time.Time
	// OldLock is the person's lock that has stood for long.
	OldLock *Lock
	// Turn is that the place the person waited for is free.
	Turn *Turn
}

// Tell has a person told a note, in the transaction that writes why. It is told once, after the transaction is stored.
type Tell func(tx store.Tx, n Note) error
