package pagerdutytest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// world is everything the server knows and Save keeps.
type world struct {
	LastID    int
	Users     []*user
	Teams     []*team
	Schedules []*schedule
	Policies  []*policy
	Services  []*service
	Incidents []*incident
	Queue     []*queued // events that were accepted and not yet processed, oldest first
	Sent      []Notification
}

// id is the next ID: a letter, what it is, and a number over all kinds. PagerDuty's are random; these are the same every time.
func (w *world) id(kind string) string {
	w.LastID++
	return fmt.Sprintf("%s%04d", kind, w.LastID)
}

type user struct {
	ID    string
	Name  string
	Email string
	Zone  string
	Role  string
	Title string
	Ways  []*way
}

// way is how a user can be reached, and when after an assignment it is tried.
type way struct {
	ID string
	Contact
}

type team struct{ ID, Name string }

type schedule struct {
	ID        string
	Name      string
	Zone      string
	Teams     []string
	Layers    []*layer
	Overrides []*override // in the order they were made
}

type layer struct {
	ID string
	Layer
}

type override struct {
	ID         string
	User       string
	Start, End time.Time
}

type policy struct {
	ID     string
	Name   string
	Loops  int
	Levels []*level
	Teams  []string
}

type level struct {
	ID string
	Level
}

type service struct {
	ID          string
	Name        string
	Description string
	Policy      string
	Teams       []string
	Status      string // "" computes active, warning, critical
	Created     time.Time
	AckTimeout  time.Duration
	Integration string // ID; "" when it takes no events
	Key         string
}

type incident struct {
	ID        string
	Number    int
	Title     string
	Details   string // of its body
	Key       string
	Alert     bool // opened by an event: the key is the alert's, not the incident's
	Service   string
	Policy    string
	Urgency   string
	Status    string
	Direct    bool // assigned directly: it does not escalate
	Created   time.Time
	Updated   time.Time
	Changed   time.Time // of the status
	ChangedBy agent
	Resolved  time.Time
	Assigned  []held
	Acks      []held
	Level     int
	Loop      int
	Escalates time.Time // when the next level's turn is; zero for never
	Wakes     time.Time // when an acknowledgement or snooze ends; zero for never
	Pending   []Notification
	Log       []*entry // oldest first
	Notes     []*note
	Requests  []*responders
	Event     *Event // the first event, when opened by one
}

// held is that a user has something since a moment.
type held struct {
	User string
	At   time.Time
}

// agent is who did something: a user, a service or an integration.
type agent struct{ Kind, ID string }

func byUser(id string) agent         { return agent{"user", id} }
func byService(s *service) agent     { return agent{"service", s.ID} }
func byIntegration(s *service) agent { return agent{"integration", s.Integration} }

// entry is a line of an incident's log.
type entry struct {
	ID      string
	Kind    string
	At      time.Time
	By      agent
	Users   []string // assigned or notified
	Channel string   // type of its channel
	Way     string   // of a notify: sms, phone …
	Address string
	Note    string
	Seconds int // of a snooze
}

type note struct {
	ID      string
	User    string
	Content string
	At      time.Time
}

type responders struct {
	ID        string
	Requester string
	Message   string
	At        time.Time
	Users     []string
	Policies  []string
	Asked     [][]string // of each user and policy, who that was
}

// asked is who the n-th of the users and policies was.
func (r *responders) asked(n int) []string {
	if n < len(r.Asked) {
		return r.Asked[n]
	}
	return nil
}

// queued is an event that waits to be processed.
type queued struct {
	Event
	Service string
	Due     time.Time
}

func find[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

func (w *world) user(id string) *user { return find(w.Users, func(u *user) bool { return u.ID == id }) }

func (w *world) userByEmail(email string) *user {
	return find(w.Users, func(u *user) bool { return strings.EqualFold(u.Email, email) })
}

func (w *world) schedule(id string) *schedule {
	return find(w.Schedules, func(s *schedule) bool { return s.ID == id })
}

func (w *world) policy(id string) *policy {
	return find(w.Policies, func(p *policy) bool { return p.ID == id })
}

func (w *world) service(id string) *service {
	return find(w.Services, func(s *service) bool { return s.ID == id })
}

func (w *world) serviceByKey(key string) *service {
	return find(w.Services, func(s *service) bool { return s.Integration != "" && s.Key == key })
}

func (w *world) incident(id string) *incident {
	return find(w.Incidents, func(i *incident) bool { return i.ID == id })
}

// openByKey is the open incident of a service with a key.
func (w *world) openByKey(service, key string) *incident {
	return find(w.Incidents, func(i *incident) bool {
		return i.Service == service && i.Key == key && i.Status != resolved
	})
}
