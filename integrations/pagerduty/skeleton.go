package pagerduty

import (
	"context"
	"time"
)

func notYet(op string) *Error { return refuse(op, "", "this is not built yet") }

// OnCalls returns who is on call.
func (c *Client) OnCalls(ctx context.Context, q OnCallQuery) ([]OnCall, error) {
	return nil, notYet("list who is on call")
}

// UserByEmail returns the user with exactly this e-mail address.
func (c *Client) UserByEmail(ctx context.Context, email string) (User, error) {
	return User{}, notYet("find a user")
}

// User returns a user.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	return User{}, notYet("read a user")
}

// ContactMethods returns how a user can be reached.
func (c *Client) ContactMethods(ctx context.Context, userID string) ([]ContactMethod, error) {
	return nil, notYet("list contact methods")
}

// Policy returns an escalation policy.
func (c *Client) Policy(ctx context.Context, id string) (Policy, error) {
	return Policy{}, notYet("read an escalation policy")
}

// Policies returns all escalation policies.
func (c *Client) Policies(ctx context.Context) ([]Policy, error) {
	return nil, notYet("list escalation policies")
}

// Schedule returns a schedule in a window.
func (c *Client) Schedule(ctx context.Context, id string, since, until time.Time) (Schedule, error) {
	return Schedule{}, notYet("read a schedule")
}

// Schedules returns all schedules.
func (c *Client) Schedules(ctx context.Context) ([]Schedule, error) {
	return nil, notYet("list schedules")
}

// Service returns a service.
func (c *Client) Service(ctx context.Context, id string) (Service, error) {
	return Service{}, notYet("read a service")
}

// Services returns all services.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	return nil, notYet("list services")
}

// Incident returns an incident.
func (c *Client) Incident(ctx context.Context, id string) (Incident, error) {
	return Incident{}, notYet("read an incident")
}

// IncidentByKey returns the newest incident with a key.
func (c *Client) IncidentByKey(ctx context.Context, key string) (Incident, bool, error) {
	return Incident{}, false, notYet("find an incident")
}

// OpenIncidents returns the open incidents of services.
func (c *Client) OpenIncidents(ctx context.Context, services []string) ([]Incident, error) {
	return nil, notYet("list open incidents")
}

// Log returns what happened to an incident.
func (c *Client) Log(ctx context.Context, incidentID string, since time.Time) ([]LogEntry, error) {
	return nil, notYet("read an incident's log")
}

// Check reports whether the token is good.
func (c *Client) Check(ctx context.Context) error { return notYet("check the token") }

// EnsureIncident opens an incident.
func (c *Client) EnsureIncident(ctx context.Context, n NewIncident) (Incident, error) {
	return Incident{}, notYet("open an incident")
}

// Trigger sends an event.
func (c *Client) Trigger(ctx context.Context, e Event) error { return notYet("trigger an incident") }

// RoutingKey returns a service's routing key.
func (c *Client) RoutingKey(ctx context.Context, service string) (string, error) {
	return "", notYet("find a routing key")
}

// Acknowledge acknowledges an incident.
func (c *Client) Acknowledge(ctx context.Context, from, incident string) error {
	return notYet("acknowledge an incident")
}

// Resolve resolves an incident.
func (c *Client) Resolve(ctx context.Context, from, incident string) error {
	return notYet("resolve an incident")
}

// Escalate escalates an incident.
func (c *Client) Escalate(ctx context.Context, from, incident string, level int) error {
	return notYet("escalate an incident")
}

// Reassign assigns an incident to others.
func (c *Client) Reassign(ctx context.Context, from, incident string, users []string) error {
	return notYet("reassign an incident")
}

// EnsureNote writes a note.
func (c *Client) EnsureNote(ctx context.Context, from, incident, text, mark string) error {
	return notYet("write a note")
}

// Snooze puts an incident aside.
func (c *Client) Snooze(ctx context.Context, from, incident string, d time.Duration) error {
	return notYet("snooze an incident")
}

// AddResponders asks more people to join an incident.
func (c *Client) AddResponders(ctx context.Context, ask ResponderRequest) error {
	return notYet("ask responders")
}

// EnsureOverride puts a person on call.
func (c *Client) EnsureOverride(ctx context.Context, from, schedule string, o Override) (Override, error) {
	return Override{}, notYet("override a schedule")
}

// DeleteOverride takes an override back.
func (c *Client) DeleteOverride(ctx context.Context, schedule, id string) error {
	return notYet("delete an override")
}

// Pace suggests the pause between two reads.
func (c *Client) Pace() time.Duration { return 0 }
