package incident

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// Status is where an incident stands.
type Status string

// The statuses of an incident, in the order they usually come.
const (
	Investigating Status = "investigating" // nobody knows why yet
	Identified    Status = "identified"    // the cause is known
	Mitigated     Status = "mitigated"     // nobody is hampered any more, and it is not over
	IsResolved    Status = "resolved"
)

// Statuses are all, in order.
var Statuses = []Status{Investigating, Identified, Mitigated, IsResolved}

// Role is what somebody does in an incident.
type Role string

// The roles.
const (
	Commander Role = "commander" // decides
	Comms     Role = "comms"     // tells everybody else
	Scribe    Role = "scribe"    // writes down
)

// Roles are all, in the order they are shown.
var Roles = []Role{Commander, Comms, Scribe}

// Holder is who has a role.
type Holder struct {
	Person string    `json:"person"` // Slack ID
	Since  time.Time `json:"since"`
	By     string    `json:"by,omitempty"`    // who said so
	Nudged time.Time `json:"nudged,omitzero"` // when they were last reminded to hand it over
}

// Incident is something that hampers customers, from its declaration to what is learnt from it. It is the record behind its
// header; fields are only ever added. What happened stands beside it, as a timeline.
type Incident struct {
	ID      string `json:"id"`
	Number  int    `json:"number"` // gapless, from 1
	Request string `json:"request"`
	Stage   int    `json:"stage"` // rises whenever what the buttons mean changes

	Title    string   `json:"title"`
	Severity string   `json:"severity"` // the name of one
	Status   Status   `json:"status"`
	Private  bool     `json:"private,omitempty"`
	Impact   string   `json:"impact,omitempty"` // what customers see
	Services []string `json:"services,omitempty"`
	Link     string   `json:"link,omitempty"` // where it was noticed: a message, a page, a deployment

	By      string          `json:"by"` // Slack ID
	Roles   map[Role]Holder `json:"roles,omitempty"`
	Created time.Time       `json:"created"`

	// Channel is where it was declared, Room the channel of its own once there is one.
	Channel string `json:"channel,omitempty"`
	Room    Room   `json:"room"`

	Mitigated  time.Time `json:"mitigated,omitzero"`
	Resolved   time.Time `json:"resolved,omitzero"`
	ResolvedBy string    `json:"resolved_by,omitempty"`
	Reopened   int       `json:"reopened,omitempty"` // how often
	Acked      time.Time `json:"acked,omitzero"`     // when somebody first acknowledged a page of it
	// Answered are those who acknowledged a page of it, Slack IDs.
	Answered []string `json:"answered,omitempty"`

	// Lines counts the lines its timeline ever had.
	Lines int `json:"lines,omitempty"`
	// Shown are the channels that a short message about it stands in, beside its header, and the people who have it in their direct
	// messages since it has no channel.
	Shown []string `json:"shown,omitempty"`
	// Paged are the pages of it, by whom and for which severity: each once.
	Paged []Paging `json:"paged,omitempty"`
	// Chores are what is to be done beside it, by their names. None of them holds it up.
	Chores map[string]*Chore `json:"chores,omitempty"`

	Update  *Update   `json:"update,omitempty"`   // the newest
	Updates int       `json:"updates,omitempty"`  // how many there were
	Due     time.Time `json:"due,omitzero"`       // when the next one is
	Nagged  time.Time `json:"nagged,omitzero"`    // for which due time people were reminded
	Suspect []Suspect `json:"suspects,omitempty"` // deployments that may have to do with it, the likeliest first
	Looked  time.Time `json:"looked,omitzero"`    // when the suspects were last looked for
	// Earlier are open action items of earlier incidents of its services, as they stood when those were named.
	Earlier []Cited  `json:"earlier,omitempty"`
	Frozen  []string `json:"frozen,omitempty"` // the services whose deployments it keeps out
}

// Room is the channel of an incident.
type Room struct {
	ID     string `json:"id,omitempty"`     // the channel's; empty while there is none
	Name   string `json:"name,omitempty"`   // without #
	Header string `json:"header,omitempty"` // the timestamp of the header in it
}

// Paging is a page of an incident.
type Paging struct {
	Severity string    `json:"severity"`
	Subject  Subject   `json:"subject"`
	Page     string    `json:"page"`            // the page's ID
	Round    int       `json:"round,omitempty"` // which opening of the incident it belongs to: 0 the first, counted up when it is opened again
	State    PageState `json:"state,omitempty"` // where the page stood when it last told the incident; empty before it did
	Why      string    `json:"why,omitempty"`   // why it was not made, a code
	Shown    bool      `json:"shown,omitempty"` // its card has its place
	Acked    time.Time `json:"acked,omitzero"`  // when somebody first acknowledged it
	AckedBy  *Person   `json:"acked_by,omitempty"`
	// With is the subject whose page calls the same people, so that none is made for this one; zero when one is.
	With Subject `json:"with,omitzero"`
}

// Chore is something to be done beside an incident that may fail without holding it up.
type Chore struct {
	State ActState  `json:"state"`
	Gen   int       `json:"gen,omitempty"` // how often it was wanted
	Tries int       `json:"tries,omitempty"`
	Since time.Time `json:"since,omitzero"` // when it first failed
	Why   string    `json:"why,omitempty"`
	Next  time.Time `json:"next,omitzero"`
}

// Update is what people are told of how it goes.
type Update struct {
	N    int       `json:"n"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Know string    `json:"know"`
	Do   string    `json:"do,omitempty"`
	Next time.Time `json:"next,omitzero"` // when the next one is promised
}

// Open tells whether it is not resolved.
func (i *Incident) Open() bool { return i.Status != IsResolved }

// Where is the channel it runs in: its own, or the one it was declared in when it has none. A private one runs in none but its own.
func (i *Incident) Where() string {
	if i.Private {
		return i.Room.ID
	}
	return cmp.Or(i.Room.ID, i.Channel)
}

// Roomless tells whether it runs in no channel and never will, since Slack made none for it: it is private, or was declared in none. Its
// people have it in their direct messages.
func (i *Incident) Roomless() bool { return i.settled() && i.Where() == "" }

// Name is how it is called: "INC-12".
func (i *Incident) Name() string { return fmt.Sprintf("INC-%d", i.Number) }

// Severe is the severity it has by the configuration in force; a zero one when the configuration no longer knows it.
func (i *Incident) Severe(cfg *config.Config) config.Severity {
	s, _, _ := cfg.Incidents.Severity(i.Severity)
	return s
}

// People are those who have something to do with it, each once: who declared it, who has a role and who acknowledged a page of it.
func (i *Incident) People() []string {
	all := []string{i.By}
	for _, role := range Roles {
		if h, ok := i.Roles[role]; ok {
			all = append(all, h.Person)
		}
	}
	var out []string
	for _, person := range append(all, i.Answered...) {
		if !slices.Contains(out, person) {
			out = append(out, person)
		}
	}
	return out
}

// IncidentID is the incident that a request declares, the same however often it is asked: "i-" and ten characters.
func IncidentID(request string) string {
	sum := sha256.Sum256([]byte("incident\x00" + request))
	return "i-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

// Record returns the incident with that ID, or ErrNotFound.
func (s *Service) Record(ctx context.Context, id string) (*Incident, error) {
	var i *Incident
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		i, err = loadIncident(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading incident %s: %w", id, err)
	}
	return i, nil
}

func loadIncident(g store.Getter, id string) (*Incident, error) {
	i, found, err := store.Load[Incident](g, incidentKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &i, nil
}

// InChannel is the incident that runs in a channel, or ErrNotFound.
func (s *Service) InChannel(ctx context.Context, channel string) (*Incident, error) {
	var i *Incident
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		i, err = named(snap, roomKey(channel))
		return err
	})
	return i, err
}

// named is the incident whose ID stands under a key, or ErrNotFound.
func named(g store.Getter, key string) (*Incident, error) {
	id, err := g.Get(key)
	if err != nil {
		return nil, err
	}
	if id == nil {
		return nil, ErrNotFound
	}
	return loadIncident(g, string(id))
}

// Numbered is the incident of that number, or ErrNotFound.
func (s *Service) Numbered(ctx context.Context, n int) (*Incident, error) {
	var i *Incident
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		i, err = named(snap, numberKey(n))
		return err
	})
	return i, err
}

// List are incidents, the newest first: all that are open, and as many of the others as are asked for.
func (s *Service) List(ctx context.Context, ended int) (open, over []*Incident, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		open, over = nil, nil
		for _, id := range snap.Scan(openIncidents, "") {
			i, err := loadIncident(snap, string(id))
			if err != nil {
				return err
			}
			open = append(open, i)
		}
		for _, id := range snap.Scan(numberPrefix, "") {
			if len(over) >= ended {
				break
			}
			i, err := loadIncident(snap, string(id))
			if err != nil {
				return err
			}
			if !i.Open() {
				over = append(over, i)
			}
		}
		return nil
	})
	slices.SortFunc(open, func(a, b *Incident) int { return b.Number - a.Number })
	return open, over, err
}
