package incident

import (
	"context"
	"time"

	"shipmate/store"
)

// Rooms is what an incident needs of where people talk. What it makes is found again, so that each may be called any number of
// times.
type Rooms struct {
	// Ensure finds or makes the channel of an incident.
	Ensure func(ctx context.Context, room RoomWant) (channel, name string, err error)
	// Invite brings people in, and returns those it could not.
	Invite func(ctx context.Context, channel string, people []string) (failed []string, err error)
	Topic  func(ctx context.Context, channel, topic string) error
	// Bookmark puts a link at the top of the channel.
	Bookmark func(ctx context.Context, channel, title, link string) error
	// Header has the header shown in the channel, or in the direct message of a person, in the transaction, and HeaderAt is where it stands: its timestamp, "" while it
	// does not.
	Header   func(tx store.Tx, incident, channel string) error
	HeaderAt func(g store.Getter, incident string) (ts string, err error)
	// Page has the card of a page stand in a channel, in the transaction.
	Page func(tx store.Tx, page, channel string) error
	// Show has a short message about the incident stand in a channel beside its header, in the transaction; in the direct message of
	// one of its people all of it.
	Show func(tx store.Tx, incident, channel string) error
	// Postmortem has the message about the incident's post-mortem stand in a channel, once, in the transaction.
	Postmortem func(tx store.Tx, incident, channel string) error
	Pin        func(ctx context.Context, channel, ts string) error
	// Say says something of an incident in a channel, once per ID, in the transaction.
	Say func(tx store.Tx, channel, id string, what Announcement) error
	// Refuses tells whether trying again is of no use, and says why in a sentence.
	Refuses func(err error) (why string, forGood bool, wait time.Duration)
}

// RoomWant is the channel of an incident.
type RoomWant struct {
	ID      string // the incident's
	Name    string
	Private bool
	Since   time.Time
	Purpose string
}

// Announcement is something said of an incident to people who do not work on it.
type Announcement struct {
	Incident *Incident
	Kind     string // declared, update, resolved, reopened; postmortem: it is late; document: Passages
	Update   *Update

	Postmortem *Postmortem
	Passages   []Passage // of a document, in message N of Of
	N, Of      int
}

// Deploys is what an incident asks of the ledger of deployments.
type Deploys interface {
	// Recent are the deployments of services that began to change something since a time, the newest first.
	Recent(ctx context.Context, services []string, since time.Time) ([]Deploy, error)
}

// Deploy is a deployment as an incident sees it.
type Deploy struct {
	ID          string    `json:"id"`
	Service     string    `json:"service"`
	Environment string    `json:"environment"`
	SHA         string    `json:"sha"`
	Subject     string    `json:"subject,omitempty"` // of the commit
	URL         string    `json:"url,omitempty"`     // of the commit
	By          string    `json:"by"`                // Slack ID
	Began       time.Time `json:"began"`
	Ended       time.Time `json:"ended,omitzero"`
	State       string    `json:"state"` // running, succeeded, failed, rolled_back
	// Back says that it can be rolled back now: it runs there.
	Back bool `json:"back,omitempty"`
	// Rollback says that it went back to what was good, so it is no suspect.
	Rollback bool `json:"rollback,omitempty"`
}
