package pagerdutytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Event is an event as it was sent to Events API v2, without its routing key.
type Event struct {
	Action    string // trigger, acknowledge, resolve
	DedupKey  string
	Client    string
	ClientURL string
	Links     []Link
	Summary   string
	Source    string
	Severity  string
	Details   map[string]any
}

// Link is an address shown with an incident.
type Link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// sentEvent is an event as it comes.
type sentEvent struct {
	RoutingKey string `json:"routing_key"`
	Action     string `json:"event_action"`
	DedupKey   string `json:"dedup_key"`
	Client     string `json:"client"`
	ClientURL  string `json:"client_url"`
	Links      []Link `json:"links"`
	Payload    struct {
		Summary  string         `json:"summary"`
		Source   string         `json:"source"`
		Severity string         `json:"severity"`
		Details  map[string]any `json:"custom_details"`
	} `json:"payload"`
}

// details are the lines of its custom details.
func (e Event) details() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		out = append(out, fmt.Sprintf("%s: %v", name, e.Details[name]))
	}
	return out
}

// enqueue takes an event: 202 says it is queued ("PagerDuty: Events API v2 overview"). Authorisation headers are none of its
// business, a routing key nobody has is 400.
func enqueue(q *request) reply {
	var in sentEvent
	if len(q.body) > 512<<10 {
		return reply{status: 413, body: obj{"status": "invalid event", "message": "Event is too large"}}
	}
	if err := json.Unmarshal(q.body, &in); err != nil {
		return badEvent("the body is not an event")
	}
	if why := in.wrong(); len(why) > 0 {
		return badEvent(why...)
	}
	sv := q.w.serviceByKey(in.RoutingKey)
	if sv == nil {
		return badEvent("'routing_key' is not known")
	}
	if !q.s.takesEvent(in.RoutingKey, q.now) {
		return throttled()
	}
	e := Event{in.Action, in.DedupKey, in.Client, in.ClientURL, in.Links, in.Payload.Summary, in.Payload.Source, in.Payload.Severity, in.Payload.Details}
	if e.DedupKey == "" {
		e.DedupKey = q.w.id("dedup")
	}
	q.w.Queue = append(q.w.Queue, &queued{e, sv.ID, q.now.Add(q.s.opts.EventDelay)})
	return reply{status: 202, body: obj{"status": "success", "message": "queued", "dedup_key": e.DedupKey}}
}

// wrong are the reasons to refuse an event.
func (e sentEvent) wrong() []string {
	var why []string
	if len(e.RoutingKey) != 32 {
		why = append(why, "'routing_key' must have 32 characters")
	}
	if !slices.Contains([]string{"trigger", "acknowledge", "resolve"}, e.Action) {
		why = append(why, "'event_action' must be one of 'trigger', 'acknowledge', 'resolve'")
	}
	if len(e.DedupKey) > 255 {
		why = append(why, "'dedup_key' must have at most 255 characters")
	}
	if e.Action != "trigger" {
		if e.DedupKey == "" {
			why = append(why, "'dedup_key' must not be empty")
		}
		return why
	}
	for name, v := range map[string]string{"summary": e.Payload.Summary, "source": e.Payload.Source} {
		if v == "" {
			why = append(why, "'payload."+name+"' must not be empty")
		}
	}
	if len([]rune(e.Payload.Summary)) > 1024 {
		why = append(why, "'payload.summary' must have at most 1024 characters")
	}
	if !slices.Contains([]string{"critical", "warning", "error", "info"}, e.Payload.Severity) {
		why = append(why, "'payload.severity' must be one of 'critical', 'warning', 'error', 'info'")
	}
	for _, l := range e.Links {
		if l.Href == "" {
			why = append(why, "'links.href' must not be empty")
		}
	}
	slices.Sort(why)
	return why
}

func badEvent(why ...string) reply {
	return reply{status: 400, body: obj{"status": "invalid event", "message": "the event is not valid", "errors": why}}
}

// throttled says too much, and not for how long.
func throttled() reply {
	return reply{status: 429, body: obj{"status": "throttle exceeded", "message": "too many events for this key"}}
}
