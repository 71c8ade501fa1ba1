package pagerdutytest

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// User is a person of the account. An ID is made when none is given, here and below.
type User struct {
	ID       string
	Name     string
	Email    string
	Zone     string // IANA name; Etc/UTC when empty
	Role     string // user when empty
	Title    string // job title
	Contacts []Contact
}

// Contact is a way to reach a person, tried After an assignment as long as nobody has acknowledged. Everybody can be
// reached by e-mail: it is added, without delay, to who has no Contact of that kind.
type Contact struct {
	Kind        string // phone, sms, email, push
	Address     string
	Label       string
	CountryCode int // of phone and sms; 1 when 0
	After       time.Duration
}

// Schedule says who is on call when: the last layer that covers a moment decides, an override before all of them.
type Schedule struct {
	ID     string
	Name   string
	Zone   string // IANA name; Etc/UTC when empty
	Teams  []string
	Layers []Layer
}

// Layer is a rotation: from Start on the Users take turns of Turn, in their order. Turns of whole days change at the same
// hour of the zone's wall clock all year. Restrictions leave only parts of it.
type Layer struct {
	Name         string
	Users        []string // IDs
	Start        time.Time
	End          time.Time // zero for never
	Turn         time.Duration
	Restrictions []Restriction
}

// Restriction is a part of every day, or of one weekday, on the zone's wall clock.
type Restriction struct {
	Day  int    // 1 is Monday, 7 Sunday; 0 every day
	From string // 09:00
	For  time.Duration
}

// Policy is an escalation policy.
type Policy struct {
	ID     string
	Name   string
	Loops  int // how often the levels are gone through again
	Levels []Level
	Teams  []string
}

// Level notifies its users and whoever is on call in its schedules; the next level's turn comes After that, in whole minutes.
type Level struct {
	After     time.Duration
	Users     []string
	Schedules []string
}

// Service is what incidents happen to.
type Service struct {
	ID          string
	Name        string
	Description string
	Policy      string
	Teams       []string
	Status      string        // disabled, maintenance; else it is computed from the incidents
	Key         string        // routing key, 32 characters; made when empty
	NoEvents    bool          // it has no Events API v2 integration, and so no key
	AckTimeout  time.Duration // after which an acknowledged incident is triggered again; never when 0
}

// AddUser adds a person and returns their ID.
func (s *Server) AddUser(u User) string {
	s.with(func(w *world, _ time.Time) {
		u.ID = orMade(w, u.ID, "PU")
		one := &user{ID: u.ID, Name: u.Name, Email: u.Email, Zone: or(u.Zone, "Etc/UTC"), Role: or(u.Role, "user"), Title: u.Title}
		mail := false
		for _, c := range u.Contacts {
			mail = mail || c.Kind == "email"
			if c.CountryCode == 0 && (c.Kind == "phone" || c.Kind == "sms") {
				c.CountryCode = 1
			}
			one.Ways = append(one.Ways, &way{w.id("PC"), c})
		}
		if !mail {
			one.Ways = append(one.Ways, &way{w.id("PC"), Contact{Kind: "email", Address: u.Email, Label: "Default"}})
		}
		for _, c := range one.Ways {
			c.Label = or(c.Label, "Work")
		}
		w.Users = append(w.Users, one)
	})
	return u.ID
}

// AddTeam adds a team and returns its ID.
func (s *Server) AddTeam(name string) (id string) {
	s.with(func(w *world, _ time.Time) {
		id = w.id("PT")
		w.Teams = append(w.Teams, &team{id, name})
	})
	return id
}

// AddSchedule adds a schedule and returns its ID. It panics when a zone, a turn or a user is not right.
func (s *Server) AddSchedule(in Schedule) string {
	s.with(func(w *world, _ time.Time) {
		in.ID = orMade(w, in.ID, "PS")
		one := &schedule{ID: in.ID, Name: in.Name, Zone: or(in.Zone, "Etc/UTC"), Teams: in.Teams}
		if _, err := time.LoadLocation(one.Zone); err != nil {
			panic("pagerdutytest: no zone " + one.Zone)
		}
		for n, l := range in.Layers {
			must(len(l.Users) > 0 && l.Turn > 0 && !l.Start.IsZero(), "layer %d of %s needs users, a turn and a start", n+1, in.Name)
			for _, id := range l.Users {
				must(w.user(id) != nil, "no user %s", id)
			}
			for _, r := range l.Restrictions {
				_, err := time.Parse("15:04", r.From)
				must(err == nil && r.For > 0 && r.Day >= 0 && r.Day <= 7, "a restriction of %s is wrong", in.Name)
			}
			l.Name = or(l.Name, fmt.Sprintf("Layer %d", n+1))
			one.Layers = append(one.Layers, &layer{w.id("PL"), l})
		}
		w.Schedules = append(w.Schedules, one)
	})
	return in.ID
}

// AddOverride puts a user on call and returns the override's ID.
func (s *Server) AddOverride(schedule, user string, start, end time.Time) (id string) {
	s.with(func(w *world, _ time.Time) {
		sc := w.schedule(schedule)
		must(sc != nil && w.user(user) != nil && start.Before(end), "an override needs a schedule, a user and a time")
		id = w.id("Q0OVER")
		sc.Overrides = append(sc.Overrides, &override{id, user, start.UTC(), end.UTC()})
	})
	return id
}

// AddPolicy adds an escalation policy and returns its ID.
func (s *Server) AddPolicy(in Policy) string {
	s.with(func(w *world, _ time.Time) {
		in.ID = orMade(w, in.ID, "PP")
		must(len(in.Levels) > 0, "%s has no levels", in.Name)
		one := &policy{ID: in.ID, Name: in.Name, Loops: in.Loops, Teams: in.Teams}
		for _, l := range in.Levels {
			for _, id := range l.Users {
				must(w.user(id) != nil, "no user %s", id)
			}
			for _, id := range l.Schedules {
				must(w.schedule(id) != nil, "no schedule %s", id)
			}
			must(l.After >= time.Minute && l.After%time.Minute == 0, "a level of %s waits for %s", in.Name, l.After)
			one.Levels = append(one.Levels, &level{w.id("PE"), l})
		}
		w.Policies = append(w.Policies, one)
	})
	return in.ID
}

// AddService adds a service and returns its ID.
func (s *Server) AddService(in Service) string {
	s.with(func(w *world, now time.Time) {
		in.ID = orMade(w, in.ID, "PV")
		must(w.policy(in.Policy) != nil, "no escalation policy %s", in.Policy)
		one := &service{ID: in.ID, Name: in.Name, Description: in.Description, Policy: in.Policy, Teams: in.Teams, Status: in.Status,
			Created: now, AckTimeout: in.AckTimeout}
		if !in.NoEvents {
			one.Integration = w.id("PI")
			one.Key = or(in.Key, routingKey(in.ID))
			must(len(one.Key) == 32, "a routing key has 32 characters")
		}
		w.Services = append(w.Services, one)
	})
	return in.ID
}

// Key is the routing key of a service; "" when it takes no events.
func (s *Server) Key(service string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.w.service(service)
	must(sv != nil, "no service %s", service)
	return sv.Key
}

// routingKey is the key of a service: the same every time.
func routingKey(service string) string {
	return "R0" + fmt.Sprintf("%x", sha256.Sum256([]byte(service)))[:30]
}

func orMade(w *world, id, kind string) string {
	if id != "" {
		return id
	}
	return w.id(kind)
}

func or(s, otherwise string) string {
	if strings.TrimSpace(s) == "" {
		return otherwise
	}
	return s
}

// must panics on a mistake of a seed or a test.
func must(ok bool, format string, args ...any) {
	if !ok {
		panic("pagerdutytest: " + fmt.Sprintf(format, args...))
	}
}
