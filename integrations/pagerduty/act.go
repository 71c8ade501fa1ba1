package pagerduty

import (
	"context"
	"net/http"
	"time"
)

// maxSnooze is the longest an incident can be put aside ("PagerDuty: Snooze an incident").
const maxSnooze = 604_800 * time.Second

// The methods below act in the name of from, an e-mail address of a PagerDuty user; "" is Shipmate's own user. PagerDuty does
// what it is asked for as that person: who acknowledges is assigned.

// update is what a change of an incident says.
type update struct {
	Type        string       `json:"type"`
	Status      string       `json:"status,omitempty"`
	Level       int          `json:"escalation_level,omitempty"`
	Assignments []assignment `json:"assignments,omitempty"`
}

type assignment struct {
	Assignee reference `json:"assignee"`
}

// update changes one incident. PagerDuty's call for many has a tighter limit and no use here.
func (c *Client) update(ctx context.Context, op, from, incident string, u update) error {
	u.Type = "incident_reference"
	body := struct {
		Incident update `json:"incident"`
	}{u}
	return c.inName(ctx, from, call{op: op, about: about("incident", incident), method: http.MethodPut, path: []string{"incidents", incident}, body: body})
}

// Acknowledge tells PagerDuty that from has the incident; nobody else is notified any more. An incident that is
// acknowledged by somebody else is so by both; one that is resolved stays resolved, and that is success: PagerDuty
// would open it again ("PagerDuty: Update an incident"), so it is looked at first.
func (c *Client) Acknowledge(ctx context.Context, from, incident string) error {
	i, err := c.Incident(ctx, incident)
	if err != nil || !i.Open() {
		return err
	}
	err = c.update(ctx, "acknowledge an incident", from, incident, update{Status: StatusAcknowledged})
	if hasCode(err, codeAlreadyAcknowledged, codeAlreadyResolved) {
		return nil
	}
	return err
}

// Resolve resolves an incident; one that is resolved already is success.
func (c *Client) Resolve(ctx context.Context, from, incident string) error {
	err := c.update(ctx, "resolve an incident", from, incident, update{Status: StatusResolved})
	if hasCode(err, codeAlreadyResolved) {
		return nil
	}
	return err
}

// Escalate assigns an incident to whoever is on call on a level of its policy (1 is the first) and has them notified. A
// level there is not, or an incident that is resolved, is an error.
func (c *Client) Escalate(ctx context.Context, from, incident string, level int) error {
	const op = "escalate an incident"
	if level < 1 {
		return refuse(op, about("incident", incident), "there is no level %d, the first is 1", level)
	}
	return c.update(ctx, op, from, incident, update{Level: level})
}

// Reassign assigns an incident to users, by their IDs, and to nobody else. It no longer escalates by its policy.
func (c *Client) Reassign(ctx context.Context, from, incident string, users []string) error {
	const op = "reassign an incident"
	u := update{}
	for _, id := range users {
		u.Assignments = append(u.Assignments, assignment{reference{id, "user_reference"}})
	}
	if len(u.Assignments) == 0 {
		return refuse(op, about("incident", incident), "nobody given to assign the incident to")
	}
	return c.update(ctx, op, from, incident, u)
}

// Snooze puts an incident aside for d, in whole seconds from one to a week; then it is triggered again.
func (c *Client) Snooze(ctx context.Context, from, incident string, d time.Duration) error {
	const op = "snooze an incident"
	if d < time.Second || d > maxSnooze {
		return refuse(op, about("incident", incident), "an incident can be snoozed for a second to seven days")
	}
	body := struct {
		Duration int `json:"duration"`
	}{int(d / time.Second)}
	return c.inName(ctx, from, call{op: op, about: about("incident", incident), method: http.MethodPost, path: []string{"incidents", incident, "snooze"}, body: body})
}

// AddResponders asks more people, and whoever is on call for policies, to join an incident. They are notified once more when
// they are asked twice, so after an unclear failure look at the incident's log first. It needs PagerDuty's ability
// coordinated_responding; without it the error says so (402).
func (c *Client) AddResponders(ctx context.Context, ask ResponderRequest) error {
	const op = "ask for responders"
	on := about("incident", ask.Incident)
	if ask.Requester == "" || len(ask.Users)+len(ask.Policies) == 0 {
		return refuse(op, on, "a request for responders needs who asks and who is asked")
	}
	type target struct {
		Target reference `json:"responder_request_target"`
	}
	body := struct {
		Requester string   `json:"requester_id"`
		Message   string   `json:"message"`
		Targets   []target `json:"responder_request_targets"`
	}{Requester: ask.Requester, Message: ask.Message}
	for _, id := range ask.Users {
		body.Targets = append(body.Targets, target{reference{id, "user_reference"}})
	}
	for _, id := range ask.Policies {
		body.Targets = append(body.Targets, target{reference{id, "escalation_policy_reference"}})
	}
	return c.inName(ctx, ask.From, call{op: op, about: on, method: http.MethodPost, path: []string{"incidents", ask.Incident, "responder_requests"}, body: body})
}

// Check reports whether PagerDuty accepts the token.
func (c *Client) Check(ctx context.Context) error {
	var out struct {
		Abilities []string `json:"abilities"`
	}
	k := get("check the token", "", []string{"abilities"}, nil, &out)
	if err := c.do(ctx, k); err != nil {
		return err
	}
	if out.Abilities == nil {
		return undocumented(k)
	}
	return nil
}
