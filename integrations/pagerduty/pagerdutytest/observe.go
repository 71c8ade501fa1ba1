package pagerdutytest

import (
	"slices"
	"time"
)

// Call is one request, as OnCall and Calls show it. It holds no token, no routing key and no body.
type Call struct {
	Seq    int    // 1, 2, 3 … in order of arrival
	Op     string // PagerDuty's operation id; "" for what it does not know
	Method string
	Path   string // escaped, with query
	From   string // the From header
	At     time.Time
	Phase  Phase
	Status int // what the client was answered; 0 before that, and when its answer was lost
	// Applied tells that the call did what it asks for, whether or not its answer arrived.
	Applied bool
}

// Notification is that somebody is told of an incident.
type Notification struct {
	Incident string // ID
	Title    string
	User     string // ID
	Name     string
	Kind     string // phone, sms, email, push
	Address  string
	At       time.Time
	Join     bool // asked to join as a responder, not assigned
}

// Incident is an incident as it stands now.
type Incident struct {
	ID           string
	Number       int
	Title        string
	Key          string
	ByEvent      bool // opened by Events API v2
	Service      string
	Policy       string
	Urgency      string
	Status       string
	Level        int // of the policy, 1 is the first; 0 when it was assigned directly
	Created      time.Time
	Resolved     time.Time
	Assigned     []string // IDs of users
	Acknowledged []string
	Escalates    time.Time // when the next level's turn is; zero for never
	Notes        []Note
	Responders   []Responders
	Log          []Line
	Event        *Event // the event it was opened by
}

// Note is a note on an incident.
type Note struct {
	User, Text string
	At         time.Time
}

// Responders is a request for more people.
type Responders struct {
	Requester, Message string
	Users, Policies    []string
	At                 time.Time
}

// Line is a line of an incident's log.
type Line struct {
	Kind  string // trigger, assign, notify, acknowledge …
	At    time.Time
	By    string   // ID of a user, service or integration
	Users []string // assigned or notified
	Way   string   // of a notify
	Note  string
}

// Calls are all requests so far, in order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Problems are the requests a real PagerDuty would not know, one line each.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Notifications are those sent so far, in order.
func (s *Server) Notifications() []Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return slices.Clone(s.w.Sent)
}

// Incidents are all incidents as they stand now, oldest first.
func (s *Server) Incidents() []Incident {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []Incident
	for _, i := range s.w.Incidents {
		out = append(out, i.shown())
	}
	return out
}

func (i *incident) shown() Incident {
	out := Incident{ID: i.ID, Number: i.Number, Title: i.Title, Key: i.Key, ByEvent: i.Alert, Service: i.Service, Policy: i.Policy, Urgency: i.Urgency,
		Status: i.Status, Level: i.Level, Created: i.Created, Resolved: i.Resolved, Assigned: holders(i.Assigned), Acknowledged: holders(i.Acks), Escalates: i.Escalates}
	if i.Direct {
		out.Level = 0
	}
	if i.Event != nil {
		event := *i.Event
		out.Event = &event
	}
	for _, n := range i.Notes {
		out.Notes = append(out.Notes, Note{n.User, n.Content, n.At})
	}
	for _, r := range i.Requests {
		out.Responders = append(out.Responders, Responders{r.Requester, r.Message, r.Users, r.Policies, r.At})
	}
	for _, e := range i.Log {
		out.Log = append(out.Log, Line{Kind: e.Kind, At: e.At, By: e.By.ID, Users: slices.Clone(e.Users), Way: e.Way, Note: e.Note})
	}
	return out
}

func holders(list []held) []string {
	var out []string
	for _, h := range list {
		out = append(out, h.User)
	}
	return out
}

// OnCallNow is who is on call in a schedule now, by ID; false when nobody is.
func (s *Server) OnCallNow(schedule string) (user string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := s.w.schedule(schedule)
	must(sc != nil, "no schedule %s", schedule)
	return sc.at(s.now())
}

// Users are all people of the account with their IDs.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []User
	for _, u := range s.w.Users {
		one := User{ID: u.ID, Name: u.Name, Email: u.Email, Zone: u.Zone, Role: u.Role, Title: u.Title}
		for _, c := range u.Ways {
			one.Contacts = append(one.Contacts, c.Contact)
		}
		out = append(out, one)
	}
	return out
}

// Overrides are those of a schedule, in the order they were made: ID, user, and from when to when.
func (s *Server) Overrides(schedule string) []Override {
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := s.w.schedule(schedule)
	must(sc != nil, "no schedule %s", schedule)
	var out []Override
	for _, o := range sc.Overrides {
		out = append(out, Override(*o))
	}
	return out
}

// Override puts a user on call in the place of whoever would be.
type Override struct {
	ID         string
	User       string
	Start, End time.Time
}

// Operations are the operation ids the server knows, each once.
func (s *Server) Operations() []string {
	var out []string
	for _, r := range s.routes {
		out = append(out, r.op)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
